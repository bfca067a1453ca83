"""Polls: who voted, and the end before their time."""

from __future__ import annotations

from tests.emulators.discord import posting, reacting, render, render_message
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal, field


def voters(call: Call) -> Json:
    message = call.message()
    call.world.must(call.me, message.channel, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
    poll = reacting.poll_of(message)
    number = call.id("answer_id")
    if number not in poll.answers:
        raise field("answer_id", "BASE_TYPE_CHOICES", "Unknown poll answer")
    after = call.number("after", 0)
    people = [who for user_id, who in sorted(poll.votes[number].items()) if user_id > after]
    return {"users": [render.user(each) for each in people[: call.number("limit", 25)]]}


def end(call: Call) -> Json:
    """End one's own poll; its votes are final a moment later."""
    message = call.message()
    poll = reacting.poll_of(message)
    if message.author is not call.me:
        raise Refusal(50013)
    if poll.expiry <= call.world.now():
        raise Refusal(520001)
    poll.expiry = call.world.now()
    posting.tell_updated(call.world, message)
    return render_message.message(message, call.world)


ROUTES: Routes = {
    ("GET", "/channels/{channel_id}/polls/{message_id}/answers/{answer_id}"): voters,
    ("POST", "/channels/{channel_id}/polls/{message_id}/expire"): end,
}
