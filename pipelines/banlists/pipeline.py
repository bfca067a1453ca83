"""Whom a followed list names is banned, whom we ban is written down: pure once the lists are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot import text, text_banlists
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.banlist import BanList, Bar, Enlist, Pardon
from bot.core.effect import Penalty, Post, Restrict
from bot.core.errors import Rejected
from bot.core.event import CommandGiven, Event, ListChanged, MemberBanned, MemberJoined, Role
from bot.core.ports import Context
from pipelines.banlists.commands import LISTS, UNBAN, UNWATCH, WATCH
from pipelines.spec import Command, whisper

KEY = "moderation.ban_lists"
# A list that names more of those who are here in one go has gone wrong, or was taken over.
MOST_AT_ONCE = 20


class ListPolicy(Protocol):
    """What a place's settings say of lists."""

    @property
    def ban_lists(self) -> Sequence[Address]:
        """Those that are followed."""
        ...

    @property
    def own_list(self) -> Address | None:
        """Where bans are written down."""
        ...

    @property
    def review_room(self) -> Address | None:
        """Where its moderators meet."""
        ...

    @property
    def acts(self) -> bool:
        """Whether anything may be done at all."""
        ...


@dataclass(frozen=True, slots=True)
class BanLists:
    """`policy` gives what holds at a place."""

    policy: Callable[[Address], ListPolicy]
    name: str = "banlists"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """Members who come, bans and their lifting, and lists that change."""
        match event:
            case MemberJoined():
                actions = await self._came(event, context)
            case MemberBanned():
                actions = await self._banned(event, context)
            case ListChanged():
                actions = await self._changed(event, context)
            case _:
                actions = ()
        for action in actions:
            yield action

    def failed(self, event: Event) -> Sequence[Action]:
        """The next change or arrival looks again."""
        del event
        return ()

    def commands(self) -> list[Command]:
        """With what answers them."""
        return [
            Command(WATCH, self.watch),
            Command(UNWATCH, self.unwatch),
            Command(LISTS, self.lists),
            Command(UNBAN, self.unban),
        ]

    async def watch(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Show what it would do, or do it."""
        community = given.where.community
        if await context.role(community, given.who.id) < Role.MODERATOR:
            yield whisper(given, text.NOT_THEIR_COMMUNITY)
            return
        try:
            (found,) = await context.ban_lists(community, [_address(given)], "")
        except (Rejected, ValueError) as error:
            yield whisper(given, text_banlists.unreadable(str(error)))
            return
        if not given.option("now"):
            yield whisper(given, text_banlists.preview(found))
            return
        yield self._following(community, given, [*self._named(community), str(found.address)])
        for action in self._due(found, community):
            yield action
        yield whisper(given, text_banlists.followed(found))

    async def unwatch(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """No longer follow it."""
        community, name = given.where.community, str(_address(given))
        left = [each for each in self._named(community) if each != name]
        if await context.role(community, given.who.id) < Role.MODERATOR:
            yield whisper(given, text.NOT_THEIR_COMMUNITY)
        elif len(left) == len(self._named(community)):
            yield whisper(given, text_banlists.NOT_FOLLOWED)
        else:
            yield self._following(community, given, left)
            yield whisper(given, text_banlists.unfollowed(given.option("list")))

    async def lists(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Those that are followed here."""
        lists = self.policy(given.where).ban_lists
        try:
            found = await context.ban_lists(given.where.community, lists, "") if lists else ()
        except Rejected as error:
            yield whisper(given, text_banlists.unreadable(str(error)))
            return
        yield whisper(given, text_banlists.lists(found) if found else text_banlists.NO_LISTS)

    async def unban(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Everywhere, and off our own list."""
        community, member = given.where.community, given.option("member")
        if await context.role(community, given.who.id) < Role.MODERATOR:
            yield whisper(given, text.NOT_THEIR_COMMUNITY)
            return
        yield Pardon(to=community, user_id=member)
        own = self.policy(community).own_list
        if own:
            yield Enlist(to=own, user_id=member, lifted=True)
        yield whisper(given, text_banlists.pardoned(member))

    async def _came(self, event: MemberJoined, context: Context) -> Sequence[Action]:
        policy = self.policy(event.where)
        if not policy.ban_lists or not policy.acts:
            return ()
        found = await _read(event.where, policy.ban_lists, context, event.who.id)
        return [action for each in found for action in _bans(each)][:1]

    async def _banned(self, event: MemberBanned, context: Context) -> Sequence[Action]:
        """What a list brought about is not written down again."""
        policy = self.policy(event.where)
        if policy.own_list is None or not policy.acts:
            return ()
        if event.lifted:
            return [Enlist(to=policy.own_list, user_id=event.member_id, lifted=True)]
        if any(each.hits for each in await _read(event.where, policy.ban_lists, context, event.member_id)):
            return ()
        return [Enlist(to=policy.own_list, user_id=event.member_id, reason=event.reason)]

    async def _changed(self, event: ListChanged, context: Context) -> Sequence[Action]:
        community, changed = event.where.community, event.where.parent
        policy = self.policy(community)
        if changed not in policy.ban_lists or not policy.acts:
            return ()
        if event.lifted:
            # Only our own list says that a ban of ours was wrong.
            return [Pardon(to=community, user_id=event.entity)] if changed == policy.own_list else ()
        found = await _read(community, [changed], context, "")
        surprises = [each for each in found if len(each.hits) > MOST_AT_ONCE]
        if surprises:
            room = policy.review_room
            return [Post(to=room, text=text_banlists.too_many(surprises[0], MOST_AT_ONCE))] if room else ()
        return [action for each in found for action in self._due(each, community)]

    def _due(self, found: BanList, community: Address) -> Iterator[Action]:
        if self.policy(community).acts:
            yield from _bans(found)
            if found.servers:
                yield Bar(to=community, servers=found.servers)

    def _named(self, community: Address) -> list[str]:
        own = self.policy(community).own_list
        return [str(each) for each in self.policy(community).ban_lists if each != own]

    def _following(self, community: Address, given: CommandGiven, lists: Sequence[str]) -> Configure:
        return Configure(scope=str(community), key=KEY, value=list(dict.fromkeys(lists)), by=given.who.id)


async def _read(where: Address, lists: Sequence[Address], context: Context, member: str) -> Sequence[BanList]:
    """A list that cannot be read names nobody."""
    found: list[BanList] = []
    for each in lists:
        try:
            found += await context.ban_lists(where, [each], member)
        except Rejected:
            continue
    return found


def _bans(found: BanList) -> Iterator[Restrict]:
    for hit in found.hits:
        if hit.role < Role.MODERATOR:
            reason = hit.entry.reason or text_banlists.LISTED
            yield Restrict(to=hit.where, user_id=hit.user_id, penalty=Penalty.BAN, reason=reason)


def _address(given: CommandGiven) -> Address:
    """What was typed: a whole address, or the list's id in the community where it was said; raises `ValueError`."""
    typed = given.option("list")
    whole = typed.startswith(f"{given.where.platform}/")
    return Address.parse(typed) if whole else Address(given.where.platform, given.where.space, typed)
