"""Reports become cases; presses and commands decide them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from bot import text
from bot.core.action import Action, AskReview, Decide
from bot.core.address import Address
from bot.core.case import Case
from bot.core.command import MAX_DIGITS, Suggestion
from bot.core.effect import Card
from bot.core.errors import Rejected
from bot.core.event import ButtonPressed, CommandGiven, Event, MessageDeleted, Reported, Role
from bot.core.evidence import Decision, Evidence, Finding
from bot.core.ports import Context
from bot.core.stored import Found
from pipelines.review import appeal, undoing
from pipelines.review.card import line, outline
from pipelines.review.commands import NUMBER
from pipelines.review.decide import Wish, decide, standing
from pipelines.review.taking import TakingPolicy, take
from pipelines.review.waves import spared
from pipelines.spec import APPEAL, whisper

SHOWN = 20
UPTO = 1000


@dataclass(frozen=True, slots=True)
class Review:
    """`policy` gives what holds at a place."""

    policy: Callable[[Address], TakingPolicy]
    name: str = "review"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """Presses on cards, reports, and deletions of what was waiting."""
        match event:
            case ButtonPressed():
                actions = await self._press(event, context)
            case Reported():
                actions = await self._report(event, context)
            case MessageDeleted():
                actions = await _gone(event, context)
            case _:
                actions = ()
        for action in actions:
            yield action

    def failed(self, event: Event) -> Sequence[Action]:
        """Whoever pressed or reported learns that it did not work."""
        return (whisper(event, text.FAILED),) if isinstance(event, ButtonPressed | Reported) else ()

    async def queue(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """The open cases, without members' words where others would read them."""
        everywhere = bool(given.option("all")) or self._in_review_room(given)
        under = given.where.community if everywhere else given.where.parent
        known = await context.store.open_cases(under, UPTO)
        cases = [case for case in known if await _actor(case, given, context) >= Role.MODERATOR]
        approved = await context.store.approved(given.where.parent)
        shown = line if await self._private(given, context) else outline
        yield whisper(
            given, text.queue([shown(case) for case in cases[:SHOWN]], more=len(cases) > SHOWN, approved=approved)
        )

    async def case(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """One case, in the room for it."""
        case = await context.store.case(int(given.option("number")))
        if case is None:
            yield whisper(given, text.no_case(given.option("number")))
        elif await _actor(case, given, context) < Role.MODERATOR:
            yield whisper(given, text.NOT_A_MODERATOR)
        elif case.room is not None:
            yield Card(to=case.room, case=case.number)
            if not self._in_review_room(given):
                yield whisper(given, text.SHOWN_IN_REVIEW_ROOM)
        else:
            # A card would be read by everyone here.
            shown = line if await self._private(given, context) else outline
            yield whisper(given, text.without_room(shown(case)))

    async def approve(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Let one stand, or all that wait in its channel up to it."""
        number = given.option("number")
        if not given.option("upto"):
            async for action in self._decide(number, Decision.APPROVE, given, context):
                yield action
            return
        last = await context.store.case(int(number))
        if last is None:
            yield whisper(given, text.no_case(number))
            return
        for action in await self._up_to(last, given, context):
            yield action

    async def remove(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Take the message away."""
        async for action in self._decide(given.option("number"), Decision.REMOVE, given, context):
            yield action

    async def warn(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Let it stand and tell the author to mind the rules."""
        async for action in self._decide(given.option("number"), Decision.WARN, given, context):
            yield action

    async def suggest(self, given: CommandGiven, option: str, context: Context) -> Sequence[Suggestion]:
        """The open cases here whose number or words hold what was typed."""
        typed = given.option(option).lower()
        known = await context.store.open_cases(given.where.parent, UPTO) if option == NUMBER.name else []
        fitting = [case for case in known if typed in f"{case.number} {case.author.name} {case.quote}".lower()]
        able = [case for case in fitting[:SHOWN] if await _actor(case, given, context) >= Role.MODERATOR]
        return [Suggestion(str(c.number), f"{c.number} · {c.author.name}: {' '.join(c.quote.split())}") for c in able]

    async def delete(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Take away any message that was heard."""
        about = given.option("message").rstrip("/").rpartition("/")[2].partition("?")[0]
        found = await context.store.message(given.where.platform, about)
        if found is None:
            yield whisper(given, text.NO_SUCH_MESSAGE)
            return
        case = await _own(found, context)
        if case is not None and (case.decision is None or case.decision in appeal.AGAINST):
            async for action in self._decide(str(case.number), Decision.REMOVE, given, context):
                yield action
            return
        where = found.event.where
        wish = Wish(
            decision=Decision.REMOVE,
            event=given,
            actor=await context.role(where, given.who.id),
            subject=await context.role(where, found.event.who.id),
            reason=given.option("reason"),
        )
        for action in take(found, case, wish, context.clock(), policy=self.policy(where)):
            yield action

    async def history(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """How a member's messages fared in the community, and which of them wait."""
        member, community = given.option("member"), given.where.community
        if await context.role(community, given.who.id) < Role.MODERATOR:
            yield whisper(given, text.NOT_THEIR_COMMUNITY)
            return
        record = await context.store.record(community, member)
        theirs = [case for case in await context.store.open_cases(community, UPTO) if case.author.id == member]
        shown = line if await self._private(given, context) else outline
        name = next((case.author.name for case in theirs), member)
        yield whisper(given, text.history(name, record, [shown(case) for case in theirs[:SHOWN]]))

    async def appeal(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Have a decision about one's own message looked at again."""
        for action in await self._appeal(given, context):
            yield action

    async def _appeal(self, event: ButtonPressed | CommandGiven, context: Context) -> Sequence[Action]:
        plea = await appeal.heard(event, context)
        return appeal.judge(plea, self.policy(plea.found.event.where).review_room if plea.found else None)

    async def _press(self, event: ButtonPressed, context: Context) -> Sequence[Action]:
        if event.button_id.startswith(APPEAL):
            return await self._appeal(event, context)
        number, decision = _meaning(event.button_id)
        if decision is None:
            return await undoing.pressed(event, context)
        return [action async for action in self._decide(number, decision, event, context)]

    async def _decide(
        self, number: str, decision: Decision, event: CommandGiven | ButtonPressed, context: Context
    ) -> AsyncIterator[Action]:
        case = await context.store.case(int(number))
        if case is None:
            yield whisper(event, text.no_case(number))
            return
        wish = Wish(
            decision=decision,
            event=event,
            actor=await _actor(case, event, context),
            # Of a wave each member is looked at.
            subject=Role.MEMBER if case.wave else await context.role(case.where, case.author.id),
            reason=event.text if isinstance(event, ButtonPressed) else event.option("reason"),
            others=await _others(case, event, context),
        )
        if case.decision is not None and wish.actor >= Role.MODERATOR:
            yield standing(case, event)
            return
        policy = self.policy(case.where)
        parts = await spared(await context.store.wave(case.number), context) if case.wave else ()
        for action in decide(case, wish, tell_author=policy.tell_author, timeout=policy.timeout, parts=parts):
            yield action

    async def _up_to(self, last: Case, given: CommandGiven, context: Context) -> Sequence[Action]:
        if await _actor(last, given, context) < Role.MODERATOR:
            return [whisper(given, text.NOT_A_MODERATOR)]
        open_cases = await context.store.open_cases(last.where, UPTO)
        chosen = [case for case in open_cases if case.number <= last.number and not (case.reporters or case.appeal)]
        closing = [_approval(case, given) for case in chosen]
        kept = sum(1 for case in open_cases if case.number <= last.number and (case.reporters or case.appeal))
        return [*closing, whisper(given, text.approved_up_to(len(closing), kept))]

    async def _report(self, event: Reported, context: Context) -> Sequence[Action]:
        found = await context.store.message(event.where.platform, event.message_id)
        # Where all would read the answer, they would read who reported.
        private = (await context.capabilities(event.where)).ephemeral
        if found is None:
            return [whisper(event, text.NO_SUCH_MESSAGE)] if private else []
        case = await context.store.case_about(found.event.where, event.message_id)
        if case is not None and case.wave is not None and case.decision is not Decision.APPROVE:
            # Moderators have all of it before them.
            return [whisper(event, text.REPORT_RECEIVED)]
        asked = AskReview(
            about=found.event.where,
            message_id=event.message_id,
            evidence=_with(event.findings, found.verdict.evidence if found.verdict else Evidence()),
            review_room=self.policy(found.event.where).review_room,
            reporter=event.who,
            reason=event.reason,
        )
        return [asked, whisper(event, text.REPORT_RECEIVED)] if private else [asked]

    def _in_review_room(self, event: Event) -> bool:
        return self.policy(event.where).review_room == event.where.parent

    async def _private(self, event: Event, context: Context) -> bool:
        return self._in_review_room(event) or (await context.capabilities(event.where)).ephemeral


def _with(findings: Sequence[Finding], evidence: Evidence) -> Evidence:
    """What a platform's own filter found counts like what we found."""
    together = (*evidence.findings, *findings)
    return replace(evidence, findings=together, score=max((each.score for each in together), default=evidence.score))


async def _own(found: Found, context: Context) -> Case | None:
    """The case about this message alone: to point at one is not to mean its whole wave."""
    case = await context.store.case_about(found.event.where, found.event.message_id)
    return None if case is None or case.wave is not None else case


async def _gone(event: MessageDeleted, context: Context) -> Sequence[Action]:
    case = await context.store.open_case(event.where, event.message_id)
    if case is None or case.evidence.findings or case.reporters or case.appeal:
        # Taking the words back does not undo them: moderators still decide.
        return ()
    card = (Card(to=case.room, case=case.number),) if case.room and case.card_id else ()
    return [Decide(case=case.number, decision=Decision.GONE, by=event.who.name, effects=card)]


async def _actor(case: Case, event: Event, context: Context) -> Role:
    """Authority is the role in the case's place at this moment, not where the button happens to hang.

    An id says who somebody is on their own platform only: elsewhere anybody may have taken it as a nickname.
    """
    if case.where.platform != event.where.platform:
        return Role.GUEST
    return await context.role(case.where, event.who.id)


async def _others(case: Case, event: Event, context: Context) -> bool:
    """Whether somebody else than the one who decided the first time could decide an appeal."""
    if case.appeal is None or case.appeal.by_id != event.who.id:
        return False
    try:
        return bool(await context.moderators(case.where) - {event.who.id})
    except Rejected:
        # Above whoever is not the owner there is always one.
        return await context.role(case.where, event.who.id) < Role.OWNER


def _meaning(button_id: str) -> tuple[str, Decision | None]:
    kind, _, rest = button_id.partition(":")
    number, _, name = rest.partition(":")
    counted = number.isascii() and number.isdigit() and len(number) < MAX_DIGITS
    known = kind == "case" and counted and name in set(Decision) - {Decision.GONE}
    return (number, Decision(name)) if known else ("", None)


def _approval(case: Case, given: CommandGiven) -> Decide:
    card = (Card(to=case.room, case=case.number),) if case.room and case.card_id else ()
    return Decide(case=case.number, decision=Decision.APPROVE, by=given.who.name, by_id=given.who.id, effects=card)
