"""Which model the setting `moderation.model` asks for; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Where the opinion comes from."""

    OFF = "off"
    SHIPPED = "shipped"
    TRANSFORMERS = "transformers"
    OPENAI = "openai"
    JUDGE = "llm-judge"


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind and, where it takes one, a name."""

    kind: Kind
    name: str = ""

    @property
    def version(self) -> str:
        """What verdicts name, where the weights themselves are not at hand."""
        return f"{self.kind.value}:{self.name}"

    @property
    def is_remote(self) -> bool:
        """Whether it is asked over the network, so that what was written leaves the machine."""
        return self.kind in (Kind.OPENAI, Kind.JUDGE)


NAMED: Final = (Kind.TRANSFORMERS, Kind.OPENAI)
_MARK: Final = ":"
_SWITCHES: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def chosen(model: bool | str) -> Choice:  # noqa: FBT001 - a setting is what was set
    """What a setting asks for; raises `ValueError` with a sentence."""
    if isinstance(model, bool):
        return Choice(Kind.SHIPPED if model else Kind.OFF)
    if model in (Kind.SHIPPED, Kind.JUDGE):
        return Choice(Kind(model))
    kind, _, name = model.partition(_MARK)
    if kind in NAMED and name.strip():
        return Choice(Kind(kind), name.strip())
    raise ValueError(
        "write true, false, “llm-judge”, “transformers:NAME OR FOLDER” or “openai:NAME”, "
        "such as openai:omni-moderation-latest"
    )


def switched(value: object) -> object:
    """A word for on or off as what it means, and anything else as it is."""
    return _SWITCHES.get(value.strip().casefold(), value) if isinstance(value, str) else value


def is_shipped(version: str) -> bool:
    """Whether a verdict came from the shipped models, which alone have shipped evidence."""
    return _MARK not in version
