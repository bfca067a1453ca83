"""Many bans become one call, few are done one by one, and what one call did not do is tried again alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.capability import Capabilities
from bot.core.effect import BanAll, Delete, Penalty, Post, Restrict
from bot.core.errors import RateLimited, Rejected
from bot.core.settlement import note
from bot.core.stored import Pending
from bot.merging import FEW, groups, key
from storage.store import SqlStore
from tests.fakes import ABLE, MODS, OTHER, ROOM, FakeConnector, opened
from tests.test_delivery import House

BANNING = replace(ABLE, penalties=frozenset(Penalty), bulk_ban=200)
MANY = [f"u{n}" for n in range(FEW + 3)]


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with opened() as store:
        yield store


def ban(user_id: str) -> Restrict:
    return Restrict(to=ROOM, user_id=user_id, penalty=Penalty.BAN, reason="raid", tell="Bye.")


def all_of(user_ids: list[str]) -> BanAll:
    return BanAll(to=ROOM, user_ids=tuple(user_ids), reason="raid")


async def test_many_bans_are_one_call_in_a_whole_community(store: SqlStore) -> None:
    house = House(store, FakeConnector(BANNING))
    await house.write(*(replace(ban(each), to=OTHER if each == "u3" else ROOM) for each in [*MANY, "u0"]))
    await house.sweep()
    assert house.connector.performed == [all_of(MANY)]
    assert await house.left() == []


async def test_few_bans_are_done_one_by_one_and_each_member_is_told(store: SqlStore) -> None:
    house = House(store, FakeConnector(BANNING))
    await house.write(*map(ban, MANY[:FEW]))
    await house.sweep()
    assert house.connector.performed == [*map(ban, MANY[:FEW])]


async def test_where_no_call_bans_many_each_has_its_own(store: SqlStore) -> None:
    house = House(store, FakeConnector(replace(BANNING, bulk_ban=1)))
    await house.write(*map(ban, MANY))
    await house.sweep()
    assert house.connector.performed == [*map(ban, MANY)]


async def test_kicks_have_no_call_for_many(store: SqlStore) -> None:
    house = House(store, FakeConnector(BANNING))
    kicks = [replace(ban(each), penalty=Penalty.KICK) for each in MANY]
    await house.write(*kicks)
    await house.sweep()
    assert house.connector.performed == kicks


async def test_whom_the_call_left_out_is_banned_alone(store: SqlStore) -> None:
    house = House(store, FakeConnector(BANNING, undone=("u1", "u5")))
    house.connector.failures = [None, None, Rejected("their role stands above mine")]
    await house.write(*map(ban, MANY))
    await house.sweep()
    await house.sweep()
    assert house.connector.performed[:2] == [all_of(MANY), ban("u1")]
    (alert,) = house.connector.performed[2:]
    assert isinstance(alert, Post)
    assert "their role stands above mine" in alert.text
    assert alert.to == MODS
    assert await house.left() == []


async def test_deletions_that_must_wait_do_not_hold_bans_up(store: SqlStore) -> None:
    house = House(store, FakeConnector(BANNING))
    house.connector.failures = [RateLimited(60.0)]
    removal = Delete(to=ROOM, message_ids=("m1",), reason="raid")
    await house.write(removal)
    await house.sweep()
    await house.write(removal, ban("u1"), stem="later")
    await house.sweep()
    assert house.connector.performed == [ban("u1")]


def test_a_call_holds_as_many_messages_as_it_takes_however_they_are_grouped() -> None:
    sizes = [60, 40, 1, 150, 2]
    rows = [_row(f"{n}", size) for n, size in enumerate(sizes)]
    calls = groups(rows, Capabilities(max_text=9, bulk_delete=100))
    assert [[row.note.key for row in call] for call in calls] == [["0", "1"], ["2"], ["3"], ["4"]]


def _row(key: str, size: int) -> Pending:
    ids = tuple(f"{key}.{n}" for n in range(size))
    return Pending(note=note(key, Delete(to=ROOM, message_ids=ids, reason="raid")), attempts=0)


def test_two_calls_have_one_name_only_if_they_do_the_same() -> None:
    one, two, three = _row("1", 1), _row("2", 1), _row("3", 1)
    assert key([one]) == "1"
    assert key([one, two]) == key([one, two])
    assert len({key([one]), key([one, two]), key([one, three]), key([one, two, three])}) == 4
