"""What is said in the end: an answer with its sources, or what was said in the words of those who said it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never
from urllib.parse import quote

from bot import text as house
from bot import text_answers as text
from bot.core.action import Action
from bot.core.effect import Button, Post
from bot.core.markdown import called, literal, quoted
from bot.core.passage import Passage
from bot.core.ports import Context
from pipelines.answer.again import button
from pipelines.answer.asked import Asked, Standing
from pipelines.answer.passages import SHOWN
from pipelines.answer.writing import Kind, Written

MAX_QUOTE: Final = 300


def reply(asked: Asked, said: str, buttons: tuple[Button, ...] = ()) -> Post:
    """To everybody there, or to the asker alone; the end of its drafts, if there were any."""
    event = asked.event
    whisper_to, stream = (event.who.id, "") if asked.private else ("", asked.name)
    return Post(
        to=event.where, text=said, reply_to=event.message_id, buttons=buttons, whisper_to=whisper_to, stream=stream
    )


async def extract(asked: Asked, passages: Sequence[Passage], context: Context) -> str:
    """The passages themselves, and that there is no model."""
    if not passages:
        return house.NOTHING_FOR_YOU if asked.private else house.NOTHING_KNOWN
    return await _quotes(house.WHAT_WAS_SAID, passages, context)


async def shown(asked: Asked, written: Written, context: Context) -> Sequence[Action]:
    """Nothing where the question was taken away; an offer to try again where the model broke off."""
    if await asked.taken_away(context) or written.standing is Standing.UNASKED:
        return ()
    buttons = button(asked.name) if written.failure else ()
    return [reply(asked, await _said(asked, written, context), buttons)]


async def _said(asked: Asked, written: Written, context: Context) -> str:
    match written.kind:
        case Kind.HELLO:
            return text.HELLO
        case Kind.THANKS:
            return text.THANKS
        case Kind.QUESTION:
            return await _answer(asked, written, context)
        case _:
            assert_never(written.kind)


async def _answer(asked: Asked, written: Written, context: Context) -> str:
    if written.standing is Standing.NARROWER:
        return text.WITHHELD
    if written.over is not None:
        return await _quotes(text.over_budget(written.over), written.near[:SHOWN], context)
    if written.failure and not written.text:
        return (
            await _quotes(text.MODEL_SILENT, written.near[:SHOWN], context) if written.near else text.SILENT_AND_NOTHING
        )
    if not written.named and not written.failure:
        return await _unknown(asked, written, context)
    lines = [await source(passage, context) for passage in written.named]
    parts = [written.text, text.INCOMPLETE if written.failure else "", text.sources(lines)]
    return "\n\n".join(filter(None, parts))


async def _unknown(asked: Asked, written: Written, context: Context) -> str:
    """Nothing that the model says without support is shown."""
    if not written.near:
        return house.NOTHING_FOR_YOU if asked.private else house.NOTHING_KNOWN
    return await _quotes(f"{text.NOT_KNOWN}\n\n{text.MAYBE_THIS}", written.near[:1], context)


async def _quotes(head: str, passages: Sequence[Passage], context: Context) -> str:
    quotes = [f"{quoted(each.words, MAX_QUOTE)}\n\n— {await source(each, context)}" for each in passages]
    return "\n\n".join([head, *quotes])


async def source(passage: Passage, context: Context) -> str:
    """Who said it, where and when, with a link."""
    if not passage.message_id:
        return text.REMEMBERED_FOR_YOU
    can = await context.capabilities(passage.where)
    link = can.link.replace("{message}", quote(passage.message_id, safe="$"))
    return house.source(called(passage.author), literal(can.name or passage.where.channel), link, passage.at)
