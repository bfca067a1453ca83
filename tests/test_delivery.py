"""What becomes of outbox rows: performed in order, postponed, given up, and always accounted for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot import text, text_screening
from bot.core.action import AskReview, Decide
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Button, Card, Delete, Edit, Effect, Filter, Outgoing, Penalty, Post, Restrict, Screen
from bot.core.errors import BotError, RateLimited, Rejected, Revoked, Transient
from bot.core.evidence import Decision, Evidence, Record
from bot.core.settlement import Outcome, Settlement, Verdict, note
from bot.core.stored import Heard
from bot.delivery import AT_ONCE, MAX_ATTEMPTS, Delivery
from bot.merging import runs
from bot.polling import PollBook
from bot.tact import MOST
from pipelines.polls.drawing import PollText
from pipelines.review.card import CardText
from storage.store import SqlStore
from tests.fakes import (
    ABLE,
    ADA,
    MODS,
    OTHER,
    ROOM,
    FakeClock,
    FakeConnector,
    eventually,
    opened,
    outbox,
    said,
)

FORBIDDEN = "I may not delete here: give me Manage Messages."
EVIDENCE = Evidence(score=1.0, mode="auto")


def post(words: str, to: Address = ROOM) -> Post:
    return Post(to=to, text=words)


def remove(*message_ids: str, to: Address = ROOM) -> Delete:
    return Delete(to=to, message_ids=message_ids, reason="against the rules")


@dataclass(slots=True)
class House:
    """A delivery over a real outbox, and a sweep that hands it what is due like the courier does."""

    store: SqlStore
    connector: FakeConnector = field(default_factory=FakeConnector)
    clock: FakeClock = field(default_factory=FakeClock)
    jitter: float = 1.0
    review_room: Address | None = MODS
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        self.delivery = Delivery(
            connectors={"fake": self.connector},
            store=self.store,
            cards=CardText(),
            polls=PollBook(self.store, PollText(), self.clock),
            review_room=lambda _: self.review_room,
            clock=self.clock,
            jitter=lambda: self.jitter,
        )

    async def write(self, *effects: Outgoing, stem: str = "e") -> None:
        notes = [note(f"{stem}/{n}", effect) for n, effect in enumerate(effects)]
        await self.store.settle(Settlement(notes=notes))

    async def judge(self, *message_ids: str) -> None:
        """Messages that were heard and acted on."""
        for message_id in message_ids:
            event = said("ugly", message_id)
            await self.store.accept([Heard(event)], None)
            verdict = Verdict(outcome=Outcome.ACTED, evidence=EVIDENCE)
            await self.store.settle(Settlement(event_key=event.key, where=event.where, verdict=verdict))

    async def sweep(self) -> None:
        """Deliver what is due at this moment, once."""
        for run in runs(await self.store.pending(self.clock(), (), 1000)):
            await self.delivery.deliver(run)

    async def due_in(self) -> float | None:
        due = await self.store.next_delivery(self.clock())
        return None if due is None else (due - self.clock()).total_seconds()

    async def left(self) -> list[tuple[str, int]]:
        """Keys that still wait, with the attempts that were made."""
        return [(row.note.key, row.attempts) for row in await outbox(self.store)]


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with opened() as store:
        yield store


async def test_posts_of_one_place_go_in_order_and_one_at_a_time(store: SqlStore) -> None:
    house = House(store)
    posts = [post(f"{n}") for n in range(5)]
    await house.write(*posts)
    await house.sweep()
    assert (house.connector.performed, house.connector.at_once) == (posts, 1)
    assert house.connector.keys == [f"e/{n}" for n in range(5)]
    assert await house.left() == []


async def test_a_post_that_waits_holds_back_the_later_ones_of_its_place_only(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Transient("502")]
    await house.write(post("first"), post("second"), post("elsewhere", OTHER))
    await house.sweep()
    assert house.connector.performed == [post("elsewhere", OTHER)]
    await house.sweep()
    assert house.connector.performed == [post("elsewhere", OTHER)]
    house.clock.step(1)
    await house.sweep()
    assert house.connector.performed == [post("elsewhere", OTHER), post("first"), post("second")]


async def test_deletions_go_several_at_once(store: SqlStore) -> None:
    house = House(store)
    house.connector.gate.clear()
    await house.write(*(remove(f"m{n}") for n in range(10)))
    sweeping = asyncio.create_task(house.sweep())
    await eventually(lambda: len(house.connector.asked) == AT_ONCE)
    house.connector.gate.set()
    await sweeping
    assert sorted(house.connector.keys) == [f"e/{n}" for n in range(10)]
    assert house.connector.at_once == AT_ONCE


async def test_deletions_are_merged_up_to_what_the_place_takes_in_one_call(store: SqlStore) -> None:
    house = House(store, FakeConnector(replace(ABLE, bulk_delete=3)))
    await house.write(remove("m1"), remove("m2"), remove("m3"), remove("m4"))
    await house.sweep()
    assert house.connector.performed == [remove("m1", "m2", "m3"), remove("m4")]
    assert await house.left() == []


async def test_a_bulk_deletion_that_is_refused_is_tried_one_by_one(store: SqlStore) -> None:
    """Discord, for one, refuses the whole call when one of the messages is two weeks old."""
    house = House(store, FakeConnector(replace(ABLE, bulk_delete=3)))
    house.connector.failures = [Rejected("one is too old"), None, Rejected("too old"), None]
    await house.judge("m1", "m2", "m3")
    await house.write(remove("m1"), remove("m2"), remove("m3"))
    await house.sweep()
    assert house.connector.performed == [remove("m1"), remove("m3")]
    case = await store.open_case(ROOM, "m2")
    assert case is not None
    assert (case.problem, case.proposal) == ("too old", (remove("m2"),))


async def test_a_rate_limit_holds_everything_of_its_kind_until_it_is_over(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [RateLimited(7.0)]
    await house.write(*(remove(f"m{n}") for n in range(AT_ONCE + 3)))
    await house.sweep()
    asked = list(house.connector.asked)
    assert asked == [remove(f"m{n}") for n in range(AT_ONCE)]
    for _ in range(3):
        house.clock.step(2)
        await house.write(remove("late"), stem="late")
        await house.sweep()
        assert house.connector.asked == asked
    assert await house.due_in() == 1.0
    house.clock.step(1)
    await house.sweep()
    assert await house.left() == []
    assert len(house.connector.asked) == len(asked) + 5


async def test_a_rate_limit_in_the_middle_of_single_deletions_stops_them(store: SqlStore) -> None:
    house = House(store, FakeConnector(replace(ABLE, bulk_delete=4)))
    house.connector.failures = [Rejected("one is too old"), None, RateLimited(7.0)]
    await house.write(*(remove(f"m{n}") for n in range(4)))
    await house.sweep()
    assert house.connector.asked == [remove("m0", "m1", "m2", "m3"), remove("m0"), remove("m1")]
    assert await house.due_in() == 7.0


async def test_a_rate_limit_on_deletions_does_not_hold_back_posts_or_other_places(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [RateLimited(7.0)]
    await house.write(remove("m1"), post("hello"), remove("m2", to=OTHER))
    await house.sweep()
    assert house.connector.performed == [remove("m2", to=OTHER), post("hello")]


async def test_whoever_floods_a_place_is_kept_out_while_a_thousand_deletions_wait(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [RateLimited(7.0)]
    flood = [remove(f"m{n}") for n in range(1000)]
    await house.write(*flood)
    await house.sweep()
    ban = Restrict(to=ROOM, user_id="flooder", penalty=Penalty.BAN, reason="a flood")
    await house.write(ban, stem="ban")
    for run in runs([row for row in await store.pending(house.clock(), (), 2000) if row.note.effect == ban]):
        await house.delivery.deliver(run)
    assert house.connector.performed == [*flood[1:AT_ONCE], ban]
    house.clock.step(7)
    for _ in range(3):
        await house.sweep()
    assert house.connector.performed == [*flood[1:AT_ONCE], ban, flood[0], *flood[AT_ONCE:]]


async def test_rate_limits_never_make_a_removal_be_given_up(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [RateLimited(1.0)] * (MAX_ATTEMPTS + 5)
    await house.write(remove("m1"))
    for _ in range(MAX_ATTEMPTS + 6):
        await house.sweep()
        house.clock.step(1)
    assert house.connector.performed == [remove("m1")]


async def test_a_clock_that_steps_back_does_not_prolong_a_rate_limit(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [RateLimited(7.0)]
    await house.write(remove("m1"))
    await house.sweep()
    house.clock.step(-7200)
    await house.write(remove("m2"), stem="after")
    await house.sweep()
    assert house.connector.performed == [remove("m2")]


@pytest.mark.parametrize(
    ("jitter", "pauses"),
    [(1.0, [1.0, 2.0, 4.0, 8.0]), (0.0, [0.5, 1.0, 2.0, 4.0]), (0.5, [0.75, 1.5, 3.0, 6.0])],
)
async def test_a_platform_in_trouble_is_asked_less_and_less(
    store: SqlStore, jitter: float, pauses: list[float]
) -> None:
    house = House(store, jitter=jitter)
    house.connector.failures = [Transient("502")] * 4
    await house.write(post("hello"))
    met = []
    for _ in pauses:
        await house.sweep()
        met.append(await house.due_in() or 0.0)
        house.clock.step(met[-1])
    assert met == pauses
    await house.sweep()
    assert house.connector.performed == [post("hello")]


async def test_what_fails_too_often_is_given_up_and_the_next_follows(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Transient("502")] * MAX_ATTEMPTS
    await house.write(post("first"), post("second"))
    for _ in range(MAX_ATTEMPTS):
        await house.sweep()
        house.clock.step(301)
    assert house.connector.asked == [post("first")] * MAX_ATTEMPTS + [post("second")]
    assert await house.left() == []


async def test_what_is_refused_is_given_up_and_the_next_follows(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Rejected("no")]
    await house.write(post("first"), post("second"))
    await house.sweep()
    assert house.connector.performed == [post("second")]
    assert await house.left() == []


async def test_a_place_of_an_unknown_platform_is_given_up(store: SqlStore) -> None:
    house = House(store)
    await house.write(post("hello", Address("nowhere", "T1", "general")))
    await house.sweep()
    assert (await house.left(), house.connector.asked) == ([], [])


async def test_a_bug_in_a_connector_is_retried_at_leisure(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [KeyError("id")]
    await house.write(remove("m1"), remove("m2"))
    await house.sweep()
    assert house.connector.performed == [remove("m2")]
    assert (await house.left(), await house.due_in()) == ([("e/0", 1)], 1.0)
    house.clock.step(1)
    await house.sweep()
    assert house.connector.performed == [remove("m2"), remove("m1")]


@pytest.mark.parametrize("error", [Transient("502"), Rejected("The room was closed.")])
async def test_deletions_go_out_where_nobody_can_say_how_many_fit_into_a_call(store: SqlStore, error: BotError) -> None:
    @dataclass(slots=True)
    class Dumb(FakeConnector):
        async def capabilities(self, where: Address) -> Capabilities:
            raise error

    house = House(store, Dumb())
    await house.write(remove("m1"), remove("m2"))
    await house.sweep()
    assert house.connector.performed == [remove("m1"), remove("m2")]


async def test_a_revoked_token_is_not_tried_again_by_us(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Revoked("Renew the token.")]
    await house.write(post("first"), post("second"))
    with pytest.raises(Revoked):
        await house.sweep()
    assert house.connector.asked == [post("first")]
    assert await house.left() == [("e/0", 1), ("e/1", 0)]


async def test_what_was_gone_already_counts_as_done(store: SqlStore) -> None:
    house = House(store, FakeConnector(gone=True))
    await house.judge("m1")
    await house.write(remove("m1"))
    await house.sweep()
    assert await house.left() == []
    assert await store.open_case(ROOM, "m1") is None


async def test_a_removal_that_is_forbidden_comes_back_as_a_case_with_the_problem(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Rejected(FORBIDDEN)]
    await house.judge("m1")
    await house.write(remove("m1"))
    await house.sweep()
    await house.sweep()
    case = await store.open_case(ROOM, "m1")
    assert case is not None
    assert (case.problem, case.evidence, case.proposal) == (FORBIDDEN, EVIDENCE, (remove("m1"),))
    alert, card = house.connector.performed
    assert alert == post(text.trouble(ROOM, FORBIDDEN), MODS)
    assert card == CardText().full(case, Record(judged=1, removed=1), ABLE, MODS)
    for _ in range(20):
        house.clock.step(600)
        await house.sweep()
    assert house.connector.asked == [remove("m1"), alert, card]


async def test_fifty_forbidden_removals_make_one_alert_an_hour(store: SqlStore) -> None:
    house = House(store)
    messages = [f"m{n}" for n in range(50)]
    threads = [replace(ROOM, thread=f"t{n:02}") for n in range(50)]
    await house.judge(*messages)
    house.connector.failures = [Rejected(FORBIDDEN)] * 50
    await house.write(*(remove(one, to=place) for one, place in zip(messages, threads, strict=True)))
    await house.sweep()
    await house.sweep()
    assert len(await store.open_cases(ROOM, 100)) == 50
    assert [effect for effect in house.connector.performed if _is_alert(effect)] == [
        post(text.trouble(threads[0], FORBIDDEN), MODS)
    ]
    house.clock.step(3600)
    house.connector.failures = [Rejected(FORBIDDEN)]
    await house.write(remove("m1"), stem="an hour later")
    await house.sweep()
    await house.sweep()
    assert sum(_is_alert(effect) for effect in house.connector.performed) == 2


def _is_alert(effect: Effect) -> bool:
    return isinstance(effect, Post) and not effect.buttons


async def test_a_forbidden_penalty_makes_an_alert(store: SqlStore) -> None:
    house = House(store)
    house.connector.failures = [Rejected("no")]
    await house.write(Restrict(to=ROOM, user_id=ADA.id, penalty=Penalty.KICK, reason="flood"))
    await house.sweep()
    await house.sweep()
    assert house.connector.performed == [post(text.trouble(ROOM, "no"), MODS)]


async def test_without_a_review_room_the_case_waits_in_the_queue(store: SqlStore) -> None:
    house = House(store, review_room=None)
    house.connector.failures = [Rejected(FORBIDDEN)]
    await house.judge("m1")
    await house.write(remove("m1"))
    await house.sweep()
    await house.sweep()
    assert [case.problem for case in await store.open_cases(None, 9)] == [FORBIDDEN]
    assert house.connector.performed == []


class Killed(BaseException):
    """The process ends here."""


class DyingStore(SqlStore):
    """Its process ends before anything can be given up."""

    async def abandon(self, keys: Sequence[str], reason: str) -> None:
        raise Killed


async def test_what_is_given_up_was_made_a_case_before() -> None:
    """Killed in between, the removal is tried again; the other way round nobody would ever hear of it."""
    store = await DyingStore.open("sqlite://")
    house = House(store)
    house.connector.failures = [Rejected(FORBIDDEN)]
    await house.judge("m1")
    await house.write(remove("m1"))
    with pytest.raises(Killed):
        await house.sweep()
    assert [case.problem for case in await store.open_cases(None, 9)] == [FORBIDDEN]
    assert ("e/0", 1) in await house.left()
    await store.close()


async def _asked_about(house: House, message_id: str = "m1") -> AskReview:
    await house.judge(message_id)
    asked = AskReview(
        about=ROOM, message_id=message_id, evidence=EVIDENCE, proposal=(remove(message_id),), review_room=MODS
    )
    await house.store.settle(Settlement(cause=f"fake:{message_id}.0", where=ROOM, reviews=[asked]))
    return asked


async def test_a_card_is_posted_and_afterwards_edited(store: SqlStore) -> None:
    house = House(store)
    await _asked_about(house)
    await house.sweep()
    shown = await store.case(1)
    assert shown is not None
    assert shown.card_id == "p1"
    decided = Decide(case=1, decision=Decision.REMOVE, by="Mo", effects=(Card(to=MODS, case=1),))
    await store.settle(Settlement(event_key="fake:press", decisions=[decided]))
    await house.sweep()
    closed = await store.case(1)
    assert closed is not None
    first, second = _card(shown), _card(closed)
    assert house.connector.performed == [first, Edit(to=MODS, message_id="p1", text=second.text)]
    assert ("Remove" in [button.label for button in first.buttons], second.buttons) == (True, ())


def _card(case: Case) -> Post:
    return CardText().full(case, Record(judged=1), ABLE, MODS)


async def test_a_card_shows_the_case_as_it_stands_when_it_is_delivered(store: SqlStore) -> None:
    house = House(store)
    await _asked_about(house)
    await store.settle(Settlement(decisions=[Decide(case=1, decision=Decision.APPROVE, by="Mo")]))
    await house.sweep()
    closed = await store.case(1)
    assert closed is not None
    assert house.connector.performed == [_card(closed)]
    assert "approved, by Mo" in _card(closed).text


async def test_a_card_that_was_posted_before_a_crash_is_not_posted_twice(store: SqlStore) -> None:
    house = House(store)
    await _asked_about(house)
    [row] = await outbox(store)
    await house.connector.perform(_card(await _case(store)), key=row.note.key, cookie="")
    await house.sweep()
    assert house.connector.keys == ["case1/fake:m1.0"]
    assert (await _case(store)).card_id == "p1"


async def _case(store: SqlStore, number: int = 1) -> Case:
    case = await store.case(number)
    assert case is not None
    return case


async def test_a_long_card_keeps_its_buttons_and_its_last_part_is_the_card(store: SqlStore) -> None:
    house = House(store, FakeConnector(replace(ABLE, max_text=60)))
    await _asked_about(house)
    await house.sweep()
    posts = [effect for effect in house.connector.performed if isinstance(effect, Post)]
    assert len(posts) > 1
    assert [bool(one.buttons) for one in posts] == [*[False] * (len(posts) - 1), True]
    assert house.connector.keys == ["case1/fake:m1.0", *(f"case1/fake:m1.0/{n}" for n in range(1, len(posts)))]
    assert (await _case(store)).card_id == f"p{len(posts)}"


async def test_a_case_is_told_in_one_sentence_to_whoever_asked(store: SqlStore) -> None:
    house = House(store)
    await _asked_about(house)
    await store.settle(Settlement(decisions=[Decide(case=1, decision=Decision.REMOVE, by="Mo")]))
    await house.sweep()
    await house.write(Card(to=MODS, case=1, whisper_to="u3"))
    await house.sweep()
    at = (await _case(store)).decided_at
    said_ = text.decided(1, Decision.REMOVE, "Mo", at)
    assert house.connector.performed[-1] == Post(to=MODS, text=said_, whisper_to="u3")


async def test_a_card_of_no_case_is_given_up(store: SqlStore) -> None:
    house = House(store)
    await house.write(Card(to=MODS, case=7))
    await house.sweep()
    assert (await house.left(), house.connector.asked) == ([], [])


async def test_a_removal_that_fails_again_after_a_press_opens_its_card_again(store: SqlStore) -> None:
    house = House(store)
    await house.judge("m1")
    for press in ("first", "second"):
        house.connector.failures = [Rejected(f"{press} no")]
        await house.write(remove("m1"), stem=press)
        await house.sweep()
        await house.sweep()
        assert (await _case(store)).decision is None
        card = house.connector.performed[-1]
        assert isinstance(card, Post | Edit)
        assert f"{press} no" in card.text
        decided = Decide(case=1, decision=Decision.REMOVE, by="Mo", effects=(Card(to=MODS, case=1),))
        await store.settle(Settlement(event_key=f"fake:{press}", decisions=[decided]))
        await house.sweep()


REMOVAL = replace(remove("m1"), tell_to=ADA.id, tell="It was removed.")
TOLD = Post(to=ROOM, text="It was removed.", whisper_to=ADA.id if ABLE.ephemeral else "")


async def test_an_author_is_told_once_the_removal_is_confirmed(store: SqlStore) -> None:
    house = House(store, FakeConnector(failures=[Transient("try later")]))
    await house.write(REMOVAL)
    await house.sweep()
    assert house.connector.performed == []
    house.clock.step(60)
    await house.sweep()
    await house.sweep()
    assert house.connector.performed == [REMOVAL, TOLD]


async def test_an_author_is_not_told_of_a_removal_that_failed_or_was_their_own(store: SqlStore) -> None:
    for connector in (FakeConnector(failures=[Rejected(FORBIDDEN)]), FakeConnector(gone=True)):
        house = House(store, connector, review_room=None)
        await house.write(REMOVAL, stem=str(id(connector)))
        await house.sweep()
        await house.sweep()
        assert TOLD not in connector.performed


@pytest.mark.parametrize("failure", [None, Rejected("I lack the permission.")])
async def test_whoever_gave_rules_to_the_platform_learns_what_became_of_them(
    store: SqlStore, failure: Exception | None
) -> None:
    house = House(store)
    house.connector.failures.append(failure)
    rules = (Filter(name="seeds", words=("seeds",)),)
    screen = Screen(to=ROOM.community, filters=rules, reason="r", tell_in=ROOM, tell_to=ADA.id, remarks=("too long",))
    await house.write(screen)
    await house.sweep()
    await house.sweep()
    said_ = text_screening.not_screened(str(failure)) if failure else text_screening.screened(1, ("too long",))
    assert house.connector.performed[-1] == Post(to=ROOM, text=said_, whisper_to=ADA.id)


async def test_the_author_can_appeal_where_they_are_told(store: SqlStore) -> None:
    house = House(store)
    appeal = Button("appeal:m1", "Appeal", "🙋")
    await house.write(replace(remove("m1"), tell="It was removed.", tell_to=ADA.id, tell_buttons=(appeal,)))
    await house.sweep()
    await house.sweep()
    told = Post(to=ROOM, text="It was removed.", whisper_to=ADA.id, buttons=(appeal,))
    assert house.connector.performed[-1] == told


async def test_whoever_floods_a_room_is_told_of_a_few_removals_alone(store: SqlStore) -> None:
    house = House(store)
    await house.write(*(replace(REMOVAL, message_ids=(f"m{number}",)) for number in range(20)))
    for _ in range(3):
        await house.sweep()
    assert house.connector.performed.count(TOLD) == MOST
