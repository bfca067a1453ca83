"""Hold lists of bans against rooms, and write our own."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.core.address import Address
from bot.core.banlist import BanList, Bar, Enlist, Hit, Pardon
from bot.core.errors import Rejected
from bot.core.stored import Receipt
from connectors.matrix.account import Account
from connectors.matrix.policies import KINDS, USER_RULE, Rules, entry_of, matches, rules_in, written
from connectors.matrix.reading import Json, ident, mapping
from connectors.matrix.rooms import Room
from connectors.matrix.wire import NotFound, path

ACL = "m.room.server_acl"
log = structlog.get_logger()


class Listings:
    """The lists that one account can read."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._wire = account.wire
        self._made: dict[str, tuple[int, Rules]] = {}

    async def held(self, list_: Address, where: Address, member_id: str) -> BanList:
        """A list held against a place or a community; raises `Rejected` when it is not for us to read."""
        room = await self._account.room(await self._id(list_.channel))
        rules = self._rules(room)
        return BanList(
            address=Address(list_.platform, list_.space, room.id),
            title=room.title,
            size=rules.size,
            hits=tuple(await self._hits(rules, room.id, where, member_id)),
            servers=rules.servers,
        )

    async def enlist(self, effect: Enlist) -> Receipt:
        """State replaces itself, so doing it again changes nothing."""
        room = await self._account.room(await self._id(effect.to.channel))
        named = [event for event in _rules_of(room) if mapping(event.get("content")).get("entity") == effect.user_id]
        if not effect.lifted:
            state_key, content = written(effect.user_id, effect.reason)
            await self._set(room, USER_RULE, state_key, content)
            return Receipt(gone=bool(named))
        for event in named:
            await self._set(room, str(event["type"]), str(event["state_key"]), {})
        return Receipt(gone=not named)

    async def pardon(self, effect: Pardon) -> Receipt:
        """Wherever the member is banned and we may lift it; raises `Rejected` when we may nowhere."""
        rooms = [room for room in self._rooms(effect.to) if await self._is_banned(room.id, effect.user_id)]
        me = self._account.me
        able = [room for room in rooms if room.level(me) >= room.needed("ban")]
        if rooms and not able:
            raise Rejected(f"I lack the power to lift that ban in {rooms[0].title}.")
        for room in able:
            await self._wire.post(path("rooms", room.id, "unban"), {"user_id": effect.user_id}, power="lift that ban")
        return Receipt(gone=not rooms)

    async def bar(self, effect: Bar) -> Receipt:
        """In every room where we may; never our own server, which could not let itself in again."""
        own = self._account.space
        servers = [each for each in effect.servers if not matches(each, own)]
        for room in self._rooms(effect.to):
            if room.level(self._account.me) >= room.needed_to_set(ACL):
                await self._bar(room, servers, lifted=effect.lifted)
            else:
                log.warning("servers_not_barred", room=room.id, problem="not enough power")
        left = [each for each in effect.servers if each not in servers]
        return Receipt(remarks=tuple(f"{each} would keep out my own server, so I left it out." for each in left))

    async def _bar(self, room: Room, servers: Sequence[str], *, lifted: bool) -> None:
        try:
            current = dict(await self._wire.get(path("rooms", room.id, "state", ACL, "")))
        except NotFound:
            current = {"allow": ["*"], "allow_ip_literals": False}
        denied = current.get("deny")
        before = [each for each in denied if isinstance(each, str)] if isinstance(denied, list) else []
        kept = [each for each in before if each not in servers]
        after = kept if lifted else sorted({*before, *servers})
        if after != before:
            await self._set(room, ACL, "", {**current, "deny": after})

    async def _set(self, room: Room, kind: str, state_key: str, content: Json) -> None:
        where = path("rooms", room.id, "state", kind, state_key)
        await self._wire.put(where, content, power=f"change the lists of {room.title}")

    async def _hits(self, rules: Rules, own: str, where: Address, member_id: str) -> list[Hit]:
        found: list[Hit] = []
        for room in self._rooms(where):
            present = {member_id} if member_id else await self._account.present(room) - {self._account.me}
            entries = ((user_id, rules.about(user_id)) for user_id in sorted(present) if room.id != own)
            place = Address(where.platform, where.space, room.id)
            found += [
                Hit(where=place, user_id=u, name=room.name(u), role=room.role(u), entry=e) for u, e in entries if e
            ]
        return found

    def _rules(self, room: Room) -> Rules:
        version, rules = self._made.get(room.id, (-1, Rules()))
        if version != room.policy_version or room.id not in self._account.rooms:
            rules = rules_in(_rules_of(room))
            self._made[room.id] = room.policy_version, rules
        return rules

    def _rooms(self, where: Address) -> list[Room]:
        """The place, or all of a community where people talk."""
        rooms = self._account.rooms
        if where.channel:
            return [rooms[where.channel]] if where.channel in rooms else []
        return [room for room in rooms.values() if not room.is_space]

    async def _id(self, channel: str) -> str:
        """A room's id, also by its public name."""
        if not channel.startswith("#"):
            return channel
        return ident((await self._wire.get(path("directory", "room", channel))).get("room_id"))

    async def _is_banned(self, room_id: str, user_id: str) -> bool:
        try:
            member = await self._wire.get(path("rooms", room_id, "state", "m.room.member", user_id))
        except NotFound:
            return False
        return member.get("membership") == "ban"


def _rules_of(room: Room) -> list[Json]:
    standing = [event for (kind, _), event in room.state.items() if kind in KINDS]
    return [event for event in standing if entry_of(event.get("type"), mapping(event.get("content")))]
