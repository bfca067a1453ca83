"""An emulated Discord for the day in a community."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.core.address import Address
from tests.connectors.discord.stage import shown
from tests.connectors.discord.world import MODERATING
from tests.day.stage import Said, Truth
from tests.emulators.discord import Emulator, NotOffered, Overwrite, Permission
from tests.emulators.discord.call import Request
from tests.emulators.discord.interactions import Interaction
from tests.emulators.discord.model import Channel, Guild, Message
from tests.emulators.discord.person import Person
from tests.emulators.discord.posting import walk

DELETE = "/channels/{channel_id}/messages/{message_id}"
BULK = "/channels/{channel_id}/messages/bulk-delete"


@dataclass(slots=True)
class DiscordDay:
    """One server; whoever moderates has a role for it."""

    emulator: Emulator
    guild: Guild
    people: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def found(cls, emulator: Emulator) -> DiscordDay:
        guild = emulator.guild(bot=MODERATING)
        emulator.role(guild, "moderators", Permission.MANAGE_MESSAGES)
        # The bot's own role must stand above those it acts on.
        emulator.bot_role(guild).position = 99
        return cls(emulator, guild)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "DISCORD_TOKEN": self.emulator.token,
            "PARLEY_CONNECTORS__DISCORD__API_BASE": self.emulator.api_base,
            "PARLEY_CONNECTORS__DISCORD__GATEWAY_URL": self.emulator.gateway_url,
        }

    async def room(self, name: str, *, moderators_only: bool = False) -> Address:
        channel = self.emulator.channel(self.guild, name)
        if moderators_only:
            seen = Permission.VIEW_CHANNEL
            ours = [self._moderators, *self.emulator.bot_member(self.guild).role_ids]
            allowed = [Overwrite(id=role, allow=seen) for role in ours]
            self.emulator.overwrite(channel, Overwrite(id=self.guild.id, deny=seen), *allowed)
        return self._address(channel)

    async def join(self, name: str, *, moderator: bool = False) -> None:
        roles = [self.guild.roles[self._moderators]] if moderator else []
        self.people[name] = self.emulator.member(self.guild, name, *roles)

    async def say(self, who: str, where: Address, text: str, *, to_bot: bool = False) -> str:
        mention = f"<@{self.emulator.world.me.id}> " if to_bot else ""
        return str(self.people[who].say(self._channel(where), mention + text))

    async def say_all(self, where: Address, said: Sequence[tuple[str, str]]) -> Sequence[str]:
        channel = self._channel(where)
        return [str(self.people[who].say(channel, text)) for who, text in said]

    async def edit(self, who: str, where: Address, message_id: str, text: str) -> None:
        self.people[who].edit(int(message_id), text)

    async def thread(self, who: str, where: Address, message_id: str, title: str) -> Address:
        return self._address(self.people[who].thread(self._channel(where), title, message_id=int(message_id)))

    async def command(self, who: str, where: Address, name: str, **options: str) -> str:
        asked = await self._ask(who, where, name, options)
        await self.emulator.until(lambda: asked.response and not asked.is_deferred)
        return asked.text

    async def _ask(self, who: str, where: Address, name: str, options: Mapping[str, str]) -> Interaction:
        person, values = self.people[who], {key: _value(value) for key, value in options.items()}
        try:
            return await person.command(self._channel(where), f"parley {name}", values)
        except NotOffered:
            return await person.command(self._channel(where), f"parley-mod {name}", values)

    async def press(self, who: str, where: Address, message_id: str, label: str, reason: str = "") -> None:
        message = self.emulator.message(int(message_id))
        (used,) = [each for each in walk(message.components) if label in each.get("label", "")]
        asked = await self.people[who].press(message.id, used["custom_id"])
        if asked.modal:
            await self.people[who].submit(asked, {"reason": reason})

    async def vote(self, who: str, where: Address, message_id: str, option: int) -> None:
        self.people[who].vote(int(message_id), option)

    async def reads(self, where: Address) -> Sequence[Said]:
        return [self._said(message) for message in self.emulator.messages(self._channel(where)) if _is_written(message)]

    def _said(self, message: Message) -> Said:
        text = message.poll.question if message.poll else shown(message)
        ours = message.author is self.emulator.world.me
        return Said(id=str(message.id), text=text, ours=ours, was=tuple(message.revisions))

    async def told(self, who: str) -> Sequence[str]:
        person = self.people[who]
        return [shown(message) for message in (*person.whispers(), *person.inbox())]

    async def listening(self, position: Callable[[str], Awaitable[str]]) -> bool:
        if not any(session.socket for session in self.emulator.gateway.sessions.values()):
            return False
        channels = self.guild.channels.values()
        return all([int(await position(f"discord:{each.id}") or -1) >= _newest(each) for each in channels])

    @asynccontextmanager
    async def unheard(self) -> AsyncIterator[None]:
        await self.emulator.drop(resume=False)
        yield

    async def truth(self) -> Truth:
        refused = [f"{each.status} {each.code} {each.method} {each.path}" for each in self.emulator.refused]
        posts = [post for channel in self.guild.channels.values() for post in self._posts(channel)]
        return Truth(refused=refused, removed=Counter(self._removed()), posts=posts)

    def _posts(self, channel: Channel) -> list[tuple[Address, str, str]]:
        ours = [each for each in self.emulator.messages(channel) if each.author is self.emulator.world.me]
        where = self._address(channel)
        return [(where, str((each.reference or {}).get("message_id", "")), shown(each)) for each in ours]

    def _removed(self) -> list[str]:
        done = [each for each in self.emulator.requests if each.status == 204]
        single = [each.parameters["message_id"] for each in done if (each.method, each.template) == ("DELETE", DELETE)]
        return single + [message for each in done if each.template == BULK for message in _listed(each)]

    @property
    def _moderators(self) -> int:
        (found,) = [role.id for role in self.guild.roles.values() if role.name == "moderators"]
        return found

    def _channel(self, where: Address) -> Channel:
        return self.guild.channels[int(where.thread or where.channel)]

    def _address(self, channel: Channel) -> Address:
        parent = channel.parent if channel.is_thread else None
        if parent is not None:
            return Address("discord", str(self.guild.id), str(parent.id), str(channel.id))
        return Address("discord", str(self.guild.id), str(channel.id))


def _listed(request: Request) -> list[str]:
    assert isinstance(request.body, dict)
    return [str(each) for each in request.body["messages"]]


def _newest(channel: Channel) -> int:
    return max(channel.messages, default=0)


def _is_written(message: Message) -> bool:
    """By people and bots, not by Discord itself."""
    return message.type in (0, 19, 20, 23)


def _value(typed: str) -> str | int | bool:
    if typed in ("true", "false"):
        return typed == "true"
    return int(typed) if typed.isdigit() else typed
