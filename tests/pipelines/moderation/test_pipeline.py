"""From an event to the list of actions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text_rules
from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.errors import ModelFailed
from bot.core.event import Event, Message, Role
from bot.core.evidence import Evidence, Finding, Span
from bot.core.ports import Classifier
from pipelines.moderation.features import features
from pipelines.moderation.pipeline import Moderation, reminder
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode
from tests.pipelines.build import (
    ANN,
    OFFICE,
    all_of,
    asked,
    policy,
    pressed,
    reported,
    rewritten,
    said,
    taken_away,
    toxic,
)
from tests.pipelines.build import removal as proposed
from tests.pipelines.fakes import NOON, House, Opinion, Silence

LONG = "this sentence has more than enough words"
IDIOT = Span(surface=0, start=4, end=9)
INSULT = Finding(rule="insults", label="insult", score=1.0, quote="idiot", why=text_rules.WORDS_FOUND, span=IDIOT)
WEAK = {"hints": WordRule(words=("idiot",), label="hint", score=0.1)}
HALT = Halt(reason="moderated")
MEASURING = Later(job="moderation.measure", key="test/home|2030-01-01T13", at=NOON + timedelta(hours=1))
REMINDER = Later(job="review.remind", key="test/home/office|2030-01-02", at=NOON + timedelta(days=1))


async def judged(level: Policy, event: Message, model: Classifier | None = None) -> list[Action]:
    return await all_of(Moderation(lambda _: level, model)(event, House().context))


def verdict(level: Policy, outlet: Outlet, *findings: Finding, model: str = "", note: str = "") -> Judged:
    """With the removal proposed wherever something was found."""
    score = max((finding.score for finding in findings), default=0.0)
    mode = level.settings.mode
    evidence = Evidence(findings=findings, score=score, policy=level.version, model=model, mode=mode, note=note)
    if outlet is Outlet.CLEAR:
        return Judged(outlet=outlet, evidence=evidence, review_room=level.review_room)
    return Judged(outlet=outlet, evidence=evidence, proposal=proposed(), review_room=level.review_room)


async def test_a_failing_model_means_review_even_where_a_weak_rule_spoke() -> None:
    level = policy(rules=WEAK)
    note = "The model failed on this message, so a person has to look."
    assert await judged(level, said("you idiot"), Opinion(ModelFailed("broken"))) == [
        verdict(level, Outlet.REVIEW, note=note),
        REMINDER,
        Halt(reason="moderated"),
    ]


async def test_what_a_rule_finds_becomes_a_card_a_reminder_and_a_halt() -> None:
    level = policy()
    assert await judged(level, said("you idiot")) == [
        verdict(level, Outlet.REVIEW, INSULT),
        REMINDER,
        Halt(reason="moderated"),
    ]


async def test_in_auto_mode_it_is_done_without_a_reminder() -> None:
    level = policy(mode=Mode.AUTO)
    assert await judged(level, said("you idiot")) == [verdict(level, Outlet.LIVE, INSULT), MEASURING, HALT]


async def test_an_edited_message_is_judged_again() -> None:
    level = policy(mode=Mode.AUTO)
    assert await judged(level, rewritten("you idiot")) == [
        verdict(level, Outlet.LIVE, INSULT),
        MEASURING,
        HALT,
    ]


async def test_in_the_shadow_later_pipelines_see_the_message() -> None:
    level = policy(mode=Mode.SHADOW)
    assert await judged(level, said("you idiot")) == [verdict(level, Outlet.SHADOW, INSULT)]


async def test_a_harmless_message_is_clear_and_goes_on() -> None:
    level = policy()
    assert await judged(level, said(LONG)) == [verdict(level, Outlet.CLEAR)]


async def test_manual_mode_asks_no_machine() -> None:
    level, model = policy(mode=Mode.MANUAL), Opinion(toxic(1.0))
    assert await judged(level, said("you idiot"), model) == [verdict(level, Outlet.WAIT), Halt(reason="moderated")]
    assert model.asked == []


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OWNER])
async def test_moderators_and_owners_are_never_judged(mode: Mode, role: Role) -> None:
    level, model = policy(mode=mode), Opinion(toxic(1.0))
    clear = Judged(outlet=Outlet.CLEAR, evidence=Evidence(policy=level.version, mode=mode))
    assert await judged(level, said("you idiot", who=replace(ANN, role=role)), model) == [clear]
    assert model.asked == []


async def test_a_rule_that_is_sure_does_not_wait_for_the_model() -> None:
    level = policy(mode=Mode.AUTO)
    async with asyncio.timeout(5):
        actions = await judged(level, said("you idiot"), Silence())
    assert actions == [verdict(level, Outlet.LIVE, INSULT), MEASURING, HALT]


async def test_the_model_is_asked_about_every_surface_and_may_raise_but_not_lower() -> None:
    level, model = policy(mode=Mode.AUTO, rules=WEAK), Opinion(toxic(0.9))
    hint = Finding(rule="hints", label="hint", score=0.1, quote="idiot", why=text_rules.WORDS_FOUND, span=IDIOT)
    opinion = Finding(rule="model", label="toxicity", score=0.9)
    found = verdict(level, Outlet.REVIEW, hint, opinion, model="model-1")
    facts = features(toxic(0.9), said("you idiot"))
    assert await judged(level, said("you idiot"), model) == [
        replace(found, evidence=replace(found.evidence, features=facts)),
        REMINDER,
        Halt(reason="moderated"),
    ]
    assert model.asked == [("you idiot",)]
    strong = {"insults": WordRule(words=("idiot",), label="insult", score=0.9)}
    kept = await judged(policy(rules=strong), said("you idiot"), Opinion(toxic(0.0)))
    assert isinstance(kept[0], Judged)
    assert kept[0].outlet is Outlet.REVIEW


async def test_a_room_without_the_model_is_judged_by_rules_alone() -> None:
    model = Opinion(toxic(1.0))
    assert await judged(policy(model=False), said(LONG), model) == [verdict(policy(model=False), Outlet.CLEAR)]
    assert model.asked == []


async def test_a_failing_model_means_review_not_silence() -> None:
    level, note = policy(mode=Mode.AUTO), "The model failed on this message, so a person has to look."
    assert await judged(level, said(LONG), Opinion(ModelFailed("broken"))) == [
        verdict(level, Outlet.REVIEW, note=note),
        REMINDER,
        Halt(reason="moderated"),
    ]


async def test_a_failing_model_leaves_what_rules_found_as_it_was() -> None:
    rules = {"insults": WordRule(words=("idiot",), label="insult", score=0.9)}
    level = policy(mode=Mode.AUTO, rules=rules)
    assert await judged(level, said("you idiot"), Opinion(ModelFailed("broken"))) == [
        verdict(level, Outlet.REVIEW, replace(INSULT, score=0.9)),
        REMINDER,
        Halt(reason="moderated"),
    ]


async def test_a_picture_without_words_is_clear() -> None:
    level = policy()
    assert await judged(level, said(""), Opinion(toxic(1.0))) == [verdict(level, Outlet.CLEAR, model="model-1")]


@pytest.mark.parametrize(
    "level", [policy(remind_after=timedelta(0)), policy(review_room="")], ids=["never wanted", "no review room"]
)
async def test_nobody_is_reminded(level: Policy) -> None:
    assert await judged(level, said("you idiot")) == [
        verdict(level, Outlet.REVIEW, INSULT),
        Halt(reason="moderated"),
    ]


def test_reminders_are_one_a_day_and_room() -> None:
    midnight = NOON + timedelta(hours=12)
    days = [midnight, midnight + timedelta(hours=23, minutes=59), midnight + timedelta(hours=24)]
    keys: Sequence[str] = [reminder(OFFICE, at).key for at in days]
    assert keys == ["test/home/office|2030-01-02", "test/home/office|2030-01-02", "test/home/office|2030-01-03"]


def test_a_broken_check_is_looked_at_by_a_person() -> None:
    level = policy(mode=Mode.AUTO)
    note = "The check itself failed, so a person has to look."
    assert list(Moderation(lambda _: level, None).failed(said("hello"))) == [
        verdict(level, Outlet.REVIEW, note=note),
        Halt(reason="not checked"),
    ]


@pytest.mark.parametrize("event", [taken_away(), pressed("case:1:remove"), asked("help"), reported()])
async def test_what_is_no_message_is_none_of_its_business(event: Event) -> None:
    moderation = Moderation(lambda _: policy(), None)
    assert await all_of(moderation(event, House().context)) == []
    assert list(moderation.failed(event)) == []


@pytest.mark.parametrize(
    ("mode", "words", "role", "urgent"),
    [
        (Mode.AUTO, "you idiot", Role.MEMBER, True),
        (Mode.AUTO, "you dear", Role.MEMBER, False),
        (Mode.AUTO, "you idiot", Role.MODERATOR, False),
        (Mode.SEMI, "you idiot", Role.MEMBER, False),
        (Mode.SHADOW, "you idiot", Role.MEMBER, False),
        (Mode.MANUAL, "you idiot", Role.MEMBER, False),
    ],
)
def test_only_what_the_rules_alone_would_remove_at_once_is_urgent(
    mode: Mode, words: str, role: Role, *, urgent: bool
) -> None:
    moderation = Moderation(lambda _: policy(mode=mode), None)
    assert moderation.urgent(said(words, who=replace(ANN, role=role))) is urgent


def test_nothing_but_a_message_is_urgent_to_moderation() -> None:
    assert not Moderation(lambda _: policy(mode=Mode.AUTO), None).urgent(asked("why"))


async def test_before_delivery_only_what_would_be_removed_at_once_is_refused() -> None:
    auto = policy(mode=Mode.AUTO)
    why = "This was not sent, because it goes against the rules of this room (insult). Say it differently."
    assert await refusal(auto, said("you idiot")) == why.replace("insult", INSULT.label)
    assert await refusal(auto, rewritten("you idiot")) == why.replace("insult", INSULT.label)
    for level in (policy(), policy(mode=Mode.MANUAL), policy(mode=Mode.SHADOW), policy(mode=Mode.AUTO, rules=WEAK)):
        assert await refusal(level, said("you idiot")) == ""
    assert await refusal(auto, said(LONG)) == ""
    assert await refusal(auto, said("you idiot", who=replace(ANN, role=Role.MODERATOR))) == ""


async def test_being_asked_before_delivery_counts_for_nobodys_pace() -> None:
    level = policy(mode=Mode.AUTO, rules={"calm": {"kind": "flood", "most": 1}})
    moderation = Moderation(lambda _: level, None)
    for number in range(5):
        assert await moderation.refusal(said("hello", id=f"e{number}", message_id=f"m{number}")) == ""
    assert not moderation.memory._pace  # noqa: SLF001


async def refusal(level: Policy, message: Message) -> str:
    return await Moderation(lambda _: level, None).refusal(message)
