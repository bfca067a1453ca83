"""The contract of every connector: what it claims it does, what it does not claim it refuses by its right name."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Protocol

import pytest

from bot.core.address import Address
from bot.core.capability import Capabilities, Streaming
from bot.core.effect import (
    Button,
    ClosePoll,
    Delete,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Penalty,
    Post,
    React,
    Restrict,
)
from bot.core.errors import BotError, Unsupported
from bot.core.event import Role
from bot.core.ports import Connector
from bot.core.stored import Receipt

NASTY = {
    "lone surrogate": "a \ud83d b",
    "NUL": "a \0 b",
    "escape sequences": "\x1b]0;title\x07\x1b[2J\x9b31m",
    "text that runs backwards": "\u202egnp.exe\u2066\u2029",
    "combining marks": "e" + "\u0301" * 40_000,
    "megabytes": "4" * 4_000_000,
    "nested Markdown": "> " * 900 + "**_`" * 200,
    "nothing": "",
    "white space": " \n\t ",
}
APPROVE = Button("approve", "Approve", "✅")


class Stage(Protocol):
    """A connector at work, and the eyes of somebody in its room.

    What is asked here is asked after an effect was performed: where a platform takes its time, wait for it inside.
    """

    @property
    def connector(self) -> Connector: ...
    @property
    def room(self) -> Address:
        """A room in which Parley may do everything the connector claims."""
        ...

    @property
    def member(self) -> str:
        """The id of a plain member of the room."""
        ...

    @property
    def moderator(self) -> str:
        """The id of a moderator of the room."""
        ...

    async def say(self, text: str) -> str:
        """Let the member say something; the id of the message."""
        ...

    async def texts(self) -> list[str]:
        """What the member reads in the room, oldest first, each message as it stands and none that is gone."""
        ...

    async def overhears(self, text: str) -> bool:
        """Whether somebody to whom it was not whispered can read the text."""
        ...

    async def restricted(self, penalty: Penalty) -> bool:
        """Whether the member is under that penalty."""
        ...


@pytest.mark.asyncio
class ConnectorContract:
    """Inherit, and give a fixture `stage`; nothing else is needed."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError

    @pytest.fixture
    def perform(self, stage: Stage) -> Performing:
        return Performing(stage.connector)

    async def test_a_post_can_be_read(self, stage: Stage, perform: Performing) -> None:
        receipt = await perform(Post(to=stage.room, text="hello"))
        assert receipt.message_id
        assert not receipt.gone
        assert await stage.texts() == ["hello"]

    async def test_the_longest_text_that_is_claimed_arrives_whole(self, stage: Stage, perform: Performing) -> None:
        longest = "x" * (await _can(stage)).max_text
        await perform(Post(to=stage.room, text=longest))
        assert await stage.texts() == [longest]

    async def test_what_was_posted_can_be_edited(self, stage: Stage, perform: Performing) -> None:
        message_id = (await perform(Post(to=stage.room, text="first"))).message_id
        await perform(Edit(to=stage.room, message_id=message_id, text="second"))
        assert await stage.texts() == ["second"]

    async def test_a_growing_answer_stays_one_message(self, stage: Stage, perform: Performing) -> None:
        if (await _can(stage)).streaming is not Streaming.EDITS:
            pytest.skip("not claimed")
        message_id = (await perform(Post(to=stage.room, text="one"))).message_id
        for text in ("one two", "one two three"):
            await perform(Edit(to=stage.room, message_id=message_id, text=text))
        assert await stage.texts() == ["one two three"]

    async def test_what_was_posted_can_be_deleted(self, stage: Stage, perform: Performing) -> None:
        message_id = (await perform(Post(to=stage.room, text="oops"))).message_id
        await perform(Delete(to=stage.room, message_ids=(message_id,), reason="a slip"))
        assert await stage.texts() == []

    async def test_the_words_of_others_can_be_deleted(self, stage: Stage, perform: Performing) -> None:
        if not (await _can(stage)).can_delete_others:
            pytest.skip("not claimed")
        message_id = await stage.say("spam")
        assert await stage.texts() == ["spam"]
        await perform(Delete(to=stage.room, message_ids=(message_id,), reason="spam"))
        assert await stage.texts() == []

    async def test_as_many_as_are_claimed_go_at_once(self, stage: Stage, perform: Performing) -> None:
        can = await _can(stage)
        if not can.can_delete_others or can.bulk_delete < 2:
            pytest.skip("not claimed")
        ids = [await stage.say(f"spam {number}") for number in range(min(can.bulk_delete, 100))]
        await perform(Delete(to=stage.room, message_ids=tuple(ids), reason="a flood"))
        assert await stage.texts() == []

    async def test_what_is_gone_already_is_no_error(self, stage: Stage, perform: Performing) -> None:
        message_id = (await perform(Post(to=stage.room, text="oops"))).message_id
        for _ in range(2):
            await perform(Delete(to=stage.room, message_ids=(message_id,), reason="a slip"))
        assert await stage.texts() == []

    async def test_a_reaction_is_accepted(self, stage: Stage, perform: Performing) -> None:
        message_id = await stage.say("good news")
        assert not (await perform(React(to=stage.room, message_id=message_id, reaction="👍"))).gone

    async def test_as_many_buttons_as_are_claimed_fit(self, stage: Stage, perform: Performing) -> None:
        if not (can := await _can(stage)).buttons:
            pytest.skip("not claimed")
        buttons = tuple(Button(f"b{n}", f"Button {n}", f"{n}\ufe0f\u20e3") for n in range(1, can.buttons + 1))
        message_id = (await perform(Post(to=stage.room, text="choose", buttons=buttons))).message_id
        await perform(Edit(to=stage.room, message_id=message_id, text="chosen", buttons=()))
        assert len(await stage.texts()) == 1

    async def test_a_whisper_is_for_one_reader(self, stage: Stage, perform: Performing) -> None:
        if not (await _can(stage)).ephemeral:
            pytest.skip("not claimed")
        await perform(Post(to=stage.room, text="between us", whisper_to=stage.member))
        assert not await stage.overhears("between us")

    @pytest.mark.parametrize("penalty", Penalty)
    async def test_a_penalty_is_done_if_it_was_claimed(
        self, stage: Stage, perform: Performing, penalty: Penalty
    ) -> None:
        if penalty not in (await _can(stage)).penalties:
            pytest.skip("not claimed")
        assert not await stage.restricted(penalty)
        await perform(Restrict(to=stage.room, user_id=stage.member, penalty=penalty, reason="flooding"))
        assert await stage.restricted(penalty)

    @pytest.mark.parametrize("penalty", [Penalty.TIMEOUT, Penalty.BAN])
    async def test_a_penalty_is_taken_back(self, stage: Stage, perform: Performing, penalty: Penalty) -> None:
        if penalty not in (await _can(stage)).penalties:
            pytest.skip("not claimed")
        await perform(Restrict(to=stage.room, user_id=stage.member, penalty=penalty, reason="flooding"))
        lift = Lift(to=stage.room, user_id=stage.member, penalty=penalty, reason="a mistake")
        assert not (await perform(lift)).gone
        assert not await stage.restricted(penalty)
        await perform(lift)

    async def test_the_same_key_shows_once(self, stage: Stage, perform: Performing) -> None:
        if not (await _can(stage)).deduplicates_sends:
            pytest.skip("not claimed")
        receipts = [await perform(Post(to=stage.room, text="once"), key="same") for _ in range(2)]
        assert receipts[0] == receipts[1]
        assert await stage.texts() == ["once"]

    async def test_two_keys_show_twice(self, stage: Stage, perform: Performing) -> None:
        first, second = [await perform(Post(to=stage.room, text="again")) for _ in range(2)]
        assert first.message_id != second.message_id
        assert await stage.texts() == ["again", "again"]

    async def test_what_was_not_claimed_is_unsupported(self, stage: Stage, perform: Performing) -> None:
        for effect in _beyond(stage, await _can(stage)):
            with pytest.raises(Unsupported):
                await perform(effect)
        assert await stage.texts() == []

    @pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
    async def test_no_text_raises_anything_but_our_errors(self, stage: Stage, perform: Performing, text: str) -> None:
        own = (await perform(Post(to=stage.room, text="fine"))).message_id
        for effect in _with(text, own, stage):
            try:
                await perform(effect)
            except BotError as error:
                assert str(error)  # noqa: PT017 - either outcome is right, an error without a sentence is not

    async def test_roles_are_told_apart(self, stage: Stage) -> None:
        assert await stage.connector.role(stage.room, stage.moderator) >= Role.MODERATOR
        assert await stage.connector.role(stage.room, stage.member) < Role.MODERATOR
        assert await stage.connector.role(stage.room, "nobody-by-that-name") < Role.MODERATOR

    async def test_those_who_are_here_can_read(self, stage: Stage) -> None:
        readers = await stage.connector.readers(stage.room)
        assert readers.everyone or {stage.member, stage.moderator} <= readers.members


class Performing:
    """Performs effects, each under a key of its own unless one is given."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._keys = (f"key-{number}" for number in count(1))

    async def __call__(self, effect: Effect, key: str = "") -> Receipt:
        return await self._connector.perform(effect, key=key or next(self._keys), cookie="")


async def _can(stage: Stage) -> Capabilities:
    return await stage.connector.capabilities(stage.room)


def _beyond(stage: Stage, can: Capabilities) -> list[Effect]:
    """One effect for each thing that this place does not claim."""
    to = stage.room
    effects: list[Effect] = [Post(to=to, text="x" * (can.max_text + 1))]
    effects.append(Post(to=to, text="choose", buttons=(APPROVE,) * (can.buttons + 1)))
    effects += [
        Restrict(to=to, user_id=stage.member, penalty=penalty, reason="flooding")
        for penalty in Penalty
        if penalty not in can.penalties
    ]
    effects += [
        Lift(to=to, user_id=stage.member, penalty=penalty, reason="a mistake")
        for penalty in Penalty
        if penalty not in can.penalties or penalty is Penalty.KICK
    ]
    if can.polls is None:
        effects.append(OpenPoll(to=to, question="Tea?", options=("yes", "no"), lasts=timedelta(hours=1)))
        effects.append(ClosePoll(to=to, message_id="1"))
    if not can.threads:
        effects.append(OpenThread(to=to, title="Tea"))
    if not can.ephemeral:
        effects.append(Post(to=to, text="between us", whisper_to=stage.member))
    return effects


def _with(text: str, own: str, stage: Stage) -> list[Effect]:
    """The text wherever an effect can carry one."""
    return [
        Post(to=stage.room, text=text, buttons=(Button("b", text[:75], text[:8]),)),
        Post(to=stage.room, text="hello", reply_to=text[:255], whisper_to=text[:255]),
        Edit(to=stage.room, message_id=own, text=text),
        React(to=stage.room, message_id=own, reaction=text[:64]),
        Delete(to=stage.room, message_ids=(own,), reason=text),
        Restrict(to=stage.room, user_id=text[:255], penalty=Penalty.TIMEOUT, reason=text),
    ]
