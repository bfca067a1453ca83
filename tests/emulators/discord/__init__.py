"""A strict emulator of Discord's REST API and gateway, version 10, that an unmodified client library talks to.

    async with Emulator() as emulator:
        guild = emulator.guild(bot=Permission.MANAGE_MESSAGES)
        general = emulator.channel(guild, "general")
        ann = emulator.member(guild, "ann")
        with aimed_at(emulator):        # tests.emulators.discord.aim: where discord.py connects to
            ...                         # start a client with `emulator.token`
            said = ann.say(general, "hello")
        assert emulator.texts(general) == ["hello"]
        assert emulator.refused == []   # what Discord would have refused; `requests` holds everything

`python -m tests.emulators.discord --port N` runs it as a program with a control API, whose verbs `GET /control/help`
lists. Each request is also checked against the official description of the API where its file is at hand: the
environment variable `DISCORD_OPENAPI` names it. Limits that the description does not know are in `limits`.
"""

from tests.emulators.discord.asking import NotOffered
from tests.emulators.discord.emulator import Emulator
from tests.emulators.discord.faults import Fault
from tests.emulators.discord.interactions import Interaction
from tests.emulators.discord.model import Channel, Guild, Kind, Message, Role
from tests.emulators.discord.permissions import ALL, EVERYONE, NONE, Overwrite, Permission
from tests.emulators.discord.person import Person
from tests.emulators.discord.refusal import Refusal
from tests.emulators.discord.settings import Quota, Settings

__all__ = [
    "ALL",
    "EVERYONE",
    "NONE",
    "Channel",
    "Emulator",
    "Fault",
    "Guild",
    "Interaction",
    "Kind",
    "Message",
    "NotOffered",
    "Overwrite",
    "Permission",
    "Person",
    "Quota",
    "Refusal",
    "Role",
    "Settings",
]
