"""Reactions and pins."""

from __future__ import annotations

from urllib.parse import unquote

from tests.emulators.discord import posting, reacting, render, render_message
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Message
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.world import Event

MOST_PINS = 250
PINNED, UNPINNED = 74, 75
SYSTEM_PINNED = 6


def react(call: Call) -> None:
    message = call.message()
    needed = Permission.READ_MESSAGE_HISTORY | Permission.VIEW_CHANNEL
    key = unquote(call.parameters["emoji_name"])
    if key not in message.reactions:
        needed |= Permission.ADD_REACTIONS
    call.world.must(call.me, message.channel, needed)
    if message.channel.archived:
        raise Refusal(50083)
    reacting.check_emoji(key)
    reacting.add(call.world, message, call.me, key)


def unreact(call: Call) -> None:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.VIEW_CHANNEL)
    reacting.remove(call.world, message, call.me, unquote(call.parameters["emoji_name"]))


def unreact_other(call: Call) -> None:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.MANAGE_MESSAGES)
    other = call.world.users.get(call.id("user_id"))
    if other is None:
        raise Refusal(10013)
    reacting.remove(call.world, message, other, unquote(call.parameters["emoji_name"]))


def reactors(call: Call) -> list[Json]:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.READ_MESSAGE_HISTORY)
    people = message.reactions.get(unquote(call.parameters["emoji_name"]), {})
    after = call.number("after", 0)
    return [render.user(people[each]) for each in sorted(people) if each > after][: call.number("limit", 25)]


def clear_reactions(call: Call) -> None:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.MANAGE_MESSAGES)
    reacting.clear(call.world, message)


def pin(call: Call) -> None:
    channel = call.channel()
    if sum(each.pinned for each in channel.messages.values()) >= MOST_PINS:
        raise Refusal(30003, message="Maximum number of pins reached (250)")
    _set_pinned(call, pinned=True)


def unpin(call: Call) -> None:
    _set_pinned(call, pinned=False)


def _set_pinned(call: Call, *, pinned: bool) -> None:
    message, channel = call.message(), call.channel()
    call.world.must(call.me, channel, Permission.PIN_MESSAGES)
    message.pinned = pinned
    posting.tell_updated(call.world, message)
    if pinned:
        _say_pinned(call, message)
    data: Json = {"channel_id": str(channel.id), "last_pin_timestamp": render.stamp(call.world.now())}
    if channel.guild is not None:
        data["guild_id"] = str(channel.guild.id)
        call.world.audit(channel.guild, PINNED if pinned else UNPINNED, call.me, message.author.id, call.reason)
    call.world.emit(Event(name="CHANNEL_PINS_UPDATE", data=data, guild=channel.guild, channel=channel, intents=1))


def _say_pinned(call: Call, message: Message) -> None:
    about = posting.reference(message)
    draft = posting.Draft(author=call.me, channel=message.channel, type=SYSTEM_PINNED, reference=about)
    draft.allowed, draft.replied = {"parse": []}, message
    posting.post(call.world, draft)


def pins(call: Call) -> Json:
    channel = call.channel()
    call.world.must(call.me, channel, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
    found = [each for each in reversed(channel.messages.values()) if each.pinned][: call.number("limit", 50)]
    items = [{"pinned_at": render.stamp(each.created), "message": _shown(call, each)} for each in found]
    return {"items": items, "has_more": False}


def _shown(call: Call, message: Message) -> Json:
    return render_message.message(message, call.world)


_ONE = "/channels/{channel_id}/messages/{message_id}"
_REACTION = _ONE + "/reactions/{emoji_name}"
_PIN = "/channels/{channel_id}/messages/pins/{message_id}"
ROUTES: Routes = {
    ("PUT", _REACTION + "/@me"): react,
    ("DELETE", _REACTION + "/@me"): unreact,
    ("DELETE", _REACTION + "/{user_id}"): unreact_other,
    ("GET", _REACTION): reactors,
    ("DELETE", _ONE + "/reactions"): clear_reactions,
    ("PUT", _PIN): pin,
    ("DELETE", _PIN): unpin,
    ("GET", "/channels/{channel_id}/messages/pins"): pins,
}
