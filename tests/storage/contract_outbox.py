"""The contract of an outbox: what must still happen, in which order, until it did."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.core.action import Later
from bot.core.address import Address
from bot.core.effect import Lift, Penalty, Post, Restrict
from bot.core.settlement import Note, note
from bot.core.stored import Backlog, Pending, Receipt, Store
from tests.storage.build import (
    GARDEN,
    GENERAL,
    LATER,
    NOON,
    RECEIPT,
    REVIEW,
    Opening,
    ask,
    deleted,
    due,
    heard,
    posted,
    said,
    settle,
)
from tests.storage.vocabulary import EFFECTS

AFTER = LATER + timedelta(hours=1)


class OutboxContract:
    """Inherit, and give the fixtures `store` and `opening`."""

    async def test_a_row_comes_back_as_it_went_in(self, store: Store) -> None:
        notes = [
            Note(key=f"π/{number}", effect=effect, cookie="c'", urgent=number % 2 == 0)
            for number, effect in enumerate(EFFECTS)
        ]
        await settle(store, posted(), notes=notes)
        expected = [Pending(note=note, attempts=0) for note in notes[::2] + notes[1::2]]
        assert await store.pending(LATER, (), 100) == expected

    async def test_urgent_rows_go_first_and_the_others_in_their_order(self, store: Store) -> None:
        await settle(store, notes=[said("b"), said("a"), deleted("z"), said("g", GARDEN), deleted("y", GARDEN)])
        await settle(store, notes=[deleted("x"), said("c")])
        assert await due(store) == ["z", "y", "x", "b", "a", "g", "c"]
        assert await due(store, limit=4) == ["z", "y", "x", "b"]

    async def test_nothing_is_due_before_its_time(self, store: Store) -> None:
        assert (await due(store), await store.next_delivery(NOON)) == ([], None)
        await settle(store, notes=[said("a")])
        await store.postpone(["a"], LATER)
        assert await due(store, now=LATER - timedelta(microseconds=1)) == []
        assert await due(store, now=LATER) == ["a"]

    async def test_a_post_that_waits_holds_back_later_ones_to_its_place_alone(self, store: Store) -> None:
        thread = replace(GENERAL, thread="7")
        await settle(store, notes=[said("first"), said("second"), said("third"), said("g", GARDEN)])
        await settle(store, notes=[said("t", thread), deleted("d")])
        await store.postpone(["second"], AFTER)
        assert await due(store) == ["d", "first", "g", "t"]
        assert await due(store, now=AFTER) == ["d", "first", "second", "third", "g", "t"]

    async def test_a_whisper_that_waits_holds_back_only_later_ones_to_the_same_member(self, store: Store) -> None:
        told = [note(key, Post(to=GENERAL, text=key, whisper_to=key[0])) for key in ("a1", "b1", "a2")]
        await settle(store, notes=[*told, said("aloud")])
        await store.postpone(["a1"], AFTER)
        assert await due(store) == ["b1", "aloud"]
        assert await due(store, f"{GENERAL} b") == ["aloud"]
        assert await due(store, now=AFTER) == ["a1", "b1", "a2", "aloud"]

    async def test_an_urgent_row_that_waits_holds_nothing_back(self, store: Store) -> None:
        await settle(store, notes=[deleted("d"), deleted("e"), said("a")])
        await store.postpone(["d"], AFTER)
        assert await due(store) == ["e", "a"]

    async def test_posts_to_busy_places_are_left_out(self, store: Store) -> None:
        odd = Address("somewhere", "F%_l", "a/b", "'7'")
        await settle(store, notes=[said("a"), deleted("d"), said("g", GARDEN), said("o", odd)])
        assert await due(store, GENERAL) == ["d", "g", "o"]
        assert await due(store, GENERAL, odd, REVIEW) == ["d", "g"]
        assert await due(store, GENERAL.parent, GENERAL.community) == ["d", "g", "o"]

    async def test_what_was_delivered_or_abandoned_is_not_tried_again(self, store: Store) -> None:
        await settle(store, notes=[said("a"), said("b"), said("c"), deleted("d")])
        await store.delivered(["a", "d"], RECEIPT)
        await store.abandon(["b"], "I may not speak here.")
        assert (await due(store), await due(store, now=AFTER)) == (["c"], ["c"])
        await store.delivered(["c"], Receipt(gone=True))
        assert (await due(store), await store.next_delivery(NOON)) == ([], None)

    async def test_an_abandoned_post_makes_way_for_the_next(self, store: Store) -> None:
        await settle(store, notes=[said("a"), said("b")])
        await store.postpone(["a"], AFTER)
        assert await due(store) == []
        await store.abandon(["a"], "The room is gone.")
        assert await due(store) == ["b"]

    async def test_attempts_are_counted_before_they_are_made(self, store: Store) -> None:
        await settle(store, notes=[said("a"), said("b"), deleted("d")])
        await store.attempted(["a", "d"])
        await store.attempted(["a"])
        await store.postpone(["a"], LATER)
        rows = await store.pending(LATER, (), 9)
        assert [(row.note.key, row.attempts) for row in rows] == [("d", 1), ("a", 2), ("b", 0)]

    async def test_attempts_are_remembered_after_a_restart(self, opening: Opening) -> None:
        async with opening() as store:
            await settle(store, notes=[said("a")])
            await store.attempted(["a"])
        async with opening() as store:
            assert await store.pending(LATER, (), 9) == [Pending(note=said("a"), attempts=1)]

    async def test_a_key_is_written_once(self, store: Store) -> None:
        other = replace(said("a", GARDEN), effect=Post(to=GARDEN, text="other"))
        await settle(store, notes=[said("a"), other])
        await settle(store, notes=[other, said("b")])
        await store.delivered(["a"], RECEIPT)
        await settle(store, notes=[said("a")])
        assert await due(store) == ["b"]

    async def test_a_key_written_by_many_at_once_is_written_once(self, store: Store) -> None:
        await asyncio.gather(*(settle(store, notes=[said("a"), said("b")]) for _ in range(10)))
        assert await due(store) == ["a", "b"]

    async def test_the_next_delivery_is_the_first_that_is_not_due_yet(self, store: Store) -> None:
        await settle(store, notes=[said("a"), said("b"), said("c")])
        await store.postpone(["a"], AFTER + timedelta(microseconds=3))
        await store.postpone(["b"], AFTER)
        await store.postpone(["c"], LATER)
        assert await store.next_delivery(NOON) == LATER
        assert await store.next_delivery(LATER) == AFTER
        await store.delivered(["c"], RECEIPT)
        assert await store.next_delivery(NOON) == AFTER
        await store.abandon(["b"], "No.")
        assert await store.next_delivery(NOON) == AFTER + timedelta(microseconds=3)

    async def test_keys_nobody_wrote_are_ignored(self, store: Store) -> None:
        await settle(store, notes=[said("a")])
        for keys in (["nobody"], []):
            await store.attempted(keys)
            await store.delivered(keys, RECEIPT)
            await store.postpone(keys, AFTER)
            await store.abandon(keys, "No.")
        assert await store.pending(LATER, (), 9) == [Pending(note=said("a"), attempts=0)]

    async def test_what_is_not_done_yet_is_counted(self, store: Store) -> None:
        assert await store.backlog() == Backlog()
        await store.accept(heard(posted("1"), posted("2")), None)
        job = Later(job="remind", key="k", at=NOON)
        await settle(store, posted("1"), notes=[said("a"), deleted("z")], reviews=[ask("1")], jobs=[job])
        await store.delivered(["z"], RECEIPT)
        # The case brought its card along.
        assert await store.backlog() == Backlog(events=1, effects=2, jobs=1, cases=1)

    async def test_what_is_taken_back_before_it_was_done_is_not_done(self, store: Store) -> None:
        ban = Restrict(to=GENERAL, user_id="u1", penalty=Penalty.BAN, reason="spam")
        others = [replace(ban, user_id="u2"), replace(ban, to=GARDEN)]
        await settle(store, notes=[note(f"ban{n}", each) for n, each in enumerate([ban, *others])])
        lift = Lift(to=GENERAL, user_id="u1", penalty=Penalty.BAN, reason="a mistake")
        await settle(store, notes=[note("lift", lift)])
        assert await due(store) == ["ban1", "ban2", "lift"]
