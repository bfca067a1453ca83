"""Names for places: one string that survives logs, queues and databases."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from urllib.parse import quote, unquote


@dataclass(frozen=True, slots=True)
class Address:
    """A channel, or a thread in one, on one platform account.

    `space` is the community: a server, a workspace, a homeserver. Empty trailing
    parts name something wider: `Address("irc")` is the whole platform.
    """

    platform: str
    space: str = ""
    channel: str = ""
    thread: str = ""

    def __str__(self) -> str:
        return _text(self)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what `str` wrote; raises `ValueError` with a sentence for anything else."""
        parts = text.split("/")
        if not parts[0] or len(parts) > len(fields(cls)):
            raise ValueError(f"{text!r} is no address: write platform/space/channel or platform/space/channel/thread")
        return cls(*(unquote(part) for part in parts))

    @property
    def parent(self) -> Address:
        """The channel a thread hangs in; a channel is its own parent."""
        return replace(self, thread="") if self.thread else self

    @property
    def community(self) -> Address:
        """The space this place belongs to."""
        return Address(self.platform, self.space)

    def levels(self) -> tuple[str, ...]:
        """Every scope a setting may stand on, widest first: global, platform, community, channel."""
        return _levels(self.parent)


@lru_cache(maxsize=8192)
def _text(address: Address) -> str:
    parts = (address.platform, address.space, address.channel, address.thread)
    return "/".join(quote(part, safe="") for part in parts).rstrip("/")


@lru_cache(maxsize=8192)
def _levels(address: Address) -> tuple[str, ...]:
    return "", str(Address(address.platform)), str(address.community), str(address)
