"""How a case reads: the card with its buttons, a line in the queue, a sentence on how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot import text, text_waves
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Button, Card, Penalty, Post, Restrict
from bot.core.event import Role
from bot.core.evidence import Decision, Evidence, Finding, Record
from bot.core.markdown import called, literal, quoted
from bot.core.wave import Wave
from pipelines.review import wave_card

SYMBOLS = {
    Decision.APPROVE: "✅",
    Decision.REMOVE: "🗑️",
    Decision.WARN: "⚠️",
    Decision.TIMEOUT: "🔇",
    Decision.KICK: "👢",
    Decision.BAN: "⛔",
}
PENALTIES = {Decision.TIMEOUT: Penalty.TIMEOUT, Decision.KICK: Penalty.KICK}
MAX_QUOTE = 700
SHORT_QUOTE = 80
# What a model thinks of a message that it finds harmless tells moderators nothing.
WORTH_SHOWING = 0.5


@dataclass(frozen=True, slots=True)
class CardText:
    """Implements `bot.core.ports.Cards`."""

    def full(self, case: Case, record: Record, can: Capabilities, room: Address) -> Post:
        """Everything a moderator needs to decide, and the buttons that this place allows while nobody has."""
        if case.wave is not None:
            return _wave(case, case.wave, can, room)
        parts = [
            _head(case, can),
            *_appeal(case),
            quoted(case.quote, MAX_QUOTE, _spans(case)),
            _author(case, record),
            *_found(case.evidence),
        ]
        parts += [text.proposed(_proposal(case))] if case.proposal and case.decision is None else []
        parts += [_reports(case)] if case.reporters else []
        parts += [text.problem(case.problem)] if case.problem else []
        parts += [_standing(case)] if case.decision else []
        buttons = () if case.decision else _buttons(case, can)
        return Post(to=room, text="\n\n".join(parts), buttons=buttons)

    def brief(self, case: Case, card: Card) -> Post:
        """How the case stands, for the one who asked."""
        said = _standing(case) if case.decision else text.still_open(case.number, case.problem)
        return Post(to=card.to, text=said, whisper_to=card.whisper_to, reply_to=card.reply_to)


def _wave(case: Case, wave: Wave, can: Capabilities, room: Address) -> Post:
    parts = [_head(case, can), wave_card.sized(wave), wave_card.examples(wave), *_found(case.evidence)]
    parts += [wave_card.proposed(case)] if case.proposal and case.decision is None else []
    parts += [text.problem(case.problem)] if case.problem else []
    parts += [" ".join([_standing(case), *wave_card.standing(case)])] if case.decision else []
    return Post(to=room, text="\n\n".join(parts), buttons=wave_card.buttons(case, can))


def line(case: Case) -> str:
    """The case in one line of the queue."""
    marks = f" · {wave_card.sized(case.wave)}" if case.wave else ""
    marks += f" · {len(case.reporters)}× {text.REPORTED}" if case.reporters else ""
    found = f" · {_worst(case.evidence)}" if _tells(case.evidence) else ""
    words = literal(" ".join(case.quote.split())[:SHORT_QUOTE])
    return f"**{case.number}** {called(case.author.name)}: {words}{found}{marks}"


def outline(case: Case) -> str:
    """The line without a word of the message, for rooms where others read along."""
    return f"**{case.number}** · {_worst(case.evidence)}"


def _head(case: Case, can: Capabilities) -> str:
    name = literal(can.name or case.where.channel)
    link = can.link.replace("{message}", quote(case.message_id, safe="$"))
    return text.case_head(case.number, f"[{name}](<{link}>)" if link else name)


def _appeal(case: Case) -> list[str]:
    by = case.appeal
    return [text.appealed(by.reason, by.decision, called(by.by) if by.by else "")] if by else []


def _author(case: Case, record: Record) -> str:
    role = "" if case.author.role is Role.MEMBER else case.author.role.name.lower()
    id_ = "" if case.author.id == case.author.name else literal(case.author.id)
    known = ", ".join(filter(None, [id_, role]))
    return text.author(called(case.author.name) + (f" ({known})" if known else ""), record)


def _found(evidence: Evidence) -> list[str]:
    lines = [f"- {_finding(finding)}" for finding in evidence.findings if _tells(evidence)]
    note = [literal(evidence.note)] if evidence.note else []
    return [*note, text.FOUND + "\n" + "\n".join(lines)] if lines else note


def _spans(case: Case) -> list[tuple[int, int]]:
    """Where in the quoted text something was found; the quote is the text of the first surface."""
    spans = [finding.span for finding in case.evidence.findings if finding.span and finding.score > 0]
    return [(span.start, span.end) for span in spans if span.surface == 0]


def _tells(evidence: Evidence) -> bool:
    return any(finding.score >= WORTH_SHOWING for finding in evidence.findings)


def _finding(finding: Finding) -> str:
    label = literal(finding.label)
    if finding.score == 0:
        return f"{label} {literal(finding.quote)}"
    matched = f": “{literal(finding.quote)}”" if finding.quote else ""
    why = f" {literal(finding.why)}" if finding.why else ""
    return f"{label} {finding.score:.2f} (`{finding.rule}`){matched}{why}"


def _worst(evidence: Evidence) -> str:
    worst = max(evidence.findings, key=lambda finding: finding.score, default=None)
    return f"{literal(worst.label)} {worst.score:.2f}" if worst and worst.score >= WORTH_SHOWING else text.NOTHING_FOUND


def _proposal(case: Case) -> str:
    penalties = [effect.penalty.value for effect in case.proposal if isinstance(effect, Restrict)]
    return ", ".join([text.REMOVE_IT, *penalties])


def _reports(case: Case) -> str:
    return text.reported_by([called(reporter) for reporter in case.reporters[:10]], len(case.reporters))


def _standing(case: Case) -> str:
    assert case.decision is not None
    said = text_waves.decided if case.wave else text.decided
    return said(case.number, case.decision, called(case.decided_by), case.decided_at)


def _button(case: Case, decision: Decision, label: str = "") -> Button:
    asks = text.REASON_ASKS if decision is Decision.REMOVE or case.appeal else ""
    return Button(f"case:{case.number}:{decision.value}", label or decision.value.capitalize(), SYMBOLS[decision], asks)


def _buttons(case: Case, can: Capabilities) -> tuple[Button, ...]:
    if case.appeal:
        return _button(case, Decision.APPROVE, text.GRANT), _button(case, Decision.REMOVE, text.UPHOLD)
    penalties = [decision for decision, penalty in PENALTIES.items() if penalty in can.penalties][:1]
    # Each of these takes the message away as well.
    removing = [Decision.REMOVE] if can.can_delete_others else []
    offered = [Decision.APPROVE, *removing, Decision.WARN, *(penalties if removing else [])]
    return tuple(_button(case, decision) for decision in offered)
