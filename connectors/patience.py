"""Go on trying what a platform will take sooner or later."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.core.errors import RateLimited, Rejected, Transient

MAX_PAUSE_S = 60.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """`name` is what does not answer, for the log; `random` gives a number from 0 to 1, `sleep` takes seconds."""

    name: str
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    async def persist(self, step: Callable[[], Awaitable[None]], attempts: float = math.inf) -> None:
        """Try until it succeeds; a refusal that trying again will not mend is only worth a louder line.

        What fails that many times is raised.
        """
        failures = 0
        while True:
            try:
                return await step()
            except RateLimited as error:
                pause_s = error.retry_after
            except (Transient, Rejected) as error:
                failures += 1
                if failures >= attempts:
                    raise
                pause_s = min(MAX_PAUSE_S, 2.0**failures) * (0.5 + self.random() / 2)
                tell = log.error if isinstance(error, Rejected) else log.warning
                tell(f"{self.name}_unavailable", problem=str(error), pause_s=round(pause_s, 1))
            await self.sleep(pause_s)
