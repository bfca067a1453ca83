"""One session after another: pauses between them, and an end before Discord takes the token away."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.core.errors import Revoked, Transient
from bot.core.ports import Ingest
from bot.core.stored import Cursor
from connectors.discord.budget import Budget, connect_pause_s
from connectors.discord.ear import Ear
from connectors.discord.gateway import Hooks, Line, listen

MAX_PAUSE_S = 60.0
# A session this long shows that what ended the one before is over.
HEALTHY_S = 60.0
log = structlog.get_logger()


class TooSoon(Transient):
    """Another session would have to wait first."""


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Supervises the gateway. `random` gives 0 to 1, `now` Unix seconds."""

    line: Line
    ear: Ear
    ingest: Ingest
    budget_stream: str
    position: Callable[[str], Awaitable[str]]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    now: Callable[[], float]
    _budget: Budget = field(default_factory=Budget)
    _connected: deque[float] = field(default_factory=lambda: deque(maxlen=1000))

    async def run(self) -> None:
        """Until cancelled; raises `Revoked` when Discord refuses us, or would soon."""
        self._budget = Budget.read(await self.position(self.budget_stream))
        failures = 0
        while True:
            await self._await_turn()
            began, pause_s = time.monotonic(), 0.0
            try:
                await listen(self.line, self._hooks)
            except Transient as error:
                self.ear.lost()
                failures = 0 if time.monotonic() - began > HEALTHY_S else failures + 1
                # Whoever comes too soon is held back at the next turn.
                pause_s = 0.0 if isinstance(error, TooSoon) else self._pause_s(failures)
                log.warning("session_over", problem=str(error), pause_s=round(pause_s, 1))
            await self.sleep(pause_s)

    @property
    def _hooks(self) -> Hooks:
        return Hooks(
            hear=self.ear.hear,
            lost=self.ear.lost,
            connecting=self._connecting,
            identifying=self._identifying,
            sleep=self.sleep,
        )

    def _pause_s(self, failures: int) -> float:
        return min(MAX_PAUSE_S, 2.0**failures) * (0.5 + self.random() / 2)

    async def _await_turn(self) -> None:
        self._refuse()
        pause_s = self._budget.pause_s(self.now(), self.line.shards)
        if pause_s > 0:
            log.warning("session_waits", pause_s=round(pause_s, 1), sessions_today=self._budget.spent)
            await self.sleep(pause_s)

    async def _identifying(self) -> None:
        """Written down before it is done, so that a crash right after it counts too."""
        self._refuse()
        if self._budget.pause_s(self.now(), self.line.shards) > 0:
            raise TooSoon("sessions end as soon as they begin")
        self._budget = self._budget.spend(self.now())
        await self.ingest([], Cursor(self.budget_stream, str(self._budget)))

    async def _connecting(self) -> None:
        now = self.now()
        pause_s = connect_pause_s(self._connected, now, self.line.shards)
        self._connected.append(now + pause_s)
        if pause_s > 0:
            log.warning("connection_waits", pause_s=round(pause_s, 1))
            await self.sleep(pause_s)

    def _refuse(self) -> None:
        refusal = self._budget.refusal(self.now(), self.line.shards)
        if refusal:
            raise Revoked(refusal)
