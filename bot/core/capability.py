"""What a place can do, and how to say something it cannot do in words it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.core.banlist import Bar, Enlist, Pardon
from bot.core.effect import (
    BanAll,
    Button,
    Delete,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Penalty,
    Post,
    Restrict,
    Screen,
)
from bot.core.errors import NO_BAN_LISTS
from bot.core.markdown import literal
from bot.core.split import split

VOTE = "vote:"
# What stands for the options where only reactions exist.
DIGITS = (*(f"{number}\ufe0f\u20e3" for number in range(1, 10)), "\U0001f51f")
MAX_LABEL = 75


class Streaming(StrEnum):
    """How a growing answer can be shown."""

    NATIVE = "native"
    EDITS = "edits"
    NONE = "none"


class Need(StrEnum):
    """What a place's settings take: to speak is for cards, to converse for answers and polls where members talk."""

    READ = "read"
    SPEAK = "speak"
    REMOVE = "remove"
    RESTRICT = "restrict"
    CONVERSE = "converse"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSupport:
    """The polls a place can show.

    `counts` where the platform counts the votes and says itself how it went, `shows` where members see how a poll
    stands without our help, `secret` where nobody learns who chose what.
    """

    max_options: int
    max_duration: timedelta | None = None
    bot_can_close: bool = True
    counts: bool = True
    shows: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The default is the humblest platform; a connector claims only what it has.

    `max_text` in characters, `buttons`, `bulk_delete` and `bulk_ban` how many fit into one message and one call;
    `filters` where the platform itself can look for words, `ban_lists` where lists of bans can be shared;
    `readable` is false where the bot cannot read what is said.
    `warns` where authors are asked to mind the rules because the platform lets us delete nothing of theirs.
    `name` is what people call the place, and `link` leads to a message there once `{message}` is replaced by its id;
    '' where there is none.
    """

    max_text: int
    polls: PollSupport | None = None
    threads: bool = False
    buttons: int = 0
    ephemeral: bool = False
    streaming: Streaming = Streaming.NONE
    edit_interval: timedelta = timedelta(seconds=1)
    penalties: frozenset[Penalty] = frozenset()
    can_delete_others: bool = False
    bulk_delete: int = 1
    bulk_ban: int = 1
    readable: bool = True
    deduplicates_sends: bool = False
    filters: bool = False
    warns: bool = False
    ban_lists: bool = False
    name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What cannot be done here, and why, in a sentence for moderators."""

    effect: Effect
    reason: str


Lowered: TypeAlias = list[Effect | Refused]


def lower(effect: Effect, can: Capabilities) -> Lowered:  # noqa: C901, PLR0911  # one line for each thing a place may lack
    """Rewrite an effect until the place can perform it; never into something harsher."""
    match effect:
        case OpenPoll() if not _fits(effect, can.polls):
            return lower(_poll_as_post(effect, can), can)
        case OpenThread() if not can.threads:
            return lower(Post(to=effect.to, text=f"**{literal(effect.title)}**", reply_to=effect.message_id), can)
        case Restrict() | Lift() | BanAll() if refusal := _beyond(effect, can):
            return [Refused(effect=effect, reason=refusal)]
        case Delete() if not can.can_delete_others:
            return [Refused(effect=effect, reason="I may not delete other people’s messages here.")]
        case Screen() if not can.filters:
            return [Refused(effect=effect, reason="This place has no filter of its own that I may use.")]
        case Enlist() | Pardon() | Bar() if not can.ban_lists:
            return [Refused(effect=effect, reason=NO_BAN_LISTS)]
        case Post():
            return _post(effect, can)
        case Edit():
            return _edit(effect, can)
        case _:
            return [effect]


def _beyond(effect: Restrict | Lift | BanAll, can: Capabilities) -> str:
    """Why nobody can be restricted or let in like that, '' where they can."""
    match effect:
        case Restrict() if effect.penalty not in can.penalties:
            return f"I cannot {effect.penalty} members here."
        case Lift() if effect.penalty is Penalty.KICK or effect.penalty not in can.penalties:
            return f"I cannot take a {effect.penalty} back here."
        case BanAll() if can.bulk_ban < len(effect.user_ids):
            return "I cannot ban so many members at once here."
        case _:
            return ""


def _fits(poll: OpenPoll, support: PollSupport | None) -> bool:
    if support is None or len(poll.options) > support.max_options or (poll.anonymous and not support.secret):
        return False
    return support.max_duration is None or poll.lasts <= support.max_duration


def _poll_as_post(poll: OpenPoll, can: Capabilities) -> Post:
    options = "\n".join(f"{number}. {literal(option)}" for number, option in enumerate(poll.options, 1))
    text = f"**{literal(poll.question)}**\n\n{options}"
    return Post(to=poll.to, text=text, buttons=ballot(poll, can), poll=poll if poll.id else None)


def ballot(poll: OpenPoll, can: Capabilities) -> tuple[Button, ...]:
    """A button for each option, or none where not all of them fit."""
    if len(poll.options) > min(can.buttons, len(DIGITS)):
        return ()
    return tuple(
        Button(f"{VOTE}{number}", option[:MAX_LABEL], symbol)
        for number, (option, symbol) in enumerate(zip(poll.options, DIGITS, strict=False), 1)
    )


def spelled(text: str, buttons: Sequence[Button]) -> str:
    """The text with what to do instead of pressing buttons that cannot be shown."""
    return "\n\n".join([text, *(button.instead for button in buttons if button.instead)])


def _post(post: Post, can: Capabilities) -> Lowered:
    """Only the first part answers, and ends the drafts; only the last can be pressed."""
    shown = post if can.ephemeral else replace(post, whisper_to="")
    said = spelled(shown.text, shown.buttons[can.buttons :])
    first, *rest = [replace(shown, text=part, buttons=(), poll=None) for part in split(said, can.max_text)]
    *head, last = [first, *(replace(part, reply_to="", stream="") for part in rest)]
    return [*head, replace(last, buttons=shown.buttons[: can.buttons], poll=shown.poll)]


def _edit(edit: Edit, can: Capabilities) -> Lowered:
    first, *rest = split(edit.text, can.max_text)
    kept = replace(edit, text=first, buttons=() if rest else edit.buttons[: can.buttons])
    posts = [Post(to=edit.to, text=part) for part in rest[:-1]]
    if rest:
        posts.append(Post(to=edit.to, text=rest[-1], buttons=edit.buttons[: can.buttons]))
    return [kept, *posts]
