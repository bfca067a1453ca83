"""What a room's state says about who may do what in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.core.event import Role
from bot.core.surface import legible
from connectors.matrix.policies import KINDS
from connectors.matrix.reading import Json, ident, mapping, strings, whole

OWNER_LEVEL = 100
MODERATOR_LEVEL = 50
# From this version on creators stand above every power level.
CREATORS_RULE_SINCE = 12
KEPT = frozenset(
    f"m.room.{name}"
    for name in ("create", "power_levels", "member", "encryption", "join_rules", "history_visibility", "name")
) | frozenset(KINDS)


@dataclass(slots=True, kw_only=True)
class Room:
    """A room as its latest state events describe it; state events replace each other, they never merge.

    `complete` says that `joined` holds everybody who is in it.
    """

    id: str
    state: dict[tuple[str, str], Json] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    direct: bool = False
    complete: bool = False
    policy_version: int = 0

    def apply(self, events: Iterable[Json]) -> None:
        """Take over the state among these events, oldest first."""
        for event in events:
            kind, key = event.get("type"), event.get("state_key")
            if isinstance(kind, str) and isinstance(key, str) and kind in KEPT:
                self.state[kind, key] = event
                self._count(kind, key)
                self.policy_version += kind in KINDS
            elif kind == "m.room.redaction" and self.policy_version:
                self._forget_rule(event.get("redacts") or mapping(event.get("content")).get("redacts"))

    def learn_names(self, events: Iterable[Json]) -> None:
        """Take over members that are not known, from state of an earlier time."""
        for event in events:
            key = event.get("state_key")
            if event.get("type") == "m.room.member" and isinstance(key, str):
                self.state.setdefault(("m.room.member", key), event)

    @property
    def is_space(self) -> bool:
        """Whether it holds rooms instead of talk."""
        return self._content("m.room.create").get("type") == "m.space"

    @property
    def encrypted(self) -> bool:
        """Whether what is said here is sealed."""
        return ("m.room.encryption", "") in self.state

    @property
    def cipher(self) -> str:
        """The algorithm that seals it."""
        return ident(self._content("m.room.encryption").get("algorithm"))

    @property
    def open_to_all(self) -> bool:
        """Whether anyone at all can read, by looking in or by joining."""
        seen = self._content("m.room.history_visibility").get("history_visibility")
        return seen == "world_readable" or self._content("m.room.join_rules").get("join_rule") == "public"

    @property
    def private_talk(self) -> bool:
        """Whether only one member and the bot are here, and meant to be alone."""
        return self.direct and len(self.joined) <= len(("member", "bot"))

    @property
    def title(self) -> str:
        """What moderators call the room, its id when it has no name."""
        return legible(self._content("m.room.name").get("name"))[:80] or self.id

    def name(self, user_id: str) -> str:
        """The member's display name, the id when there is none."""
        return legible(self._content("m.room.member", user_id).get("displayname"))[:255] or user_id

    def membership(self, user_id: str) -> str:
        """'join', 'leave' and so on; '' when it is not known."""
        return ident(self._content("m.room.member", user_id).get("membership"))

    def level(self, user_id: str) -> float:
        """The member's power, infinite for those who made a room of the later versions."""
        create = mapping(self.state.get(("m.room.create", "")))
        if user_id in self._creators(create):
            return math.inf
        if ("m.room.power_levels", "") not in self.state:
            return OWNER_LEVEL if user_id == create.get("sender") else 0
        users = mapping(self._power().get("users"))
        return whole(users.get(user_id), self._usual())

    def role(self, user_id: str) -> Role:
        """Nobody is a moderator by a level that everybody has."""
        level = self.level(user_id)
        if level <= self._usual():
            return Role.MEMBER
        if level >= OWNER_LEVEL:
            return Role.OWNER
        return Role.MODERATOR if level >= min(MODERATOR_LEVEL, self.needed("redact")) else Role.MEMBER

    def needed(self, action: str) -> int:
        """The power that `redact`, `kick` or `ban` takes."""
        return whole(self._power().get(action), 50)

    def needed_to_send(self, kind: str) -> int:
        """The power that sending a message event of this type takes."""
        power = self._power()
        return whole(mapping(power.get("events")).get(kind), whole(power.get("events_default"), 0))

    def needed_to_set(self, kind: str) -> int:
        """The power that sending a state event of this type takes."""
        power = self._power()
        return whole(mapping(power.get("events")).get(kind), whole(power.get("state_default"), 50))

    def can_redact(self, user_id: str) -> bool:
        """Whether this user may take away what others said."""
        return self.level(user_id) >= max(self.needed("redact"), self.needed_to_send("m.room.redaction"))

    @property
    def version(self) -> int:
        """By which rules events are read; 1 where none is named."""
        return whole(self._content("m.room.create").get("room_version"), 1)

    def _creators(self, create: Json) -> set[str]:
        content = mapping(create.get("content"))
        if whole(content.get("room_version"), 1) < CREATORS_RULE_SINCE:
            return set()
        return {ident(create.get("sender")), *strings(content.get("additional_creators"))}

    def _usual(self) -> int:
        return whole(self._power().get("users_default"), 0)

    def _power(self) -> Json:
        return self._content("m.room.power_levels")

    def _content(self, kind: str, key: str = "") -> Json:
        return mapping(mapping(self.state.get((kind, key))).get("content"))

    def _forget_rule(self, event_id: object) -> None:
        """A rule whose event was taken away stands no more."""
        named = [key for key, event in self.state.items() if key[0] in KINDS and event.get("event_id") == event_id]
        for key in named:
            self.state[key] = {**self.state[key], "content": {}}
            self.policy_version += 1

    def _count(self, kind: str, user_id: str) -> None:
        if kind != "m.room.member":
            return
        if self.membership(user_id) == "join":
            self.joined.add(user_id)
        else:
            self.joined.discard(user_id)
