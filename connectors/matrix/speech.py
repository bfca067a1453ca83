"""Put what we say into a room, sealed where the room asks for it."""

from __future__ import annotations

from connectors.matrix.account import Account
from connectors.matrix.reading import Json, ident
from connectors.matrix.render import Said, live, render
from connectors.matrix.wire import path, transaction


class Speech:
    """Speaks for one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def say(self, effect: Said, key: str, *, growing: bool = False) -> str:
        """The message's id; the same key again says it once. A `growing` text is marked as one."""
        kind, content = render(effect)
        return await self.send(effect.to.channel, kind, live(content) if growing else content, key)

    async def send(self, room_id: str, kind: str, content: Json, key: str) -> str:
        """Raises `Transient`, `RateLimited`, `Rejected`, `Revoked`."""
        kind, content = await self._account.sealed(room_id, kind, content)
        where = path("rooms", room_id, "send", kind, transaction(key))
        power = f"speak in {await self._account.title(room_id)}"
        return ident((await self._account.wire.put(where, content, power=power)).get("event_id"))
