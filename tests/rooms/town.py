"""A town on a real homeserver: members, a moderator, their rooms, and the bot as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from tests.servers.process import free_port
from tests.servers.synapse import Account, Homeserver, JsonObject

T = TypeVar("T")

PATIENCE = 30.0
GATE_SECRET = "between homeserver and bot"
ABUSE = "you are a stupid worthless idiot and nobody here likes you"


# Nothing was reviewed here yet, so acting has to be allowed by hand; and no message is drawn as a check.
SET = {
    f"PARLEY_MODERATION__{key}": value
    for key, value in (("SURE", "0.99"), ("AUDIT_RATE", "0"), ("AUDIT_RATE_ACTED", "0"))
}


def eventually(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `look` finds as soon as it finds anything."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:.0f} s: {look.__qualname__}")


@dataclass(slots=True)
class Town:
    """Ada, Ben and Eve talk; Mo moderates; Parley has an account with the power to redact."""

    server: Homeserver
    people: dict[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stamp = uuid.uuid4().hex[:8]
        for name in ("ada", "ben", "eve", "mo", "parley"):
            self.people[name] = self.server.register(f"{name}-{stamp}")

    def room(self, *members: str, state: list[JsonObject] | None = None) -> str:
        """A room that Mo made, with the bot invited and these members in it; `state` is there from the beginning."""
        bot, mo = self.people["parley"].user_id, self.people["mo"]
        power = {"users": {bot: 60}}
        made: JsonObject = self.server.api(
            "POST",
            "/_matrix/client/v3/createRoom",
            mo.token,
            {
                "preset": "public_chat",
                "invite": [bot],
                "power_level_content_override": power,
                "initial_state": state or [],
            },
        )
        room: str = made["room_id"]
        for name in members:
            self.server.api("POST", f"/_matrix/client/v3/join/{quote(room)}", self.people[name].token, {})
        return room

    def say(self, who: str, room: str, text: str, **content: object) -> str:
        """Send a message; returns its id."""
        return self.send(who, room, "m.room.message", {"msgtype": "m.text", "body": text, **content})

    def edit(self, who: str, room: str, message: str, text: str) -> str:
        """Edit a message; returns the edit's id."""
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": message}
        return self.say(who, room, f"* {text}", **{"m.new_content": fresh, "m.relates_to": relation})

    def react(self, who: str, room: str, message: str, symbol: str) -> str:
        """React to a message."""
        relation = {"rel_type": "m.annotation", "event_id": message, "key": symbol}
        return self.send(who, room, "m.reaction", {"m.relates_to": relation})

    def send(self, who: str, room: str, kind: str, content: JsonObject) -> str:
        """Send any event; returns its id."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/{kind}/{uuid.uuid4().hex}"
        sent: str = self.server.api("PUT", path, self.people[who].token, content)["event_id"]
        return sent

    def set_state(self, room: str, kind: str, key: str, content: JsonObject) -> None:
        """Mo changes the room."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/state/{kind}/{quote(key)}"
        self.server.api("PUT", path, self.people["mo"].token, content)

    def membership(self, room: str, who: str) -> str:
        """Whether somebody is in a room, banned, or gone."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/state/m.room.member/{quote(self.people[who].user_id)}"
        found: str = self.server.api("GET", path, self.people["mo"].token)["membership"]
        return found

    def act(self, who: str, room: str, what: str, member: str) -> None:
        """Kick, ban or unban a member by hand."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/{what}"
        body = {"user_id": self.people[member].user_id, "reason": "by hand"}
        self.server.api("POST", path, self.people[who].token, body)

    def rules(self, room: str) -> list[JsonObject]:
        """The bans that a list of the room's names."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/state"
        state: list[JsonObject] = self.server.api("GET", path, self.people["mo"].token)  # type: ignore[assignment]
        found = [event["content"] for event in state if event["type"] == "m.policy.rule.user"]
        return [content for content in found if content]

    def is_redacted(self, room: str, message: str) -> bool:
        """Whether the message's text is gone for those who read the room."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/event/{quote(message)}"
        return not self.server.api("GET", path, self.people["mo"].token)["content"]

    def said_by_parley(self, room: str, kind: str = "m.room.message") -> list[JsonObject]:
        """What the bot said in a room, newest first."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/messages?dir=b&limit=100"
        chunk = self.server.api("GET", path, self.people["mo"].token)["chunk"]
        bot = self.people["parley"].user_id
        return [event for event in chunk if event["sender"] == bot and event["type"] == kind]

    def heard(self, room: str, words: str) -> JsonObject | None:
        """The bot's newest message there that holds these words."""
        said = self.said_by_parley(room)
        return next((event for event in said if words in event["content"].get("body", "")), None)

    def is_in(self, room: str) -> bool:
        """Whether the bot has joined."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/joined_members"
        return self.people["parley"].user_id in self.server.api("GET", path, self.people["mo"].token)["joined"]


@dataclass(slots=True)
class Bot:
    """`parley run` in a folder of its own, as people start it."""

    folder: Path
    gate: str
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of(cls, town: Town, folder: Path, review_room: str) -> Bot:
        """Configured for the town; Mo's invitations are accepted."""
        space = town.server.name
        room, port = quote(review_room, safe=""), free_port()
        (folder / "parley.toml").write_text(
            f"""
[moderation]
review_room = "matrix/{space}/{room}"
[connectors.matrix]
homeserver = "{town.server.url}"
allow_invites_from = ["{town.people["mo"].user_id}"]
sync_timeout = 5
gate_port = {port}
gate_deadline = "20s"
"""
        )
        return cls(folder, f"http://127.0.0.1:{port}")

    def start(self, token: str) -> None:
        """Start it; returns at once."""
        environment = {
            **os.environ,
            "MATRIX_ACCESS_TOKEN": token,
            "MATRIX_GATE_SECRET": GATE_SECRET,
            "PARLEY_LOG__LEVEL": "info",
            **SET,
        }
        command = [str(Path(sys.executable).with_name("parley")), "run"]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def refusal(self, event: JsonObject) -> str:
        """What a homeserver is told that asks before it delivers."""
        headers = {"Authorization": f"Bearer {GATE_SECRET}"}
        request = urllib.request.Request(f"{self.gate}/_parley/v1/check", json.dumps(event).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            found: str = json.load(response)["refusal"]
        return found

    def kill(self) -> None:
        """As if the power went."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """As an administrator would; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(15)

    def verdicts(self, room: str, kind: str = "MessagePosted") -> dict[str, list[str]]:
        """The outcomes of each message of a room, by message id; an empty one where it is still open."""
        found: dict[str, list[str]] = {}
        database = sqlite3.connect(f"file:{self.folder / 'parley.db'}?mode=ro", uri=True)
        try:
            query = "SELECT message, outcome FROM event WHERE place LIKE ? AND kind = ?"
            for message, outcome in database.execute(query, (f"%{quote(room, safe='')}%", kind)):
                found.setdefault(message.partition(":")[2], []).append(outcome or "")
        finally:
            database.close()
        return found


async def say_many(town: Town, who: str, room: str, texts: list[str], at_once: int = 8) -> list[str]:
    """Send messages a few at a time; returns their ids."""
    slots = asyncio.Semaphore(at_once)

    async def one(text: str) -> str:
        async with slots:
            return await asyncio.to_thread(town.say, who, room, text)

    return list(await asyncio.gather(*(one(text) for text in texts)))


def opened(town: Town, *members: str) -> str:
    room = town.room(*members)
    eventually(lambda: town.is_in(room))
    return room


def set_mode(town: Town, room: str, mode: str) -> None:
    town.say("mo", room, f"!parley mode {mode}")
    eventually(lambda: town.heard(room, f"{mode} for this channel"))
