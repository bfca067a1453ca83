"""The connector: lines become events, effects become lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta

from rich.console import Console as Paper

from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, Streaming
from bot.core.effect import Delete, Draft, Edit, Effect, Lift, Penalty, Post, React, Restrict
from bot.core.errors import NO_BAN_LISTS, Rejected, Revoked, Unsupported
from bot.core.event import Event, MemberJoined, MessageDeleted, MessageEdited, MessagePosted, Role
from bot.core.ports import Ingest, Needs, Readers
from bot.core.stored import Heard, Receipt
from connectors.console import render
from connectors.console.house import GENERAL, PARLEY, Entry, House
from connectors.console.markdown import Line
from connectors.console.parse import VERBS, Become, Help, Join, Mistake, Quit, Scene, Who, Wish, parse
from connectors.console.terminal import Keyboard, show
from connectors.spec import Wiring

CAN = Capabilities(
    max_text=2000,
    buttons=6,
    ephemeral=True,
    streaming=Streaming.EDITS,
    penalties=frozenset({Penalty.TIMEOUT, Penalty.KICK}),
    can_delete_others=True,
    bulk_delete=100,
    deduplicates_sends=True,
)
FIRST = "ada"
QUIET = timedelta(seconds=1)
GREETING = (
    "You are ada, in the room general. Whatever you type, you say.",
    "Try “/parley help”, or speak as somebody else: “/as mo moderator”.",
    "“/help” lists what else you can type; Ctrl-D leaves.",
)


class Console:
    """One terminal. `patient` waits at the end of the input until everything has been answered."""

    def __init__(
        self, wiring: Wiring, house: House, keyboard: Keyboard, paper: Paper, *, patient: bool = False
    ) -> None:
        self._wiring = wiring
        self._house = house
        self._keyboard = keyboard
        self._paper = paper
        self._patient = patient
        self._me = FIRST
        self._where = GENERAL
        self._receipts: dict[str, Receipt] = {}
        self._growing: dict[str, str] = {}
        self._spoke = asyncio.Event()
        house.enter(FIRST, None, wiring.clock())

    async def run(self, ingest: Ingest) -> None:
        """Read lines until there are none, somebody quits or the task is cancelled."""
        for sentence in GREETING:
            self._show(render.notice(sentence))
        async with aclosing(self._keyboard(self._prompt)) as lines:
            async for line in lines:
                if not await self._take(line, ingest):
                    return
        if self._patient:
            await self._answered()

    async def capabilities(self, where: Address) -> Capabilities:  # noqa: ARG002
        """The same in every room."""
        return CAN

    async def role(self, where: Address, user_id: str) -> Role:  # noqa: ARG002
        """The role the member claims: everybody here is who they say they are."""
        return self._house.role(user_id)

    async def readers(self, where: Address) -> Readers:
        """Everyone, or the moderators in their own room."""
        return self._house.readers(where)

    async def moderators(self, where: Address) -> frozenset[str]:  # noqa: ARG002
        """The same in every room."""
        return frozenset(who.id for who in self._house.present() if who.role >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """Everything may be done here."""
        del community, needs
        return ()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """There are none here."""
        del where, lists, member_id
        raise Rejected(NO_BAN_LISTS)

    async def preview(self, draft: Draft) -> None:
        """Show what is new of a growing text."""
        if draft.stream not in self._growing:
            said = self._post(Post(to=draft.to, text=draft.text, reply_to=draft.reply_to))
            self._growing[draft.stream] = said.message_id
        else:
            self._edit(Edit(to=draft.to, message_id=self._growing[draft.stream], text=draft.text))

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:  # noqa: ARG002
        """Show it; a key that was shown before is not shown again."""
        if key not in self._receipts:
            self._receipts[key] = self._perform(effect)
        return self._receipts[key]

    async def _take(self, line: str, ingest: Ingest) -> bool:
        """Do what a line asks for; whether to go on reading."""
        match parse(line, self._scene()):
            case None:
                return True
            case Quit():
                return False
            case Mistake(sentence):
                self._show(render.mistake(sentence))
            case Become() | Join() | Who() | Help() as wish:
                await self._grant(wish, ingest)
            case event if refusal := self._refusal():
                self._show(render.mistake(refusal))
            case event:
                self._show_heard(event, line)
                await ingest([Heard(event)])
        if self._patient and self._wiring.settled:
            await self._wiring.settled()
        return True

    async def _grant(self, wish: Wish, ingest: Ingest) -> None:
        match wish:
            case Become():
                await self._become(wish, ingest)
            case Join():
                self._join(wish.room)
            case Who():
                self._show(render.members(self._house.present()))
            case Help() | Quit():
                self._show(render.usage([(verb.usage, verb.summary) for verb in VERBS.values()]))

    async def _become(self, wish: Become, ingest: Ingest) -> None:
        comes = self._house.enter(wish.name, wish.role, self._wiring.clock())
        self._me = wish.name
        if not self._house.may_read(self._me, self._where):
            self._where = GENERAL
        scene = self._scene()
        self._show(render.notice(f"You are {self._me}, {scene.who.role.name.lower()} in {self._where.channel}."))
        if comes:
            await ingest([Heard(MemberJoined(id=scene.id, at=scene.at, where=GENERAL, who=scene.who))])

    def _join(self, room: str) -> None:
        where = replace(GENERAL, channel=room)
        if not self._house.may_read(self._me, where):
            self._show(render.mistake(f"Only moderators may enter {room}. Type: /as {self._me} moderator"))
            return
        self._where = where
        self._show(render.notice(f"You are in {room}."))

    def _scene(self) -> Scene:
        return Scene(
            id=self._house.new_id(),
            at=self._wiring.clock(),
            who=self._house.members[self._me],
            where=self._where,
            entries=self._house.entries,
            commands=self._wiring.commands,
        )

    def _refusal(self) -> str:
        """Why the member may not act, '' when they may."""
        match self._house.punished(self._me, self._wiring.clock()):
            case None:
                return ""
            case Penalty.KICK, _:
                return f"{self._me} was kicked. Come back with /as {self._me}, or as somebody else."
            case _, left:
                return f"{self._me} is timed out for {render.span(left)}. Wait, or be somebody else: /as NAME"

    def _show_heard(self, event: Event, line: str) -> None:
        entry = self._house.hear(event)
        match event:
            case MessagePosted() if entry:
                self._show(render.posted(entry, self._view))
            case MessageEdited() if entry:
                self._show(render.edited(entry, "", self._view))
            case MessageDeleted() if entry:
                self._show(render.removed(entry, self._view))
            case _:
                self._show(render.typed(self._me, line))

    def _perform(self, effect: Effect) -> Receipt:  # noqa: PLR0911  # one line for each effect
        match effect:
            case Post() if started := self._growing.pop(effect.stream, ""):
                return self._edit(Edit(to=effect.to, message_id=started, text=effect.text, buttons=effect.buttons))
            case Post():
                return self._post(effect)
            case Edit():
                return self._edit(effect)
            case Delete():
                return self._delete(effect)
            case React():
                return self._react(effect)
            case Restrict() if effect.penalty in CAN.penalties:
                self._house.punish(effect.user_id, effect.penalty, self._wiring.clock() + effect.lasts)
                self._show(render.restricted(effect))
                return Receipt()
            case Lift(penalty=Penalty.TIMEOUT):
                return self._lift(effect)
            case _:
                raise Unsupported(f"the console has no {type(effect).__name__}")

    def _post(self, post: Post) -> Receipt:
        _check(post)
        answered = self._house.find(post.reply_to)
        entry = self._house.add(
            Entry(
                number=0,
                id=self._house.new_id(),
                where=post.to,
                who=PARLEY,
                text=post.text,
                buttons=post.buttons,
                whisper_to=post.whisper_to,
            )
        )
        self._show(render.posted(entry, self._view, f"to {answered.number}" if answered else ""))
        return Receipt(entry.id)

    def _edit(self, edit: Edit) -> Receipt:
        _check(edit)
        entry = self._house.find(edit.message_id)
        if entry is None:
            return Receipt(edit.message_id, gone=True)
        if entry.who != PARLEY:
            raise Rejected("I can only edit what I said myself.")
        changed = self._house.put(replace(entry, text=edit.text, buttons=edit.buttons))
        if (changed.text, changed.buttons) != (entry.text, entry.buttons):
            self._show(render.edited(changed, entry.text, self._view))
        elif changed.buttons:
            # Somebody asked for this card, and it may have left the screen long ago.
            self._show(render.posted(changed, self._view))
        return Receipt(entry.id)

    def _delete(self, effect: Delete) -> Receipt:
        if len(effect.message_ids) > CAN.bulk_delete:
            raise Unsupported(f"more than {CAN.bulk_delete} messages at once")
        found = [entry for message_id in effect.message_ids if (entry := self._house.find(message_id))]
        for entry in found:
            self._show(render.removed(self._house.put(replace(entry, gone=True)), self._view, effect.reason))
        return Receipt(gone=not found)

    def _lift(self, effect: Lift) -> Receipt:
        if not self._house.pardon(effect.user_id, self._wiring.clock()):
            return Receipt(gone=True)
        self._show(render.notice(f"Parley lets {effect.user_id} speak again"))
        return Receipt()

    def _react(self, effect: React) -> Receipt:
        entry = self._house.find(effect.message_id)
        if entry is None:
            return Receipt(effect.message_id, gone=True)
        self._show(render.reacted(entry, effect.reaction))
        return Receipt(entry.id)

    @property
    def _view(self) -> render.View:
        return render.View(self._me, self._where)

    def _prompt(self) -> str:
        return f"{self._me} #{self._where.channel}> "

    def _show(self, lines: list[Line]) -> None:
        self._spoke.set()
        try:
            show(lines, self._paper)
        except OSError as error:
            raise Revoked("Nobody reads this terminal any more.") from error

    async def _answered(self) -> None:
        """Return once nothing more is to be expected: when the application says so, else after a quiet while."""
        if self._wiring.settled:
            await self._wiring.settled()
            return
        with suppress(TimeoutError):
            while True:
                self._spoke.clear()
                await asyncio.wait_for(self._spoke.wait(), QUIET.total_seconds())


def _check(effect: Post | Edit) -> None:
    if len(effect.text) > CAN.max_text or len(effect.buttons) > CAN.buttons:
        raise Unsupported("too long, or too many buttons, for one message")
