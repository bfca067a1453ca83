"""What members can say about polls."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option

POLL = CommandSpec(
    name="poll",
    summary="Ask everybody here: a question and two to ten answers",
    options=(
        Option(name="ask", summary="Question | answer | answer …", kind=Kind.REST, required=True),
        Option(name="lasts", summary="How long, such as 30m, 8h or 3d", kind=Kind.NAMED),
        Option(name="multiple", summary="Several answers may be chosen", kind=Kind.SWITCH),
        Option(name="anonymous", summary="Who chose what stays secret", kind=Kind.SWITCH),
    ),
)
POLLS = CommandSpec(name="polls", summary="The polls that are open here")
ENDPOLL = CommandSpec(
    name="endpoll",
    summary="End a poll of yours early; moderators may end any",
    options=(Option(name="number", summary="The poll’s number, see “polls”", kind=Kind.NUMBER, required=True),),
)
COMMANDS = (POLL, POLLS, ENDPOLL)
