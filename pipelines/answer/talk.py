"""What an answer goes on from: the replies that led to the question, or the thread it stands in."""

from __future__ import annotations

from bot.core.event import CommandGiven, MessagePosted
from bot.core.passage import Passage
from bot.core.ports import Context
from pipelines.answer.compose import Spoken

# Farther back, a conversation is about something else.
LONGEST = 12


async def conversation(event: MessagePosted | CommandGiven, context: Context) -> tuple[list[Spoken], list[Passage]]:
    """The turns before the question, oldest first, and those of them that members said."""
    if isinstance(event, CommandGiven):
        return [], []
    spoken, said = await _replies(event, context)
    if spoken or not event.where.thread:
        return spoken, said
    said = [each for each in await context.store.latest(event.where, LONGEST) if each.message_id != event.message_id]
    return [_by(passage) for passage in said], said


async def _replies(event: MessagePosted, context: Context) -> tuple[list[Spoken], list[Passage]]:
    """Only of the same place: what was said elsewhere may have other readers."""
    spoken: list[Spoken] = []
    said: list[Passage] = []
    platform, answered = event.where.platform, event.reply_to
    while answered and len(spoken) < LONGEST:
        passage = next(iter(await context.store.standing(platform, [answered])), None)
        ours = None if passage else await context.store.posted(platform, answered)
        if passage is not None and passage.where == event.where:
            spoken.append(_by(passage))
            said.append(passage)
            answered = passage.reply_to
        elif ours is not None and ours.to == event.where and not ours.whisper_to:
            spoken.append(Spoken(by="", text=ours.text, ours=True))
            answered = ours.reply_to
        else:
            break
    return spoken[::-1], said[::-1]


def _by(passage: Passage) -> Spoken:
    return Spoken(by=passage.author, text=passage.words)
