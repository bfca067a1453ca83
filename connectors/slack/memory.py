"""What is known of a workspace, as far as later payloads refer to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.recent import Recent
from connectors.slack.people import Channel, Member
from connectors.slack.reading import later

PLATFORM = "slack"
LIVE_THREADS = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said a message, and in which thread."""

    author: str
    thread: str = ""


@dataclass(slots=True, kw_only=True)
class Memory:
    """One workspace: `me` and `bot` are our ids as a member and as an app, `origins` tell of messages."""

    team: str
    me: str = ""
    bot: str = ""
    members: Recent[str, Member] = field(default_factory=Recent)
    channels: dict[str, Channel] = field(default_factory=dict)
    moderators: frozenset[str] = frozenset()
    origins: Recent[str, Origin] = field(default_factory=Recent)

    def name(self, id_: str) -> str:
        """What a member or channel is called, '' when nobody told us."""
        member, channel = self.members.get(id_), self.channels.get(id_)
        return member.name if member else channel.name if channel else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a channel was read, and the threads in which something was said last."""

    ts: str = ""
    threads: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.ts, *self.threads))

    @classmethod
    def read(cls, text: str) -> Mark:
        """What `str` wrote."""
        ts, *threads = text.split(" ")
        return cls(ts, tuple(threads))

    def advance(self, ts: str, thread: str = "") -> Mark:
        """Something was said, in a thread perhaps."""
        threads = (thread, *(each for each in self.threads if each != thread)) if thread else self.threads
        return Mark(later(self.ts, ts), threads[:LIVE_THREADS])
