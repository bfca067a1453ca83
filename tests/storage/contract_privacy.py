"""The contract of forgetting: nothing of a member is left, and all that others said stays."""

from __future__ import annotations

from dataclasses import replace

from bot.core.action import Decide, Erase, Remember, Spend, Vote
from bot.core.address import Address
from bot.core.effect import OpenPoll, Post
from bot.core.event import Author, CommandGiven, Event, ListChanged, MemberBanned, Reported
from bot.core.evidence import Decision, Evidence, Finding, Record
from bot.core.passage import Fact
from bot.core.privacy import Member
from bot.core.settlement import Outcome, Settlement, note
from bot.core.stored import Store
from tests.storage.build import FERN, GENERAL, MOSS, NOON, RECEIPT, ask, due, heard, judged, posted, settle
from tests.storage.contract_polls import ENDS, TEA, cast

CANARY = "xylophone"
GONE = Author("u-canary", f"Can {CANARY}")
THEM = Member(platform="somewhere", id="u-canary")
WORDS = Evidence(findings=(Finding(rule="words", label="insult", score=0.7, quote=CANARY),), score=0.7, note=CANARY)
ASKED = CommandGiven(id="c1", at=NOON, where=GENERAL, who=GONE, name="ask", options=(("question", CANARY),))
REPORT = Reported(id="r1", at=NOON, where=GENERAL, who=GONE, message_id="2", reason=CANARY)


async def lived(store: Store) -> None:
    """A member who did everything that a member can do, beside one who did a little."""
    theirs: list[Event] = [posted("1", f"I say {CANARY}", who=GONE), ASKED, REPORT]
    for event in theirs:
        await settle(store, event, verdict=judged(Outcome.ASKED, WORDS), reviews=[ask("1")])
    await settle(store, posted("2", "others stay", who=MOSS), verdict=judged(Outcome.APPROVED))
    await settle(store, posted("3", f"found {CANARY}", who=GONE), verdict=judged(Outcome.APPROVED))
    await settle(store, cause="report", reviews=[replace(ask("2"), reporter=GONE, reason=CANARY)])
    await store.settle(Settlement(cause="index", index=100))
    await store.poll_opened(TEA, "m1", ENDS)
    mine = OpenPoll(to=GENERAL, question=CANARY, options=("a", "b"), lasts=TEA.lasts, id="p2", by=GONE.id)
    await store.poll_opened(mine, "m2", ENDS)
    await cast(store, Vote(poll="p1", by=GONE.id, name=GONE.name, options=(0,), at=NOON))
    await cast(store, Vote(poll="p1", by=MOSS.id, name=MOSS.name, options=(1,), at=NOON))
    spent = Spend(day="2030-01-01", scopes=(f"somewhere/Fernhill|{GONE.id}", "somewhere/Fernhill"), tokens=5)
    fact = Remember(fact=Fact(community=GENERAL.community, member=GONE.id, words=CANARY))
    await store.settle(Settlement(cause="answer", noted=[spent, fact]))
    await settle(store, notes=[note("whisper", Post(to=GENERAL, text=f"{GONE.name}, hello"))])
    await store.delivered(["whisper"], RECEIPT)


class PrivacyContract:
    """Inherit, and give the fixture `store`."""

    async def test_what_is_kept_about_a_member_is_told(self, store: Store) -> None:
        await lived(store)
        found = await store.remembered(THEM)
        assert {(one.kind, one.what) for one in found} == {
            ("MessagePosted", f"I say {CANARY}"),
            ("MessagePosted", f"found {CANARY}"),
            ("CommandGiven", f"ask question={CANARY}"),
            ("Reported", CANARY),
            ("Case", f"I say {CANARY}"),
            ("Vote", "Tea?: yes"),
            ("Fact", CANARY),
        }
        assert await store.remembered(Member(platform="elsewhere", id=GONE.id)) == []

    async def test_a_member_is_forgotten_everywhere_and_others_are_not(self, store: Store) -> None:
        await lived(store)
        receipt = await store.erase(THEM)
        assert receipt.counts | {"deliveries": 1} == {
            "cases": 1, "reports": 1, "passages": 1, "votes": 1, "polls": 1, "messages": 4, "deliveries": 1,
            "spending": 1, "facts": 1,
        }  # fmt: skip
        assert await store.remembered(THEM) == []
        assert await store.passages(GENERAL.community, [CANARY], 10) == []
        assert [each.words for each in await store.passages(GENERAL.community, ["others"], 10)] == ["others stay"]
        poll = await store.poll("p1")
        assert [ballot.by for ballot in poll.ballots] == [MOSS.id] if poll else False
        assert await store.poll("p2") is None
        assert await store.record(GENERAL.community, GONE.id) == Record()

    async def test_bans_and_lists_no_longer_say_whom_they_mean(self, store: Store) -> None:
        banned = MemberBanned(id="b1", at=NOON, where=GENERAL, who=MOSS, member_id=GONE.id, reason=CANARY)
        listed = ListChanged(id="b2", at=NOON, where=GENERAL, who=MOSS, entity=GONE.id)
        other = replace(banned, id="b3", member_id=FERN.id)
        for event in (banned, listed, other):
            await settle(store, event)
        receipt = await store.erase(THEM)
        assert receipt.counts == {"bans": 2}
        assert await store.event(banned.key) == replace(banned, member_id=receipt.mark, reason="")
        assert await store.event(listed.key) == replace(listed, entity=receipt.mark)
        assert await store.event(other.key) == other

    async def test_the_case_about_them_is_closed_and_empty_and_its_card_is_drawn_again(self, store: Store) -> None:
        await lived(store)
        await store.card_shown(1, "card-1")
        receipt = await store.erase(THEM)
        case = await store.case(1)
        assert case is not None
        assert (case.quote, case.author.id, case.decision, case.proposal) == ("", receipt.mark, Decision.GONE, ())
        assert case.evidence.findings == (Finding(rule="words", label="insult", score=0.7),)
        assert f"case1/{receipt.mark}" in await due(store)

    async def test_a_report_stays_true_without_its_reporter(self, store: Store) -> None:
        await lived(store)
        await store.erase(THEM)
        case = await store.case_about(GENERAL, "2")
        assert case is not None
        assert case.reporters == ("a former member",)

    async def test_what_is_delivered_again_is_no_news(self, store: Store) -> None:
        await lived(store)
        await store.erase(THEM)
        assert await store.accept(heard(posted("1", f"I say {CANARY}", who=GONE)), None) == []

    async def test_a_second_time_there_is_nothing_left(self, store: Store) -> None:
        await lived(store)
        await store.erase(THEM)
        assert (await store.erase(THEM)).counts == {}

    async def test_only_the_platform_that_was_named_forgets(self, store: Store) -> None:
        await lived(store)
        assert (await store.erase(Member(platform="some", id=GONE.id))).counts == {}
        elsewhere = replace(posted("9", "hi", who=GONE), where=Address("elsewhere", "Fernhill", "general"))
        await settle(store, elsewhere)
        await store.erase(THEM)
        assert [one.what for one in await store.remembered(Member(platform="elsewhere", id=GONE.id))] == ["hi"]

    async def test_a_moderator_is_forgotten_in_what_they_decided(self, store: Store) -> None:
        await settle(store, posted("1"), verdict=judged(Outcome.ASKED), reviews=[ask("1")])
        decided = Decide(case=1, decision=Decision.APPROVE, by=GONE.name, by_id=GONE.id)
        await settle(store, cause="press", decisions=[decided])
        receipt = await store.erase(THEM)
        case = await store.case(1)
        assert case is not None
        assert (receipt.counts["decisions"], case.decided_by) == (1, "a former member")

    async def test_an_event_can_ask_for_it(self, store: Store) -> None:
        await lived(store)
        asked = replace(ASKED, id="c2", name="forget-me")
        await store.accept(heard(asked), None)
        await store.settle(Settlement(event_key=asked.key, where=GENERAL, erased=[Erase(member=THEM).member]))
        assert await store.remembered(THEM) == []
        assert await store.remembered(Member(platform="somewhere", id=FERN.id)) == []
