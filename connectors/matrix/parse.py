"""What a room said, as events: pure, and without an exception for any JSON.

Everything is read from raw events: a library that checks them against a schema drops the malformed ones,
which clients go on showing.
"""

from __future__ import annotations

from bot import text_reports
from bot.core.command import read
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    Event,
    Header,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PollEnded,
    PollVoted,
    Reacted,
    Reported,
)
from bot.core.surface import legible
from connectors.matrix.changes import changed
from connectors.matrix.content import attached, readable
from connectors.matrix.memory import Origin, bare
from connectors.matrix.polls import ENDS, RESPONSES, ended, voted
from connectors.matrix.raw import Raw, View, header, identified
from connectors.matrix.reading import Json, ident, mapping

# A reaction that asks the moderators to look.
REPORT = "\U0001f6a9"
MAX_REASON = 500


def parse(raw: object, view: View) -> list[Event]:
    """The events in it: none when it is ours, says nothing, or cannot be understood."""
    event = identified(raw)
    if event is None or (event.sender == view.me and "state_key" not in event.event):
        return []
    if event.kind == "m.room.redaction":
        return _deleted(event, view)
    if event.kind == "m.reaction":
        return _reacted(event, view)
    if event.kind in RESPONSES or event.kind in ENDS:
        return _voted(event, view) if event.kind in RESPONSES else [*_ended(event, view), *_said(event, view)]
    return changed(event, view) if "state_key" in event.event else _said(event, view)


def _said(event: Raw, view: View) -> list[Event]:
    """A message, whatever its type: some client shows the text of each."""
    surfaces, files = readable(event.content), attached(event.content)
    if not surfaces and not files:
        return []
    edited = _edited(event, view)
    thread = edited[1].thread if edited else _thread(event)
    head = header(event, view, thread)
    said = MessagePosted(
        id=head.id,
        at=head.at,
        where=head.where,
        who=head.who,
        message_id=event.id,
        surfaces=surfaces,
        mentions_bot=_mentions(event, view.me),
        is_direct=view.room.private_talk,
        reply_to=_reply_to(event),
        attachments=files,
        mentions=_called(event.content),
    )
    return [_as_edit(said, edited[0], event.at_ms)] if edited else [said, *_command(event, view)]


def _edited(event: Raw, view: View) -> tuple[str, Origin] | None:
    """The message this edits; clients refuse an edit by anyone but its author, so that is a message of its own."""
    if event.relation.get("rel_type") != "m.replace":
        return None
    original_id = ident(event.relation.get("event_id"))
    origin = view.origins(original_id)
    return (original_id, origin) if origin and origin.sender == event.sender else None


def _as_edit(said: MessagePosted, original_id: str, revision: int) -> MessageEdited:
    return MessageEdited(
        id=said.id,
        at=said.at,
        where=said.where,
        who=said.who,
        message_id=original_id,
        revision=revision,
        surfaces=said.surfaces,
        mentions_bot=said.mentions_bot,
        is_direct=said.is_direct,
        attachments=said.attachments,
        mentions=said.mentions,
    )


def _command(event: Raw, view: View) -> list[Event]:
    """A line that begins with the prefix; other programs speak in notices and give no commands."""
    line = _spoken(event)
    word, _, rest = line.partition(" ")
    if event.content.get("msgtype") != "m.text" or word.strip().lower() != view.prefix.lower():
        return []
    head = header(event, view, _thread(event), "#command")
    if rest.split()[:1] == ["report"]:
        return _report(event, head, rest.strip().removeprefix("report").strip())
    given = read(rest, view.commands)
    return [
        CommandGiven(
            id=head.id,
            at=head.at,
            where=head.where,
            who=head.who,
            name=given.name,
            options=given.options,
            problem=given.problem,
            message_id=event.id,
        )
    ]


def _report(event: Raw, head: Header, reason: str) -> list[Event]:
    """The message that it answers is meant."""
    about = ident(mapping(event.relation.get("m.in_reply_to")).get("event_id"))
    if about:
        said = reason[:MAX_REASON]
        return [Reported(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about, reason=said)]
    problem = text_reports.REPORT_BY_REPLY
    return [CommandGiven(id=head.id, at=head.at, where=head.where, who=head.who, name="help", problem=problem)]


def _spoken(event: Raw) -> str:
    """The first line of what the author wrote, without the quotation that older clients put before a reply."""
    lines = legible(event.content.get("body"))[:4096].strip().splitlines()
    if "m.in_reply_to" in event.relation:
        while lines and (lines[0].startswith(">") or not lines[0].strip()):
            lines.pop(0)
    return lines[0] if lines else ""


def _mentions(event: Raw, me: str) -> bool:
    if event.content.get("msgtype") == "m.notice":
        return False
    standing = mapping(event.content.get("m.new_content"))
    if "m.mentions" in event.content or "m.mentions" in standing:
        return _named(event.content, me) or _named(standing, me)
    return me in legible(event.content.get("body"))


def _named(content: Json, me: str) -> bool:
    users = mapping(content.get("m.mentions")).get("user_ids")
    return isinstance(users, list) and me in users


def _called(content: Json) -> int:
    """How many are called on, a whole room counting as one."""
    named = mapping((mapping(content.get("m.new_content")) or content).get("m.mentions"))
    users = named.get("user_ids")
    return (len(users) if isinstance(users, list) else 0) + (named.get("room") is True)


def _thread(event: Raw) -> str:
    return ident(event.relation.get("event_id")) if event.relation.get("rel_type") == "m.thread" else ""


def _reply_to(event: Raw) -> str:
    if event.relation.get("is_falling_back") is True:
        return ""
    return ident(mapping(event.relation.get("m.in_reply_to")).get("event_id"))


def _deleted(event: Raw, view: View) -> list[Event]:
    gone = ident(event.event.get("redacts")) or ident(event.content.get("redacts"))
    if not gone:
        return []
    origin = view.origins(gone)
    head = header(event, view, origin.thread if origin else "")
    return [MessageDeleted(id=head.id, at=head.at, where=head.where, who=head.who, message_id=gone)]


def _reacted(event: Raw, view: View) -> list[Event]:
    about, symbol = ident(event.relation.get("event_id")), ident(event.relation.get("key"))
    if not about or not symbol:
        return []
    origin = view.origins(about)
    head = header(event, view, origin.thread if origin else "")
    button = origin.buttons.get(bare(symbol)) if origin and origin.sender == view.me else None
    if button is None and bare(symbol) == REPORT:
        return [Reported(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about)]
    if button is None:
        return [Reacted(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about, reaction=symbol)]
    return [ButtonPressed(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about, button_id=button)]


def _voted(event: Raw, view: View) -> list[Event]:
    about, options = voted(event.content)
    if not about:
        return []
    origin = view.origins(about)
    head = header(event, view, origin.thread if origin else "")
    return [PollVoted(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about, options=options)]


def _ended(event: Raw, view: View) -> list[Event]:
    """By who may redact, as the specification has it; the poll being ours, its creator needs no mention."""
    about = ended(event.content)
    if not about or not view.room.can_redact(event.sender):
        return []
    origin = view.origins(about)
    head = header(event, view, origin.thread if origin else "", "#end")
    return [PollEnded(id=head.id, at=head.at, where=head.where, who=head.who, message_id=about, counts=())]
