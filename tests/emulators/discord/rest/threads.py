"""Threads and forum posts."""

from __future__ import annotations

from tests.emulators.discord import limits, render, render_message, threads
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Channel, Kind
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal, field
from tests.emulators.discord.rest.messages import draft_of, poll_of

THREAD_CREATED, THREAD_UPDATED, CHANNEL_UPDATED = 110, 111, 11
ARCHIVE_AFTER_MIN = (60, 1440, 4320, 10080)
MOST_TAGS = 5
_WITH_THREADS = (Kind.TEXT, Kind.ANNOUNCEMENT)


def from_message(call: Call) -> Json:
    parent = call.channel()
    if parent.kind not in _WITH_THREADS:
        raise Refusal(50024)
    call.world.must(call.me, parent, Permission.CREATE_PUBLIC_THREADS | Permission.READ_MESSAGE_HISTORY)
    message = call.message()
    _check(call.body)
    if message.thread is not None:
        raise Refusal(160004)
    thread = threads.start(call.world, parent, call.me, call.body["name"], from_message=message)
    return _made(call, thread)


def without_message(call: Call) -> Json:
    parent = call.channel()
    if parent.kind is Kind.FORUM:
        return _forum_post(call, parent)
    if parent.kind not in _WITH_THREADS:
        raise Refusal(50024)
    # Discord makes a private thread unless it is told otherwise.
    kind = Kind(call.body.get("type") or Kind.PRIVATE_THREAD)
    private = kind is Kind.PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    call.world.must(call.me, parent, needed)
    _check(call.body)
    return _made(call, threads.start(call.world, parent, call.me, call.body["name"], kind=kind))


def _forum_post(call: Call, forum: Channel) -> Json:
    call.world.must(call.me, forum, Permission.SEND_MESSAGES)
    _check(call.body)
    body: Json = call.body.get("message") or {}
    limits.check_message(body)
    limits.check_is_something(body, uploads=len(call.uploads))
    tags = [str(each) for each in call.body.get("applied_tags") or ()]
    if len(tags) > MOST_TAGS or not {*tags} <= {each["id"] for each in forum.tags}:
        raise field("applied_tags", "BASE_TYPE_CHOICES", "Unknown tag, or more than 5 of them.")
    draft = draft_of(call, forum, body)
    draft.poll = poll_of(call.world, body.get("poll"))
    message = threads.post_in_forum(call.world, forum, draft, call.body["name"], tags)
    return {**_made(call, message.channel), "message": render_message.message(message, call.world)}


def _made(call: Call, thread: Channel) -> Json:
    assert thread.guild is not None
    thread.archive_after_min = call.body.get("auto_archive_duration") or thread.archive_after_min
    thread.slowmode_s = call.body.get("rate_limit_per_user") or 0
    thread.invitable = call.body.get("invitable", True)
    call.world.audit(thread.guild, THREAD_CREATED, call.me, thread.id, call.reason)
    return render.thread(thread, seen_by=call.me)


def _check(body: Json) -> None:
    limits.check_name(body.get("name"))
    if (body.get("auto_archive_duration") or ARCHIVE_AFTER_MIN[0]) not in ARCHIVE_AFTER_MIN:
        message = f"Value must be one of {ARCHIVE_AFTER_MIN}."
        raise field("auto_archive_duration", "BASE_TYPE_CHOICES", message)


def change(call: Call) -> Json:
    """A thread's or a channel's name, state and slowmode."""
    channel = call.channel()
    if channel.guild is None:
        raise Refusal(50024)
    _may_change(call, channel)
    if "name" in call.body:
        limits.check_name(call.body["name"])
        channel.name = call.body["name"]
    channel.archived = call.body.get("archived", channel.archived)
    channel.locked = call.body.get("locked", channel.locked)
    channel.topic = call.body.get("topic", channel.topic)
    channel.slowmode_s = call.body.get("rate_limit_per_user", channel.slowmode_s) or 0
    channel.applied_tags = [str(each) for each in call.body.get("applied_tags", channel.applied_tags)]
    action = THREAD_UPDATED if channel.is_thread else CHANNEL_UPDATED
    call.world.audit(channel.guild, action, call.me, channel.id, call.reason)
    threads.tell_changed(call.world, channel)
    return render.thread(channel, seen_by=call.me) if channel.is_thread else render.channel(channel)


def _may_change(call: Call, channel: Channel) -> None:
    if not channel.is_thread:
        call.world.must(call.me, channel, Permission.MANAGE_CHANNELS)
        return
    call.world.must(call.me, channel, Permission.VIEW_CHANNEL)
    opens_only = call.body.keys() <= {"archived"} and call.body.get("archived") is False and not channel.locked
    own = channel.owner_id == call.me.id and "locked" not in call.body
    if not own and not opens_only:
        call.world.must(call.me, channel, Permission.MANAGE_THREADS)
    elif opens_only:
        call.world.must(call.me, channel, Permission.SEND_MESSAGES_IN_THREADS)
    if channel.archived and call.body.get("archived") is not False:
        raise Refusal(50083)


def join(call: Call) -> None:
    thread = _thread(call)
    thread.people[call.me.id] = call.me
    threads.tell_people(call.world, thread, added=[call.me])


def leave(call: Call) -> None:
    thread = _thread(call)
    thread.people.pop(call.me.id, None)
    threads.tell_people(call.world, thread, removed=[call.me.id])


def _thread(call: Call) -> Channel:
    thread = call.channel()
    if not thread.is_thread:
        raise Refusal(50024)
    call.world.must(call.me, thread, Permission.VIEW_CHANNEL)
    return thread


def active(call: Call) -> Json:
    found = [
        each
        for each in call.guild().channels.values()
        if each.is_thread and not each.archived and Permission.VIEW_CHANNEL in call.world.allowed(call.me, each)
    ]
    joined = [render.thread_member(each, call.me) for each in found if call.me.id in each.people]
    return {"threads": [render.thread(each, seen_by=call.me) for each in found], "members": joined}


def archived(call: Call) -> Json:
    parent = call.channel()
    call.world.must(call.me, parent, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
    assert parent.guild is not None
    threads_here = [each for each in parent.guild.channels.values() if each.parent is parent and each.archived]
    found = [each for each in reversed(threads_here) if each.kind is not Kind.PRIVATE_THREAD]
    page = found[: call.number("limit", 50)]
    return {"threads": [render.thread(each) for each in page], "members": [], "has_more": len(found) > len(page)}


ROUTES: Routes = {
    ("POST", "/channels/{channel_id}/messages/{message_id}/threads"): from_message,
    ("POST", "/channels/{channel_id}/threads"): without_message,
    ("PATCH", "/channels/{channel_id}"): change,
    ("PUT", "/channels/{channel_id}/thread-members/@me"): join,
    ("DELETE", "/channels/{channel_id}/thread-members/@me"): leave,
    ("GET", "/guilds/{guild_id}/threads/active"): active,
    ("GET", "/channels/{channel_id}/threads/archived/public"): archived,
}
