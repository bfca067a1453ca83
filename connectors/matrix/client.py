"""The connector: listens to the homeserver, answers what can be done where, and does it."""

from __future__ import annotations

import asyncio
import math
import random as chance
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from fnmatch import fnmatchcase
from urllib.parse import quote

import structlog

from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, Streaming
from bot.core.effect import Draft, Effect, Penalty
from bot.core.errors import BotError, Rejected, Revoked, Transient
from bot.core.event import Role
from bot.core.ports import Ingest, Needs, Readers
from bot.core.stored import Receipt
from connectors.matrix.account import Account
from connectors.matrix.admin import edit_interval
from connectors.matrix.crypto.cipher import Cipher
from connectors.matrix.crypto.files import secrets_in
from connectors.matrix.crypto.signing import SigningKey
from connectors.matrix.gate import Gate, Guard
from connectors.matrix.listen import Listener
from connectors.matrix.listing import Listings
from connectors.matrix.moving import JOIN_PATIENCE_S, Mover
from connectors.matrix.perform import Performer
from connectors.matrix.polls import SUPPORT
from connectors.matrix.raw import View
from connectors.matrix.reading import Json
from connectors.matrix.render import MAX_BUTTONS, MAX_TEXT
from connectors.matrix.reports import ReportDesk
from connectors.matrix.rooms import Room
from connectors.matrix.settings import MatrixSettings
from connectors.matrix.wire import Wire, path
from connectors.patience import Patience
from connectors.spec import Wiring

JOIN_ATTEMPTS = 6
log = structlog.get_logger()


class MatrixConnector:
    """One account. `random` from 0 to 1 and `sleep` are parameters so that tests need not wait."""

    def __init__(
        self,
        settings: MatrixSettings,
        wiring: Wiring,
        *,
        random: Callable[[], float] = chance.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._wiring = wiring
        self._random = random
        self._sleep = sleep
        self._account = Account(Wire(settings.homeserver, settings.token))
        self._listings = Listings(self._account)
        self._performer = Performer(self._account, self._listings)
        self._errands: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()
        self._gate: Gate | None = None
        self._mover = Mover(self._account, lambda join: self._persist(join, JOIN_ATTEMPTS))
        self._sealed_off = "" if settings.encryption else "encryption is off"

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled, or until the homeserver refuses us: `Revoked`."""
        try:
            await self._persist(self._start)
            await self._open_gate()
            await self._listen(ingest)
        finally:
            if self._gate:
                await self._gate.close()
            for errand in tuple(self._errands):
                errand.cancel()
            await asyncio.gather(*self._errands, return_exceptions=True)
            await self.close()

    async def close(self) -> None:
        """Let connections and keys go; the connector can still be used."""
        await self._performer.close()
        cipher, self._account.cipher = self._account.cipher, None
        if cipher:
            await cipher.close()
        await self._account.wire.close()

    async def capabilities(self, where: Address) -> Capabilities:
        """What our power in that room allows; next to nothing where we are not."""
        me = await self._ready()
        if not where.channel:
            return Capabilities(max_text=MAX_TEXT, ban_lists=True)
        try:
            room = await self._account.room(where.channel)
        except Rejected:
            return Capabilities(max_text=MAX_TEXT, readable=False)
        level = room.level(me)
        penalties = (Penalty.KICK, Penalty.BAN)
        return Capabilities(
            max_text=MAX_TEXT,
            polls=SUPPORT,
            threads=True,
            buttons=MAX_BUTTONS,
            streaming=Streaming.EDITS,
            edit_interval=self._account.edit_interval,
            penalties=frozenset(penalty for penalty in penalties if level >= room.needed(penalty)),
            can_delete_others=room.can_redact(me),
            readable=self._account.can_read(room),
            deduplicates_sends=True,
            ban_lists=True,
            name=room.title,
            link=f"https://matrix.to/#/{quote(where.channel)}/{{message}}?via={quote(self._account.space)}",
        )

    async def role(self, where: Address, user_id: str) -> Role:
        """By the member's power in the room; in the community, by the least power in any room that we moderate."""
        if not where.channel:
            return min((room.role(user_id) for room in self._moderated()), default=Role.MEMBER)
        try:
            return (await self._account.room(where.channel)).role(user_id)
        except Rejected:
            return Role.MEMBER

    async def readers(self, where: Address) -> Readers:
        """Everyone where history or the door is open, else who is in the room; raises `Rejected` where we are not."""
        if (await self._account.room(where.channel)).open_to_all:
            return Readers(everyone=True)
        return Readers(members=await self._account.members(where.channel))

    async def moderators(self, where: Address) -> frozenset[str]:
        """Those in the room whose power makes them one; raises `Rejected` where we are not."""
        room, members = await self._account.room(where.channel), await self._account.members(where.channel)
        return frozenset(each for each in members - {self._account.me} if room.role(each) >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """Rooms have no permissions to ask for: what a room allows is said where it is needed."""
        del community, needs
        return ()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """As rooms hold them; raises `Rejected` for one that is not for us to read."""
        await self._ready()
        return [await self._listings.held(each, where, member_id) for each in lists]

    async def preview(self, draft: Draft) -> None:
        """Show it soon, by editing one message."""
        try:
            await self._ready()
            self._performer.editor.show(draft)
        except BotError as error:
            log.info("draft_not_shown", problem=str(error))

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        """Do it; the key becomes the transaction id, which the homeserver heeds for as long as the device exists."""
        # Events here carry all that an answer needs.
        del cookie
        await self._ready()
        return await self._performer.perform(effect, key)

    def _moderated(self) -> list[Room]:
        rooms = self._account.rooms.values()
        return [room for room in rooms if room.can_redact(self._account.me) and not room.direct]

    async def _start(self) -> None:
        await self._ready()
        self._account.edit_interval = await edit_interval(self._account.wire, self._account.me)
        await self._account.read_direct()

    async def _open_gate(self) -> None:
        """Where it cannot be opened, homeservers find nobody, and do what they are set to do then."""
        settings, refusal = self._settings, self._wiring.refusal
        if not settings.gate_port or refusal is None:
            return
        guard = Guard(
            me=self._account.me,
            view=self._guarded,
            refusal=refusal,
            deadline_s=settings.gate_deadline.total_seconds(),
            fails_open=settings.gate_fail_open,
        )
        try:
            key = SigningKey(secrets_in(*settings.keys).policy)
            self._gate = Gate(guard, settings.gate_word, key, self._account.space)
            port = await self._gate.open(settings.gate_host, settings.gate_port)
            log.info("gate_open", port=port, key=key.public)
        except (OSError, Rejected) as error:
            log.error("gate_closed", port=settings.gate_port, problem=str(error))  # noqa: TRY400  # the sentence is enough

    def _guarded(self, room_id: str) -> View | None:
        room = self._account.rooms.get(room_id)
        return self._view(room) if room else None

    async def _ready(self) -> str:
        """Our user id, with the keys at hand; a store that cannot be used leaves only encrypted rooms unread."""
        async with self._starting:
            me = await self._account.identify()
            if self._account.cipher is None and not self._sealed_off:
                await self._unlock(me)
            return me

    async def _unlock(self, me: str) -> None:
        cipher = Cipher(self._account.wire, me, self._account.device_id, self._wiring.clock)
        try:
            await cipher.open(*self._settings.keys)
        except (BotError, asyncio.CancelledError) as error:
            await cipher.close()
            if not isinstance(error, Rejected):
                raise
            self._sealed_off = str(error)
            log.error("encrypted_rooms_unread", problem=str(error))  # noqa: TRY400  # the sentence is enough
        else:
            self._account.cipher = cipher

    async def _listen(self, ingest: Ingest) -> None:
        since = await self._wiring.position(f"matrix:{self._account.me}")
        listener = Listener(
            account=self._account,
            view=self._view,
            invited=self._invited,
            backfill_limit=self._settings.backfill_limit,
            sync_timeout_s=self._settings.sync_timeout,
            gone=self._performer.question_gone,
            upgraded=lambda room, event: self._start_errand(self._mover.follow(room, event, ingest)),
        )
        full = True

        async def step() -> None:
            nonlocal since, full
            since = await listener.step(since, ingest, full=full)
            full = False

        await self._persist(step)
        # Now it is known which rooms are ours.
        self._start_errand(ReportDesk(self._account, self._wiring.position, self._sleep).run(ingest))
        while True:
            await self._persist(step)

    async def _persist(self, step: Callable[[], Awaitable[None]], attempts: float = math.inf) -> None:
        await Patience("homeserver", self._random, self._sleep).persist(step, attempts)

    def _view(self, room: Room) -> View:
        return View(
            me=self._account.me,
            space=self._account.space,
            room=room,
            origins=self._account.memory.get,
            prefix=self._settings.prefix,
            commands=self._wiring.commands,
        )

    def _invited(self, room_id: str, by: str, content: Json) -> None:
        if following := self._mover.invited(room_id):
            self._start_errand(following)
            return
        if not any(fnmatchcase(by, allowed) for allowed in self._settings.allow_invites_from):
            log.info("invitation_left_alone", room=room_id, by=by)
            return
        self._start_errand(self._accept(room_id, by, direct=content.get("is_direct") is True))

    def _start_errand(self, work: Coroutine[None, None, None]) -> None:
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _accept(self, room_id: str, by: str, *, direct: bool) -> None:
        async def join() -> None:
            if direct:
                await self._account.declare_direct(room_id, by)
            await self._account.wire.post(path("join", room_id), {}, patience_s=JOIN_PATIENCE_S)

        try:
            await self._persist(join, JOIN_ATTEMPTS)
            log.info("invitation_accepted", room=room_id, by=by)
        except (Transient, Rejected, Revoked) as error:
            log.warning("invitation_failed", room=room_id, by=by, problem=str(error))
