"""The emulator: a world, a gateway and a REST API on one port of the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.emulators.discord import lifecycle, posting
from tests.emulators.discord.automod import AutoMod
from tests.emulators.discord.call import Request
from tests.emulators.discord.control import Control
from tests.emulators.discord.faults import Fault
from tests.emulators.discord.gateway import Gateway
from tests.emulators.discord.interactions import Interactions
from tests.emulators.discord.model import Channel, Guild, Id, Kind, Member, Message, Role
from tests.emulators.discord.permissions import EVERYONE, NONE, Overwrite, Permission
from tests.emulators.discord.person import Person
from tests.emulators.discord.refusal import Refusal
from tests.emulators.discord.rest import ROUTES
from tests.emulators.discord.server import PREFIX, Server
from tests.emulators.discord.settings import Settings
from tests.emulators.discord.world import Event, World
from tests.emulators.waiting import SOON, until

LOOPBACK = "127.0.0.1"
TOKEN = "emulated.token.of-the-bot"
# Plain, replies, answers to slash commands and to context menus.
WRITTEN = (0, 19, 20, 23)
MOST_BYTES = 120 * 1024 * 1024


class Emulator:
    """A Discord of one's own: `async with Emulator() as emulator`. `requests` and `refused` tell what the bot did."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or Settings()
        self.token = token
        self.world = World(token=token, hear=self._publish, clock=clock)
        self.gateway = Gateway(self.world, self.settings)
        self.interactions = Interactions(self.world, self.settings)
        self.automod = AutoMod(self.world)
        self.server = Server(self.world, self.settings, self.gateway, self.interactions, ROUTES)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None

    def _publish(self, event: Event) -> None:
        self.gateway.publish(event)

    # Running

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; the port is free to choose for the system unless it was given."""
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/", self.gateway.connect)
        app.router.add_get("/resume", self.gateway.connect)
        app.router.add_get("/attachments/{channel}/{attachment}/{name}", self._attachment)
        app.router.add_route("*", "/control/{verb}", Control(self).handle)
        app.router.add_route("*", PREFIX + "/{path:.*}", self.server.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.base_url = f"http://{LOOPBACK}:{self._port}"
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        await self.gateway.close_all(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            lifecycle.pass_time(self.world, self.settings)

    async def _attachment(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["attachment"])
        for channel in self.world.channels.values():
            for message in channel.messages.values():
                for each in message.attachments:
                    if each.id == wanted:
                        return web.Response(body=each.content, headers={"Content-Type": each.content_type})
        raise web.HTTPNotFound

    @property
    def api_base(self) -> str:
        """For `discord.http.Route.BASE`."""
        return self.world.base_url + PREFIX

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`."""
        return self.world.base_url.replace("http", "ws", 1) + "/"

    # Building the world

    def guild(self, name: str = "Fernhill", *, bot: Permission = EVERYONE, everyone: Permission = EVERYONE) -> Guild:
        """A guild with an owner, and the bot in it with a role of its own that has the permissions `bot`."""
        return lifecycle.found_guild(self.world, name, bot=bot, everyone=everyone)

    def channel(
        self,
        guild: Guild,
        name: str = "general",
        *,
        kind: Kind = Kind.TEXT,
        overwrites: Sequence[Overwrite] = (),
        tags: Sequence[str] = (),
    ) -> Channel:
        """A channel; `tags` are a forum's."""
        return lifecycle.open_channel(self.world, guild, name, kind=kind, overwrites=overwrites, tags=tags)

    def role(self, guild: Guild, name: str, permissions: Permission = NONE, *, position: int | None = None) -> Role:
        """A role; without a position it stands above all there are."""
        return lifecycle.create_role(self.world, guild, name, permissions, position=position)

    def member(self, guild: Guild, name: str, *roles: Role, bot: bool = False) -> Person:
        """Somebody who joins the guild."""
        user = self.world.user(name, bot=bot)
        lifecycle.join(self.world, guild, user, {role.id for role in roles})
        return Person(self, user, guild)

    def webhook(self, channel: Channel, name: str, text: str) -> Id:
        """Let a webhook post; it is nobody's member, and native AutoMod lets it through."""
        author = self.world.user(name, bot=True)
        draft = posting.Draft(author=author, channel=channel, content=text, webhook_id=author.id)
        return posting.post(self.world, draft).id

    def stranger(self, name: str) -> Person:
        """Somebody who is in no guild."""
        return Person(self, self.world.user(name))

    def owner(self, guild: Guild) -> Person:
        """The guild's owner, who may do everything."""
        return Person(self, self.world.users[guild.owner_id], guild)

    def person(self, user_id: Id, guild: Guild | None = None) -> Person:
        """Somebody by id."""
        return Person(self, self.world.users[user_id], guild)

    def rejoin(self, person: Person) -> None:
        """Let somebody who left, was kicked or is no longer banned join again."""
        assert person.guild is not None
        if person.id in person.guild.bans:
            raise Refusal(50007)
        lifecycle.join(self.world, person.guild, person.user, set())

    def leave(self, person: Person) -> None:
        """Let somebody leave."""
        assert person.guild is not None
        lifecycle.leave(self.world, person.guild, person.user)

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        lifecycle.remove_bot(self.world, guild)

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Let a guild be out of reach, or with `over` within reach again."""
        lifecycle.outage(self.world, guild, over=over)

    def rename(self, person: Person, nick: str | None) -> None:
        """Give a member another nickname."""
        assert person.guild is not None
        person.member.nick = nick
        lifecycle.tell_member(self.world, person.guild, person.member)

    def give(self, person: Person, *roles: Role) -> None:
        """Set a member's roles to exactly these."""
        assert person.guild is not None
        person.member.role_ids = {role.id for role in roles}
        lifecycle.tell_member(self.world, person.guild, person.member)

    def allow(self, role: Role, guild: Guild, permissions: Permission) -> None:
        """Set a role's permissions."""
        role.permissions = permissions
        lifecycle.tell_role(self.world, guild, role)

    def allow_bot(self, guild: Guild, permissions: Permission) -> None:
        """Set the permissions of the bot's own role; those of @everyone stay."""
        self.allow(self.bot_role(guild), guild, permissions)

    def bot_role(self, guild: Guild) -> Role:
        """The bot's own role."""
        (role_id,) = self.bot_member(guild).role_ids
        return guild.roles[role_id]

    def bot_member(self, guild: Guild) -> Member:
        return guild.members[self.world.me.id]

    def overwrite(self, channel: Channel, *overwrites: Overwrite) -> None:
        """Set a channel's overwrites to exactly these."""
        channel.overwrites = list(overwrites)
        lifecycle.tell_channel(self.world, channel)

    # Looking

    def message(self, message_id: Id) -> Message:
        """A message that is there; refused (10008) if it is gone or never was."""
        for channel in self.world.channels.values():
            if message_id in channel.messages:
                return channel.messages[message_id]
        raise Refusal(10008)

    def messages(self, channel: Channel) -> list[Message]:
        """What everybody reads in a channel, oldest first."""
        return [each for each in channel.messages.values() if each.only_for is None]

    def texts(self, channel: Channel) -> list[str]:
        """What people and bots wrote in a channel, oldest first, without Discord's own notices."""
        return [each.content for each in self.messages(channel) if each.type in WRITTEN]

    @property
    def requests(self) -> list[Request]:
        """Every request so far, oldest first."""
        return self.server.requests

    @property
    def refused(self) -> list[Request]:
        """The requests that were refused, 429s included; faults that a test asked for are none."""
        return [each for each in self.requests if each.refused]

    def calls(self, method: str, template: str = "") -> list[Request]:
        """The requests of a method whose template ends so."""
        return [each for each in self.requests if each.method == method and each.template.endswith(template)]

    # Time and faults

    def advance(self, by: timedelta) -> None:
        """Let time pass at once; polls end, time-outs run out, tokens grow old."""
        self.world.advance(by)
        lifecycle.pass_time(self.world, self.settings)

    async def drop(self, *, resume: bool = True, code: int = 0) -> None:
        """Close the gateway's sockets, by default without a word; with `resume` off, RESUME is refused next."""
        self.gateway.refuse_resumes += not resume
        await self.gateway.close_all(code)

    def fail(self, fault: Fault) -> Fault:
        """Let coming requests go wrong."""
        return self.server.faults.add(fault)

    async def revoke_token(self) -> None:
        """The token is no longer good: requests answer 401, sockets close with 4004."""
        self.world.application.token = None
        await self.gateway.close_all(4004)

    def set_rate_limit(self, method: str, template: str, *, limit: int, window: timedelta) -> None:
        """Replace a route's rate limit."""
        self.server.limits.set(method, template, limit=limit, window=window)

    async def until(self, condition: Callable[[], object], *, within: timedelta = SOON) -> None:
        """Return once the condition holds; raises `TimeoutError`."""
        await until(condition, within=within)
