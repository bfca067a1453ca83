"""One workspace that we are in: who is who there, and what we may do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.core.address import Address
from bot.core.errors import BotError, Rejected, Revoked, Transient
from bot.core.event import Role
from bot.core.ports import Readers
from connectors.recent import Recent
from connectors.slack.limits import MEMBERS_PAGE
from connectors.slack.memory import Memory
from connectors.slack.people import Channel, Member, channel_of, member_of
from connectors.slack.reading import ident, idents, mapping, objects, words
from connectors.slack.wire import NotFound, Refused, Wire

# For how long an answer counts while nobody tells us of changes, and while somebody does.
FRESH_S, LIVE_S = 10.0, 3_600.0
CHANNEL_S = 600.0
EVERYBODY_S = 600.0
# For so long nobody is sent out of a channel that refused it.
REFUSED_S = 3_600.0
ADVISORY = "I can only warn and ask here: only an admin’s own token (SLACK_ADMIN_TOKEN) deletes what others said."
log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Powers:
    """What the admin's token can do for us; `problem` says why it cannot delete, '' when it can."""

    wire: Wire | None = None
    problem: str = ADVISORY

    @property
    def enforcing(self) -> bool:
        """Whether other people's messages can be deleted."""
        return self.wire is not None and not self.problem


@dataclass(slots=True, kw_only=True)
class Team:
    """A workspace, its token and what it told. While `live`, its events keep members current."""

    wire: Wire
    memory: Memory
    url: str
    name: str
    scopes: frozenset[str] = frozenset()
    trusted: Sequence[str] = ()
    powers: Powers = field(default_factory=Powers)
    live: bool = False
    _asked: Recent[str, float] = field(default_factory=Recent)
    _members: tuple[float, list[Member]] = (float("-inf"), [])
    _direct: Recent[str, str] = field(default_factory=Recent)
    _unkickable: dict[str, float] = field(default_factory=dict)
    _asking: dict[str, asyncio.Task[Member | None]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The workspace's own."""
        return self.memory.team

    async def member(self, user: str) -> Member | None:
        """Somebody in the workspace, None for who is not; raises `Transient`."""
        if not ident(user):
            return None
        known = self.memory.members.get(user)
        if known and self._is_fresh(f"user {user}", LIVE_S if self.live else FRESH_S):
            return known
        if user not in self._asking:
            self._asking[user] = asyncio.create_task(self._ask(user))
            self._asking[user].add_done_callback(lambda _: self._asking.pop(user))
        # Whoever waits no longer must not spoil it for the others.
        return await asyncio.shield(self._asking[user])

    async def _ask(self, user: str) -> Member | None:
        try:
            found = member_of(mapping((await self.wire.read("users.info", user=user)).get("user")))
        except NotFound:
            found = None
        if found:
            self.learn(found)
        return found

    def learn(self, member: Member) -> None:
        """A member as it stands; only we know since when they are here, if we saw them come."""
        known = self.memory.members.get(member.id)
        joined = member.joined or (known.joined if known else None)
        self.memory.members.keep(member.id, replace(member, joined=joined))
        self._asked.keep(f"user {member.id}", self._now())

    async def role(self, user: str) -> Role:
        """What they may do here; whoever is not in the workspace is a guest."""
        await self.refresh_moderators()
        try:
            member = await self.member(user)
        except Rejected:
            return Role.MEMBER
        return member.role(self.memory.moderators) if member and not member.gone else Role.GUEST

    async def everybody(self) -> list[Member]:
        """All members; raises `Rejected` where we may not know."""
        at, known = self._members
        if self._now() - at > (EVERYBODY_S if self.live else FRESH_S):
            raws = await self.wire.pages("users.list", "members", MEMBERS_PAGE)
            known = [member for raw in raws if (member := member_of(raw)) and not member.gone]
            self._members = self._now(), known
            for member in known:
                self.learn(member)
        return [self.memory.members.get(member.id, member) for member in known]

    async def channel(self, channel: str) -> Channel:
        """A conversation as it stands; raises `Rejected` when it is not for us."""
        known = self.memory.channels.get(channel)
        if known and self._is_fresh(f"channel {channel}", CHANNEL_S if self.live else FRESH_S):
            return known
        try:
            found = channel_of(mapping((await self.wire.read("conversations.info", channel=channel)).get("channel")))
        except Transient:
            # Nothing waits for the name of a channel.
            if known is None:
                raise
            return known
        if found is None:
            raise Rejected("There is no such channel.")
        return self.place(found)

    def place(self, channel: Channel) -> Channel:
        """A conversation as it stands."""
        self.memory.channels[channel.id] = channel
        self._asked.keep(f"channel {channel.id}", self._now())
        return channel

    def forget_channel(self, channel: str) -> None:
        """It has changed."""
        self._asked.pop(f"channel {channel}", None)

    async def inside(self, channel: str) -> frozenset[str]:
        """Who is in a conversation, as ids."""
        found: list[str] = []
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await self.wire.read("conversations.members", channel=channel, limit=str(MEMBERS_PAGE), **more)
            found += idents(page.get("members"))
            cursor = words(mapping(page.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return frozenset(found)

    async def readers(self, where: Address) -> Readers:
        """Who can read there: a public channel is open to all but guests, who must be in it."""
        channel = await self.channel(where.channel)
        if channel.private:
            return Readers(members=await self.inside(channel.id))
        everybody = await self.everybody()
        if all(member.rank > Role.GUEST or member.is_bot for member in everybody):
            return Readers(everyone=True)
        full = frozenset(member.id for member in everybody if member.rank > Role.GUEST)
        return Readers(members=full | await self.inside(channel.id))

    async def refresh_moderators(self) -> None:
        """Ask who is in the groups that moderate, unless that is known."""
        if self._is_fresh("moderators", EVERYBODY_S if self.live else FRESH_S):
            return
        try:
            self.memory.moderators = await _named(self.wire, self.trusted)
        except (Refused, Transient) as error:
            log.warning("moderators_not_known", team=self.id, problem=str(error))
        self._asked.keep("moderators", self._now())

    def forget_moderators(self) -> None:
        """A group has changed."""
        self._asked.pop("moderators", None)

    async def direct(self, user: str) -> str:
        """The conversation in which only that member and we talk; raises `Rejected`."""
        if not ident(user):
            raise Rejected("There is no such member.")
        if user not in self._direct:
            opened = await self.wire.send("conversations.open", {"users": user})
            self._direct.keep(user, ident(mapping(opened.get("channel")).get("id")))
        return self._direct[user]

    def kickable(self, channel: Channel) -> bool:
        """Whether members can be sent out of it, as far as we know."""
        needed = "groups:write" if channel.private else "channels:manage"
        refused = self._now() - self._unkickable.get(channel.id, float("-inf")) < REFUSED_S
        return not (channel.direct or channel.general or refused) and (not self.scopes or needed in self.scopes)

    def not_kickable(self, channel: str) -> None:
        """The workspace's settings do not let us."""
        self._unkickable[channel] = self._now()

    async def probe_powers(self) -> None:
        """Ask what the admin's token can do; whatever goes wrong leaves us advisory, and says so."""
        wire = self.powers.wire
        if wire is None:
            return
        try:
            self.powers.problem = await _missing_power(wire, self)
        except Revoked:
            self.powers.problem = "Slack no longer accepts SLACK_ADMIN_TOKEN: install the app again as an admin."
        except BotError as error:
            self.powers.problem = f"I could not see what SLACK_ADMIN_TOKEN may do: {error}"
        log.info("powers", team=self.id, enforcing=self.powers.enforcing, problem=self.powers.problem)

    def _now(self) -> float:
        return self.wire.line.clock()

    def _is_fresh(self, what: str, seconds: float) -> bool:
        return self._now() - self._asked.get(what, float("-inf")) <= seconds


async def _missing_power(admin: Wire, team: Team) -> str:
    who = await admin.ask("auth.test", body={})
    user = ident(who.content.get("user_id"))
    member = member_of(mapping((await team.wire.read("users.info", user=user)).get("user")))
    if ident(who.content.get("team_id")) != team.id:
        return "SLACK_ADMIN_TOKEN belongs to another workspace."
    if member is None or member.rank < Role.MODERATOR:
        return "SLACK_ADMIN_TOKEN belongs to somebody who is no admin of the workspace."
    if who.scopes and "chat:write" not in who.scopes:
        return "SLACK_ADMIN_TOKEN lacks the user scope chat:write."
    return ""


async def _named(wire: Wire, trusted: Sequence[str]) -> frozenset[str]:
    """The members that the settings mean: ids of members, and ids or handles of groups."""
    people = {each for each in trusted if each[:1] in ("U", "W") and ident(each)}
    groups = {each.removeprefix("@") for each in trusted} - people
    if not groups:
        return frozenset(people)
    known = objects((await wire.read("usergroups.list")).get("usergroups"))
    for group in known:
        if {words(group.get("id")), words(group.get("handle"))} & groups:
            people.update(
                idents((await wire.read("usergroups.users.list", usergroup=words(group.get("id")))).get("users"))
            )
    return frozenset(people)
