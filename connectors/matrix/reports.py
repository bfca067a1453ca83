"""What members reported to the homeserver instead of to us, where we may know it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.core.address import Address
from bot.core.errors import BotError, Rejected, Transient
from bot.core.event import Author, Reported
from bot.core.ports import Ingest
from bot.core.stored import Cursor, Heard
from connectors.matrix.account import Account
from connectors.matrix.admin import Report, newest_report, numbers, reports_after

EVERY_S = 15.0
log = structlog.get_logger()


class ReportDesk:
    """`position` reads how far reports were taken over; older ones than the first look stay where they are."""

    def __init__(
        self,
        account: Account,
        position: Callable[[str], Awaitable[str]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._account = account
        self._position = position
        self._sleep = sleep

    async def run(self, ingest: Ingest) -> None:
        """Until cancelled; ends at once where we are no administrator."""
        while True:
            try:
                if not await self.step(ingest):
                    return
            except (Transient, Rejected) as error:
                log.info("reports_not_read", problem=str(error))
            except BotError as error:
                # Listening meets the same refusal, and stops the connector.
                log.warning("reports_not_read", problem=str(error))
                return
            await self._sleep(EVERY_S)

    async def step(self, ingest: Ingest) -> bool:
        """Take over what is new; whether we may."""
        stream = f"matrix-reports:{self._account.me}"
        newest, known = await newest_report(self._account.wire), await self._position(stream)
        if newest is None:
            return False
        found = await reports_after(self._account.wire, int(known)) if known and newest > int(known) else []
        heard = [Heard(self._reported(report)) for report in found if report.room_id in self._account.rooms]
        reached = max(newest, numbers(found))
        if heard or str(reached) != known:
            await ingest(heard, Cursor(stream, str(reached)))
        return True

    def _reported(self, report: Report) -> Reported:
        room = self._account.rooms[report.room_id]
        origin = self._account.memory.get(report.event_id)
        return Reported(
            id=f"report:{report.number}",
            at=report.at,
            where=Address("matrix", self._account.space, room.id, origin.thread if origin else ""),
            who=Author(report.by, room.name(report.by), room.role(report.by)),
            message_id=report.event_id,
            reason=report.reason,
        )
