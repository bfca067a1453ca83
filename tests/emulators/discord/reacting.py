"""Reactions and votes: they come and go, and everybody who may know is told."""

from __future__ import annotations

import re
import unicodedata

from tests.emulators.discord import posting, render, render_message
from tests.emulators.discord.model import Channel, Message, Poll, User
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.world import Event, World

REACTIONS, DIRECT_REACTIONS = 1 << 10, 1 << 13
POLLS, DIRECT_POLLS = 1 << 24, 1 << 25
MOST_EMOJI = 20
_CUSTOM = re.compile(r"\w{2,32}:\d+")


def check_emoji(key: str) -> None:
    """Refuse what is no emoji: a short run of symbols, or name:id."""
    symbols = any(unicodedata.category(each) in ("So", "Sk", "Sm") or each == "\u20e3" for each in key)
    if not _CUSTOM.fullmatch(key) and (not symbols or len(key) > 12):
        raise Refusal(10014, status=400)


def add(world: World, message: Message, who: User, key: str) -> None:
    """A reaction; a second one of the same kind changes nothing."""
    if key not in message.reactions and len(message.reactions) >= MOST_EMOJI:
        raise Refusal(30010)
    people = message.reactions.setdefault(key, {})
    if who.id in people:
        return
    people[who.id] = who
    guild = message.channel.guild
    member = guild.members.get(who.id) if guild else None
    extra: Json = {"message_author_id": str(message.author.id), "burst": False, "type": 0}
    if member is not None:
        extra["member"] = render.full_member(member)
    world.emit(_reaction("MESSAGE_REACTION_ADD", message, who, key, extra))


def remove(world: World, message: Message, who: User, key: str) -> None:
    """Take a reaction back."""
    people = message.reactions.get(key, {})
    if people.pop(who.id, None) is None:
        return
    if not people:
        del message.reactions[key]
    world.emit(_reaction("MESSAGE_REACTION_REMOVE", message, who, key, {"burst": False, "type": 0}))


def clear(world: World, message: Message) -> None:
    """Take all reactions away."""
    message.reactions.clear()
    data = _where(message)
    name, intents = "MESSAGE_REACTION_REMOVE_ALL", REACTIONS
    world.emit(Event(name=name, data=data, guild=message.channel.guild, channel=message.channel, intents=intents))


def _reaction(name: str, message: Message, who: User, key: str, extra: Json) -> Event:
    data = {"user_id": str(who.id), "emoji": render_message.emoji(key), **_where(message), **extra}
    return _event(name, message.channel, data, (REACTIONS, DIRECT_REACTIONS))


def _where(message: Message) -> Json:
    guild = message.channel.guild
    found: Json = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    return {**found, "guild_id": str(guild.id)} if guild else found


def _event(name: str, channel: Channel, data: Json, intents: tuple[int, int]) -> Event:
    wanted = intents[channel.is_dm]
    return Event(name=name, data=data, guild=channel.guild, channel=channel, intents=wanted)


def poll_of(message: Message) -> Poll:
    if message.poll is None:
        raise Refusal(520006)
    return message.poll


def vote(world: World, message: Message, who: User, answers: set[int]) -> None:
    """Give these answers and take back all others."""
    poll = poll_of(message)
    if poll.finalized or poll.expiry <= world.now():
        raise Refusal(520001)
    if not answers <= poll.answers.keys() or (len(answers) > 1 and not poll.multiple):
        raise Refusal(50035, message="Invalid poll answers")
    for number, people in poll.votes.items():
        if who.id in people and number not in answers:
            del people[who.id]
            world.emit(_voted("MESSAGE_POLL_VOTE_REMOVE", message, who, number))
        if who.id not in people and number in answers:
            people[who.id] = who
            world.emit(_voted("MESSAGE_POLL_VOTE_ADD", message, who, number))


def _voted(name: str, message: Message, who: User, number: int) -> Event:
    data = {"user_id": str(who.id), "answer_id": number, **_where(message)}
    return _event(name, message.channel, data, (POLLS, DIRECT_POLLS))


def finalise(world: World, message: Message) -> None:
    """Call the votes of a poll final, and post its result."""
    poll = poll_of(message)
    poll.finalized = True
    posting.tell_updated(world, message)
    posting.post(
        world,
        posting.Draft(
            author=message.author,
            channel=message.channel,
            type=46,
            embeds=[_result(poll)],
            reference=posting.reference(message),
            replied=message,
            allowed={"parse": []},
        ),
    )


def _result(poll: Poll) -> Json:
    total = sum(len(people) for people in poll.votes.values())
    best = max((len(people) for people in poll.votes.values()), default=0)
    winners = [number for number, people in poll.votes.items() if len(people) == best and best]
    fields = {"poll_question_text": poll.question, "victor_answer_votes": str(best), "total_votes": str(total)}
    if len(winners) == 1:
        fields["victor_answer_id"] = str(winners[0])
        fields["victor_answer_text"] = poll.answers[winners[0]].get("text", "")
    return {
        "type": "poll_result",
        "fields": [{"name": name, "value": value, "inline": False} for name, value in fields.items()],
    }
