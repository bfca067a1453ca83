"""The connector: listens to workspaces, answers what can be done where, and does it."""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, PollSupport, Streaming
from bot.core.effect import Draft, Effect, Penalty
from bot.core.errors import NO_BAN_LISTS, BotError, Rejected, Revoked
from bot.core.event import Role
from bot.core.ports import Ingest, Needs, Readers
from bot.core.stored import Receipt
from connectors.patience import Patience
from connectors.slack import limits
from connectors.slack.account import Account
from connectors.slack.ear import Ear
from connectors.slack.links import template
from connectors.slack.people import Channel
from connectors.slack.perform import Performer
from connectors.slack.probe import lacking
from connectors.slack.settings import SlackSettings, Transport, secret
from connectors.slack.sockets import PING_S, QUIET_S
from connectors.slack.team import Team
from connectors.slack.wire import Line, Wire
from connectors.spec import Wiring

POLLS = PollSupport(max_options=limits.MAX_POLL_OPTIONS, counts=False, shows=False, secret=True)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Chance and time, so that tests need not wait: `random` from 0 to 1, pings and quiet times of sockets."""

    random: Callable[[], float] = chance.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ping_s: float = PING_S
    quiet_s: float = QUIET_S


class SlackConnector:
    """One app, in one workspace or several."""

    def __init__(self, settings: SlackSettings, wiring: Wiring, timing: Timing = Timing()) -> None:  # frozen
        self._settings = settings
        self._wiring = wiring
        self._timing = timing
        line = Line(settings.api_base, sleep=timing.sleep)
        self._account = Account(line=line, tokens=settings.tokens, admins=settings.admins, trusted=settings.moderators)
        self._app_wire = Wire(line, secret(settings.app_token))
        self._performers: dict[str, Performer] = {}

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled, or until Slack refuses us: `Revoked`."""
        try:
            await Patience("slack", self._timing.random, self._timing.sleep).persist(self._account.identify)
            await self._listen(ingest)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let the connections go; the connector can still be used."""
        for performer in self._performers.values():
            await performer.close()
        await self._account.line.close()

    async def capabilities(self, where: Address) -> Capabilities:
        """What the place, our scopes and the admin's token allow; next to nothing where we are not."""
        try:
            team = await self._account.team(where)
            channel = await team.channel(where.channel) if where.channel else None
        except Rejected:
            return Capabilities(max_text=limits.MAX_TEXT, readable=False)
        if channel is None:
            return replace(_capabilities(team, Channel(id="", general=True)), name=team.name)
        return replace(_capabilities(team, channel), link=template(team.url, where))

    async def role(self, where: Address, user_id: str) -> Role:
        """By what the workspace says of them, and the settings."""
        try:
            return await (await self._account.team(where)).role(user_id)
        except Rejected:
            return Role.MEMBER

    async def readers(self, where: Address) -> Readers:
        """Everyone for a public channel of a workspace without guests; raises `Rejected` where we may not know."""
        return await (await self._account.team(where)).readers(where)

    async def moderators(self, where: Address) -> frozenset[str]:
        """The workspace's admins, and whom the settings name; raises `Rejected` where we may not know."""
        team = await self._account.team(where)
        await team.refresh_moderators()
        named, everybody = team.memory.moderators, await team.everybody()
        return frozenset(each.id for each in everybody if not each.is_bot and each.role(named) >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """Scopes, the admin's token, and channels that we are not in."""
        return await lacking(await self._account.team(community), needs)

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """There are none here."""
        del where, lists, member_id
        raise Rejected(NO_BAN_LISTS)

    async def preview(self, draft: Draft) -> None:
        """Show it soon, as a stream where there can be one."""
        try:
            (await self._performer(draft.to)).preview(draft)
        except BotError as error:
            log.info("draft_not_shown", problem=str(error))

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        """Do it. Slack takes no keys: what may have been said before is looked for first."""
        performer = await self._performer(effect.to)
        try:
            return await performer.perform(effect, key, cookie)
        except Revoked as error:
            # The others go on; with none left, this is raised again.
            self._account.drop(effect.to.space)
            raise Rejected(str(error)) from error

    async def _performer(self, where: Address) -> Performer:
        team = await self._account.team(where)
        if team.id not in self._performers:
            self._performers[team.id] = Performer(team, self._wiring.clock)
        return self._performers[team.id]

    async def _listen(self, ingest: Ingest) -> None:
        ear = Ear(
            account=self._account,
            wiring=self._wiring,
            ingest=ingest,
            limit=self._settings.backfill_limit,
            question_gone=self._question_gone,
        )
        work = [asyncio.create_task(ear.intake.run()), asyncio.create_task(self._intake(ear)), ear.lost]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            ear.close()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _intake(self, ear: Ear) -> None:
        """By the way that the settings choose; both end in the same app."""
        from connectors.slack.app import build
        from connectors.slack.sockets import Sockets
        from connectors.slack.web import Server

        if self._settings.transport is Transport.HTTP:
            app = build(self._account, ear.hear, secret(self._settings.signing_secret))
            server = Server(app=app, host=self._settings.host, port=self._settings.port)
            return await server.run(lambda: ear.listening(again=False))
        return await Sockets(
            app=build(self._account, ear.hear, ""),
            wire=self._app_wire,
            up=lambda again: ear.listening(again=again),
            down=ear.deaf,
            ping_s=self._timing.ping_s,
            quiet_s=self._timing.quiet_s,
            random=self._timing.random,
            sleep=self._timing.sleep,
        ).run()

    def _question_gone(self, team: str, message: str) -> None:
        if team in self._performers:
            self._performers[team].question_gone(message)


def _capabilities(team: Team, channel: Channel) -> Capabilities:
    return Capabilities(
        max_text=limits.MAX_TEXT,
        polls=POLLS,
        threads=True,
        buttons=limits.MAX_BUTTONS,
        ephemeral=True,
        streaming=Streaming.NATIVE,
        penalties=frozenset({Penalty.KICK}) if team.kickable(channel) else frozenset(),
        can_delete_others=team.powers.enforcing and not channel.direct,
        readable=channel.ours,
        warns=not team.powers.enforcing,
        name=f"#{channel.name}" if channel.name else "",
    )
