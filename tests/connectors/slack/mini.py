"""A small Slack on real sockets, as far as the tests of this connector need one: one workspace, its API and its events.

Payloads go to the bot as Slack makes them, over Socket Mode with acknowledgements, or signed over HTTP.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeAlias

import aiohttp
from aiohttp import WSMsgType, web

from tests.emulators.waiting import until

Json: TypeAlias = dict[str, Any]

TEAM, ME, APP, BOT_ID = "T0TEAM0001", "U0PARLEY01", "A0PARLEY01", "B0PARLEY01"
BOT_TOKEN, APP_TOKEN, ADMIN_TOKEN, SECRET = "xoxb-bot", "xapp-app", "xoxp-admin", "shh"
SCOPES = (
    "channels:history,channels:manage,channels:read,chat:write,commands,groups:history,groups:read,groups:write,"
    "im:history,im:read,im:write,mpim:history,mpim:read,reactions:read,reactions:write,usergroups:read,users:read"
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """What befalls the next `times` calls of `method`; with `applied` they are carried out first."""

    method: str
    error: str = ""
    status: int = 200
    retry_after: float = 0.0
    delay_s: float = 0.0
    times: int = 1
    applied: bool = False


class Refusal(Exception):
    """Slack says no."""


@dataclass(slots=True)
class Channel:
    """A conversation: who is in it and what was said, by time."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    general: bool = False
    messages: dict[str, Json] = field(default_factory=dict)


class Emulator:
    """`calls` are the API calls that arrived, `refused` those that were refused for a reason of Slack's own."""

    def __init__(self, *, http_to: str = "", stream_life_s: float = 300.0) -> None:
        self.users: dict[str, Json] = {}
        self.groups: dict[str, list[str]] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.acked: dict[str, Json] = {}
        self.answers: list[Json] = []
        self.views: list[Json] = []
        self.homes: dict[str, Json] = {}
        self.whispers: list[Json] = []
        self.revoked: set[str] = set()
        self.statuses: list[Json] = []
        self.silent: list[web.WebSocketResponse] = []
        self.http_to = http_to
        self.stream_life_s = stream_life_s
        self._numbers = count(1)
        self._last = 0
        self._runner: web.AppRunner | None = None
        self.base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/respond/{user}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for socket in list(self.sockets):
            await socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        return f"{self.base}/api/"

    # The world

    def user(self, name: str, **more: bool) -> str:
        user = f"U0{name.upper():0<8}"
        self.users[user] = {"id": user, "name": name, "team_id": TEAM, "profile": {"display_name": name}, **more}
        return user

    def channel(self, name: str, members: Sequence[str], *, private: bool = False, general: bool = False) -> Channel:
        made = Channel(f"C0{name.upper():0<8}", name, {*members, ME}, private, general)
        self.channels[made.id] = made
        return made

    def direct(self, user: str) -> Channel:
        known = f"D0{user[2:]}"
        return self.channels.setdefault(known, Channel(known, "", {user, ME}, private=True))

    def ts(self) -> str:
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def texts(self, channel: Channel) -> list[str]:
        return [shown(message) for message in channel.messages.values()]

    def made(self, method: str) -> list[Json]:
        return [body for name, body in self.calls if name == method]

    def fail(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    # What members do

    async def say(self, user: str, channel: Channel, text: str, *, thread: str = "", silent: bool = False) -> str:
        """The id of the message; `silent` when nobody hears of it, as while the bot is away."""
        ts = self.ts()
        message = {"type": "message", "user": user, "text": text, "ts": ts, "team": TEAM}
        if thread:
            message["thread_ts"] = thread
            channel.messages[thread]["reply_count"] = channel.messages[thread].get("reply_count", 0) + 1
        channel.messages[ts] = message
        if not silent:
            await self.event({**message, **_where(channel), "event_ts": ts})
        return f"{channel.id}:{ts}"

    async def edit(self, message_id: str, text: str, *, silent: bool = False) -> None:
        channel, ts = self._at(message_id)
        before = channel.messages[ts]
        now = self.ts()
        channel.messages[ts] = {**before, "text": text, "edited": {"user": before["user"], "ts": now}}
        if not silent:
            changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now, "event_ts": now}
            pair = {"message": channel.messages[ts], "previous_message": before}
            await self.event({**changed, **_where(channel), **pair})

    async def delete(self, message_id: str) -> None:
        channel, ts = self._at(message_id)
        before = channel.messages.pop(ts)
        now = self.ts()
        gone = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": now, "event_ts": now}
        await self.event({**gone, **_where(channel), "deleted_ts": ts, "previous_message": before})

    async def react(self, user: str, message_id: str, name: str) -> None:
        channel, _, ts = message_id.partition(":")
        item = {"type": "message", "channel": channel, "ts": ts}
        await self.event(
            {"type": "reaction_added", "user": user, "reaction": name, "item": item, "event_ts": self.ts()}
        )

    async def slash(self, user: str, channel: Channel, text: str) -> Json:
        return await self.send(
            "slash_commands",
            {
                **self._asked(user),
                "command": "/parley",
                "text": text,
                "team_id": TEAM,
                "channel_id": channel.id,
                "channel_name": channel.name,
                "user_id": user,
                "user_name": user,
            },
        )

    async def press(self, user: str, message_id: str, label: str) -> Json:
        """Press the button that is called so; a form that it opens is the last of `views`."""
        channel, ts = self._at(message_id)
        message = channel.messages[ts]
        (button,) = [each for each in buttons(message) if label in each["text"]["text"]]
        action: Json = {key: button[key] for key in ("action_id", "value", "text", "type") if key in button}
        body = {
            **self._asked(user),
            "type": "block_actions",
            "user": {"id": user, "team_id": TEAM},
            "team": {"id": TEAM},
            "channel": {"id": channel.id},
            "container": {"type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": False},
            "message": message,
            "actions": [{**action, "block_id": "b", "action_ts": self.ts()}],
        }
        return await self.send("interactive", body)

    async def point(self, user: str, message_id: str, callback: str) -> Json:
        """Use a menu of a message."""
        channel, ts = self._at(message_id)
        body = {
            **self._asked(user),
            "type": "message_action",
            "callback_id": callback,
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": channel.id},
            "message_ts": ts,
            "action_ts": self.ts(),
            "message": channel.messages[ts],
        }
        return await self.send("interactive", body)

    async def submit(self, user: str, text: str) -> Json:
        """Fill in the form that was opened last."""
        view = self.views[-1]
        state = {"values": {"answer": {"text": {"type": "plain_text_input", "value": text}}}}
        sent = {**view, "id": f"V{next(self._numbers):09}", "state": state, "team_id": TEAM}
        body = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "view": sent}
        return await self.send("interactive", body)

    async def open_home(self, user: str) -> None:
        await self.event(
            {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D0", "event_ts": self.ts()}
        )

    def seen(self, user: str) -> list[str]:
        """What only that member reads: whispers, and direct messages of the bot."""
        told = [shown(each) for each in self.whispers if each["user"] == user]
        return told + [shown(each) for each in self.direct(user).messages.values() if each.get("user") == ME]

    def silence(self) -> None:
        """Let all connections stand, and answer nothing on them any more, not even pings."""
        self.silent = list(self.sockets)

    # Delivery

    async def event(self, event: Json, event_id: str = "") -> Json:
        name = event_id or f"Ev{next(self._numbers):010}"
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": name, "event": event}
        return await self.send("events_api", {**body, "authorizations": [{"team_id": TEAM, "user_id": ME}]})

    async def send(self, kind: str, payload: Json) -> Json:
        """Deliver, over one socket after the other or signed; what the bot acknowledged it with."""
        if self.http_to:
            return await self._post(payload)
        envelope = f"e{next(self._numbers)}"
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        if self.sockets:
            await self.sockets[int(envelope[1:]) % len(self.sockets)].send_json(frame)
            await until(lambda: envelope in self.acked or not self.sockets)
        return self.acked.get(envelope, {})

    async def push(self, kind: str, payload: Json, socket: int = 0) -> str:
        """Deliver without waiting; the envelope."""
        envelope = f"e{next(self._numbers)}"
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        await self.sockets[socket % len(self.sockets)].send_json(frame)
        return envelope

    async def _post(self, payload: Json) -> Json:
        if "event" in payload:
            kind, body = "application/json", json.dumps(payload)
        else:
            fields = payload if "command" in payload else {"payload": json.dumps(payload)}
            kind, body = "application/x-www-form-urlencoded", aiohttp.FormData(fields)().decode()
        status, text = await post_signed(self.http_to, body, kind)
        return {"status": status, "text": text}

    def _asked(self, user: str) -> Json:
        return {
            "trigger_id": f"1.{next(self._numbers)}.t",
            "response_url": f"{self.base}/respond/{user}",
            "api_app_id": APP,
        }

    def _at(self, message_id: str) -> tuple[Channel, str]:
        channel, _, ts = message_id.partition(":")
        return self.channels[channel], ts

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                told = json.loads(message.data)
                self.acked[told["envelope_id"]] = told
            elif message.type is WSMsgType.PING and socket not in self.silent:
                await socket.pong(message.data)
        self.sockets.remove(socket)
        return socket

    async def _respond(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.whispers.append({**body, "user": request.match_info["user"]})
        return web.Response(text="ok")

    # The API

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.method == "GET":
            body: Json = dict(request.query)
        else:
            body = await request.json() if "json" in request.content_type else dict(await request.post())
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, body))
        fault = next((each for each in self.faults if each.method == method and each.times > 0), None)
        answer: Json = {}
        if fault is None or fault.applied:
            answer = self._answer(method, token, body)
        if fault is not None:
            fault.times -= 1
            await asyncio.sleep(fault.delay_s)
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            if fault.error or fault.status != 200:
                return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)
            answer = answer or self._answer(method, token, body)
        scopes = {"x-oauth-scopes": "chat:write" if token == ADMIN_TOKEN else SCOPES}
        return web.json_response(answer, headers=scopes if method == "auth.test" else {})

    def _answer(self, method: str, token: str, body: Json) -> Json:
        try:
            self._admit(token)
            return {"ok": True, **METHODS[method](self, body, token)}
        except Refusal as refusal:
            self.refused.append((method, str(refusal)))
            return {"ok": False, "error": str(refusal)}

    def _admit(self, token: str) -> None:
        if token in self.revoked:
            raise Refusal("token_revoked")
        if token not in (BOT_TOKEN, APP_TOKEN, ADMIN_TOKEN):
            raise Refusal("invalid_auth")

    def find(self, body: Mapping[str, Any]) -> Channel:
        channel = self.channels.get(body.get("channel", ""))
        if channel is None:
            raise Refusal("channel_not_found")
        return channel

    def own(self, body: Mapping[str, Any], problem: str) -> tuple[Channel, Json]:
        """A message of the bot."""
        channel = self.find(body)
        message = channel.messages.get(body.get("ts", ""))
        if message is None:
            raise Refusal("message_not_found")
        if message.get("user") != ME:
            raise Refusal(problem)
        return channel, message

    def speak(self, channel: Channel, said: Json) -> str:
        if ME not in channel.members:
            raise Refusal("not_in_channel")
        ts = self.ts()
        channel.messages[ts] = {"type": "message", "user": ME, "bot_id": BOT_ID, "ts": ts, **said}
        if said.get("thread_ts") in channel.messages:
            root = channel.messages[said["thread_ts"]]
            root["reply_count"] = root.get("reply_count", 0) + 1
        return ts


def _where(channel: Channel) -> Json:
    kinds = {"D": "im"}
    return {"channel": channel.id, "channel_type": kinds.get(channel.id[0], "group" if channel.private else "channel")}


def shown(message: Mapping[str, Any]) -> str:
    """What a member reads of a message."""
    blocks = [block for block in message.get("blocks", ()) if block["type"] == "rich_text"]
    if not blocks:
        return str(message.get("text", ""))
    return "\n".join(_text(element) for block in blocks for element in block["elements"])


def buttons(message: Mapping[str, Any]) -> list[Json]:
    return [each for block in message.get("blocks", ()) if block["type"] == "actions" for each in block["elements"]]


def _text(element: Json) -> str:
    if "elements" in element:
        between = "\n" if element["type"] == "rich_text_list" else ""
        return between.join(_text(each) for each in element["elements"])
    return str(element.get("text", element.get("url", "")))


async def post_signed(
    url: str, body: str, kind: str, *, at: float | None = None, secret: str = SECRET
) -> tuple[int, str]:
    """A request as Slack signs it."""
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body.encode(), headers=headers) as answer:
        return answer.status, await answer.text()


def _auth(slack: Emulator, body: Json, token: str) -> Json:
    user = next(iter(slack.users)) if token == ADMIN_TOKEN else ME
    return {
        "team_id": TEAM,
        "team": "Fernhill",
        "user_id": user,
        "bot_id": BOT_ID,
        "url": "https://fernhill.slack.com/",
    }


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
    kept: Json = {key: body[key] for key in ("text", "blocks", "thread_ts", "metadata") if key in body}
    return {"ts": slack.speak(channel, kept), "channel": channel.id}


def _update(slack: Emulator, body: Json, token: str) -> Json:
    _, message = slack.own(body, "cant_update_message")
    if len(body.get("text", "")) > 4_000:
        raise Refusal("msg_too_long")
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
    return {}


def _ephemeral(slack: Emulator, body: Json, token: str) -> Json:
    if body["user"] not in slack.find(body).members:
        raise Refusal("user_not_in_channel")
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
    message["text"] += body.get("markdown_text", "")
    return message


def _append(slack: Emulator, body: Json, token: str) -> Json:
    _streaming(slack, body)
    return {}


def _stop(slack: Emulator, body: Json, token: str) -> Json:
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


Method: TypeAlias = Callable[[Emulator, Json, str], Json]
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
