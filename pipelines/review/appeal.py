"""Appeals: the author asks for a second look, and somebody else than the first time gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import text
from bot.core.action import Action, AskReview
from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.case import Case
from bot.core.command import MAX_DIGITS
from bot.core.event import ButtonPressed, CommandGiven
from bot.core.evidence import Decision, Evidence
from bot.core.ports import Context
from bot.core.settlement import Outcome
from bot.core.stored import Found
from pipelines.spec import APPEAL, whisper

# What takes something from an author; a warning and a message that stands do not.
AGAINST = frozenset({Decision.REMOVE, Decision.TIMEOUT, Decision.KICK, Decision.BAN})
# What an appeal is answered with: it was a mistake, or it stays as it was.
ANSWERS = frozenset({Decision.APPROVE, Decision.REMOVE})


@dataclass(frozen=True, slots=True)
class Plea:
    """An appeal on its way in, with what is known of what it is about."""

    event: ButtonPressed | CommandGiven
    reason: str
    found: Found | None
    case: Case | None


async def heard(event: ButtonPressed | CommandGiven, context: Context) -> Plea:
    """Read what an appeal is about: a message, or a case by its number."""
    about, reason = _asked(event)
    numbered = about.isascii() and about.isdigit() and len(about) < MAX_DIGITS
    case = await context.store.case(int(about)) if numbered else None
    if case is not None and case.where.platform == event.where.platform:
        about = case.message_id
    found = await context.store.message(event.where.platform, about)
    return Plea(event, reason, found, await context.store.case_about(found.event.where, about) if found else None)


def judge(plea: Plea, review_room: Address | None) -> Sequence[Action]:
    """Put it before the moderators, once for each decision; in any case tell the author where it stands."""
    event, found, case = plea.event, plea.found, plea.case
    # An id says who somebody is on their own platform only, and the message was looked up there.
    if found is None or found.event.who.id != event.who.id:
        return [whisper(event, text.NO_SUCH_MESSAGE)]
    if case is not None and case.appeal and case.event_key == found.event.key:
        return [whisper(event, text.APPEAL_DECIDED if case.decision else text.APPEAL_WAITS)]
    against = _against(plea.reason, found, case)
    if against is None:
        return [whisper(event, text.NOTHING_TO_APPEAL)]
    asked = AskReview(
        about=found.event.where,
        message_id=found.event.message_id,
        evidence=found.verdict.evidence if found.verdict else Evidence(),
        review_room=review_room,
        appeal=against,
    )
    return [asked, whisper(event, text.APPEAL_RECEIVED)]


def _asked(event: ButtonPressed | CommandGiven) -> tuple[str, str]:
    if isinstance(event, ButtonPressed):
        return event.button_id.removeprefix(APPEAL), event.text
    typed = event.option("message").rstrip("/").rpartition("/")[2].partition("?")[0]
    return typed, event.option("reason")


def _against(reason: str, found: Found, case: Case | None) -> Appeal | None:
    # A wave was decided with all its messages.
    if case is not None and case.decision in AGAINST and (case.wave or case.event_key == found.event.key):
        return Appeal(reason=reason, decision=case.decision, by=case.decided_by, by_id=case.decided_by_id)
    acted = found.verdict is not None and found.verdict.outcome is Outcome.ACTED
    open_ = case is not None and case.decision is None
    return Appeal(reason=reason, decision=Decision.REMOVE, by="") if acted and not open_ else None
