"""Polls that were posted, and the votes in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, Select, func, or_, select, update

from bot.core.action import EndPoll, Vote
from bot.core.address import Address
from bot.core.effect import OpenPoll
from bot.core.poll import Ballot, Poll
from storage.codec import dump, load
from storage.statements import Row, insert, insert_new
from storage.tables import POLL, VOTE


def opened(connection: Connection, asked: OpenPoll, message_id: str, ends_at: datetime) -> None:
    """Keep a poll that was posted; the same id again changes nothing."""
    row: Row = {
        "id": asked.id,
        "message": f"{asked.to.platform}:{message_id}",
        "message_id": message_id,
        "place": str(asked.to),
        "asked": dump(asked),
        "ends_at": ends_at,
    }
    insert_new(connection, POLL, [row])


def cast(connection: Connection, ballot: Vote | EndPoll) -> None:
    """Keep a vote unless the poll is over or a later one is known, or end the poll."""
    match ballot:
        case EndPoll():
            counted = {"ended": True, "counts": dump(list(ballot.counts))}
            connection.execute(update(POLL).where(POLL.c.id == ballot.poll, ~POLL.c.ended).values(counted))
        case Vote():
            # Locked, so that a vote is either counted in the result or refused.
            running = select(POLL.c.id).where(POLL.c.id == ballot.poll, ~POLL.c.ended).with_for_update()
            if connection.scalar(running) is not None:
                _keep(connection, ballot)


def _keep(connection: Connection, vote: Vote) -> None:
    row: Row = {
        "poll": vote.poll,
        "member": vote.by,
        "name": vote.name,
        "options": dump(list(vote.options)),
        "at": vote.at,
    }
    statement = insert(connection, VOTE)
    later = {name: statement.excluded[name] for name in ("name", "options", "at")}
    newer = statement.excluded.at >= VOTE.c.at
    keys = [VOTE.c.poll, VOTE.c.member]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=later, where=newer), row)


def by_id(connection: Connection, poll_id: str) -> Poll | None:
    """A poll with its ballots."""
    return _first(connection, select(POLL).where(POLL.c.id == poll_id))


def shown_as(connection: Connection, platform: str, message_id: str) -> Poll | None:
    """The poll that a message shows."""
    return _first(connection, select(POLL).where(POLL.c.message == f"{platform}:{message_id}"))


def open_below(connection: Connection, under: Address) -> list[Poll]:
    """Polls that have not ended, oldest first."""
    stem = f"{under}/"
    below = or_(POLL.c.place == str(under), func.substr(POLL.c.place, 1, len(stem)) == stem)
    rows = connection.execute(select(POLL).where(~POLL.c.ended, below).order_by(POLL.c.number)).mappings()
    return [_poll(row, ()) for row in rows]


def _first(connection: Connection, query: Select[Any]) -> Poll | None:
    row = connection.execute(query).mappings().first()
    return _poll(row, _ballots(connection, row["id"])) if row else None


def _ballots(connection: Connection, poll_id: str) -> tuple[Ballot, ...]:
    rows = connection.execute(select(VOTE).where(VOTE.c.poll == poll_id).order_by(VOTE.c.at, VOTE.c.member))
    return tuple(Ballot(by=row.member, name=row.name, options=tuple(orjson.loads(row.options))) for row in rows)


def _poll(row: RowMapping, ballots: tuple[Ballot, ...]) -> Poll:
    return Poll(
        number=row["number"],
        asked=load(OpenPoll, row["asked"]),
        message_id=row["message_id"],
        ends_at=row["ends_at"],
        ended=row["ended"],
        ballots=ballots,
        counts=tuple(orjson.loads(row["counts"])),
    )
