"""Read a workspace export: `channels.json`, `users.json` and a file for each channel and day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.address import Address
from bot.core.event import Author, MessagePosted, Role, Surface
from bot.core.stored import Heard
from bot.core.surface import legible
from connectors.export import Object, a_list, an_object, described, member, optional, parse, required
from connectors.slack.archive import Archive, days, opened, workspace
from connectors.slack.content import attached, readable, spoken

_CONVERSATIONS = ("channels.json", "groups.json", "mpims.json", "dms.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workspace:
    name: str
    people: Mapping[str, Author]
    channel_ids: Mapping[str, str]
    names: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    workspace: _Workspace
    name: str
    id: str


def read_export(path: Path) -> Iterator[Heard]:
    """Messages of one channel after another, oldest first, one day in memory.

    Joins, topics and the like are no messages. Raises `ValueError` naming the file and entry that is malformed.
    """
    with opened(path) as archive:
        home = _workspace(archive)
        for folder, files in days(archive).items():
            channel = _Channel(workspace=home, name=folder, id=home.channel_ids.get(folder, folder))
            for file in files:
                yield from _day(archive, file, channel)


def _day(archive: Archive, file: str, channel: _Channel) -> Iterator[Heard]:
    entries = ((message, f"{file}, entry {number}") for number, message in _entries(archive, file))
    spoken = [_posted(message, place, channel) for message, place in entries if _is_spoken(message, place)]
    yield from (Heard(event) for event in sorted(spoken, key=lambda event: event.at))


def _workspace(archive: Archive) -> _Workspace:
    people = {
        required(user, "id", f"users.json, entry {number}"): _author(user)
        for number, user in _entries(archive, "users.json")
    }
    ids = dict(_conversations(archive))
    names = {author.id: author.name for author in people.values()} | {id_: name for name, id_ in ids.items()}
    return _Workspace(name=workspace(archive), people=people, channel_ids=ids, names=names)


def _conversations(archive: Archive) -> Iterator[tuple[str, str]]:
    """Folder and id of each; direct ones have no name, and their id names the folder."""
    for file in _CONVERSATIONS:
        if file in archive.files:
            for number, found in _entries(archive, file):
                id_ = required(found, "id", f"{file}, entry {number}")
                yield legible(found.get("name")) or id_, id_


def _entries(archive: Archive, file: str) -> Iterator[tuple[int, Object]]:
    for number, entry in enumerate(a_list(parse(archive.read(file), file), file), 1):
        yield number, an_object(entry, f"{file}, entry {number}")


def _author(user: Object) -> Author:
    profile = member(user.get("profile"))
    options = profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")
    id_ = legible(user.get("id"))
    name = next(filter(None, map(legible, options)), id_)
    return Author(id=id_, name=name, role=_role(user), is_bot=user.get("is_bot") is True)


def _role(user: Object) -> Role:
    ranks = (("is_owner", Role.OWNER), ("is_admin", Role.MODERATOR), ("is_restricted", Role.GUEST))
    return next((role for key, role in ranks if user.get(key) is True), Role.MEMBER)


def _is_spoken(message: Object, place: str) -> bool:
    subtype = optional(message, "subtype", place)
    return required(message, "type", place) == "message" and spoken(subtype)


def _posted(message: Object, place: str, channel: _Channel) -> MessagePosted:
    ts = required(message, "ts", place)
    thread = optional(message, "thread_ts", place)
    is_reply = thread not in {"", ts}
    return MessagePosted(
        id=f"{channel.id}:{ts}",
        at=_time(ts, place),
        where=Address("slack", channel.workspace.name, channel.name, thread if is_reply else ""),
        who=_speaker(message, channel.workspace),
        message_id=f"{channel.id}:{ts}",
        revision=_revision(message, place),
        surfaces=_readable(message, place, channel.workspace),
        reply_to=f"{channel.id}:{thread}" if is_reply else "",
        attachments=attached(message),
    )


def _time(ts: str, place: str) -> datetime:
    seconds, _, micros = ts.partition(".")
    try:
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros[:6].ljust(6, "0")))
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{place}: expected a time such as 1435330110.000002, found {described(ts)}.") from None


def _revision(message: Object, place: str) -> int:
    edited = legible(member(message.get("edited")).get("ts"))
    return int(_time(edited, place).timestamp() * 1000) if edited else 0


def _speaker(message: Object, home: _Workspace) -> Author:
    """A member, or the app that spoke; an app's messages may name neither."""
    user = legible(message.get("user")) or legible(member(message.get("comment")).get("user"))
    if user in home.people:
        return home.people[user]
    bot = legible(message.get("bot_id"))
    shown = member(message.get("user_profile")) or member(message.get("bot_profile"))
    options = shown.get("display_name"), shown.get("real_name"), shown.get("name"), message.get("username")
    name = next(filter(None, map(legible, options)), "")
    id_ = user or bot or name or "unknown"
    return Author(id=id_, name=name or id_, is_bot=bool(bot) or message.get("subtype") == "bot_message")


def _readable(message: Object, place: str, home: _Workspace) -> tuple[Surface, ...]:
    optional(message, "text", place)
    return readable(message, lambda id_: home.names.get(id_, ""))
