"""What Parley says about its own judgement: why it asks, what it was shown to be worth, and what it learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from bot.core.markdown import literal

# Of so many so many, between two bounds.
Counted: TypeAlias = tuple[int, int, float, float]

# Why a person decides although the model is sure.
FEW_WORDS = "The model was sure, but on too few words to act."
NOT_ENGLISH = "The model was sure, but this may not be the English it knows."
QUOTED = "The model was sure, but somebody may be quoted here."
REPORTED_SPEECH = "The model was sure, but this may tell what others said."
DENIED = "The model was sure, but something is denied here, and it cannot tell what."
ONESELF = "The model was sure, but the author may speak of themselves."
IDENTITY_WORDS = "The model was sure only because of words for who people are."
SWEARING = "The model was sure only because of swearwords."
NOT_HERE = "The model was sure, but your own decisions on messages like this were different."

NOTHING_REVIEWED = "No moderator has decided a case that the model judged: there is nothing to learn from yet."
NO_MODEL = "No model takes part here: rules alone decide. `model` in “settings” turns it on."
NO_ROOM_FOR_IT = "I say that only where moderators are among themselves: set `review_room` first."

# Said on a card that is only a check.
CHECK_PASSED = "A check, drawn at random: nothing was found here. Approve says that was right; remove takes it away."
CHECK_ACTED = (
    "A check, drawn at random: I removed this by myself. Remove says that was right; approve, that it was not."
)


def drifted(right: int, cases: int, low: float, precision: float) -> str:
    """What checks say about auto mode."""
    asked = f"asked for are {precision:.1%}"
    return f"{right} of {cases} checks of what I did by myself were right, which vouches for {low:.1%}; {asked}"


def demoted(reason: str) -> str:
    """To moderators: auto mode has ended."""
    return (
        f"I ask you again before I act: {literal(reason)}. “bands” and “audit” show the evidence, and "
        "“mode auto community” lets me act again."
    )


def bands(rows: Sequence[tuple[str, str, str]], version: str) -> str:
    """Where asking and acting begin: for each label the two scores, and why."""
    listed = "\n".join(f"- **{literal(label)}** {scores}: {literal(why)}" for label, scores, why in rows)
    return f"From where on I ask / act by myself, here:\n{listed}\n\nmodel `{version}`"


def audit(wrong: Counted, missed: Counted, *, on: bool) -> str:
    """What checks said so far."""
    acted = f"Of what I removed by myself, {_share(wrong)} should have stayed."
    passed = f"Of what I let pass, {_share(missed)} should have gone."
    off = "" if on else " No messages are drawn here any more: `audits_a_day` is 0."
    return f"Checks that you decided: {acted} {passed}{off}"


def _share(counted: Counted) -> str:
    hits, cases, low, high = counted
    if not cases:
        return "none was decided, so I do not know how much"
    return f"{hits:,} of {cases:,} ({low:.1%} to {high:.1%}, with 90 % confidence)"


def too_few_cases(place: str, cases: int, least: int) -> str:
    """Why nothing was learned."""
    noun = "case that this model judged is" if cases == 1 else "cases that this model judged are"
    return f"{place}: {cases} reviewed {noun} too few to learn from; come back when there are {least}."


def calibrated(place: str, number: int, cases: int) -> str:
    """A calibration was made."""
    return f"{place}: calibration {number}, learned from {cases:,} reviewed cases, holds from here on"


def went_back(place: str, number: int, earlier: int) -> str:
    """A calibration was left."""
    holds = f"calibration {earlier} holds again" if earlier else "the shipped evidence alone holds"
    return f"{place}: calibration {number} was left, {holds}."
