"""The contract of polls: one for each id, and of each member the last choice before the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.core.action import EndPoll, Vote
from bot.core.address import Address
from bot.core.effect import OpenPoll
from bot.core.poll import Ballot, Poll
from bot.core.settlement import Settlement
from bot.core.stored import Store
from tests.storage.build import GARDEN, GENERAL, NOON, Opening

TEA = OpenPoll(to=GENERAL, question="Tea?", options=("yes", "no"), lasts=timedelta(hours=1), id="p1", by="u-fern")
ENDS = NOON + TEA.lasts
OPENED = Poll(number=1, asked=TEA, message_id="m1", ends_at=ENDS)


def vote(by: str, *options: int, second: int = 0, poll: str = "p1") -> Vote:
    return Vote(poll=poll, by=by, name=by.title(), options=options, at=NOON + timedelta(seconds=second))


async def cast(store: Store, *ballots: Vote | EndPoll) -> None:
    await store.settle(Settlement(cause="test", ballots=list(ballots)))


async def choices(store: Store, poll: str = "p1") -> dict[str, tuple[int, ...]]:
    found = await store.poll(poll)
    assert found is not None
    return {ballot.by: ballot.options for ballot in found.ballots}


class PollContract:
    """Inherit, and give the fixtures `store` and `opening`."""

    async def test_a_poll_is_found_by_its_id_and_by_its_message(self, store: Store) -> None:
        await store.poll_opened(TEA, "m1", ENDS)
        assert await store.poll("p1") == await store.poll_shown_as(GARDEN, "m1") == OPENED
        elsewhere = Address("elsewhere", "Fernhill", "general")
        missing = [await store.poll("p2"), await store.poll_shown_as(GENERAL, "m2")]
        assert [*missing, await store.poll_shown_as(elsewhere, "m1")] == [None] * 3

    async def test_a_poll_posted_again_stays_as_it_was(self, store: Store) -> None:
        await store.poll_opened(TEA, "m1", ENDS)
        await store.poll_opened(TEA, "m1", ENDS + timedelta(hours=5))
        assert await store.open_polls(GENERAL) == [OPENED]

    async def test_open_polls_are_those_of_a_place_and_below(self, store: Store) -> None:
        thread = replace(TEA, id="p2", to=replace(GENERAL, thread="7"))
        garden = replace(TEA, id="p3", to=GARDEN)
        for number, asked in enumerate((TEA, thread, garden), 1):
            await store.poll_opened(asked, f"m{number}", ENDS)
        await cast(store, EndPoll(poll="p1"))
        found = [[poll.asked.id for poll in await store.open_polls(at)] for at in (GENERAL, GARDEN, GENERAL.community)]
        assert found == [["p2"], ["p3"], ["p2", "p3"]]

    async def test_of_each_member_the_last_choice_counts(self, store: Store) -> None:
        await store.poll_opened(TEA, "m1", ENDS)
        await cast(store, vote("ann", 1), vote("bob", 2))
        await cast(store, vote("ann", 2, second=2))
        await cast(store, vote("ann", 1, second=1), vote("bob", second=1))
        found = await store.poll("p1")
        expected = (Ballot(by="bob", name="Bob", options=()), Ballot(by="ann", name="Ann", options=(2,)))
        assert found == replace(OPENED, ballots=expected)

    async def test_nobody_votes_in_a_poll_that_is_over_or_unknown(self, store: Store) -> None:
        await store.poll_opened(TEA, "m1", ENDS)
        await cast(store, vote("ann", 1), EndPoll(poll="p1"), vote("bob", 2), vote("ann", 2, second=9))
        await cast(store, vote("ann", 1, poll="p9"), EndPoll(poll="p9"))
        assert (await choices(store), await store.poll("p9")) == ({"ann": (1,)}, None)

    async def test_the_first_end_of_a_poll_counts(self, store: Store) -> None:
        await store.poll_opened(TEA, "m1", ENDS)
        await cast(store, EndPoll(poll="p1", counts=(3, 1)), EndPoll(poll="p1", counts=(9, 9)))
        assert await store.poll("p1") == replace(OPENED, ended=True, counts=(3, 1))

    async def test_votes_from_two_processes_are_all_counted(self, opening: Opening) -> None:
        async with opening() as one, opening() as other:
            await one.poll_opened(TEA, "m1", ENDS)
            await asyncio.gather(*(cast((one, other)[n % 2], vote(f"u{n:02}", 1 + n % 2)) for n in range(20)))
            assert await choices(one) == {f"u{n:02}": (1 + n % 2,) for n in range(20)}
