"""What every payload of Slack leads to: events, knowledge, a form that opens, a gap to read. Pure bolt is in `app`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace

import structlog

from bot.core.errors import BotError, Rejected, Revoked, Transient
from bot.core.event import Event, MessageDeleted, Said
from bot.core.ports import Ingest
from bot.core.stored import Heard
from connectors.recent import Recent
from connectors.slack.account import Account
from connectors.slack.catchup import CatchUp
from connectors.slack.home import publish
from connectors.slack.intake import Intake, Part
from connectors.slack.interactions import form, interaction
from connectors.slack.limits import TRIGGER_S
from connectors.slack.memory import Origin
from connectors.slack.parse import parse
from connectors.slack.people import member_of
from connectors.slack.reading import Json, encode, ident, mapping, objects, stamp, stamped, words
from connectors.slack.team import Team
from connectors.slack.view import View
from connectors.spec import Wiring

# Of the three seconds that Slack waits.
LOOKUP_S = 1.0
# At once, after a minute and after five it comes again.
DELIVERIES = 4
log = structlog.get_logger()


class Ear:
    """Listens for one run of the connector. `question_gone` is told of messages that are deleted."""

    def __init__(
        self,
        *,
        account: Account,
        wiring: Wiring,
        ingest: Ingest,
        limit: int,
        question_gone: Callable[[str, str], None],
    ) -> None:
        self.intake = Intake(ingest)
        self.catch_up = CatchUp(
            intake=self.intake, position=wiring.position, clock=wiring.clock, limit=limit, sleep=account.line.sleep
        )
        self.dropped = 0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._account = account
        self._wiring = wiring
        self._question_gone = question_gone
        self._tries: Recent[str, int] = Recent()
        self._errands: set[asyncio.Task[None]] = set()

    async def hear(self, body: Json) -> None:
        """A payload came; returns when what it says is stored. Raises what storing it raises."""
        team = self._team(body)
        if team is None:
            self.dropped += 1
            log.warning("payload_of_no_workspace", dropped=self.dropped)
            return
        if not await self.intake.once(words(body.get("event_id")), lambda: self._take(body, team)):
            log.info("payload_repeated", event_id=words(body.get("event_id")))

    def listening(self, *, again: bool) -> None:
        """The connection stands: what was said before is read."""
        for team in self._account.teams.values():
            team.live = True
            self._start(self._catch_up(team, again=again), team)

    def deaf(self) -> None:
        """From now on nobody tells us of changes."""
        for team in self._account.teams.values():
            team.live = False

    def close(self) -> None:
        """Stop what is under way."""
        self.deaf()
        for errand in self._errands:
            errand.cancel()

    async def _catch_up(self, team: Team, *, again: bool) -> None:
        """Members first: history tells no roles, and who cannot be known now is asked for when they are heard."""
        try:
            await team.everybody()
        except (Rejected, Transient) as error:
            log.info("members_not_known", team=team.id, problem=str(error))
        await (self.catch_up.recent(team) if again else self.catch_up.team(team))

    def _team(self, body: Json) -> Team | None:
        """The workspace that we heard it in; conversations that several share name others as well."""
        told = [mapping(body.get("team")).get("id"), body.get("team_id")]
        told = [*(each.get("team_id") for each in objects(body.get("authorizations"))), *told]
        told.append(mapping(body.get("user")).get("team_id"))
        return next((team for each in told if (team := self._account.teams.get(ident(each)))), None)

    async def _take(self, body: Json, team: Team) -> None:
        await self._meet(body, team)
        view = View(memory=team.memory, now=self._wiring.clock(), commands=self._wiring.commands)
        events = await self._understood(body, team, view)
        self._learn(body, team, events)
        event = mapping(body.get("event"))
        heard = [Heard(each, encode(_without_secrets(body))) for each in events]
        is_said = event.get("type") == "message" and event.get("subtype") not in ("message_changed", "message_deleted")
        part = Part(
            team=team.id,
            channel=ident(event.get("channel")) or (events[0].where.channel if events else ""),
            ts=stamp(event.get("event_ts")) or stamped(view.now),
            heard=heard,
            said=stamp(event.get("ts")) if is_said else "",
            thread=stamp(event.get("thread_ts")) if is_said else "",
        )
        if heard or part.said:
            await self.intake.store(part)

    async def _understood(self, body: Json, team: Team, view: View) -> list[Event]:
        """The events in it; none in what opens a form, unless that would not open."""
        try:
            opens = form(body, view)
            if opens and await self._open(body, team, opens):
                return []
            return interaction(body, view, opened=False) if opens else parse(body, view)
        except Exception as error:  # noqa: BLE001  # boundary: what no reader of ours expected must not silence the rest
            self.dropped += 1
            log.warning("payload_dropped", kind=words(body.get("type")), error=type(error).__name__)
            return []

    async def _open(self, body: Json, team: Team, view: Json) -> bool:
        try:
            async with asyncio.timeout(TRIGGER_S):
                await team.wire.send("views.open", {"trigger_id": words(body.get("trigger_id")), "view": view})
        except (BotError, TimeoutError) as error:
            log.warning("form_not_opened", problem=str(error))
            return False
        return True

    async def _meet(self, body: Json, team: Team) -> None:
        """Roles are told by nobody, and whoever moderates must not be taken for anybody.

        Raises `Transient` while somebody cannot be known and Slack will send the event again.
        """
        event = mapping(body.get("event"))
        message = mapping(event.get("message"))
        told = event.get("user"), message.get("user"), mapping(body.get("user")).get("id"), body.get("user_id")
        users = {user for each in told if (user := ident(each)) and user not in team.memory.members}
        for user in users - {team.memory.me}:
            try:
                async with asyncio.timeout(LOOKUP_S):
                    await team.member(user)
            except (Transient, TimeoutError) as error:
                self._not_known(words(body.get("event_id")), user, str(error))
            except Rejected as error:
                log.warning("role_not_known", user=user, problem=str(error))

    def _not_known(self, event_id: str, user: str, problem: str) -> None:
        """The last time that Slack sends it, it is heard all the same."""
        tries = self._tries.get(event_id, 0) + 1
        self._tries.keep(event_id, tries)
        log.warning("role_not_known", user=user, problem=problem, tries=tries)
        if event_id and tries < DELIVERIES:
            raise Transient(f"{user} is not known yet")

    def _learn(self, body: Json, team: Team, events: list[Event]) -> None:
        """Take over what it changes."""
        for each in events:
            if isinstance(each, Said):
                team.memory.origins.keep(each.message_id, Origin(each.who.id, each.where.thread))
            elif isinstance(each, MessageDeleted):
                self._question_gone(team.id, each.message_id)
        event = mapping(body.get("event"))
        learn = LEARNING.get(words(event.get("type")))
        if learn:
            learn(self, event, team)

    def _member(self, event: Json, team: Team) -> None:
        if member := member_of(mapping(event.get("user"))):
            joined = self._wiring.clock() if event.get("type") == "team_join" else None
            team.learn(replace(member, joined=joined))

    def _groups(self, event: Json, team: Team) -> None:
        del event
        team.forget_moderators()
        self._start(team.refresh_moderators(), team)

    def _came(self, event: Json, team: Team) -> None:
        channel = ident(event.get("channel"))
        team.forget_channel(channel)
        if channel and event.get("user") == team.memory.me:
            self._start(self.catch_up.channels(team, [channel]), team)

    def _channel(self, event: Json, team: Team) -> None:
        told = event.get("channel")
        team.forget_channel(ident(told) or ident(mapping(told).get("id")))

    def _home(self, event: Json, team: Team) -> None:
        user = ident(event.get("user"))
        if user and event.get("tab") == "home":
            self._start(publish(team, user, self._wiring), team)

    def _revoked(self, event: Json, team: Team) -> None:
        """Only the bot's own token ends it; an admin's is looked at."""
        bots = mapping(event.get("tokens")).get("bot")
        if event.get("type") == "tokens_revoked" and not (isinstance(bots, list) and team.memory.me in bots):
            self._start(team.probe_powers(), team)
        else:
            self._drop(team)

    def _drop(self, team: Team) -> None:
        """The workspace has put us out; the others go on."""
        try:
            self._account.drop(team.id)
        except Revoked as error:
            if not self.lost.done():
                self.lost.set_exception(error)

    def _start(self, work: Coroutine[None, None, None], team: Team) -> None:
        errand = asyncio.create_task(self._for(team, work))
        self._errands.add(errand)
        errand.add_done_callback(self._ended)

    async def _for(self, team: Team, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Revoked:
            self._drop(team)
        except (Rejected, Transient) as error:
            log.warning("errand_refused", team=team.id, problem=str(error))

    def _ended(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if errand.cancelled() or not (error := errand.exception()):
            return
        log.error("errand_failed", error=type(error).__name__, problem=str(error))


def _without_secrets(body: Json) -> Json:
    """For the archive: these answer in our name, and the copy in the event is enough."""
    return {key: value for key, value in body.items() if key not in ("token", "trigger_id", "response_url")}


LEARNING: dict[str, Callable[[Ear, Json, Team], None]] = {
    "user_change": Ear._member,  # noqa: SLF001  # the table is part of the class
    "team_join": Ear._member,  # noqa: SLF001
    "subteam_members_changed": Ear._groups,  # noqa: SLF001
    "member_joined_channel": Ear._came,  # noqa: SLF001
    "channel_rename": Ear._channel,  # noqa: SLF001
    "member_left_channel": Ear._channel,  # noqa: SLF001
    "app_home_opened": Ear._home,  # noqa: SLF001
    "tokens_revoked": Ear._revoked,  # noqa: SLF001
    "app_uninstalled": Ear._revoked,  # noqa: SLF001
}
