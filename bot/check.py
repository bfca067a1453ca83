"""`parley check` and `parley queue`: a look from outside at what a running Parley would use."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bot.app import active
from bot.core.errors import ConfigError, ModelFailed
from bot.settings import Settings
from connectors.spec import Probe
from pipelines.moderation.shipped import inspect
from storage.engine import masked
from storage.store import SqlStore


async def check(settings: Settings, *, offline: bool) -> list[Probe]:
    """What was looked at, in the order in which it should be mended."""
    names = active(settings)
    found = [Probe("configuration", ok=True, detail=f"read; connectors: {', '.join(names)}")]
    found += [await _store(settings), _model(), _review_room(settings)]
    for name in names:
        if not offline:
            found += await settings.connectors[name].probe()
    return found


async def _store(settings: Settings) -> Probe:
    try:
        store = await SqlStore.open(settings.store.url)
    except ConfigError as error:
        return Probe("store", ok=False, detail=str(error))
    try:
        waiting = await store.open_cases(None, 1000)
    finally:
        await store.close()
    return Probe("store", ok=True, detail=f"{masked(settings.store.url)}; {len(waiting)} open case(s)")


def _model() -> Probe:
    try:
        shipped = inspect()
    except ModelFailed as error:
        return Probe("local model", ok=False, detail=f"rules judge alone: {error}. Reinstall Parley.")
    if shipped.missing:
        return Probe(
            "local model", ok=False, detail=f"the small model judges alone: {shipped.missing}. Reinstall Parley."
        )
    return Probe("local model", ok=True, detail=f"version {shipped.version}")


def _review_room(settings: Settings) -> Probe:
    room = settings.moderation.review_room
    detail = room or "none: moderators work from the command “queue”. Set moderation.review_room to get cards."
    return Probe("review room", ok=True, detail=detail)


def table(findings: list[Probe]) -> Table:
    """The findings as a terminal shows them."""
    shown = Table(show_edge=False)
    for heading in ("", "what", "how it is"):
        shown.add_column(heading, overflow="fold")
    for finding in findings:
        mark = Text("ok", style="green") if finding.ok else Text("mend", style="red")
        shown.add_row(mark, Text(finding.what), Text(finding.detail))
    return shown


async def queue(settings: Settings, limit: int) -> Table:
    """The open cases as a terminal shows them."""
    store = await SqlStore.open(settings.store.url)
    try:
        cases = await store.open_cases(None, limit)
    finally:
        await store.close()
    shown = Table(title=f"{len(cases)} open case(s)", show_edge=False, title_justify="left")
    for heading in ("case", "where", "author", "message", "score", "reports"):
        shown.add_column(heading, overflow="fold")
    for case in cases:
        words = Text(" ".join(case.quote.split())[:120])
        score = f"{case.evidence.score:.2f}" if case.evidence.findings else ""
        row = (
            str(case.number),
            Text(str(case.where)),
            Text(case.author.name),
            words,
            score,
            str(len(case.reporters) or ""),
        )
        shown.add_row(*row)
    return shown
