"""Answers on an emulated server, by a language model over real HTTP that says whatever it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import text_answers
from bot.core.settlement import Settlement
from tests.connectors.discord.stage import shown
from tests.connectors.discord.town import Town, press
from tests.connectors.discord.world import until
from tests.emulators.discord import Emulator
from tests.emulators.discord.call import Request
from tests.emulators.discord.model import Message
from tests.servers.llm import Call, Cut, End, Garbage, LlmServer, Refuse, Say, Step

CANARY = "swordfish"
KNOWN = "to reset the router hold its button for ten seconds, see https://docs.example/reset"
GOOD = "Hold the button for ten seconds [1]."
HOSTILE = [
    "@everyone <@&1> <@1> hold the router button [1]",
    "[router](https://evil.example/?q=router) button [1] ![x](https://evil.example/p.png)",
    "router button [1] https://evil.example/router?q=secret www.evil.example discord://x",
    "router button [1]\n\n[a]: https://evil.example\n\n[a] <https://evil.example>",
    "https://docs.example/reset?q=stolen router button [1]",
    "```\n@everyone https://evil.example/x\n``` router button [1]",
    "router \u202ebutton [1] ht\u200btps://evil.example ｅｖｉｌ.example",
    "# @here\n> <@1>\n- router button [1] " * 30,
]


@pytest.fixture
async def llm() -> AsyncIterator[LlmServer]:
    async with LlmServer() as server:
        yield server


@pytest.fixture
def town(emulator: Emulator, tmp_path: Path, llm: LlmServer) -> Town:
    found = Town.found(emulator, tmp_path)
    found.more = {"OPENAI_BASE_URL": llm.url, "OPENAI_API_KEY": "sk-test", "PARLEY_LLM__MODEL": "tiny"}
    return found


def ask(town: Town, words: str = "how do I reset the router?") -> int:
    return town.server.member.say(town.server.channel, f"<@{_bot(town)}> {words}")


def answer_to(town: Town, question: int) -> Message | None:
    """What the bot said in reply, once it is whole."""
    said = reversed(town.server.emulator.messages(town.server.channel))
    return next((each for each in said if each.replied and each.replied.id == question), None)


async def ended(town: Town, question: int, words: str) -> str:
    def found() -> str:
        there = answer_to(town, question)
        return shown(there) if there and words in shown(there) else ""

    return await until(found)


def sent(town: Town) -> list[Request]:
    emulator = town.server.emulator
    return [each for method in ("POST", "PATCH") for each in emulator.calls(method) if "/messages" in each.template]


async def test_an_answer_is_cited_and_goes_on_in_a_reply(town: Town, llm: LlmServer) -> None:
    server = town.server
    llm.will(Say(GOOD, pause=0.1), Say("Ten seconds, with the button [2]."))
    async with town.running():
        known = server.member.say(server.channel, KNOWN)
        first = ask(town)
        told = await ended(town, first, "1. ")
        assert "Hold the button for ten seconds" in told
        assert str(known) in told
        there = answer_to(town, first)
        assert there is not None
        second = server.member.say(server.channel, "and for how long the button?", reply_to=there.id)
        await ended(town, second, "Ten seconds")
    turns = llm.asked[-1]["messages"]
    assert isinstance(turns, list)
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
    assert server.emulator.refused == []


async def test_whatever_the_model_says_nothing_but_words_comes_out(town: Town, llm: LlmServer) -> None:
    server = town.server
    noise: list[Step] = [Call("ban", '{"user": "1"}', "router button [1]"), Garbage("router"), End("router button [1]")]
    llm.will(*(Say(text) for text in HOSTILE), *noise)
    async with town.running():
        server.member.say(server.channel, KNOWN)
        server.moderator.say(town.review, f"the router word is {CANARY}")
        for _ in range(len(HOSTILE) + len(noise)):
            question = ask(town)
            await until(lambda question=question: _whole(town, question))  # type: ignore[misc]  # mypy cannot infer the default
    assert CANARY not in str(llm.asked)
    for request in sent(town):
        body = request.body
        assert isinstance(body, dict)
        assert body.get("allowed_mentions", {}).get("parse") == [], body
        text = str(body)
        assert "//evil" not in text
        assert "evil.example" not in text.replace("[.]", "")
        assert "stolen" not in text or "docs[.]example" in text.replace("\\\\", "\\").replace("\\", "")
        assert CANARY not in text
    assert not server.emulator.calls("PUT", "/bans/{user_id}")
    assert server.emulator.refused == []


async def test_a_cut_leaves_what_came_with_a_button_to_try_again(town: Town, llm: LlmServer) -> None:
    llm.will(Cut("Hold the router button"), Say(GOOD))
    async with town.running():
        town.server.member.say(town.server.channel, KNOWN)
        question = ask(town)
        told = await ended(town, question, "broke off")
        assert "Hold the router button" in told
        await press(town.server.moderator, answer_to(town, question), text_answers.AGAIN)
        await press(town.server.member, answer_to(town, question), text_answers.AGAIN)
        await ended(town, question, "for ten seconds")
    assert len(llm.asked) == 2


async def test_a_model_that_is_down_leaves_quotes(town: Town, llm: LlmServer) -> None:
    llm.will(Refuse(400, said="no"))
    async with town.running():
        town.server.member.say(town.server.channel, KNOWN)
        told = await ended(town, ask(town), "does not answer")
    assert "hold its button" in told


async def test_a_question_that_is_deleted_has_no_answer(town: Town, llm: LlmServer) -> None:
    llm.will(Say("Hold the router button " * 40, pause=0.05))
    async with town.running() as app:
        town.server.member.say(town.server.channel, KNOWN)
        question = ask(town)
        await until(lambda: answer_to(town, question))
        town.server.member.delete(question)
        await until(lambda: not answer_to(town, question))
        await asyncio.sleep(3)
        await app.store.settle(Settlement())
        assert answer_to(town, question) is None


def _whole(town: Town, question: int) -> bool:
    """The last edit of an answer holds its sources, a sentence of ours, or a button."""
    there = answer_to(town, question)
    if there is None:
        return False
    text = shown(there)
    return "1. " in text or text_answers.NOT_KNOWN[:12] in text or bool(there.components)


def _bot(town: Town) -> int:
    return town.server.emulator.bot_member(town.server.guild).user.id
