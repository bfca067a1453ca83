"""What the model may do in each place, worked out once for every set of settings from shipped and own evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.core.learning import Calibrated
from pipelines.moderation.bands import Known, by_hand, fit
from pipelines.moderation.calibration import Calibration, Learned, version
from pipelines.moderation.choice import is_shipped
from pipelines.moderation.counts import Reviewed, Shipped
from pipelines.moderation.opinion import Earned
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import ModerationSettings

log = structlog.get_logger(__name__)

_REMEMBERED: Final = 4_096


def nothing_shipped() -> Mapping[str, Shipped]:
    """No evidence at all: people are asked about everything."""
    return {}


async def never_calibrated(_number: int) -> Calibrated | None:
    """There are no calibrations."""
    return None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a model may do, and all that this rests on."""

    earned: Earned
    known: Mapping[str, Known]


def entry(settings: ModerationSettings, shipped: Mapping[str, Shipped], model: str, own: Calibration | None) -> Entry:
    """The bands and the head that hold with these settings; a calibration for another model counts nothing."""
    if own is None or own.model != model:
        own = Calibration(model=model)
    evidence = known(shipped, own.learned)
    bands = by_hand(fit(evidence, settings.aim, settings.asks), settings.doubtful, settings.sure)
    head, sure = own.learned.head, own.head_sure(settings.precision)
    return Entry(Earned(bands=bands, version=version(model, own.number), head=head, head_sure=sure), evidence)


def earned_with(settings: ModerationSettings, shipped: Mapping[str, Shipped], model: str, learned: Learned) -> Earned:
    """What a model may do if this was learned."""
    return entry(settings, shipped, model, Calibration(model=model, learned=learned)).earned


def known(shipped: Mapping[str, Shipped], own: Learned) -> Mapping[str, Known]:
    """Both kinds of evidence by label."""
    labels = dict.fromkeys((*shipped, *own.reviewed))
    return {
        label: Known(shipped=shipped.get(label, Shipped()), reviewed=own.reviewed.get(label, Reviewed()))
        for label in labels
    }


@dataclass(slots=True)
class Book:
    """Looks up what holds and remembers it.

    `shipped` reads the evidence that belongs to the shipped models, when first needed; `calibration` finds one by its
    number. Other models have earned nothing but what was reviewed.
    """

    shipped: Callable[[], Mapping[str, Shipped]] = nothing_shipped
    calibration: Callable[[int], Awaitable[Calibrated | None]] = never_calibrated
    _known: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _making: dict[tuple[str, str], asyncio.Task[Entry]] = field(default_factory=dict)

    async def at(self, policy: Policy, model: str) -> Earned:
        """What holds under a policy for a model of this version."""
        return (await self.entry(policy, model)).earned

    async def entry(self, policy: Policy, model: str) -> Entry:
        """The same with all that it rests on."""
        key = policy.version, model
        return self._known[key] if key in self._known else await self._found(key, policy.settings)

    async def _found(self, key: tuple[str, str], settings: ModerationSettings) -> Entry:
        """Whoever asks first works it out; the others wait for that."""
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(settings, key[1]))
            self._making[key].add_done_callback(lambda _: self._making.pop(key, None))
        made = await asyncio.shield(self._making[key])
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = made
        return made

    async def _make(self, settings: ModerationSettings, model: str) -> Entry:
        own = await self._own(settings.calibration)
        # It takes a moment, and messages elsewhere need not wait.
        return await asyncio.to_thread(lambda: entry(settings, self.shipped() if is_shipped(model) else {}, model, own))

    async def _own(self, number: int) -> Calibration | None:
        row = await self.calibration(number) if number else None
        if number and row is None:
            log.error("no such calibration, the shipped evidence holds", calibration=number)
        return Calibration.read(row) if row else None
