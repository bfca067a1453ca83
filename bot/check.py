"""`parley check` and `parley queue`: a look from outside at what a running Parley would use."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.assembly import Judging
from bot.checking_models import asked_models
from bot.core.action import Configure
from bot.core.case import Case
from bot.core.errors import ConfigError, ModelFailed
from bot.logs import Level, set_up
from bot.opening import active, moderation
from bot.settings import Settings, store_file, store_place
from connectors.spec import Probe
from pipelines.moderation.shipped import inspect
from storage.store import SqlStore

COUNTED = 1000
QUOTED = 160


async def check(settings: Settings, *, offline: bool) -> list[Probe]:
    """What was looked at, in the order in which it should be mended."""
    set_up(settings.log, Level.ERROR)
    names = active(settings)
    found = [Probe("settings", ok=True, detail=f"read; connectors: {', '.join(names) or 'none'}")]
    stored, kept = await _store(settings)
    found += [stored, _model(settings), _review_room(settings)]
    found += await asked_models(settings, offline=offline)
    judging = Judging.of(moderation(settings), kept)
    for name in names:
        if not offline:
            found += await settings.connectors[name].probe(judging.needs)
    off = [(name, one.missing()) for name, one in settings.connectors.items()]
    return found + [Probe(name, ok=True, detail=f"off: {how}") for name, how in off if how]


async def _store(settings: Settings) -> tuple[Probe, Sequence[Configure]]:
    """How it is, and the settings that moderators changed."""
    file = store_file(settings.store)
    if file and not file.exists() and os.access(file.parent, os.W_OK):
        return Probe("store", ok=True, detail=f"{file}, which the first run creates"), ()
    try:
        store = await SqlStore.open(settings.store.url)
    except ConfigError as error:
        return Probe("store", ok=False, detail=" ".join(error.problems)), ()
    try:
        waiting, kept = await store.open_cases(None, COUNTED), await store.settings()
    finally:
        await store.close()
    detail = f"{store_place(settings.store)}; {_open_cases(waiting, COUNTED)}"
    return Probe("store", ok=True, detail=detail), kept


def _model(settings: Settings) -> Probe:
    if not settings.moderation.model:
        return Probe("local model", ok=True, detail="off: moderation.model = false")
    try:
        shipped = inspect()
    except ModelFailed as error:
        return Probe("local model", ok=False, detail=f"rules judge alone: {error}. Reinstall Parley.")
    if shipped.missing:
        missing = f"the small model judges alone: {shipped.missing}. Reinstall Parley."
        return Probe("local model", ok=False, detail=missing)
    return Probe("local model", ok=True, detail=f"version {shipped.version}")


def _review_room(settings: Settings) -> Probe:
    room = moderation(settings).review_room
    detail = room or "none: moderators work from the command “queue”. Set moderation.review_room to get cards."
    return Probe("review room", ok=True, detail=detail)


def table(findings: list[Probe]) -> Table:
    """The findings as a terminal shows them."""
    shown = Table("", "what", "how it is", show_edge=False)
    for finding in findings:
        mark = Text("ok", style="green") if finding.ok else Text("mend", style="red")
        shown.add_row(mark, Text(finding.what), Text(finding.detail, overflow="fold"))
    return shown


async def queue(settings: Settings, limit: int) -> RenderableType:
    """The open cases as a terminal shows them; raises `ConfigError` where there is no store."""
    file = store_file(settings.store)
    if file and not file.exists():
        raise ConfigError(f"There is no store in {file}: name another with --config, or begin with “parley run”.")
    store = await SqlStore.open(settings.store.url)
    try:
        cases = await store.open_cases(None, limit)
    finally:
        await store.close()
    return _cases(cases, limit) if cases else "Nothing waits for a decision."


def _cases(cases: list[Case], limit: int) -> Table:
    shown = Table(title=_open_cases(cases, limit), show_edge=False, title_justify="left", title_style="bold")
    shown.add_column("case", no_wrap=True, justify="right")
    shown.add_column("where", overflow="fold", max_width=24)
    shown.add_column("message", overflow="fold", min_width=30)
    shown.add_column("found", no_wrap=True)
    for case in cases:
        shown.add_row(str(case.number), Text(str(case.where)), _said(case), Text(_found(case)))
    return shown


def _said(case: Case) -> Text:
    words = _plain(case.quote)
    cut = words if len(words) <= QUOTED else words[:QUOTED] + "…"
    return Text.assemble((_plain(case.author.name), "bold"), ": ", cut)


def _plain(words: str) -> str:
    """On one line, and without anything a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())


def _found(case: Case) -> str:
    score = [f"{case.evidence.score:.2f}"] if case.evidence.findings else []
    return "\n".join([*score, *([f"{len(case.reporters)}× reported"] if case.reporters else [])])


def _open_cases(cases: list[Case], limit: int) -> str:
    if len(cases) == limit:
        return f"{limit:,} open cases or more"
    return f"{len(cases):,} open case{'' if len(cases) == 1 else 's'}"
