"""What a person asks of the bot: slash commands, menus, presses, choices and forms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from tests.emulators.discord import posting, render, render_message
from tests.emulators.discord.command_rules import GROUP, SUBCOMMAND
from tests.emulators.discord.interactions import Interaction, Type
from tests.emulators.discord.model import Channel, Guild, Id, Message, User
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator

Value: TypeAlias = str | int | float | bool
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(3, 11)
_KEPT = (STRING, INTEGER, BOOLEAN, NUMBER)


class NotOffered(Exception):
    """The person's client does not offer this: there is no such command, button or option for them."""


class Asking:
    """Waits for the bot's first response, three seconds at most; what came of it is in the interaction."""

    _emulator: Emulator
    user: User
    guild: Guild | None

    async def command(self, channel: Channel, name: str, options: Mapping[str, Value] | None = None) -> Interaction:
        """Give a slash command, `name` with its subcommands: "parley case show"."""
        data = _invocation(self._offered(channel, name, 1), name, options or {})
        data["resolved"] = self._resolved(channel, data["options"])
        return await self._ask(Type.COMMAND, channel, data)

    def _resolved(self, channel: Channel, options: list[Json]) -> Json:
        """What the ids among the options stand for."""
        found: Json = {}
        for option in _leaves(options):
            for key, shown in self._resolve(channel, option).items():
                found.setdefault(key, {}).update(shown)
        return found

    def _resolve(self, channel: Channel, option: Json) -> Json:
        world, value = self._emulator.world, str(option.get("value"))
        if option["type"] in (USER, MENTIONABLE) and int(value) in world.users:
            return _resolved_user(channel, world.users[int(value)])
        if option["type"] == CHANNEL:
            there = world.channels[int(value)]
            allowed = str(int(world.allowed(self.user, there)))
            return {"channels": {value: {**render.channel(there), "permissions": allowed}}}
        if option["type"] in (ROLE, MENTIONABLE) and channel.guild and int(value) in channel.guild.roles:
            return {"roles": {value: render.role(channel.guild.roles[int(value)])}}
        return {}

    async def complete(self, channel: Channel, name: str, option: str, typed: str = "") -> list[str]:
        """The values that are offered for an option of which this much was typed."""
        data = _invocation(self._offered(channel, name, 1), name, {option: typed}, focused=option)
        it = await self._ask(Type.AUTOCOMPLETE, channel, data)
        return [str(each["value"]) for each in it.choices]

    async def menu(
        self, name: str, *, message_id: Id | None = None, channel: Channel | None = None, target: User | None = None
    ) -> Interaction:
        """Use a message's context menu, or that of another user in a channel."""
        if message_id is not None:
            message = self._emulator.message(message_id)
            data = self._menu(message.channel, name, 3, message.id)
            data["resolved"] = {"messages": {str(message.id): render_message.message(message, self._emulator.world)}}
            return await self._ask(Type.COMMAND, message.channel, data)
        assert channel is not None
        assert target is not None
        data = self._menu(channel, name, 2, target.id)
        data["resolved"] = _resolved_user(channel, target)
        return await self._ask(Type.COMMAND, channel, data)

    def _menu(self, channel: Channel, name: str, kind: int, target: Id) -> Json:
        command = self._offered(channel, name, kind)
        return {"id": command["id"], "name": name, "type": kind, "target_id": str(target)}

    def _offered(self, channel: Channel, name: str, kind: int) -> Json:
        """The command as this person's client offers it."""
        app = self._emulator.world.application
        local = app.guild_commands.get(channel.guild.id, {}) if channel.guild else {}
        wanted = name.split(maxsplit=1)[0] if kind == 1 else name
        for command in (*local.values(), *app.commands.values()):
            if command["name"] == wanted and command["type"] == kind and self._may_use(channel, command):
                return command
        raise NotOffered(name)

    def _may_use(self, channel: Channel, command: Json) -> bool:
        if channel.guild is None:
            return command["dm_permission"] is not False and 1 in (command["contexts"] or [0, 1])
        allowed = self._emulator.world.allowed(self.user, channel)
        needed = Permission(int(command["default_member_permissions"] or 0))
        if command["default_member_permissions"] == "0":  # nobody but administrators
            needed = Permission.ADMINISTRATOR
        return Permission.USE_APPLICATION_COMMANDS in allowed and needed in allowed

    async def press(self, message_id: Id, custom_id: str) -> Interaction:
        """Press a button that the person sees."""
        return await self._use(message_id, custom_id, {"component_type": 2})

    async def choose(self, message_id: Id, custom_id: str, values: Sequence[str]) -> Interaction:
        """Choose from a menu that the person sees."""
        return await self._use(message_id, custom_id, {"component_type": 3, "values": list(values)})

    async def _use(self, message_id: Id, custom_id: str, data: Json) -> Interaction:
        message = self._seen(message_id)
        for each in posting.walk(message.components):
            if each.get("custom_id") == custom_id and not each.get("disabled"):
                used = {**data, "custom_id": custom_id, "component_type": each["type"], "id": each["id"]}
                return await self._ask(Type.COMPONENT, message.channel, used, message=message)
        raise NotOffered(custom_id)

    def _seen(self, message_id: Id) -> Message:
        message = self._emulator.message(message_id)
        visible = Permission.VIEW_CHANNEL in self._emulator.world.allowed(self.user, message.channel)
        if message.only_for not in (None, self.user) or not visible:
            raise Refusal(10008)
        return message

    async def submit(self, form: Interaction, values: Mapping[str, str]) -> Interaction:
        """Fill in the form that an interaction was answered with, and send it."""
        if form.modal is None:
            raise NotOffered("no form was opened")
        known = {each["custom_id"] for each in posting.walk(form.modal["components"]) if each.get("custom_id")}
        if not values.keys() <= known:
            raise NotOffered(str(values.keys() - known))
        components = [_filled(each, values) for each in form.modal["components"]]
        data = {"custom_id": form.modal["custom_id"], "components": components, "resolved": {}}
        return await self._ask(Type.MODAL, form.channel, data, message=form.message, opened_by=form)

    async def _ask(
        self,
        kind: Type,
        channel: Channel,
        data: Json,
        *,
        message: Message | None = None,
        opened_by: Interaction | None = None,
    ) -> Interaction:
        begin = self._emulator.interactions.begin
        it = begin(kind, self.user, channel, data, message=message, opened_by=opened_by)
        try:
            await self._emulator.until(lambda: it.response, within=self._emulator.settings.interaction_deadline)
        except TimeoutError:
            # Discord tells the person that the application did not respond; `response` stays None.
            return it
        return it

    async def settled(self, it: Interaction, *, within: timedelta = timedelta(seconds=10)) -> Interaction:
        """Wait until the bot no longer thinks."""
        await self._emulator.until(lambda: not it.is_deferred, within=within)
        await asyncio.sleep(0)
        return it


def _invocation(command: Json, name: str, values: Mapping[str, Value], focused: str = "") -> Json:
    steps = name.split()[1:]
    known = _options_at(command, steps)
    unknown = values.keys() - {each["name"] for each in known}
    missing = {each["name"] for each in known if each.get("required")} - values.keys()
    if unknown or (missing and not focused):
        raise NotOffered(f"{name}: unknown {unknown}, missing {missing}")
    options: list[Json] = [_option(each, values[each["name"]], focused) for each in known if each["name"] in values]
    for step in reversed(steps):
        kind = SUBCOMMAND if step == steps[-1] else GROUP
        options = [{"type": kind, "name": step, "options": options}]
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
    return {**data, **({"guild_id": command["guild_id"]} if "guild_id" in command else {})}


def _leaves(options: list[Json]) -> Iterator[Json]:
    for option in options:
        if option["type"] in (SUBCOMMAND, GROUP):
            yield from _leaves(option["options"])
        else:
            yield option


def _options_at(command: Json, steps: Sequence[str]) -> list[Json]:
    here = command
    for step in steps:
        found = [each for each in here.get("options") or () if each["name"] == step]
        if not found or found[0]["type"] not in (SUBCOMMAND, GROUP):
            raise NotOffered(step)
        here = found[0]
    options: list[Json] = here.get("options") or []
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in options):
        raise NotOffered("a subcommand is missing")
    return options


def _option(option: Json, value: Value, focused: str) -> Json:
    offered = [each["value"] for each in option.get("choices") or ()]
    if offered and value not in offered:
        raise NotOffered(f"{option['name']}: {value!r} is none of {offered}")
    told = value if option["type"] in _KEPT else str(value)
    found = {"type": option["type"], "name": option["name"], "value": told}
    return {**found, "focused": True} if option["name"] == focused else found


def _resolved_user(channel: Channel, target: User) -> Json:
    member = channel.guild.members.get(target.id) if channel.guild else None
    found: Json = {"users": {str(target.id): render.user(target)}}
    if member is not None:
        shown = {**render.member(member), "permissions": "0"}
        found["members"] = {str(target.id): {key: shown[key] for key in shown.keys() - {"deaf", "mute"}}}
    return found


def _filled(component: Json, values: Mapping[str, str]) -> Json:
    """A form's component as it is sent: with what was typed and nothing that was only shown."""
    found = {"type": component["type"], "id": component["id"]}
    if component.get("components"):
        found["components"] = [_filled(each, values) for each in component["components"]]
    if component.get("component"):
        found["component"] = _filled(component["component"], values)
    if component.get("custom_id"):
        found["custom_id"] = component["custom_id"]
        typed = values.get(component["custom_id"], component.get("value") or "")
        found |= {"value": typed} if component["type"] == 4 else {"values": [typed]}
    return found
