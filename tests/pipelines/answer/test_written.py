"""A question in, drafts and an answer out, whatever the model does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import text, text_answers
from bot.core.action import Action, Later, Spend
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.effect import Draft, Post
from bot.core.errors import ModelFailed
from bot.core.event import Event
from bot.core.llm import Speaker, Tool, Turn
from bot.core.passage import Passage
from bot.core.ports import Readers
from bot.core.stored import Job
from pipelines.answer.asked import Asked
from pipelines.answer.graph import Steps, write
from pipelines.answer.jobs import ANSWER, SOON, USUAL, Answering
from pipelines.answer.pipeline import Answers
from pipelines.answer.purse import Purse
from pipelines.answer.writing import Written
from tests.pipelines.answer.test_guard import TEXTS, harmless
from tests.pipelines.build import BOB, LOBBY, OFFICE, all_of, asked, pressed, said, taken_away
from tests.pipelines.fakes import NOON, House

CAN = Capabilities(max_text=2000, ephemeral=True, name="the lobby", link="https://chat.example/{message}")
QUESTION = said("@parley how do I reset the router?", mentions_bot=True)
FEW = Readers(members=frozenset({"u1", "u2"}))


@dataclass(slots=True)
class FakeModel:
    """Says its pieces; an exception among them is raised, something to call is called."""

    pieces: Sequence[str | Exception | Callable[[], object]]
    read: list[Sequence[Turn]] = field(default_factory=list)

    name: str = "fake"
    window: int = 8_192

    async def complete(self, turns: Sequence[Turn], *, limit: int | None = None) -> str:
        raise NotImplementedError

    async def fill(self, turns: Sequence[Turn], schema: Mapping[str, object], *, limit: int | None = None) -> object:
        raise NotImplementedError

    async def choose(self, turns: Sequence[Turn], options: Sequence[str]) -> str:
        raise NotImplementedError

    async def close(self) -> None:
        self.pieces = ()

    async def stream(
        self, turns: Sequence[Turn], *, tools: Sequence[Tool] = (), limit: int | None = None
    ) -> AsyncIterator[str]:
        self.read.append(turns)
        for piece in self.pieces:
            await asyncio.sleep(0)
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, str):
                yield piece
            else:
                piece()
                yield " "


def passage(words: str, message_id: str = "m5", where: Address = LOBBY, author: str = "Bob_") -> Passage:
    return Passage(where=where, message_id=message_id, author=author, at=NOON, words=words, rank=1.0)


RESET = passage("hold the router button for ten seconds to reset it")
SOURCE = "Bob\\_ in [the lobby](<https://chat.example/m5>), 1 January 2030"
GOOD = "Hold the button for ten seconds [1]."
RIGHT = f"Hold the button for ten seconds \\[1\\]\\.\n\n1. {SOURCE}"


def house(*known: Passage, event: Event = QUESTION, **audiences: Readers) -> House:
    places = {"lobby": LOBBY, "office": OFFICE}
    by_place = {str(places[name]): readers for name, readers in audiences.items()}
    return House(heard=[event], known=known, audiences=by_place, can=CAN)


async def actions(at: House, model: FakeModel, key: str = "test:e1") -> list[Action]:
    """Without what it cost."""
    done = await all_of(Answering(model=model).answer(Job(name=ANSWER, key=key), at.context))
    return [action for action in done if not isinstance(action, Spend)]


async def final(at: House, *pieces: str | Exception | Callable[[], object], key: str = "test:e1") -> Post:
    *drafts, last = await actions(at, FakeModel(pieces), key)
    assert all(isinstance(draft, Draft) for draft in drafts)
    assert isinstance(last, Post)
    return last


async def test_an_answer_grows_and_ends_with_its_sources() -> None:
    model = FakeModel(["Hold the ", "button for ten seconds [1]."])
    assert await actions(house(RESET), model) == [
        Draft(to=LOBBY, text="Hold the", stream="test:e1", reply_to="m1"),
        Post(to=LOBBY, text=RIGHT, stream="test:e1", reply_to="m1"),
    ]
    (turns,) = model.read
    assert [turn.speaker for turn in turns] == [Speaker.SYSTEM, Speaker.USER]
    assert "[1] Bob_ on 2030-01-01: hold the router button" in turns[-1].text
    assert turns[-1].text.endswith("Question: @parley how do I reset the router?")


async def test_the_asker_alone_sees_a_private_answer_and_no_drafts() -> None:
    given_ = asked("ask", ("question", "reset the router"), who=BOB)
    at = house(replace(RESET, where=OFFICE), event=given_, office=Readers(members=frozenset({"u2"})))
    whispered = Post(to=LOBBY, text=RIGHT, whisper_to="u2")
    assert await actions(at, FakeModel([GOOD]), "test:e5") == [whispered]


async def test_the_model_never_reads_what_the_audience_may_not() -> None:
    model = FakeModel([GOOD])
    secret = passage("reset the router with the word swordfish", "m6", OFFICE)
    await actions(house(RESET, secret, office=FEW), model)
    assert "swordfish" not in str(model.read)
    assert (await final(house(secret, office=FEW), GOOD)).text == text.NOTHING_KNOWN


@pytest.mark.parametrize(
    "claim", ["UNKNOWN", "The moon is made of cheese [1].", "The router says no.", "", "UNKNOWN [1]"]
)
async def test_without_support_it_does_not_know(claim: str) -> None:
    nearest = f"> hold the router button for ten seconds to reset it\n\n— {SOURCE}"
    wanted = f"{text_answers.NOT_KNOWN}\n\n{text_answers.MAYBE_THIS}\n\n{nearest}"
    assert (await final(house(RESET), claim)).text == wanted


async def test_without_sources_the_model_is_not_asked() -> None:
    model = FakeModel([GOOD])
    (told,) = await actions(house(), model)
    assert isinstance(told, Post)
    assert (told.text, model.read) == (text.NOTHING_KNOWN, [])


async def test_a_greeting_needs_no_model() -> None:
    model = FakeModel([])
    (told,) = await actions(house(event=said("hello @parley", mentions_bot=True)), model)
    assert isinstance(told, Post)
    assert (told.text, model.read) == (text_answers.HELLO, [])


async def test_what_was_received_stays_and_can_be_tried_again() -> None:
    told = await final(house(RESET), "Hold the button for ten", ModelFailed("cut"))
    assert told.text == f"Hold the button for ten\n\n{text_answers.INCOMPLETE}"
    (again,) = told.buttons
    assert again.label == text_answers.AGAIN
    press = pressed(again.id, who=QUESTION.who, where=LOBBY)
    assert await all_of(Answers()(press, house().context)) == [Later(job=ANSWER, key="1|test:e1", at=NOON)]
    retried = await final(house(RESET), GOOD, key="1|test:e1")
    assert (retried.text, retried.stream, retried.buttons) == (RIGHT, "1|test:e1", ())


async def test_only_the_asker_has_it_tried_again() -> None:
    press = pressed("answer.again:1|test:e1", who=BOB, where=LOBBY)
    told = Post(to=LOBBY, text=text_answers.NOT_YOURS, whisper_to="u2")
    assert await all_of(Answers()(press, house().context)) == [told]
    assert await all_of(Answers()(replace(press, button_id="answer.again:1|test:other"), house().context)) == [told]


async def test_a_model_that_is_silent_leaves_the_words_of_those_who_said_it() -> None:
    told = await final(house(RESET), ModelFailed("busy"))
    assert told.text.startswith(f"{text_answers.MODEL_SILENT}\n\n> hold the router button")
    assert len(told.buttons) == 1


async def test_a_question_that_is_taken_away_meanwhile_has_no_answer() -> None:
    at = house(RESET)

    def delete() -> None:
        at.heard = [QUESTION, taken_away()]

    assert await actions(at, FakeModel(["Hold the ", delete, "button"])) == [
        Draft(to=LOBBY, text="Hold the", stream="test:e1", reply_to="m1")
    ]


async def test_a_source_that_goes_or_narrows_meanwhile_takes_the_answer_with_it() -> None:
    at = house(RESET)
    assert (await final(at, GOOD, lambda: setattr(at, "known", []))).text == text_answers.WITHHELD
    at = house(RESET)
    changed = replace(RESET, words="never mind")
    assert (await final(at, GOOD, lambda: setattr(at, "known", [changed]))).text == text_answers.WITHHELD
    at = house(replace(RESET, where=OFFICE))
    assert (await final(at, GOOD, lambda: setattr(at, "audiences", {str(OFFICE): FEW}))).text == text_answers.WITHHELD


async def test_what_is_private_goes_to_people_not_to_the_model() -> None:
    model = FakeModel(["Write to ⟦email 1⟧ about the router [1]."])
    known = passage("about the router write to ann@mail.example, password: hunter22")
    *_, told = await actions(house(known), model)
    assert "ann@mail.example" not in str(model.read)
    assert "hunter22" not in str(model.read)
    assert isinstance(told, Post)
    assert "ann" in told.text


async def test_the_conversation_is_what_was_replied_to() -> None:
    ours = Post(to=LOBBY, text="Hold the button\\.", reply_to="m2", stream="x")
    follow_up = said("and how long?", reply_to="p1", mentions_bot=True)
    at = house(RESET, passage("how do I reset the router?", "m2", author="Ann"), event=follow_up)
    at.ours = {"p1": ours, "p2": replace(ours, whisper_to="u2")}
    model = FakeModel([GOOD.replace("[1]", "[2]")])
    *_, told = await actions(at, model)
    (turns,) = model.read
    assert [(turn.speaker, turn.text) for turn in turns[1:-1]] == [
        (Speaker.USER, "Ann: how do I reset the router?"),
        (Speaker.ASSISTANT, "Hold the button\\."),
    ]
    assert isinstance(told, Post)
    assert told.text == RIGHT
    at.heard = [said("how do I reset the router?", reply_to="p2", mentions_bot=True)]
    model = FakeModel([GOOD])
    await actions(at, model)
    assert [len(turns) for turns in model.read] == [2]


async def test_a_reply_to_an_answer_goes_on_with_it() -> None:
    at = house()
    at.ours = {"p1": Post(to=LOBBY, text="yes", stream="x"), "p2": Post(to=LOBBY, text="removed")}
    plain = said("and then?")
    heard = [await all_of(Answers()(replace(plain, reply_to=to), at.context)) for to in ("", "p1", "p2", "p3")]
    assert [bool(actions) for actions in heard] == [False, True, False, False]


async def test_a_member_has_one_answer_at_a_time() -> None:
    second = replace(QUESTION, id="e9", message_id="m9")
    at = house(RESET)
    at.heard = [QUESTION, second]
    answering = Answering(model=FakeModel([GOOD]))
    first = answering.answer(Job(name=ANSWER, key="test:e1"), at.context)
    assert isinstance(await anext(first), Draft)
    waits = await all_of(answering.answer(Job(name=ANSWER, key="test:e9"), at.context))
    assert waits == [Later(job=ANSWER, key="test:e9", at=NOON + SOON)]
    assert [type(action) for action in await all_of(first)] == [Post, Spend]
    again = await all_of(answering.answer(Job(name=ANSWER, key="test:e9"), at.context))
    assert [type(action) for action in again] == [Draft, Post, Spend]


CANARY = "swordfish"


@given(st.lists(st.one_of(TEXTS, st.just(GOOD), st.just(" [1]"), st.sampled_from([ModelFailed("cut")])), max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_model_says_only_words_come_out(pieces: list[str | Exception]) -> None:
    """I1, I2, I3 and I4: replies to the question alone, no ways out, nothing of what is not for everybody."""

    async def run() -> None:
        secrets = [
            passage(f"the router word is {CANARY}", "m6", OFFICE),
            passage(CANARY, "m7", replace(LOBBY, space="x")),
        ]
        at = house(RESET, *secrets, office=FEW)
        model = FakeModel(pieces)
        for action in await actions(at, model):
            assert isinstance(action, Draft | Post)
            assert (action.to, action.reply_to, action.stream) == (LOBBY, "m1", "test:e1")
            ours = action.text.replace(SOURCE, "")
            harmless(ours)
            assert CANARY not in action.text
        assert CANARY not in str(model.read)

    asyncio.run(run())


async def test_an_answer_without_end_is_cut() -> None:
    told = await final(house(RESET), *([GOOD] * 3_000))
    assert len(told.text) < 12_000
    assert text_answers.INCOMPLETE in told.text


async def test_an_answer_that_takes_too_long_is_incomplete() -> None:
    ticks = iter(range(0, 10_000, 50))
    at = house(RESET)
    steps = Steps(
        context=at.context,
        model=FakeModel(["Hold the button for ten seconds [1]."] * 20),
        embedder=None,
        budget=USUAL,
        purse=Purse(),
        monotonic=lambda: float(next(ticks)),
    )
    *_, last = [part async for part in write(await Asked.of(QUESTION, "test:e1", at.context), steps)]
    assert isinstance(last, Written)
    assert last.failure == "slower than it may be"
    assert last.text.startswith("Hold the button")
