"""Votes are counted, polls opened and ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import text, text_polls
from bot.core.action import Action, EndPoll, Later, Vote
from bot.core.capability import VOTE, Capabilities
from bot.core.effect import ClosePoll, OpenPoll
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Event,
    Message,
    MessagePosted,
    PollEnded,
    PollVoted,
    Role,
    Surface,
    SurfaceKind,
)
from bot.core.markdown import literal
from bot.core.poll import Poll, pressed, valid
from bot.core.ports import Context
from pipelines.polls.asking import asked
from pipelines.polls.ending import END, SHOW, closing
from pipelines.spec import whisper

# However fast votes come in, a poll is drawn again at most this often.
DRAWN_EVERY = timedelta(seconds=1)
LISTED = 20


@dataclass(frozen=True, slots=True)
class Polls:
    """The polls whose votes are ours to count, and those that the platform counts.

    `objects` tells whether what a member wants asked goes against the rules of the place.
    """

    objects: Callable[[Message], Awaitable[bool]]
    name: str = "polls"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """A vote, by a press or as the platform tells it, and the platform's last count."""
        if not isinstance(event, PollVoted | PollEnded | ButtonPressed):
            return
        poll = await context.store.poll_shown_as(event.where, event.message_id)
        if poll is None:
            return
        can = await context.capabilities(event.where)
        for action in (
            ended(event, poll, can) if isinstance(event, PollEnded) else vote(event, poll, context.clock(), can)
        ):
            yield action

    def failed(self, event: Event) -> Sequence[Action]:
        """Whoever pressed learns that it did not count."""
        voted = isinstance(event, ButtonPressed) and event.button_id.startswith(VOTE)
        return (whisper(event, text.FAILED),) if voted else ()

    async def poll(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Open one, and see to its end."""
        poll = asked(given)
        problem = poll if isinstance(poll, str) else await self._problem(poll, given, context)
        if problem or isinstance(poll, str):
            yield whisper(given, problem)
            return
        yield poll
        yield Later(job=END, key=poll.id, at=context.clock() + poll.lasts)

    async def _problem(self, poll: OpenPoll, given: CommandGiven, context: Context) -> str:
        can = await context.capabilities(given.where)
        # What is pressed where nothing can be whispered is a reaction, for all to see.
        if poll.anonymous and not can.ephemeral and not (can.polls and can.polls.secret):
            return text_polls.POLL_SEEN_BY_ALL
        return text_polls.POLL_AGAINST_THE_RULES if await self.objects(_as_said(given, poll)) else ""

    async def polls(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """The open ones here, with the numbers they are called by."""
        found = await context.store.open_polls(given.where.parent)
        lines = [f"{poll.number}. {literal(poll.asked.question)}" for poll in found[:LISTED]]
        yield whisper(given, text_polls.polls(lines, len(found) - len(lines)))

    async def end(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """End one early, if it is the member's own or they moderate its place."""
        poll = await _numbered(given, context)
        if poll is None:
            yield whisper(given, text_polls.no_poll(given.option("number")))
        elif poll.asked.by != given.who.id and await context.role(poll.asked.to, given.who.id) < Role.MODERATOR:
            yield whisper(given, text_polls.NOT_YOUR_POLL)
        else:
            for action in closing(poll, await context.capabilities(poll.asked.to)):
                yield action


def ended(event: PollEnded, poll: Poll, can: Capabilities) -> Sequence[Action]:
    """By the platform, with its own count, or by somebody who may, where the votes are ours to count."""
    if event.counts or poll.ended or (can.polls and can.polls.counts):
        return [EndPoll(poll=poll.asked.id, counts=event.counts)]
    return [action for action in closing(poll, can) if not isinstance(action, ClosePoll)]


def vote(event: PollVoted | ButtonPressed, poll: Poll, now: datetime, can: Capabilities) -> Sequence[Action]:
    """Count it and have the poll drawn again soon; whoever votes too late learns that, where only they read it.

    When it was given counts, not when it was heard: it may come out of a gap.
    """
    if isinstance(event, ButtonPressed):
        number = _number(event.button_id, poll)
        if number is None:
            return ()
        # Where polls are native a press stands beside them for other clients, and says the same as a vote.
        native = can.polls is not None and not poll.asked.multiple
        options = (number,) if native else pressed(poll, event.who.id, number)
    else:
        options = valid(poll, event.options)
    if poll.ended or event.at > poll.ends_at:
        told = can.ephemeral and isinstance(event, ButtonPressed)
        return (whisper(event, text_polls.POLL_ENDED),) if told else ()
    counted = Vote(poll=poll.asked.id, by=event.who.id, name=event.who.name, options=options, at=event.at)
    return counted, redrawn(poll, now)


def redrawn(poll: Poll, now: datetime) -> Later:
    """All votes of a moment share one drawing: the key is the same until it is due."""
    slot = now.timestamp() // DRAWN_EVERY.total_seconds() + 1
    at = datetime.fromtimestamp(slot * DRAWN_EVERY.total_seconds(), UTC)
    return Later(job=SHOW, key=f"{poll.asked.id}|{int(slot)}", at=at)


def _as_said(given: CommandGiven, poll: OpenPoll) -> Message:
    """The poll as if its author had written it."""
    texts = tuple(Surface(SurfaceKind.POLL, said) for said in (poll.question, *poll.options))
    return MessagePosted(
        id=given.id, at=given.at, where=given.where, who=given.who, message_id=given.message_id, surfaces=texts
    )


def _number(button_id: str, poll: Poll) -> int | None:
    known = {f"{VOTE}{number}": number for number in range(1, len(poll.asked.options) + 1)}
    return known.get(button_id)


async def _numbered(given: CommandGiven, context: Context) -> Poll | None:
    """An open poll of this community; a number from elsewhere is none."""
    open_ = await context.store.open_polls(given.where.community)
    return next((poll for poll in open_ if str(poll.number) == given.option("number")), None)
