"""What moderators can say about cases."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Menu, Option, Target
from bot.core.event import Role

NUMBER = Option(name="number", summary="The case’s number", kind=Kind.NUMBER, required=True, suggests=True)
REASON = Option(name="reason", summary="Why, which its author will read", kind=Kind.REST)

QUEUE = CommandSpec(
    name="queue",
    summary="What waits for a decision here, reported messages first",
    options=(Option(name="all", summary="In the whole community", kind=Kind.SWITCH),),
    role=Role.MODERATOR,
)
CASE = CommandSpec(name="case", summary="Show a case", options=(NUMBER,), role=Role.MODERATOR)
APPROVE = CommandSpec(
    name="approve",
    summary="Let a message stand; with “upto” also all that wait before it in its channel",
    options=(NUMBER, Option(name="upto", summary="All up to this one", kind=Kind.SWITCH)),
    role=Role.MODERATOR,
)
REMOVE = CommandSpec(name="remove", summary="Take a message away", options=(NUMBER, REASON), role=Role.MODERATOR)
WARN = CommandSpec(
    name="warn", summary="Let a message stand and warn its author", options=(NUMBER,), role=Role.MODERATOR
)
APPEAL = CommandSpec(
    name="appeal",
    summary="Ask for a second look at a decision about your message",
    options=(
        Option(name="message", summary="The case’s number, or the message’s id or link", required=True),
        Option(name="reason", summary="Why it should be looked at again", kind=Kind.REST),
    ),
)
DELETE = CommandSpec(
    name="delete",
    summary="Take any message away, by its id or link",
    options=(Option(name="message", summary="The message’s id or link", required=True), REASON),
    role=Role.MODERATOR,
    menu=Menu(
        title="Remove",
        target=Target.MESSAGE,
        option="message",
        asks="Reason, which its author will read",
        answer="reason",
    ),
)
UNDO = CommandSpec(
    name="undo",
    summary="Take back what was decided or done about a message, as far as that is possible",
    options=(
        Option(name="case", summary="The case’s number, or the message’s id or link", required=True),
        Option(name="reason", summary="Why, which the author will read", kind=Kind.REST),
    ),
    role=Role.MODERATOR,
)
HISTORY = CommandSpec(
    name="history",
    summary="How a member’s messages fared here",
    options=(Option(name="member", summary="The member’s id", required=True),),
    role=Role.MODERATOR,
    menu=Menu(title="History", target=Target.MEMBER, option="member"),
)
COMMANDS = (QUEUE, CASE, APPROVE, REMOVE, WARN, DELETE, UNDO, HISTORY, APPEAL)
