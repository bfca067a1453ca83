"""Files that a room does not want: by what they are called and by what they say they are."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from bot.core.event import Attachment
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Attached files by their name’s ending or their media type."
# What runs when it is opened, on one system or another.
PROGRAMS: Final = (
    "apk", "app", "bat", "cmd", "com", "cpl", "dmg", "exe", "hta", "iso", "jar", "js", "jse", "lnk", "msc", "msi",
    "pif", "ps1", "psm1", "reg", "scr", "sh", "vb", "vbe", "vbs", "wsf", "xll",
)  # fmt: skip


class AttachmentRule(RuleSettings):
    """Attached files that are not wanted."""

    kind: Literal["attachments"] = Field(default="attachments", description=HELP)
    label: str = Field(default="file", description="What moderators call it.")
    endings: tuple[str, ...] = Field(default=PROGRAMS, description="Endings of names, without the dot.")
    types: tuple[str, ...] = Field(default=(), description="Media types, such as video/*.")


def find(rule: AttachmentRule, seen: Seen) -> Iterator[Hit]:
    """Each file that is not wanted."""
    for file in seen.message.attachments:
        if _unwanted(rule, file):
            yield Hit(quote=file.name[:MAX_QUOTE], why=text_rules.FILE_UNWANTED)


def _unwanted(rule: AttachmentRule, file: Attachment) -> bool:
    # The last ending counts, however many stand before it; trailing dots and spaces are dropped by systems.
    ending = file.name.rstrip(". \u202c").rpartition(".")[2].casefold()
    denied = {each.lstrip(".").casefold() for each in rule.endings}
    return ending in denied or any(fnmatchcase(file.media_type.casefold(), each.casefold()) for each in rule.types)
