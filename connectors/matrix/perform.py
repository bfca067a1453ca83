"""Do an effect, so that doing it again with the same key changes nothing more."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.core.address import Address
from bot.core.banlist import Bar, Enlist, Pardon
from bot.core.capability import spelled
from bot.core.effect import (
    Button,
    ClosePoll,
    Delete,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Penalty,
    Post,
    React,
    Restrict,
)
from bot.core.errors import Rejected, Transient, Unsupported
from bot.core.stored import Receipt
from bot.core.surface import legible
from connectors.matrix.account import Account
from connectors.matrix.listing import Listings
from connectors.matrix.memory import Origin, bare, labelled
from connectors.matrix.polls import SUPPORT, ballot
from connectors.matrix.reading import Json, ident, mapping, objects, strings
from connectors.matrix.render import MAX_BUTTONS, MAX_TEXT, reaction
from connectors.matrix.screen import RoomScreen
from connectors.matrix.speech import Speech
from connectors.matrix.wire import Duplicate, NotFound, path, transaction
from connectors.streaming import Editor

# Carried by our redaction, because the server forgets an original's edits as it redacts it: whoever finishes
# a deletion that was cut short reads them there.
EDITS = "dev.parley.edits"
EDITS_A_PAGE, MAX_EDITS = 100, 1_000
MAX_REASON = 500
PRESENT = frozenset({"join", "invite", "knock"})
log = structlog.get_logger()


class Performer:
    """Speaks for one account."""

    def __init__(self, account: Account, listings: Listings) -> None:
        self._account = account
        self._listings = listings
        self._wire = account.wire
        self._speech = Speech(account)
        self._editor: Editor | None = None

    async def perform(self, effect: Effect, key: str) -> Receipt:  # noqa: C901, PLR0911, PLR0912  # a line for each effect
        """Raises `Transient`, `RateLimited`, `Rejected`, `Unsupported`, `Revoked`."""
        match effect:
            case Post():
                return await self._post(effect, key)
            case Edit():
                return await self._edit(effect, key)
            case Delete():
                gone = [await self._delete(effect, message_id, key) for message_id in effect.message_ids]
                return Receipt(gone=all(gone))
            case React():
                return await self._react(effect, key)
            case OpenThread():
                started = await self._speech.say(effect, key)
                return Receipt(effect.message_id or started)
            case OpenPoll():
                return await self._poll(effect, key)
            case ClosePoll():
                return Receipt(await self._speech.say(effect, key))
            case Enlist():
                return await self._listings.enlist(effect)
            case Pardon():
                return await self._listings.pardon(effect)
            case Bar():
                return await self._listings.bar(effect)
            case Restrict(penalty=Penalty.KICK | Penalty.BAN):
                return await self._restrict(effect, key)
            case Lift(penalty=Penalty.BAN):
                return await self._lift(effect)
            case _:
                raise Unsupported(f"{type(effect).__name__} is beyond this homeserver's rooms")

    @property
    def editor(self) -> Editor:
        """The one for all rooms: the homeserver counts what an account says, wherever it says it."""
        if self._editor is None:
            screen = RoomScreen(self._account, self._speech, put=self._put, edit=self._edit, redact=self._withdraw)
            interval_s = self._account.edit_interval.total_seconds()
            self._editor = Editor(screen, interval_s=interval_s, limit=MAX_TEXT)
        return self._editor

    def question_gone(self, message_id: str) -> None:
        """A message was taken away: what grows as its answer goes too."""
        if self._editor:
            self._editor.question_gone(message_id)

    async def close(self) -> None:
        """Stop showing texts that grow."""
        if self._editor:
            await self._editor.close()
            self._editor = None

    async def _withdraw(self, room_id: str, message_id: str, key: str) -> None:
        where = Address("matrix", self._account.space, room_id)
        await self._delete(Delete(to=where, message_ids=(message_id,), reason=""), message_id, key)

    async def _post(self, post: Post, key: str) -> Receipt:
        if post.whisper_to:
            raise Unsupported("whatever is said in a room is read by the whole room")
        _fits(post)
        return await self.editor.finish(post, key) if post.stream else await self._put(post, key)

    async def _put(self, post: Post, key: str) -> Receipt:
        message_id = await self._speech.say(post, key)
        origin = Origin(sender=self._account.me, thread=post.to.thread, buttons=labelled(post.buttons))
        self._account.memory.keep(message_id, origin)
        await self._offer(post.to.channel, message_id, post.buttons, key)
        return Receipt(message_id)

    async def _poll(self, poll: OpenPoll, key: str) -> Receipt:
        if len(poll.options) > SUPPORT.max_options:
            raise Unsupported(f"a poll has {SUPPORT.max_options} answers at most")
        message_id = await self._speech.say(poll, key)
        origin = Origin(sender=self._account.me, thread=poll.to.thread, buttons=labelled(ballot(poll)))
        self._account.memory.keep(message_id, origin)
        return Receipt(message_id)

    async def _edit(self, edit: Edit, key: str) -> Receipt:
        _fits(edit)
        before = await self._account.origin(edit.to.channel, edit.message_id)
        await self._speech.say(edit, key)
        offered = dict(before.buttons) if before else {}
        origin = Origin(sender=self._account.me, thread=edit.to.thread, buttons=labelled(edit.buttons))
        self._account.memory.keep(edit.message_id, origin)
        added = tuple(button for button in edit.buttons if bare(button.symbol) not in offered)
        await self._offer(edit.to.channel, edit.message_id, added, key)
        return Receipt(edit.message_id)

    async def _offer(self, room_id: str, message_id: str, buttons: tuple[Button, ...], key: str) -> None:
        """One reaction each, to be pressed; without them the legend in the text still says what to react with."""
        for button in buttons:
            try:
                await self._speech.send(
                    room_id, "m.reaction", reaction(message_id, button.symbol), f"{key}#{button.id}"
                )
            except Duplicate:
                continue
            except Rejected as error:
                log.warning("button_not_offered", room=room_id, problem=str(error))

    async def _react(self, react: React, key: str) -> Receipt:
        try:
            return Receipt(await self._speech.say(react, key))
        except Duplicate:
            return Receipt(gone=True)

    async def _delete(self, delete: Delete, message_id: str, key: str) -> bool:
        """Redact a message, then its edits, whose texts stay readable otherwise.

        True when it was gone already, and not by our own hand in an earlier attempt.
        """
        room_id = delete.to.channel
        try:
            event = await self._wire.get(path("rooms", room_id, "event", message_id))
        except NotFound:
            return True
        redaction = mapping(mapping(event.get("unsigned")).get("redacted_because"))
        if redaction:
            edits = [ident(edit) for edit in strings(mapping(redaction.get("content")).get(EDITS))]
        else:
            edits = await self._edits(room_id, message_id)
            await self._redact(room_id, message_id, key, {"reason": legible(delete.reason)[:MAX_REASON], EDITS: edits})
        for edit in filter(None, edits):
            await self._redact(room_id, edit, key, {"reason": legible(delete.reason)[:MAX_REASON]})
        return bool(redaction) and redaction.get("sender") != self._account.me

    async def _edits(self, room_id: str, message_id: str) -> list[str]:
        where = path("rooms", room_id, "relations", message_id, "m.replace", version="v1")
        found: list[str] = []
        query = {"limit": str(EDITS_A_PAGE)}
        while len(found) < MAX_EDITS:
            page = await self._wire.get(where, query)
            found += [ident(edit.get("event_id")) for edit in objects(page.get("chunk"))]
            further = page.get("next_batch")
            if not isinstance(further, str):
                break
            query = {**query, "from": further}
        return found

    async def _redact(self, room_id: str, event_id: str, key: str, body: Json) -> None:
        where = path("rooms", room_id, "redact", event_id, transaction(f"{key}#{event_id}"))
        try:
            await self._wire.put(where, body, power=f"redact messages in {await self._account.title(room_id)}")
        except NotFound:
            log.info("nothing_to_redact", room=room_id)

    async def _restrict(self, restrict: Restrict, key: str) -> Receipt:
        room_id, penalty = restrict.to.channel, restrict.penalty
        membership = await self._membership(room_id, restrict.user_id)
        if membership == "ban" or (penalty is Penalty.KICK and membership not in PRESENT):
            return Receipt(gone=True)
        if restrict.tell:
            await self._tell(restrict, f"{key}#tell")
        power = f"{penalty} that member in {await self._account.title(room_id)}"
        body = {"user_id": restrict.user_id, "reason": legible(restrict.reason)[:MAX_REASON]}
        await self._wire.post(path("rooms", room_id, penalty.value), body, power=power)
        return Receipt()

    async def _lift(self, lift: Lift) -> Receipt:
        room_id = lift.to.channel
        if await self._membership(room_id, lift.user_id) != "ban":
            return Receipt(gone=True)
        power = f"take bans back in {await self._account.title(room_id)}"
        body = {"user_id": lift.user_id, "reason": legible(lift.reason)[:MAX_REASON]}
        await self._wire.post(path("rooms", room_id, "unban"), body, power=power)
        return Receipt()

    async def _tell(self, restrict: Restrict, key: str) -> None:
        """In the room for two that both already know; an invitation to another would look like any stranger's."""
        try:
            for room_id in self._account.direct_with(restrict.user_id)[:1]:
                to = replace(restrict.to, channel=room_id, thread="")
                said = spelled(restrict.tell, restrict.tell_buttons)
                await self._speech.say(Post(to=to, text=said[:MAX_TEXT]), key)
        except (Transient, Rejected) as error:
            log.info("member_not_told", room=restrict.to.channel, problem=str(error))

    async def _membership(self, room_id: str, user_id: str) -> str:
        try:
            state = await self._wire.get(path("rooms", room_id, "state", "m.room.member", user_id))
        except NotFound:
            return ""
        return ident(state.get("membership"))


def _fits(said: Post | Edit) -> None:
    if len(said.text) > MAX_TEXT or len(said.buttons) > MAX_BUTTONS:
        raise Unsupported(f"a message holds {MAX_TEXT} characters and {MAX_BUTTONS} buttons")
