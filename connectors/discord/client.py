"""The connector: listens to the gateway, answers what can be done where, and does it."""

from __future__ import annotations

import asyncio
import random as chance
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, PollSupport, Streaming
from bot.core.effect import Draft, Effect, Penalty
from bot.core.errors import NO_BAN_LISTS, BotError, Rejected, Transient
from bot.core.event import Role
from bot.core.ports import Ingest, Needs, Readers
from bot.core.stored import Cursor, Receipt
from connectors.discord import limits
from connectors.discord.account import Account
from connectors.discord.commands import fingerprint, registration
from connectors.discord.ear import Ear
from connectors.discord.gateway import Line
from connectors.discord.memory import DIRECT, Memory
from connectors.discord.perform import Performer
from connectors.discord.permissions import READING, Permission
from connectors.discord.probe import lacking
from connectors.discord.render import jump
from connectors.discord.replies import Replies
from connectors.discord.sessions import Sessions
from connectors.discord.settings import DiscordSettings
from connectors.discord.wire import Wire, path
from connectors.patience import Patience
from connectors.spec import Wiring

PENALTIES = {
    Penalty.TIMEOUT: Permission.MODERATE_MEMBERS,
    Penalty.KICK: Permission.KICK_MEMBERS,
    Penalty.BAN: Permission.BAN_MEMBERS,
}
log = structlog.get_logger()


class DiscordConnector:
    """One account. `random` (0 to 1), `sleep` and `now` (Unix seconds) are parameters so that tests need not wait."""

    def __init__(
        self,
        settings: DiscordSettings,
        wiring: Wiring,
        *,
        random: Callable[[], float] = chance.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._wiring = wiring
        self._random = random
        self._sleep = sleep
        self._now = now
        memory = Memory(allowed=settings.guilds, trusted=settings.moderator_roles)
        self._account = Account(Wire(settings.api_base, settings.secret), memory)
        self._replies = Replies(self._account, wiring.clock)
        self._performer = Performer(self._account, self._replies, wiring.clock)

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled, or until Discord refuses us: `Revoked`."""
        try:
            await Patience("discord", self._random, self._sleep).persist(self._start)
            await self._register(ingest)
            await self._listen(ingest)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let the connections go; the connector can still be used."""
        await self._replies.close()
        await self._performer.close()
        await self._account.wire.close()

    async def capabilities(self, where: Address) -> Capabilities:
        """What our roles allow in that place; next to nothing where we are not."""
        me = await self._account.identify()
        if where.space in ("", DIRECT):
            return Capabilities(
                max_text=limits.MAX_TEXT,
                polls=_polls(),
                buttons=limits.MAX_BUTTONS,
                ephemeral=True,
                streaming=Streaming.EDITS,
                edit_interval=limits.EDIT_INTERVAL,
                deduplicates_sends=True,
            )
        try:
            held = await self._account.permissions(where, me)
        except Rejected:
            return Capabilities(max_text=limits.MAX_TEXT, readable=False)
        guild, can = await self._account.guild(where.space), _capabilities(held, in_thread=bool(where.thread))
        if not where.channel:
            return replace(can, name=guild.name)
        return replace(can, name=guild.title(where.thread or where.channel), link=jump(where, "{message}"))

    async def role(self, where: Address, user_id: str) -> Role:
        """By ownership, the configured roles, and what somebody may do in that place at this moment."""
        if where.space in ("", DIRECT):
            return Role.MEMBER
        try:
            guild = await self._account.guild(where.space)
            if user_id == guild.owner:
                return Role.OWNER
            member = await self._account.member(where.space, user_id)
        except Rejected:
            return Role.MEMBER
        return guild.role(member.id, member.roles, where.channel) if member else Role.GUEST

    async def readers(self, where: Address) -> Readers:
        """Everyone where the whole server may look, else those who may; raises `Rejected` where we may not know."""
        if where.space in ("", DIRECT):
            return Readers(members=await self._account.recipients(where.channel))
        guild, channel = await self._account.guild(where.space), where.thread or where.channel
        await self._account.locate(guild, channel)
        if guild.is_open(channel):
            return Readers(everyone=True)
        members = await self._account.everybody(where.space)
        able = (m for m in members if Permission.VIEW_CHANNEL in guild.permissions(m.id, m.roles, channel))
        return Readers(members=frozenset(member.id for member in able))

    async def moderators(self, where: Address) -> frozenset[str]:
        """Whoever moderates in that place; raises `Rejected` where the members are too many to ask for."""
        if where.space in ("", DIRECT):
            return frozenset()
        guild, members = await self._account.guild(where.space), await self._account.everybody(where.space)
        people = (member for member in members if not member.is_bot)
        return frozenset(m.id for m in people if guild.role(m.id, m.roles, where.channel) >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """Server, channels and intents, with the invitation that mends what is missing everywhere."""
        if community.space in ("", DIRECT):
            return ()
        await self._account.identify()
        return await lacking(self._account, community.space, needs)

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """There are none here."""
        del where, lists, member_id
        raise Rejected(NO_BAN_LISTS)

    async def preview(self, draft: Draft) -> None:
        """Show it soon, by editing one message."""
        try:
            self._performer.editor(draft.to).show(draft)
        except BotError as error:
            log.info("draft_not_shown", problem=str(error))

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        """Do it; the key becomes the nonce, which Discord heeds for a few minutes."""
        await self._account.identify()
        return await self._performer.perform(effect, key, cookie)

    async def _start(self) -> None:
        await self._account.identify()

    async def _register(self, ingest: Ingest) -> None:
        """Tell Discord our commands, if they are others than last time."""
        wanted = registration(self._wiring.commands)
        stream, mark = f"discord:{self._account.application}:commands", fingerprint(wanted)
        if await self._wiring.position(stream) == mark:
            return
        where = path("applications", self._account.application, "commands")
        try:
            await self._account.wire.send("PUT", where, wanted)
        except (Rejected, Transient) as error:
            # Whoever moderates can still press buttons, and the next start tries again.
            log.error("commands_not_registered", problem=str(error))  # noqa: TRY400  # the sentence is enough
            return
        await ingest([], Cursor(stream, mark))
        log.info("commands_registered", commands=len(self._wiring.commands))

    async def _listen(self, ingest: Ingest) -> None:
        ear = Ear(
            account=self._account,
            replies=self._replies,
            wiring=self._wiring,
            ingest=ingest,
            limit=self._settings.backfill_limit,
            question_gone=self._performer.question_gone,
        )
        sessions = Sessions(
            line=self._line,
            ear=ear,
            ingest=ingest,
            budget_stream=":".join(["discord", self._account.me, "identify", *map(str, self._settings.shard_ids)]),
            position=self._wiring.position,
            random=self._random,
            sleep=self._sleep,
            now=self._now,
        )
        work = [asyncio.create_task(ear.intake.run()), asyncio.create_task(sessions.run())]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            ear.close()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    @property
    def _line(self) -> Line:
        return Line(
            token=self._settings.secret,
            api_base=self._settings.api_base,
            gateway_url=self._settings.gateway_url,
            shards=self._settings.shards,
            shard_ids=self._settings.shard_ids,
        )


def _capabilities(held: Permission, *, in_thread: bool) -> Capabilities:
    removing = Permission.MANAGE_MESSAGES in held
    return Capabilities(
        max_text=limits.MAX_TEXT,
        polls=_polls() if Permission.SEND_POLLS in held else None,
        threads=Permission.CREATE_PUBLIC_THREADS in held and not in_thread,
        buttons=limits.MAX_BUTTONS,
        ephemeral=True,
        streaming=Streaming.EDITS,
        edit_interval=limits.EDIT_INTERVAL,
        penalties=frozenset(penalty for penalty, needed in PENALTIES.items() if needed in held),
        can_delete_others=removing,
        bulk_delete=limits.MAX_BULK_DELETE if removing else 1,
        bulk_ban=limits.MAX_BULK_BAN if Permission.BAN_MEMBERS | Permission.MANAGE_GUILD in held else 1,
        readable=READING in held,
        deduplicates_sends=True,
        filters=Permission.MANAGE_GUILD in held,
    )


def _polls() -> PollSupport:
    return PollSupport(max_options=limits.MAX_POLL_OPTIONS, max_duration=limits.MAX_POLL)
