"""`mode` and `settings`: what holds here, where it comes from, and changing it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot import text, text_banlists
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.command import Suggestion
from bot.core.event import CommandGiven, Role
from bot.core.ports import Context
from pipelines.spec import whisper

DEFAULT = "default"
# Where members' words are shown: not for one room's moderators to send anywhere.
# A list of bans is written for whoever follows it.
GUARDED = {"review_room": text.NOT_THEIR_ROOM, "own_list": text_banlists.NOT_THEIR_LIST}


class Shown(Protocol):
    """One setting as it holds in a place, and the level it comes from."""

    @property
    def key(self) -> str:
        """Dotted, within the section."""
        ...

    @property
    def value(self) -> object:
        """JSON."""
        ...

    @property
    def level(self) -> str:
        """In words."""
        ...


class Levels(Protocol):
    """The settings that moderators may change, by level."""

    def shown(self, asked: CommandGiven) -> Sequence[Shown]:
        """What holds where the command was given."""
        ...

    def read(self, key: str, typed: str) -> object:
        """What was typed as the key's value; raises `ValueError` with a sentence."""
        ...

    def problem(self, scope: str, key: str, value: object) -> str:
        """A sentence, if the value cannot be used there."""
        ...


@dataclass(frozen=True, slots=True)
class SettingsDesk:
    """Shows and changes the settings of the section `section`."""

    levels: Levels
    section: str = "moderation"

    async def mode(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Show the mode, or set it here or for the community."""
        if not given.option("mode"):
            yield whisper(given, text.setting(*self._one(given, "mode")))
            return
        for action in await self._change(given, "mode", given.option("mode"), context):
            yield action

    async def settings(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Show all, show one, or change one."""
        key = given.option("key").removeprefix(f"{self.section}.")
        if not key:
            yield whisper(given, text.settings([_row(shown) for shown in self.levels.shown(given)]))
        elif given.option("value"):
            for action in await self._change(given, key, given.option("value"), context):
                yield action
        else:
            yield whisper(given, self._about(given, key))

    async def suggest(self, given: CommandGiven, option: str, context: Context) -> Sequence[Suggestion]:
        """The settings whose name holds what was typed, as they stand."""
        del context
        typed = given.option(option).lower()
        rows = [_row(shown) for shown in self.levels.shown(given)] if option == "key" else []
        return [Suggestion(key, f"{key}: {value} ({level})") for key, value, level in rows if typed in key.lower()]

    async def _change(self, given: CommandGiven, key: str, typed: str, context: Context) -> list[Action]:
        if typed == DEFAULT and not self._rows(given, key):
            return [whisper(given, text.no_setting(key))]
        try:
            value = None if typed == DEFAULT else self.levels.read(key, typed)
        except ValueError as error:
            return [whisper(given, text.not_set(str(error)))]
        refusal = await _refusal(given, key, value, context)
        return [whisper(given, refusal)] if refusal else self._set(given, key, typed, value)

    def _set(self, given: CommandGiven, key: str, typed: str, value: object) -> list[Action]:
        scope = str(given.where.community if given.option("community") else given.where.parent)
        if problem := self.levels.problem(scope, key, value):
            return [whisper(given, text.not_set(problem))]
        change = Configure(scope=scope, key=f"{self.section}.{key}", value=value, by=given.who.id)
        return [change, whisper(given, text.changed(key, typed, community=bool(given.option("community"))))]

    def _one(self, given: CommandGiven, key: str) -> tuple[str, str, str]:
        return next(_row(shown) for shown in self.levels.shown(given) if shown.key == key)

    def _about(self, given: CommandGiven, key: str) -> str:
        rows = self._rows(given, key)
        return text.settings(rows) if rows else text.no_setting(key)

    def _rows(self, given: CommandGiven, key: str) -> list[tuple[str, str, str]]:
        return [_row(shown) for shown in self.levels.shown(given) if f"{shown.key}.".startswith(f"{key}.")]


async def _refusal(given: CommandGiven, key: str, value: object, context: Context) -> str:
    """Who changes a whole community moderates all of it; who has cards sent to a room moderates that room too."""
    if given.option("community") and await context.role(given.where.community, given.who.id) < Role.MODERATOR:
        return text.NOT_THEIR_COMMUNITY
    if key in GUARDED and value and not await _moderates(Address.parse(str(value)), given, context):
        return GUARDED[key]
    return ""


async def _moderates(room: Address, given: CommandGiven, context: Context) -> bool:
    # An id says who somebody is on their own platform only.
    if room.platform != given.where.platform:
        return False
    return await context.role(room.parent, given.who.id) >= Role.MODERATOR


def _row(shown: Shown) -> tuple[str, str, str]:
    return shown.key, text.plain(shown.value), shown.level
