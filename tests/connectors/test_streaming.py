"""Texts that grow by edits, without a second of real time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from bot.core.address import Address
from bot.core.effect import Button, Draft, Post
from bot.core.errors import BotError, RateLimited, Rejected, Transient
from bot.core.stored import Receipt
from connectors.streaming import Editor

HERE = Address("somewhere", "s", "c")


@dataclass(slots=True)
class Stage:
    """A screen that writes down what is shown when, and a clock that only sleeping moves."""

    now: float = 0.0
    shown: list[tuple[float, str, str]] = field(default_factory=list)
    errors: list[BotError] = field(default_factory=list)
    hints: int = 0

    def clock(self) -> float:
        return self.now

    async def sleep(self, pause_s: float) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        self.now += pause_s

    async def hint(self, draft: Draft) -> None:
        self.hints += 1

    async def begin(self, draft: Draft) -> str:
        self._show(f"begin {draft.stream}", draft.text)
        return f"id of {draft.stream}"

    async def change(self, draft: Draft, message_id: str) -> None:
        assert message_id == f"id of {draft.stream}"
        self._show(f"change {draft.stream}", draft.text)

    async def withdraw(self, draft: Draft, message_id: str) -> None:
        self._show(f"withdraw {draft.stream}", message_id)

    async def end(self, post: Post, message_id: str, key: str) -> Receipt:
        self._show(f"end {post.stream}", post.text)
        return Receipt(message_id or f"id of {post.stream}")

    def _show(self, what: str, text: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append((self.now, what, text))


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest_asyncio.fixture
async def editor(stage: Stage) -> AsyncIterator[Editor]:
    made = Editor(stage, interval_s=1.0, limit=20, clock=stage.clock, sleep=stage.sleep)
    yield made
    await made.close()


def draft(text: str, stream: str = "a") -> Draft:
    return Draft(to=HERE, text=text, stream=stream, reply_to=f"question of {stream}")


def post(text: str, stream: str = "a", buttons: tuple[Button, ...] = ()) -> Post:
    return Post(to=HERE, text=text, stream=stream, buttons=buttons)


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_only_the_latest_text_is_shown_and_the_whole_one_last(stage: Stage, editor: Editor) -> None:
    editor.show(draft("one"))
    await settle()
    for text in ("one two", "one two three", "one two three four"):
        editor.show(draft(text))
    receipt = await editor.finish(post("the end"), "key")
    assert receipt == Receipt("id of a")
    assert stage.shown == [(0, "begin a", "one"), (1, "end a", "the end")]


async def test_edits_keep_their_distance(stage: Stage, editor: Editor) -> None:
    for text in ("one", "one two", "one two three"):
        editor.show(draft(text))
        await asyncio.sleep(0)
        await settle()
    assert [at for at, _, _ in stage.shown] == [0, 1, 2]


async def test_whole_texts_go_before_growing_ones(stage: Stage, editor: Editor) -> None:
    editor.show(draft("first"))
    await settle()
    editor.show(draft("of b", "b"))
    await editor.finish(post("of c", "c"), "key")
    await settle()
    assert [what for _, what, _ in stage.shown] == ["begin a", "end c", "begin b"]


async def test_streams_take_turns(stage: Stage, editor: Editor) -> None:
    for number in range(6):
        editor.show(draft(f"a {number}"))
        editor.show(draft(f"b {number}", "b"))
        await settle()
    assert [what[-1] for _, what, _ in stage.shown[:6]] == ["a", "b"] * 3


async def test_no_text_is_shown_twice(stage: Stage, editor: Editor) -> None:
    for _ in range(3):
        editor.show(draft("same"))
        await settle()
    assert await editor.finish(post("same"), "key") == Receipt("id of a")
    assert [what for _, what, _ in stage.shown] == ["begin a"]


async def test_buttons_are_worth_an_edit(stage: Stage, editor: Editor) -> None:
    editor.show(draft("same"))
    await settle()
    await editor.finish(post("same", buttons=(Button("b", "B", "b"),)), "key")
    assert [what for _, what, _ in stage.shown] == ["begin a", "end a"]


async def test_a_text_without_drafts_is_simply_said(stage: Stage, editor: Editor) -> None:
    await editor.finish(post("all"), "key")
    assert stage.shown == [(0, "end a", "all")]
    assert editor.idle


async def test_a_draft_never_outgrows_a_message(stage: Stage, editor: Editor) -> None:
    editor.show(draft("word " * 20))
    await settle()
    assert len(stage.shown[0][2]) <= 20


async def test_typing_is_shown_until_there_is_a_text(stage: Stage, editor: Editor) -> None:
    editor.show(draft(""))
    editor.show(draft(""))
    while stage.hints < 3:
        await settle()
    editor.show(draft("so"))
    await settle()
    before = stage.hints
    await settle()
    assert stage.hints <= before + 1
    assert [what for _, what, _ in stage.shown] == ["begin a"]


async def test_the_platforms_pause_is_kept(stage: Stage, editor: Editor) -> None:
    stage.errors = [RateLimited(7)]
    editor.show(draft("one"))
    await settle()
    await editor.finish(post("the end"), "key")
    assert stage.shown == [(7, "end a", "the end")]


@pytest.mark.parametrize("error", [Transient("later"), RateLimited(3)])
async def test_the_end_can_be_asked_for_again(stage: Stage, editor: Editor, error: BotError) -> None:
    editor.show(draft("one"))
    await settle()
    stage.errors = [error]
    with pytest.raises(Transient):
        await editor.finish(post("the end"), "key")
    editor.show(draft("late"))
    assert await editor.finish(post("the end"), "key") == Receipt("id of a")
    assert [what for _, what, _ in stage.shown] == ["begin a", "end a"]


async def test_a_refused_end_is_told(stage: Stage, editor: Editor) -> None:
    stage.errors = [Rejected("no")]
    with pytest.raises(Rejected):
        await editor.finish(post("the end"), "key")
    assert editor.idle


async def test_a_text_that_was_taken_away_grows_no_more(stage: Stage, editor: Editor) -> None:
    editor.show(draft("one"))
    await settle()
    stage.errors = [Rejected("gone")]
    editor.show(draft("one two"))
    await settle()
    editor.show(draft("one two three"))
    await settle()
    assert [what for _, what, _ in stage.shown] == ["begin a"]


async def test_an_answer_whose_question_is_gone_is_taken_away(stage: Stage, editor: Editor) -> None:
    editor.show(draft("one"))
    editor.show(draft("other", "b"))
    await settle()
    editor.question_gone("question of a")
    editor.show(draft("one two"))
    await settle()
    assert await editor.finish(post("the end"), "key") == Receipt(gone=True)
    assert await editor.finish(post("the end", "b"), "key") == Receipt("id of b")
    assert [what for _, what, _ in stage.shown] == ["begin a", "begin b", "withdraw a", "end b"]


async def test_an_answer_that_was_not_begun_is_not_begun(stage: Stage, editor: Editor) -> None:
    editor.show(draft(""))
    editor.question_gone("question of a")
    assert await editor.finish(post("the end"), "key") == Receipt(gone=True)
    assert stage.shown == []


async def test_stopping_tells_whoever_waits(stage: Stage) -> None:
    async def never(pause_s: float) -> None:
        await asyncio.Event().wait()

    editor = Editor(stage, interval_s=1.0, limit=20, clock=stage.clock, sleep=never)
    await editor.finish(post("one", "z"), "key")
    waiting = asyncio.create_task(editor.finish(post("two"), "key"))
    await settle()
    await editor.close()
    with pytest.raises(Transient):
        await waiting
