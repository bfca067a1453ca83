"""A strict emulator of Discord's REST API and gateway, version 10, that an unmodified client library talks to."""

from tests.emulators.discord.emulator import Emulator
from tests.emulators.discord.faults import Fault
from tests.emulators.discord.model import Kind
from tests.emulators.discord.permissions import ALL, EVERYONE, Overwrite, Permission
from tests.emulators.discord.refusal import Refusal
from tests.emulators.discord.settings import Quota, Settings

__all__ = ["ALL", "EVERYONE", "Emulator", "Fault", "Kind", "Overwrite", "Permission", "Quota", "Refusal", "Settings"]
