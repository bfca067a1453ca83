"""`parley bands` and `parley calibrate`: what the model may do, and learning from what moderators decided."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot import reasons
from bot.app import utc_now
from bot.assembly import Judging
from bot.core.address import Address
from bot.core.errors import ConfigError
from bot.core.learning import Calibrated, Label
from bot.core.settlement import Settlement
from bot.logs import Level, set_up
from bot.models import models
from bot.opening import moderation
from bot.settings import Settings, store_file
from pipelines.moderation.adopt import adopted
from pipelines.moderation.backing import shipped_evidence
from pipelines.moderation.calibration import Calibration, Learned, calibrate, usable
from pipelines.moderation.choice import is_shipped
from pipelines.moderation.counts import Tally, count
from pipelines.moderation.earned import Book, earned_with, entry
from pipelines.moderation.explain import Row, explain
from pipelines.moderation.measured import Measured, Share
from pipelines.moderation.opinion import Earned
from pipelines.moderation.policy import Policy
from pipelines.moderation.trial import Trial, flagged, held_out, now
from storage.store import SqlStore

LEAST_CASES = 50
# The newest messages tell what is ordinary today.
PASSED_AT_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, its settings and the model that would judge."""

    store: SqlStore
    judging: Judging
    book: Book
    model: str

    def policy(self, where: Address) -> Policy:
        """What holds there."""
        return self.judging.levels.at(where)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    """What both commands look at; raises `ConfigError` where there is no store or no model."""
    set_up(settings.log, Level.ERROR)
    file = store_file(settings.store)
    if file and not file.exists():
        raise ConfigError(f"There is no store in {file}: name another with --config, or begin with “parley run”.")
    model = models(settings.moderation, settings.llm).first
    if model is None:
        raise ConfigError("There is no model to calibrate: install Parley again.")
    store = await SqlStore.open(settings.store.url)
    try:
        judging = Judging.of(moderation(settings), await store.settings())
        yield Desk(store, judging, Book(shipped_evidence, store.calibration), model.version)
    finally:
        await store.close()


async def bands(settings: Settings, where: Address | None) -> RenderableType:
    """The bands that hold in a place, or where nothing else was set, as a terminal shows them."""
    async with opened(settings) as desk:
        place = where or Address("")
        policy = desk.policy(place)
        found = await desk.book.entry(policy, desk.model)
        measured = Measured.of(await desk.store.labels(place.community))
    rows = explain(policy.settings, found.known, found.earned)
    title = f"{where or 'everywhere'}, model {found.earned.version}, precision {policy.settings.precision:g}"
    return Group(Text(title, style="bold"), _bands(rows), *([_measured(measured)] if where else []))


async def learn(settings: Settings, community: Address | None) -> RenderableType:
    """Make a calibration for a community, or for each that has enough cases; raises `ConfigError` where none has."""
    async with opened(settings) as desk:
        wanted = [community.community] if community else await desk.store.taught()
        made: list[RenderableType] = []
        short: list[str] = []
        for place in wanted:
            cases = usable(await desk.store.labels(place), desk.model)
            if len(cases) < LEAST_CASES:
                short.append(reasons.too_few_cases(str(place), len(cases), LEAST_CASES))
            else:
                made.append(await _calibrate(desk, place, cases))
    if not made:
        raise ConfigError(*(short or [reasons.NOTHING_REVIEWED]))
    return Group(*made, *short)


async def go_back(settings: Settings, community: Address | None) -> str:
    """The calibration before the one that holds is chosen again; raises `ConfigError` where there is none to leave."""
    if community is None:
        raise ConfigError("Say which community should go back: parley calibrate --back --community ADDRESS.")
    async with opened(settings) as desk:
        place = community.community
        here = desk.policy(place).settings.calibration
        if not here:
            raise ConfigError(f"{place} has no calibration to go back from: the shipped evidence holds.")
        earlier = [made.number for made in await desk.store.calibrations(place) if made.number < here]
        await _choose(desk, place, max(earlier, default=0), utc_now())
    return reasons.went_back(str(place), here, max(earlier, default=0))


async def _calibrate(desk: Desk, place: Address, cases: Sequence[Label]) -> RenderableType:
    policy = desk.policy(place)
    before = (await desk.book.entry(policy, desk.model)).earned
    shipped = shipped_evidence() if is_shipped(desk.model) else {}
    passed = count(await desk.store.passed(place, desk.model, PASSED_AT_MOST))
    learner = partial(_learned, passed=passed, before=before)
    after = held_out(cases, lambda rest: earned_with(policy.settings, shipped, desk.model, learner(rest)))
    learned = learner(cases)
    at = utc_now()
    number = await desk.store.keep(Calibrated(community=str(place), model=desk.model, content=learned.dump(), at=at))
    await _choose(desk, place, number, at)
    own = Calibration(model=desk.model, number=number, learned=learned)
    found = entry(policy.settings, shipped, desk.model, own)
    title = reasons.calibrated(str(place), number, len(cases))
    rows = explain(policy.settings, found.known, found.earned)
    return Group(Text(title, style="bold"), _trials(now(cases, before), after), "", _bands(rows))


async def _choose(desk: Desk, place: Address, number: int, at: datetime) -> None:
    chosen, told = adopted(place, number, at)
    cause = f"calibrate/{place}/{at.isoformat()}"
    await desk.store.settle(Settlement(cause=cause, at=at, settings=[chosen], jobs=[told]))


def _learned(cases: Sequence[Label], passed: Tally, before: Earned) -> Learned:
    return calibrate(cases, passed, lambda case: flagged(case, before))


def _bands(rows: Sequence[Row]) -> Table:
    shown = Table(show_edge=False)
    shown.add_column("label", no_wrap=True)
    shown.add_column("doubtful", no_wrap=True, justify="right")
    shown.add_column("sure", no_wrap=True, justify="right")
    shown.add_column("why", overflow="fold", min_width=24)
    shown.add_column("evidence", overflow="fold", style="dim")
    for row in rows:
        why = "\n".join(filter(None, [row.acts, row.asks]))
        shown.add_row(row.label, _score(row.doubtful), _score(row.sure), Text(why), Text(row.evidence))
    return shown


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}"


def _measured(measured: Measured) -> Table:
    shown = Table(title="\nchecks", show_edge=False, title_justify="left", title_style="bold")
    for heading in ("", "decided", "were wrong", "90 % interval"):
        shown.add_column(heading, no_wrap=True)
    for name, share in (("acted on", measured.wrong), ("passed", measured.missed)):
        shown.add_row(name, f"{share.cases:,}", f"{share.hits:,}", _interval(share))
    return shown


def _interval(share: Share) -> str:
    return f"{share.low:.1%} to {share.high:.1%}" if share.cases else "–"


def _trials(before: Trial, after: Trial) -> Table:
    shown = Table(show_edge=False)
    for heading in ("held-out cases", "acts alone on", "of those right", "90 % interval", "AUC"):
        shown.add_column(heading)
    for name, trial in (("before", before), ("after", after)):
        alone = trial.alone
        area = "–" if trial.area is None else f"{trial.area:.3f}"
        shown.add_row(f"{name}: {trial.cases:,}", f"{alone.cases:,}", f"{alone.hits:,}", _interval(alone), area)
    return shown
