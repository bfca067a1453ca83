"""Show on one page what a replay would have done."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import jinja2

from bot.core.address import Address
from bot.core.effect import Penalty
from bot.core.surface import legible
from bot.tally import BINS, Consequence, Example, RuleTally, Tally, matcher

__all__ = ["Tally", "render"]

SHOWN_CHANNELS = 40
SHOWN_EXAMPLES = 50
SHOWN_WAVES = 20

_PENALTIES = {Penalty.TIMEOUT: "time-out", Penalty.KICK: "kick", Penalty.BAN: "ban"}
_PAGE = jinja2.Environment(
    loader=jinja2.PackageLoader("bot"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGE.filters["number"] = "{:,}".format


def render(tally: Tally, title: str, took_seconds: float) -> str:
    """One HTML page that needs nothing else: no scripts, no requests; texts of members are escaped."""
    rules = _by_rule(tally)
    page = _PAGE.get_template("report.html.jinja").render(
        title=title,
        headline=headline(tally),
        deeds=_deeds(tally),
        facts=_facts(tally, took_seconds),
        rules=rules,
        let_through=any(rule.counts[Consequence.CLEAR] for rule in rules),
        channels=_by_channel(tally),
        waves=_waves(tally),
        chart=chart(tally),
        examples=[_shown(example) for example in top(tally.rules.values())],
    )
    return legible(page)


def headline(tally: Tally) -> str:
    """The result in one sentence."""
    acted, asked, total = tally.counts[Consequence.ACT], tally.counts[Consequence.ASK], tally.messages
    if not total:
        return "There were no messages to look at."
    if not acted and not asked:
        return f"Parley would have let pass all of {_counted(total, 'message')}."
    verb = "removed" if acted == tally.removed else "acted on"
    done = f"{verb} {_share(acted, total)} and asked a moderator about {_share(asked, total)}"
    return f"Of {_counted(total, 'message')} Parley would have {done}."


def _share(part: int, total: int) -> str:
    return f"{part:,} (1 in {round(total / part):,})" if part else "none"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _deeds(tally: Tally) -> str:
    """Removals and penalties, '' when the headline already says all."""
    if not tally.penalties and tally.removed == tally.counts[Consequence.ACT]:
        return ""
    deeds = [(tally.removed, "removal"), *((tally.penalties[penalty], noun) for penalty, noun in _PENALTIES.items())]
    found = [_counted(number, noun) for number, noun in deeds if number]
    return f"In all {_listed(found)}." if found else ""


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _facts(tally: Tally, took_seconds: float) -> list[tuple[str, str]]:
    period = f"{_day(tally.first)} to {_day(tally.last)}" if tally.first and tally.last else "no messages"
    return [
        ("Period", period),
        ("Channels", f"{len(tally.channels):,}"),
        ("Let through", _percentage(tally)),
        ("Took", _duration(took_seconds) + _speed(tally.messages, took_seconds)),
    ]


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _percentage(tally: Tally) -> str:
    """Never rounded up to all of them while one was not let through."""
    if not tally.messages:
        return "nothing"
    cleared = tally.counts[Consequence.CLEAR]
    hundredths = 10_000 * cleared // tally.messages
    return "all of them" if cleared == tally.messages else f"{hundredths / 100:.2f} %"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{seconds:.1f} s"


def _speed(messages: int, seconds: float) -> str:
    a_second = round(messages / seconds) if seconds > 0 else 0
    return f" ({a_second:,} messages a second)" if a_second > 1 else ""


def _by_rule(tally: Tally) -> list[RuleTally]:
    return sorted(tally.rules.values(), key=lambda rule: (*_weight(rule.counts), rule.rule, rule.label))


def _weight(counts: Counter[Consequence]) -> tuple[int, int, int]:
    """Sorts what was acted on most first, then what was asked about, then what is biggest."""
    return -counts[Consequence.ACT], -counts[Consequence.ASK], -counts.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channels:
    rows: Sequence[tuple[Address, Counter[Consequence]]]
    hidden: int
    hidden_messages: int


def _by_channel(tally: Tally) -> _Channels:
    rows = sorted(tally.channels.items(), key=lambda row: (*_weight(row[1]), row[0].space, row[0].channel))
    hidden = rows[SHOWN_CHANNELS:]
    return _Channels(
        rows=rows[:SHOWN_CHANNELS],
        hidden=len(hidden),
        hidden_messages=sum(counts.total() for _, counts in hidden),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wave:
    where: Address
    at: str
    members: int
    text: str
    counts: Counter[Consequence]


def _waves(tally: Tally) -> list[_Wave]:
    """The largest first; each is one case, however many messages it has."""
    largest = sorted(tally.waves.values(), key=lambda wave: (-wave.counts.total(), wave.at))[:SHOWN_WAVES]
    return [
        _Wave(
            where=wave.where,
            at=f"{_day(wave.at)}, {wave.at:%H:%M}",
            members=len(wave.authors),
            text=wave.text,
            counts=wave.counts,
        )
        for wave in largest
    ]


def top(rules: Iterable[RuleTally]) -> list[Example]:
    """The strongest examples, in turns, so that a busy rule does not hide the others; each message once."""
    turns = [
        (turn, -example.score, example.number, example)
        for rule in rules
        for turn, example in enumerate(rule.examples)
        if example.consequence is not Consequence.CLEAR
    ]
    chosen: dict[int, Example] = {}
    for *_, number, example in sorted(turns, key=lambda ranked: ranked[:3]):
        if len(chosen) < SHOWN_EXAMPLES:
            chosen.setdefault(number, example)
    return sorted(chosen.values(), key=attrgetter("score"), reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    example: Example
    parts: Sequence[str]
    at: str
    disguised: str


def _shown(example: Example) -> _Shown:
    """Every second part is a match; words that were disguised are not in the text and are named beside it."""
    pattern = matcher(example.quotes)
    parts = pattern.split(example.text) if pattern else [example.text]
    return _Shown(
        example=example,
        parts=parts,
        at=f"{_day(example.at)}, {example.at:%H:%M}",
        disguised=" ".join(example.quotes) if len(parts) == 1 else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One column of the picture, in its coordinates."""

    x: float
    height: float
    kind: Consequence
    count: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The scores as a picture; `ticks` are heights with their counts, `marks` are thresholds with their places."""

    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, int]]
    marks: Sequence[tuple[float, str]]
    summary: str


WIDTH, HEIGHT = 660.0, 190.0
# Counts are drawn by their logarithm; one message would have no height without a foot to stand on.
_FOOT = 0.35


def chart(tally: Tally) -> Chart:
    """How many messages got which score, on a logarithmic scale: nearly all are harmless."""
    decades = max(1, math.ceil(math.log10(max(counts.total() for counts in tally.bins) or 1)))

    def height(count: int) -> float:
        return round(HEIGHT * (math.log10(count) + _FOOT) / (decades + _FOOT), 1) if count else 0.0

    return Chart(
        bars=[_bar(index, counts, height(counts.total())) for index, counts in enumerate(tally.bins)],
        ticks=[(height(10**power), 10**power) for power in range(decades + 1)],
        marks=[(round(WIDTH * at, 1), f"{name} {at:.2f}") for name, at in tally.marks],
        summary="; ".join(_bar_title(index, counts) for index, counts in enumerate(tally.bins) if counts.total()),
    )


def _bar(index: int, counts: Counter[Consequence], height: float) -> Bar:
    kind = max(Consequence, key=lambda kind: counts[kind]) if counts.total() else Consequence.CLEAR
    return Bar(x=index * WIDTH / BINS, height=height, kind=kind, count=counts.total(), title=_bar_title(index, counts))


def _bar_title(index: int, counts: Counter[Consequence]) -> str:
    words = {Consequence.ACT: "acted on", Consequence.ASK: "asked about", Consequence.CLEAR: "let through"}
    parts = [f"{counts[kind]:,} {word}" for kind, word in words.items() if counts[kind]]
    return f"score {index / BINS:.2f} to {(index + 1) / BINS:.2f}: {_listed(parts) or 'no messages'}"
