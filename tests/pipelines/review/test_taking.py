"""What moderators point at: taking any message away, and a member's history."""

from __future__ import annotations

from bot import text
from bot.core.action import Action, AskReview, Decide
from bot.core.case import Case
from bot.core.effect import Post
from bot.core.event import Role
from bot.core.evidence import Decision, Evidence
from bot.core.settlement import Outcome
from pipelines.review.pipeline import Review
from tests.pipelines.build import LOBBY, MO, OFFICE, all_of, asked, case, found, policy, removal, said
from tests.pipelines.fakes import House

REVIEW = Review(lambda _: policy())
TAKING = [
    AskReview(about=LOBBY, message_id="m1", evidence=Evidence(), review_room=OFFICE, quiet=True),
    Decide(case=0, about="test:m1", decision=Decision.REMOVE, by="Mo", by_id=MO.id, effects=removal()),
    Post(to=LOBBY, text=text.TAKING, whisper_to=MO.id),
]


def house(*cases: Case, ann: Role = Role.MEMBER, mo: Role = Role.MODERATOR) -> House:
    roles = {("test/home", MO.id): mo, ("test/home", "u1"): ann}
    return House(cases=cases, messages={"test:m1": found(said("you idiot"), Outcome.APPROVED)}, roles=roles)


async def delete(at: House, message: str = "m1") -> list[Action]:
    return await all_of(REVIEW.delete(asked("delete", ("message", message)), at.context))


def whispered(words: str) -> list[Action]:
    return [Post(to=LOBBY, text=words, whisper_to=MO.id)]


async def test_a_message_without_a_case_gets_one_that_is_closed() -> None:
    assert await delete(house()) == TAKING
    assert await delete(house(), "https://chat.example/home/lobby/m1") == TAKING


async def test_what_was_approved_is_taken_away_after_all() -> None:
    again, *_ = await delete(house(case(decision=Decision.APPROVE)))
    assert isinstance(again, AskReview)
    assert again.problem == text.REMOVED_AFTER_ALL


async def test_an_open_case_is_decided() -> None:
    decided, _ = await delete(house(case()))
    assert isinstance(decided, Decide)
    assert (decided.case, decided.decision) == (1, Decision.REMOVE)


async def test_only_moderators_take_away_and_never_from_each_other() -> None:
    assert await delete(house(mo=Role.MEMBER)) == whispered(text.NOT_A_MODERATOR)
    assert await delete(house(ann=Role.OWNER)) == whispered(text.MODERATORS_ARE_IMMUNE)
    assert await delete(house(), "m2") == whispered(text.NO_SUCH_MESSAGE)


async def test_a_members_history_is_for_moderators_of_all_of_it() -> None:
    given = asked("history", ("member", "u1"))
    (told,) = await all_of(REVIEW.history(given, house(case(), case(2, decision=Decision.REMOVE)).context))
    assert isinstance(told, Post)
    assert told.text.startswith("Ann: 0 messages, 0 removed, 0 asked about.\nWaiting for a decision:\n- **1** Ann")
    assert "**2**" not in told.text
    assert await all_of(REVIEW.history(given, house(mo=Role.MEMBER).context)) == whispered(text.NOT_THEIR_COMMUNITY)
