"""The judgement: which outlet, with which evidence and which proposal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import reasons
from bot.core.action import Judged, Outlet
from bot.core.event import Author, Message, Role, Surface, SurfaceKind
from bot.core.evidence import Evidence, Finding
from bot.core.surface import MAX_SURFACE, clip
from pipelines.moderation.bands import Standing
from pipelines.moderation.judge import approved, immune, judge, oversized, removal, unsure, waiting
from pipelines.moderation.normalise import MAX_CHARS
from pipelines.moderation.opinion import SILENT, Opinion
from pipelines.moderation.settings import Mode
from tests.pipelines.build import OFFICE, policy, said, taking
from tests.pipelines.build import removal as proposed

LONG = "this sentence has more than enough words"


def rule(score: float) -> Finding:
    return Finding(rule="insults", label="insult", score=score, quote="idiot")


def model(score: float) -> Finding:
    return Finding(rule="model", label="toxicity", score=score)


def opinion(score: float) -> Opinion:
    """Doubtful from 0.8 on, sure from 0.99 on."""
    standing = Standing((score >= 0.8) + (score >= 0.99))
    return Opinion(findings=(model(score),), standing=standing, version="model-1", features=(("toxicity", 1.0),))


@pytest.mark.parametrize("length", [MAX_CHARS + 1, MAX_SURFACE, MAX_SURFACE + 1, 4_000_000])
def test_a_text_whose_middle_nobody_reads_is_looked_at_by_a_person(length: int) -> None:
    message = said(clip("a" * length))
    assert oversized(message, 0.8) == [Finding(rule="oversized", label="very long text", score=0.8)]


def test_a_text_that_is_read_whole_is_not_oversized() -> None:
    assert oversized(said("a" * MAX_CHARS), 0.8) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("看" * 9000, opinion(1.0), id="length does not vouch for it"),
        pytest.param("a b c d" * 2000, SILENT, id="length alone is no ground"),
    ],
)
@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.SHADOW])
def test_nothing_is_done_because_a_text_is_long(text: str, says: Opinion, mode: Mode) -> None:
    judged = judge(policy(mode=mode, sure=0.8), said(text), oversized(said("a" * 9000), 0.8), says)
    acts = judged.proposal if mode is Mode.SHADOW else judged.outlet is Outlet.LIVE
    assert not acts


TABLE = [
    # mode, score of a rule, outlet, whether the removal is proposed
    (Mode.SEMI, 0.79, Outlet.CLEAR, False),
    (Mode.SEMI, 0.8, Outlet.REVIEW, True),
    (Mode.SEMI, 1.0, Outlet.REVIEW, True),
    (Mode.AUTO, 0.79, Outlet.CLEAR, False),
    (Mode.AUTO, 0.8, Outlet.REVIEW, True),
    (Mode.AUTO, 0.98, Outlet.REVIEW, True),
    (Mode.AUTO, 0.99, Outlet.LIVE, True),
    (Mode.AUTO, 1.0, Outlet.LIVE, True),
    (Mode.SHADOW, 0.79, Outlet.CLEAR, False),
    (Mode.SHADOW, 0.8, Outlet.SHADOW, False),
    (Mode.SHADOW, 0.98, Outlet.SHADOW, False),
    (Mode.SHADOW, 0.99, Outlet.SHADOW, True),
]


@pytest.mark.parametrize(("mode", "score", "outlet", "acts"), TABLE)
def test_the_mode_decides_who_presses_the_button(*, mode: Mode, score: float, outlet: Outlet, acts: bool) -> None:
    level = policy(mode=mode)
    evidence = Evidence(findings=(rule(score),), score=score, policy=level.version, mode=mode)
    assert judge(level, said(LONG), [rule(score)]) == Judged(
        outlet=outlet, evidence=evidence, proposal=proposed() if acts else (), review_room=OFFICE
    )


@pytest.mark.parametrize(("mode", "score", "outlet", "acts"), TABLE)
def test_for_the_model_too(*, mode: Mode, score: float, outlet: Outlet, acts: bool) -> None:
    level = policy(mode=mode)
    evidence = Evidence(
        findings=(model(score),),
        score=score,
        policy=level.version,
        model="model-1",
        mode=mode,
        features=() if outlet is Outlet.CLEAR else (("toxicity", 1.0),),
    )
    assert judge(level, said(LONG), [], opinion(score)) == Judged(
        outlet=outlet, evidence=evidence, proposal=proposed() if acts else (), review_room=OFFICE
    )


@pytest.mark.parametrize(
    ("settings", "score", "outlet"),
    [
        ({"sure": 0.7}, 0.7, Outlet.LIVE),
        ({"sure": 0.7}, 0.69, Outlet.CLEAR),
        ({"doubtful": 0.995}, 0.994, Outlet.CLEAR),
        ({"doubtful": 0.995}, 0.995, Outlet.LIVE),
        ({"doubtful": 0.2, "sure": 0.3}, 0.2, Outlet.REVIEW),
    ],
)
def test_what_is_set_by_hand_moves_the_marks_of_rules(
    settings: dict[str, object], score: float, outlet: Outlet
) -> None:
    assert judge(policy(mode=Mode.AUTO, **settings), said(LONG), [rule(score)]).outlet is outlet


def test_nothing_found_is_clear_in_every_mode_that_looks() -> None:
    for mode in (Mode.SEMI, Mode.AUTO, Mode.SHADOW):
        assert judge(policy(mode=mode), said(LONG), []).outlet is Outlet.CLEAR


def test_manual_mode_lets_every_message_wait() -> None:
    level = policy(mode=Mode.MANUAL)
    assert waiting(level, said("hello")) == Judged(
        outlet=Outlet.WAIT,
        evidence=Evidence(policy=level.version, mode=Mode.MANUAL),
        proposal=proposed(),
        review_room=OFFICE,
    )


def test_a_broken_check_asks_a_person_and_in_the_shadow_nobody() -> None:
    for mode, outlet in ((Mode.SEMI, Outlet.REVIEW), (Mode.AUTO, Outlet.REVIEW), (Mode.SHADOW, Outlet.SHADOW)):
        level = policy(mode=mode)
        assert unsure(level, said("hello"), "It broke.") == Judged(
            outlet=outlet,
            evidence=Evidence(policy=level.version, mode=mode, note="It broke."),
            proposal=() if mode is Mode.SHADOW else proposed(),
            review_room=OFFICE,
        )


def test_what_was_not_looked_at_is_clear_and_proposes_nothing() -> None:
    level = policy()
    evidence = Evidence(policy=level.version, mode=Mode.SEMI, note="why")
    assert approved(level, "why") == Judged(outlet=Outlet.CLEAR, evidence=evidence)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("die", id="one word"),
        pytest.param("you suck", id="two words"),
        pytest.param("d i e", id="one word, spelled apart"),
        pytest.param("", id="no words"),
        pytest.param("🤡🤡🤡 🤡🤡🤡 🤡🤡🤡", id="no letters"),
        pytest.param("ты очень плохой человек", id="another alphabet"),
        pytest.param("この人は本当に ひどい です ね", id="another script"),
        pytest.param("well then ты очень плохой", id="a mixture"),
        pytest.param("ça va très mal, espèce d'âne", id="another language"),
    ],
)
def test_the_model_does_not_act_on_thin_evidence(text: str) -> None:
    assert judge(policy(mode=Mode.AUTO), said(text), [], opinion(1.0)).outlet is Outlet.REVIEW
    assert judge(policy(mode=Mode.SHADOW), said(text), [], opinion(1.0)).proposal == ()


@pytest.mark.parametrize("text", [LONG, "you are all stupid and nobody likes you"])
def test_the_model_acts_on_enough_of_what_it_learned(text: str) -> None:
    assert judge(policy(mode=Mode.AUTO), said(text), [], opinion(1.0)).outlet is Outlet.LIVE


def test_a_rule_needs_no_more_than_the_word_it_looks_for() -> None:
    assert judge(policy(mode=Mode.AUTO), said("идиот"), [rule(1.0)]).outlet is Outlet.LIVE
    assert judge(policy(mode=Mode.AUTO), said("идиот"), [rule(1.0)], opinion(1.0)).outlet is Outlet.LIVE


def test_a_weak_rule_does_not_vouch_for_the_model() -> None:
    assert judge(policy(mode=Mode.AUTO), said("идиот"), [rule(0.3)], opinion(1.0)).outlet is Outlet.REVIEW


def test_a_card_says_why_a_person_decides_although_the_model_is_sure() -> None:
    judged = judge(policy(mode=Mode.AUTO), said("you suck"), [], replace(opinion(1.0), doubts=("It depends.",)))
    assert judged.evidence.note == f"It depends. {reasons.FEW_WORDS} {reasons.NOT_ENGLISH}"


def test_where_nobody_would_act_alone_there_is_nothing_to_say() -> None:
    judged = judge(policy(), said("you suck"), [], replace(opinion(1.0), doubts=("It depends.",)))
    assert (judged.outlet, judged.evidence.note) == (Outlet.REVIEW, "")


def test_moderators_and_owners_are_immune_and_nobody_else() -> None:
    immune_roles = [role for role in Role if immune(Author("u1", "Ann", role))]
    assert immune_roles == [Role.MODERATOR, Role.OWNER]


def test_authors_are_told_unless_the_settings_say_otherwise() -> None:
    assert removal(policy(), said("x")) == proposed()
    assert removal(policy(tell_author=False), said("x")) == (taking(),)


def test_words_are_counted_in_the_body_that_readers_see_first() -> None:
    picture: Message = said("", surfaces=(Surface(SurfaceKind.ALT, LONG),))
    assert judge(policy(mode=Mode.AUTO), picture, [], opinion(1.0)).outlet is Outlet.LIVE
