"""Print figures, each beside what it should be, so that a missed aim is seen."""

from __future__ import annotations


def heading(words: str) -> None:
    """What the next figures are about."""
    print(f"\n{words}")


def figure(name: str, value: str, aim: str = "", *, kept: bool = True) -> None:
    """One of them; `aim` in words."""
    told = f"   (aim: {aim}{'' if kept else ', MISSED'})" if aim else ""
    print(f"  {name:<46} {value}{told}", flush=True)


def absent(what: str, where: object) -> None:
    """A corpus that is not there leaves out its figures and no others."""
    print(f"  {what} is not in {where}: left out", flush=True)


def percent(share: float) -> str:
    """With three digits behind the point: some aims are that small."""
    return f"{share:.3%}"
