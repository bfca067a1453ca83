"""The methods of the small Slack's API: each takes the arguments and the token, and refuses as Slack does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from tests.connectors.slack.mini.names import (
    ADMIN_TOKEN,
    BOT_ID,
    BOT_TOKEN,
    ME,
    TEAM,
    TEAMS,
    Channel,
    Json,
    Refusal,
    check_blocks,
)

if TYPE_CHECKING:
    from tests.connectors.slack.mini.emulator import Emulator


def _auth(slack: Emulator, body: Json, token: str) -> Json:
    user, url = next(iter(slack.users)) if token == ADMIN_TOKEN else ME, "https://fernhill.slack.com/"
    return {"team_id": TEAMS.get(token, TEAM), "team": "Fernhill", "user_id": user, "bot_id": BOT_ID, "url": url}


def _info(slack: Emulator, body: Json, token: str) -> Json:
    if body["user"] not in slack.users:
        raise Refusal("user_not_found")
    return {"user": slack.users[body["user"]]}


def _described(channel: Channel) -> Json:
    kind = {"is_im": True} if channel.id.startswith("D") else {"is_private": channel.private, "name": channel.name}
    return {"id": channel.id, "is_member": ME in channel.members, "is_general": channel.general, **kind}


def _mine(slack: Emulator, body: Json, token: str) -> Json:
    return {"channels": [_described(each) for each in slack.channels.values() if ME in each.members]}


def _history(slack: Emulator, body: Json, token: str) -> Json:
    """Newest first, in pages."""
    channel = slack.find(body)
    roots = [each for each in channel.messages.values() if each.get("thread_ts", each["ts"]) == each["ts"]]
    found = [each for each in reversed(roots) if _within(each, body)]
    return _page(found, body)


def _replies(slack: Emulator, body: Json, token: str) -> Json:
    channel = slack.find(body)
    if body["ts"] not in channel.messages:
        raise Refusal("thread_not_found")
    replies = [each for each in channel.messages.values() if each.get("thread_ts") == body["ts"] != each["ts"]]
    return _page([channel.messages[body["ts"]], *(each for each in replies if _within(each, body))], body)


def _within(message: Json, body: Json) -> bool:
    edge = body.get("inclusive") == "true"
    oldest, latest = body.get("oldest", ""), body.get("latest", "")
    after = not oldest or message["ts"] > oldest or (edge and message["ts"] == oldest)
    return bool(after and (not latest or message["ts"] < latest or (edge and message["ts"] == latest)))


def _page(found: list[Json], body: Json) -> Json:
    first, limit = int(body.get("cursor") or 0), int(body.get("limit", 100))
    more = {"response_metadata": {"next_cursor": str(first + limit)}} if found[first + limit :] else {}
    return {"messages": found[first : first + limit], **more}


def _post_message(slack: Emulator, body: Json, token: str) -> Json:
    channel = slack.find(body)
    if len(body.get("text", "")) > 40_000:
        raise Refusal("msg_too_long")
    check_blocks(body)
    kept: Json = {key: body[key] for key in ("text", "blocks", "thread_ts", "metadata") if key in body}
    return {"ts": slack.speak(channel, kept), "channel": channel.id}


def _update(slack: Emulator, body: Json, token: str) -> Json:
    _, message = slack.own(body, "cant_update_message")
    if len(body.get("text", "")) > 4_000:
        raise Refusal("msg_too_long")
    check_blocks(body)
    slack.remember(message)
    message.update({key: body[key] for key in ("text", "blocks") if key in body})
    message.pop("streaming_since", None)
    return {"ts": body["ts"]}


def _delete(slack: Emulator, body: Json, token: str) -> Json:
    channel = slack.find(body)
    message = channel.messages.get(body["ts"])
    if message is None:
        raise Refusal("message_not_found")
    if token == BOT_TOKEN and message.get("user") != ME:
        raise Refusal("cant_delete_message")
    del channel.messages[body["ts"]]
    slack.removed[f"{channel.id}:{body['ts']}"] += 1
    return {}


def _ephemeral(slack: Emulator, body: Json, token: str) -> Json:
    if body["user"] not in slack.find(body).members:
        raise Refusal("user_not_in_channel")
    check_blocks(body)
    slack.whispers.append(body)
    return {"message_ts": slack.ts()}


def _start(slack: Emulator, body: Json, token: str) -> Json:
    channel = slack.find(body)
    if body["thread_ts"] not in channel.messages or not body["recipient_user_id"]:
        raise Refusal("missing_recipient_user_id")
    said = {"text": body["markdown_text"], "thread_ts": body["thread_ts"], "streaming_since": time.monotonic()}
    return {"ts": slack.speak(channel, said)}


def _streaming(slack: Emulator, body: Json) -> Json:
    _, message = slack.own(body, "message_not_owned_by_app")
    if message.pop("stopped", False):
        raise Refusal("stopped_by_user")
    since = message.get("streaming_since")
    if since is None or time.monotonic() - since > slack.stream_life_s:
        raise Refusal("message_not_in_streaming_state")
    if body.get("markdown_text"):
        slack.remember(message)
    message["text"] += body.get("markdown_text", "")
    return message


def _append(slack: Emulator, body: Json, token: str) -> Json:
    _streaming(slack, body)
    return {}


def _stop(slack: Emulator, body: Json, token: str) -> Json:
    check_blocks({"text": "any", **body})
    message = _streaming(slack, body)
    del message["streaming_since"]
    message.update({key: body[key] for key in ("blocks", "metadata") if key in body})
    return {}


def _kick(slack: Emulator, body: Json, token: str) -> Json:
    channel = slack.find(body)
    if channel.general:
        raise Refusal("cant_kick_from_general")
    if body["user"] not in channel.members:
        raise Refusal("not_in_channel")
    channel.members.discard(body["user"])
    return {}


def _reaction(slack: Emulator, body: Json, token: str) -> Json:
    message = slack.find(body).messages.get(body["timestamp"])
    if message is None:
        raise Refusal("message_not_found")
    message.setdefault("reactions", []).append(body["name"])
    return {}


def _open(slack: Emulator, body: Json, token: str) -> Json:
    if body["users"] not in slack.users:
        raise Refusal("user_not_found")
    return {"channel": {"id": slack.direct(body["users"]).id}}


def _kept(name: str) -> Method:
    def keep(slack: Emulator, body: Json, token: str) -> Json:
        kept = getattr(slack, name)
        kept.append(body.get("view", body))
        return {}

    return keep


def _publish(slack: Emulator, body: Json, token: str) -> Json:
    slack.homes[body["user_id"]] = body["view"]
    return {}


Method: TypeAlias = "Callable[[Emulator, Json, str], Json]"
METHODS: dict[str, Method] = {
    "apps.connections.open": lambda slack, _body, _token: {"url": slack.base.replace("http", "ws") + "/socket"},
    "assistant.threads.setStatus": _kept("statuses"),
    "auth.test": _auth,
    "chat.appendStream": _append,
    "chat.delete": _delete,
    "chat.postEphemeral": _ephemeral,
    "chat.postMessage": _post_message,
    "chat.startStream": _start,
    "chat.stopStream": _stop,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.info": lambda slack, body, _token: {"channel": _described(slack.find(body))},
    "conversations.kick": _kick,
    "conversations.members": lambda slack, body, _token: {"members": sorted(slack.find(body).members)},
    "conversations.open": _open,
    "conversations.replies": _replies,
    "reactions.add": _reaction,
    "usergroups.list": lambda slack, _body, _token: {
        "usergroups": [{"id": each, "handle": "mods"} for each in slack.groups]
    },
    "usergroups.users.list": lambda slack, body, _token: {"users": slack.groups[body["usergroup"]]},
    "users.conversations": _mine,
    "users.info": _info,
    "users.list": lambda slack, _body, _token: {"members": list(slack.users.values())},
    "views.open": _kept("views"),
    "views.publish": _publish,
}
