"""What members asked to have remembered, each for themselves."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from bot.core.action import Remember, Unlearn
from bot.core.address import Address
from bot.core.passage import Fact
from storage.statements import Row, insert_new
from storage.tables_answers import FACT


def apply(connection: Connection, change: Remember | Unlearn) -> None:
    """Keep one, or let go of some."""
    match change:
        case Remember(fact=fact):
            row: Row = {"community": str(fact.community), "member": fact.member, "words": fact.words}
            insert_new(connection, FACT, [row])
        case Unlearn():
            theirs = (FACT.c.community == str(change.community), FACT.c.member == change.member)
            connection.execute(delete(FACT).where(*theirs, FACT.c.number.in_(change.numbers)))


def of(connection: Connection, community: Address, member: str) -> list[Fact]:
    """All of a member's in one community, oldest first."""
    query = select(FACT).where(FACT.c.community == str(community), FACT.c.member == member).order_by(FACT.c.number)
    rows = connection.execute(query)
    return [Fact(community=community, member=member, words=row.words, number=row.number) for row in rows]
