"""Who we are, and what we know of the rooms we are in."""

from __future__ import annotations

from bot.core.errors import Rejected
from connectors.matrix.admin import USUAL_INTERVAL
from connectors.matrix.crypto.cipher import Cipher
from connectors.matrix.crypto.machine import ENCRYPTED, MEGOLM
from connectors.matrix.memory import Memory, Origin, latest_edit, origin_of, with_edit
from connectors.matrix.reading import Json, ident, mapping, strings
from connectors.matrix.rooms import Room
from connectors.matrix.wire import NotFound, Wire, path

# Nobody seals these: what they say stands in their relation, which is open.
OPEN = frozenset({"m.reaction"})


class Account:
    """The bot's account. `rooms` are those that listening keeps current; others are asked for each time."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.me = ""
        self.device_id = ""
        self.rooms: dict[str, Room] = {}
        self.memory = Memory()
        self.cipher: Cipher | None = None
        self.edit_interval = USUAL_INTERVAL
        self._direct: dict[str, frozenset[str]] = {}

    @property
    def space(self) -> str:
        """The community in addresses: the homeserver's name."""
        return self.me.partition(":")[2]

    async def identify(self) -> str:
        """Our user id; raises `Rejected` when whoever answers is no homeserver."""
        if not self.me:
            answer = await self.wire.get(path("account", "whoami"))
            self.device_id = ident(answer.get("device_id"))
            self.me = ident(answer.get("user_id"))
        if not self.space:
            raise Rejected("What answers there does not tell whose token it is: is that the homeserver's address?")
        return self.me

    async def room(self, room_id: str) -> Room:
        """The room's state at this moment; raises `Rejected` when it is not for us."""
        if room_id in self.rooms:
            return self.rooms[room_id]
        room = Room(id=room_id, complete=True)
        room.apply(await self.wire.get_all(path("rooms", room_id, "state")))
        # Who was thrown out may still read the state of that moment.
        if room.membership(await self.identify()) != "join":
            raise Rejected(f"I am not in {room.title}.")
        return room

    async def title(self, room_id: str) -> str:
        """What moderators call the room."""
        known = self.rooms.get(room_id)
        return known.title if known else room_id

    async def members(self, room_id: str) -> frozenset[str]:
        """Who is in the room; raises `Rejected` when it is not for us to know."""
        answer = await self.wire.get(path("rooms", room_id, "joined_members"))
        return frozenset(mapping(answer.get("joined")))

    async def present(self, room: Room) -> frozenset[str]:
        """Who is in the room, asked for only where listening has not told us."""
        if not room.complete:
            room.joined = set(await self.members(room.id))
            room.complete = True
        return frozenset(room.joined)

    def can_read(self, room: Room) -> bool:
        """Whether anything that is said in the room can be read."""
        if not room.encrypted:
            return True
        return self.cipher is not None and room.cipher == MEGOLM and not self.cipher.losses.is_blind(room.id)

    async def unsealed(self, room_id: str, events: list[Json]) -> list[Json]:
        """The events as they were before they were sealed, as far as we can read them."""
        return await self.cipher.unseal(room_id, events) if self.cipher else events

    async def sealed(self, room_id: str, kind: str, content: Json) -> tuple[str, Json]:
        """The type and content to send; raises `Rejected` where it would have to be sealed and cannot be."""
        if kind in OPEN or not await self._is_encrypted(room_id):
            return kind, content
        room = await self.room(room_id)
        if self.cipher is None:
            raise Rejected(f"{room.title} is encrypted, and I have no keys for it: see “parley check”.")
        return ENCRYPTED, await self.cipher.seal(room_id, kind, content, await self.present(room))

    async def _is_encrypted(self, room_id: str) -> bool:
        if room_id in self.rooms:
            return self.rooms[room_id].encrypted
        try:
            return bool(await self.wire.get(path("rooms", room_id, "state", "m.room.encryption", "")))
        except Rejected:
            # Where we may not even look, nothing can be said either.
            return False

    async def origin(self, room_id: str, event_id: str) -> Origin | None:
        """What is known of a message, from the server if need be; what it does not know is remembered as nobody's."""
        known = self.memory.get(event_id)
        if known is None:
            try:
                known = origin_of(await self.event(room_id, event_id), self.me)
            except Rejected:
                known = Origin(sender="")
            self.memory.keep(event_id, known)
        return known

    async def event(self, room_id: str, event_id: str) -> Json:
        """A message with its latest edit, both unsealed."""
        event = await self.wire.get(path("rooms", room_id, "event", event_id))
        edit = latest_edit(event)
        opened = await self.unsealed(room_id, [event, edit] if edit else [event])
        return with_edit(opened[0], opened[1]) if edit else opened[0]

    async def read_direct(self) -> None:
        """Learn which rooms are meant for two."""
        try:
            self.heed_direct(await self.wire.get(path("user", self.me, "account_data", "m.direct")))
        except NotFound:
            self.heed_direct({})

    def heed_direct(self, content: Json) -> None:
        """The account's own list of such rooms, by user id."""
        self._direct = {user_id: frozenset(strings(rooms)) for user_id, rooms in content.items()}

    def direct_with(self, user_id: str) -> list[str]:
        """The rooms in which that user and we are alone."""
        listed = sorted(self._direct.get(user_id, ()))
        return [room_id for room_id in listed if room_id in self.rooms and self.rooms[room_id].private_talk]

    async def mark_direct(self, room: Room) -> None:
        """Keep the room's mark current; who is in it decides whether it still holds."""
        meant = any(room.id in rooms for rooms in self._direct.values())
        if meant and not room.direct:
            room.joined = set(await self.members(room.id))
        room.direct = meant

    async def declare_direct(self, room_id: str, user_id: str) -> None:
        """Write down that this room is meant for us and that user, for the time after a restart."""
        where = path("user", self.me, "account_data", "m.direct")
        try:
            listed = dict(await self.wire.get(where))
        except NotFound:
            listed = {}
        listed[user_id] = sorted({*strings(listed.get(user_id)), room_id})
        await self.wire.put(where, listed)
        self.heed_direct(listed)
