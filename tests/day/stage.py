"""What a platform must bring so that the day can be played on it, and what it must be able to tell afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as everybody reads it; `was` is what it read before each change, `ours` whether the bot wrote it."""

    id: str
    text: str
    ours: bool
    was: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the platform itself knows: `refused` requests, how often each message was `removed`, the bot's `posts`.

    A post is its place, the id of the message it answers and its text as it reads now; a whisper is none.
    """

    refused: Sequence[str] = ()
    removed: Counter[str] = field(default_factory=Counter)
    posts: Sequence[tuple[Address, str, str]] = ()


class Stage(Protocol):
    """A community with the bot among its members; people are called by the names under which they came in.

    Whatever a person does is done when the call returns, the bot's answer only where a promise says so.
    """

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that tell Parley where it is and who it is there."""
        ...

    async def room(self, name: str, *, moderators_only: bool = False) -> Address:
        """A room that everybody reads, or only those who moderate; the bot is in it and may do all it can do."""
        ...

    async def join(self, name: str, *, moderator: bool = False) -> None:
        """Somebody comes into the community, and into every room that is open to them."""
        ...

    async def say(self, who: str, where: Address, text: str, *, to_bot: bool = False) -> str:
        """The message's id; `to_bot` mentions the bot."""
        ...

    async def say_all(self, where: Address, said: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Many messages as fast as the platform takes them, in this order: who, and what; their ids."""
        ...

    async def edit(self, who: str, where: Address, message_id: str, text: str) -> None: ...

    async def thread(self, who: str, where: Address, message_id: str, title: str) -> Address:
        """A thread on a message."""
        ...

    async def command(self, who: str, where: Address, name: str, **options: str) -> str:
        """Give a command; what the bot tells them, '' where it only does it."""
        ...

    async def press(self, who: str, where: Address, message_id: str, label: str, reason: str = "") -> None:
        """Press a button of a message, and give the reason if it asks for one."""
        ...

    async def vote(self, who: str, where: Address, message_id: str, option: int) -> None:
        """Choose that option, the first is 1, and no other."""
        ...

    async def reads(self, where: Address) -> Sequence[Said]:
        """What a moderator reads there, oldest first, without what is gone."""
        ...

    async def told(self, who: str) -> Sequence[str]:
        """What the bot said to that member alone."""
        ...

    async def listening(self, position: Callable[[str], Awaitable[str]]) -> bool:
        """Whether the bot is connected and, by the cursors that it has stored, has read all that was said."""
        ...

    def unheard(self) -> AbstractAsyncContextManager[None]:
        """The connection breaks, for good: what is said inside the block is never delivered, only kept in history."""
        ...

    async def truth(self) -> Truth:
        """What the bot did until now."""
        ...
