"""Messages: create, edit, delete, look back, react and pin."""

from __future__ import annotations

from datetime import timedelta

from tests.emulators.discord import limits, posting, render_message
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Channel, Flag, Id, Kind, Message, Poll
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal, field
from tests.emulators.discord.render import snowflake_time
from tests.emulators.discord.world import World

MESSAGE_DELETED, MESSAGES_DELETED = 72, 73
KEPT_FLAGS = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
_TEXT = (Kind.TEXT, Kind.DM, Kind.VOICE, Kind.ANNOUNCEMENT, Kind.STAGE, *range(10, 13))
_SYSTEM = frozenset({1, 2, 3, 4, 5, 14, 15, 16, 17, 21, 36, 37, 38, 39})


def create(call: Call) -> Json:
    channel = call.channel()
    body = call.body
    may_write(call, channel)
    limits.check_message(body)
    limits.check_is_something(body, uploads=len(call.uploads))
    _may_use(call, channel)
    if (earlier := _same_nonce(call, channel)) is not None:
        return render_message.message(earlier, call.world)
    draft = draft_of(call, channel)
    return render_message.message(posting.post(call.world, draft), call.world)


def may_write(call: Call, channel: Channel) -> None:
    """Refuse a message where the bot may not write."""
    if channel.kind not in _TEXT:
        raise Refusal(40058 if channel.kind is Kind.FORUM else 50008)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    call.world.must(call.me, channel, needed)
    _must_manage_locked(call, channel, otherwise=160005)
    if channel.is_dm:
        _may_reach(call, channel)


def _must_manage_locked(call: Call, channel: Channel, *, otherwise: int) -> None:
    if channel.locked and Permission.MANAGE_THREADS not in call.world.allowed(call.me, channel):
        raise Refusal(otherwise)


def _may_reach(call: Call, channel: Channel) -> None:
    for other in channel.people.values():
        mine = (guild for guild in call.world.guilds.values() if call.me.id in guild.members)
        if not any(other.id in guild.members for guild in mine):
            raise Refusal(50278)
        if not other.accepts_dms:
            raise Refusal(50007)


def _may_use(call: Call, channel: Channel) -> None:
    needed = {
        Permission.ATTACH_FILES: bool(call.uploads),
        Permission.SEND_POLLS: bool(call.body.get("poll")),
        Permission.READ_MESSAGE_HISTORY: bool(call.body.get("message_reference")),
    }
    for permission, wanted in needed.items():
        if wanted:
            call.world.must(call.me, channel, permission)


def _same_nonce(call: Call, channel: Channel) -> Message | None:
    """The message of the same nonce that is there and recent enough for Discord to remember it."""
    if not call.body.get("enforce_nonce") or call.body.get("nonce") is None:
        return None
    earlier = channel.nonces.get(str(call.body["nonce"]))
    since = call.world.now() - call.settings.nonce_memory
    return earlier if earlier and not earlier.deleted and earlier.created >= since else None


def draft_of(call: Call, channel: Channel, body: Json | None = None) -> posting.Draft:
    """The message that a body describes."""
    body = call.body if body is None else body
    reference, replied, snapshots = _referenced(call, channel, body)
    return posting.Draft(
        author=call.me,
        channel=channel,
        content=body.get("content") or "",
        type=posting.REPLY if replied and not snapshots else 0,
        flags=(body.get("flags") or 0) & KEPT_FLAGS,
        embeds=visible_embeds(call, channel, body),
        components=body.get("components") or [],
        attachments=call.attachments(body.get("attachments")),
        snapshots=snapshots,
        poll=poll_of(call.world, body.get("poll")),
        nonce=body.get("nonce"),
        reference=reference,
        replied=replied,
        allowed=body.get("allowed_mentions"),
        application_id=call.world.application.id if body.get("components") else None,
    )


def visible_embeds(call: Call, channel: Channel, body: Json) -> list[Json]:
    """Discord drops embeds, without a word, where the bot may not embed."""
    allowed = Permission.EMBED_LINKS in call.world.allowed(call.me, channel)
    return (body.get("embeds") or []) if allowed else []


def _referenced(call: Call, channel: Channel, body: Json) -> tuple[Json | None, Message | None, list[Json]]:
    reference = body.get("message_reference")
    if not reference:
        return None, None, []
    forwards = reference.get("type") == 1
    source = call.world.channels.get(int(reference.get("channel_id") or channel.id)) if forwards else channel
    message = source.messages.get(int(reference["message_id"])) if source else None
    if source is None or message is None:
        if not forwards and reference.get("fail_if_not_exists") is False:
            return None, None, []
        raise field("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    return posting.reference(message, int(forwards)), message, [snapshot(message, call.world)] if forwards else []


def snapshot(message: Message, world: World) -> Json:
    """What a forward keeps of a message."""
    shown = render_message.message(message, world, nested=True)
    names = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions")
    return {"message": {name: shown[name] for name in (*names, "mention_roles", "components")}}


def poll_of(world: World, asked: Json | None) -> Poll | None:
    """The poll that a body describes."""
    if not asked:
        return None
    answers = {number: each["poll_media"] for number, each in enumerate(asked["answers"], start=1)}
    return Poll(
        question=asked["question"]["text"],
        answers=answers,
        expiry=world.now() + timedelta(hours=asked.get("duration") or 24),
        multiple=bool(asked.get("allow_multiselect")),
        votes={number: {} for number in answers},
    )


def edit(call: Call) -> Json:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.VIEW_CHANNEL)
    if message.author is not call.me and call.body.keys() == {"flags"}:
        # Whoever may delete a message may also hide its embeds.
        call.world.must(call.me, message.channel, Permission.MANAGE_MESSAGES)
    elif message.author is not call.me:
        raise Refusal(50005)
    if message.poll:
        raise Refusal(520003)
    limits.check_message(with_version(call.body, message))
    if message.channel.archived:
        raise Refusal(50083)
    _must_manage_locked(call, message.channel, otherwise=160005)
    change(call, message, call.body)
    return render_message.message(message, call.world)


def with_version(body: Json, message: Message) -> Json:
    """A message stays one of components v2, whatever an edit says."""
    return {**body, "flags": (body.get("flags") or 0) | message.flags & Flag.COMPONENTS_V2}


def change(call: Call, message: Message, body: Json) -> None:
    """Apply the fields of an edit; what the body does not name stays."""
    names = ("content", "embeds", "components", "attachments")
    if not call.uploads and not any(body.get(name, getattr(message, name)) for name in names):
        raise Refusal(50006)
    if "embeds" in body:
        message.embeds = [posting.as_stored(each) for each in body["embeds"] or []]
    if "components" in body:
        message.components = posting.numbered(body["components"] or [])
        message.application_id = call.world.application.id
    if "attachments" in body or call.uploads:
        kept = {str(each["id"]) for each in body.get("attachments") or []}
        old = [each for each in message.attachments if str(each.id) in kept or "attachments" not in body]
        message.attachments = [*old, *call.attachments()]
    if body.get("flags") is not None:
        message.flags = message.flags & ~Flag.SUPPRESS_EMBEDS | body["flags"] & KEPT_FLAGS
    if body.keys() == {"flags"}:
        posting.tell_updated(call.world, message)
        return
    content = (body["content"] or "") if "content" in body else message.content
    posting.edit(call.world, message, content, body.get("allowed_mentions"))


def delete(call: Call) -> None:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.VIEW_CHANNEL)
    if message.author is not call.me:
        call.world.must(call.me, message.channel, Permission.MANAGE_MESSAGES)
    if message.type in _SYSTEM:
        raise Refusal(50021)
    # Deleting is all that can be done in an archived thread, unless it is locked too.
    if message.channel.archived and message.channel.locked:
        _must_manage_locked(call, message.channel, otherwise=50083)
    posting.delete(call.world, [message])
    if message.channel.guild and message.author is not call.me:
        call.world.audit(message.channel.guild, MESSAGE_DELETED, call.me, message.author.id, call.reason)


def delete_many(call: Call) -> None:
    channel = call.channel()
    if channel.guild is None:
        raise Refusal(50024)
    call.world.must(call.me, channel, Permission.MANAGE_MESSAGES)
    ids = [int(each) for each in call.body.get("messages") or []]
    if not 2 <= len(ids) <= 100:
        raise Refusal(50016)
    if len(set(ids)) != len(ids):
        raise field("messages", "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    oldest = call.world.now() - call.settings.bulk_delete_age
    if any(snowflake_time(each) < oldest for each in ids):
        raise Refusal(50034)
    found = [channel.messages[each] for each in ids if each in channel.messages]
    if found:
        posting.delete(call.world, found)
        call.world.audit(channel.guild, MESSAGES_DELETED, call.me, channel.id, call.reason)


def get(call: Call) -> Json:
    channel = call.channel()
    call.world.must(call.me, channel, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
    return render_message.message(call.message(), call.world)


def history(call: Call) -> list[Json]:
    """The latest messages first, as always; `after` takes those right after it."""
    channel = call.channel()
    call.world.must(call.me, channel, Permission.VIEW_CHANNEL)
    if Permission.READ_MESSAGE_HISTORY not in call.world.allowed(call.me, channel):
        return []
    most = call.number("limit", 50)
    if not 1 <= most <= 100:
        raise field("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    ids = sorted(each.id for each in channel.messages.values() if each.only_for is None)
    return [render_message.message(channel.messages[each], call.world) for each in reversed(_page(ids, call, most))]


def _page(ids: list[Id], call: Call, most: int) -> list[Id]:
    if "around" in call.query:
        around = call.number("around", 0)
        earlier = [each for each in ids if each < around]
        older = earlier[max(len(earlier) - most // 2, 0) :]
        return [*older, *[each for each in ids if each >= around][: most - len(older)]]
    if "after" in call.query:
        return [each for each in ids if each > call.number("after", 0)][:most]
    before = call.number("before", 0)
    return [each for each in ids if not before or each < before][-most:]


_ONE = "/channels/{channel_id}/messages/{message_id}"
ROUTES: Routes = {
    ("POST", "/channels/{channel_id}/messages"): create,
    ("GET", "/channels/{channel_id}/messages"): history,
    ("POST", "/channels/{channel_id}/messages/bulk-delete"): delete_many,
    ("GET", _ONE): get,
    ("PATCH", _ONE): edit,
    ("DELETE", _ONE): delete,
}
