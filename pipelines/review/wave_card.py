"""How a wave reads: how large it is, a few of its messages, and what can be done about all of it."""

from __future__ import annotations

from bot import text, text_waves
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Button, Penalty, Restrict
from bot.core.evidence import Decision
from bot.core.markdown import called, literal
from bot.core.wave import Wave

SYMBOLS = {Decision.REMOVE: "🗑️", Decision.TIMEOUT: "🔇", Decision.BAN: "⛔", Decision.APPROVE: "✅"}
PENALTIES = {Decision.BAN: Penalty.BAN, Decision.TIMEOUT: Penalty.TIMEOUT}
AGAINST = frozenset({Decision.REMOVE, Decision.TIMEOUT, Decision.KICK, Decision.BAN})
SHORT_QUOTE = 120
UNDO = "undo"


def sized(wave: Wave) -> str:
    """How large it is."""
    return text_waves.size(wave.messages, wave.members, wave.places)


def examples(wave: Wave) -> str:
    """A few of its messages."""
    return "\n".join(
        text_waves.said(called(name), literal(" ".join(words.split())[:SHORT_QUOTE])) for name, words in wave.examples
    )


def proposed(case: Case) -> str:
    """What moderation would do."""
    penalty = next((each.penalty.value for each in case.proposal if isinstance(each, Restrict)), "")
    return text_waves.proposed(penalty)


def standing(case: Case) -> list[str]:
    """What becomes of further messages of a wave that was decided."""
    return [text_waves.GOES_ON[case.decision]] if case.decision in text_waves.GOES_ON else []


def buttons(case: Case, can: Capabilities) -> tuple[Button, ...]:
    """What can be done about all of it: while nobody has decided; and to take back what Parley did by itself."""
    if case.decision is not None:
        return (_undo(case),) if case.decision in AGAINST else ()
    remove = [_button(case, Decision.REMOVE, text_waves.REMOVE_ALL, text.REASON_ASKS)] if can.can_delete_others else []
    able = [each for each, penalty in PENALTIES.items() if penalty in can.penalties][:1]
    restrict = [_button(case, each, text_waves.ALL[each], text_waves.SURE[each]) for each in able]
    return (*remove, *restrict, _button(case, Decision.APPROVE, text_waves.LEAVE))


def _button(case: Case, decision: Decision, label: str, asks: str = "") -> Button:
    return Button(f"case:{case.number}:{decision.value}", label, SYMBOLS[decision], asks)


def _undo(case: Case) -> Button:
    return Button(f"case:{case.number}:{UNDO}", text_waves.UNDO, "↩️")
