"""What members do: each deed becomes the payload that Slack would send."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count

from tests.connectors.slack.mini.names import APP, ME, TEAM, Channel, Json, buttons, shown, where_of


class People:
    """The world, seen from its members; whoever inherits delivers payloads with `send`."""

    def __init__(self) -> None:
        self.base = ""
        self.users: dict[str, Json] = {}
        self.groups: dict[str, list[str]] = {}
        self.channels: dict[str, Channel] = {}
        self.views: list[Json] = []
        self.whispers: list[Json] = []
        self._numbers = count(1)
        self._last = 0

    async def send(self, kind: str, payload: Json) -> Json:
        """Deliver; what the bot acknowledged it with."""
        raise NotImplementedError

    def user(self, name: str, **more: bool) -> str:
        user = f"U0{name.upper()}"
        self.users[user] = {"id": user, "name": name, "team_id": TEAM, "profile": {"display_name": name}, **more}
        return user

    def channel(self, name: str, members: Sequence[str], *, private: bool = False, general: bool = False) -> Channel:
        made = Channel(f"C0{name.upper()}", name, {*members, ME}, private, general)
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
            await self.event({**message, **where_of(channel), "event_ts": ts})
        return f"{channel.id}:{ts}"

    async def edit(self, message_id: str, text: str, *, silent: bool = False) -> None:
        channel, ts = self._at(message_id)
        before = channel.messages[ts]
        now = self.ts()
        changed_to = {**before, "text": text, "edited": {"user": before["user"], "ts": now}}
        channel.messages[ts] = {**changed_to, "was": [*before.get("was", ()), shown(before)]}
        if not silent:
            changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now, "event_ts": now}
            pair = {"message": channel.messages[ts], "previous_message": before}
            await self.event({**changed, **where_of(channel), **pair})

    async def delete(self, message_id: str) -> None:
        channel, ts = self._at(message_id)
        before = channel.messages.pop(ts)
        now = self.ts()
        gone = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": now, "event_ts": now}
        await self.event({**gone, **where_of(channel), "deleted_ts": ts, "previous_message": before})

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

    def _asked(self, user: str) -> Json:
        number = next(self._numbers)
        return {
            "trigger_id": f"1.{next(self._numbers)}.t",
            "response_url": f"{self.base}/respond/{user}/{number}",
            "api_app_id": APP,
        }

    def _at(self, message_id: str) -> tuple[Channel, str]:
        channel, _, ts = message_id.partition(":")
        return self.channels[channel], ts

    async def event(self, event: Json, event_id: str = "", team: str = TEAM) -> Json:
        name = event_id or f"Ev{next(self._numbers):010}"
        body = {"type": "event_callback", "team_id": team, "api_app_id": APP, "event_id": name, "event": event}
        return await self.send("events_api", {**body, "authorizations": [{"team_id": team, "user_id": ME}]})
