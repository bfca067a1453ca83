"""Who we are, and what we know or can find out of servers and their members."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.core.address import Address
from bot.core.errors import Rejected
from connectors.discord.guilds import Guild, Member, channel_of, guild_of, member_of, user_of
from connectors.discord.limits import MEMBERS_PAGE
from connectors.discord.memory import DIRECT, Memory
from connectors.discord.permissions import NONE, Permission
from connectors.discord.reading import Json, snowflake
from connectors.discord.wire import NotFound, Wire, path
from connectors.recent import Recent

# For how long an answer counts while no gateway keeps it current.
FRESH_S = 10.0
MAX_MEMBER_PAGES = 100


class Account:
    """The bot's account. While `live`, the gateway keeps the memory current; else Discord is asked."""

    def __init__(self, wire: Wire, memory: Memory, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.wire = wire
        self.memory = memory
        self.application = ""
        self.live = False
        self._clock = clock
        self._asked: dict[str, tuple[float, Guild]] = {}
        self._direct: Recent[str, str] = Recent()

    @property
    def me(self) -> str:
        """Our user id, '' before `identify`."""
        return self.memory.me

    async def identify(self) -> str:
        """Our user id; raises `Rejected` when whoever answers is not Discord."""
        if not self.memory.me:
            application = await self.wire.get(path("oauth2", "applications", "@me"))
            user = await self.wire.get(path("users", "@me"))
            self.application, self.memory.me = snowflake(application.get("id")), snowflake(user.get("id"))
        if not self.memory.me or not self.application:
            raise Rejected("What answers there does not tell whose token it is: is api_base right?")
        return self.memory.me

    async def guild(self, guild_id: str) -> Guild:
        """The server as it stands; raises `Rejected` when it is not for us."""
        known = self.memory.guilds.get(guild_id)
        if self.live and known:
            return known
        at, asked = self._asked.get(guild_id, (0.0, None))
        if asked is None or self._clock() - at > FRESH_S:
            asked = await self._ask_guild(guild_id)
            self._asked[guild_id] = self._clock(), asked
        return asked

    async def member(self, guild_id: str, user_id: str) -> Member | None:
        """Somebody in a server, None for who is not in it."""
        known = self.memory.member(guild_id, user_id) if self.live else None
        if known or not snowflake(user_id):
            return known
        try:
            raw = await self.wire.get(path("guilds", guild_id, "members", user_id))
        except NotFound:
            return None
        if self.live:
            self.memory.keep(guild_id, raw, user_of(raw))
        return member_of(raw, user_of(raw))

    async def permissions(self, where: Address, user_id: str) -> Permission:
        """What somebody may do in a place; nothing for who is not in the server."""
        guild = await self.guild(where.space)
        member = await self.member(where.space, user_id)
        await self.locate(guild, where.thread or where.channel)
        return guild.permissions(user_id, member.roles, where.thread or where.channel) if member else NONE

    async def locate(self, guild: Guild, channel_id: str) -> None:
        """Learn of a channel or thread that nobody told us of, such as a thread that was archived."""
        if channel_id and channel_id not in guild.channels and snowflake(channel_id):
            raw = await self.wire.get(path("channels", channel_id))
            if snowflake(raw.get("guild_id")) == guild.id and channel_of(raw):
                guild.place(raw)

    async def direct(self, user_id: str) -> str:
        """The channel in which only that user and we talk; raises `Rejected`."""
        if user_id not in self._direct:
            if not snowflake(user_id):
                raise Rejected("There is no such member.")
            raw = await self.wire.send("POST", path("users", DIRECT, "channels"), {"recipient_id": user_id})
            self._direct.keep(user_id, snowflake(raw.get("id")))
        return self._direct[user_id]

    async def everybody(self, guild_id: str) -> list[Member]:
        """All members of a server; raises `Rejected` when we may not know or they are too many to ask for."""
        found: list[Member] = []
        after = "0"
        for _ in range(MAX_MEMBER_PAGES):
            query = {"limit": str(MEMBERS_PAGE), "after": after}
            page = await self.wire.get_all(path("guilds", guild_id, "members"), query)
            found += [member_of(raw, user_of(raw)) for raw in page]
            after = found[-1].id if found else after
            if len(page) < MEMBERS_PAGE:
                return found
        raise Rejected("This server has too many members to tell who can read here.")

    async def recipients(self, channel_id: str) -> frozenset[str]:
        """Who talks in a conversation outside of servers, besides us."""
        raw = await self.wire.get(path("channels", channel_id))
        people = raw.get("recipients")
        return frozenset(snowflake(each.get("id")) for each in people) if isinstance(people, list) else frozenset()

    async def _ask_guild(self, guild_id: str) -> Guild:
        raw = await self.wire.get(path("guilds", guild_id))
        channels: list[Json] = await self.wire.get_all(path("guilds", guild_id, "channels"))
        guild = guild_of({**raw, "channels": channels}, self.memory.trusted)
        if guild is None:
            raise Rejected("I am not in that server.")
        return guild
