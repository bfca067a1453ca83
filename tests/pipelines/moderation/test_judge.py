"""The judgement: which outlet, with which evidence and which proposal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core.action import Judged, Outlet
from bot.core.event import Author, Message, Role, Surface, SurfaceKind
from bot.core.evidence import Evidence, Finding
from bot.core.ports import Scores
from bot.core.surface import MAX_SURFACE, clip
from pipelines.moderation.judge import approved, immune, judge, opinions, oversized, removal, thin, unsure, waiting
from pipelines.moderation.normalise import MAX_CHARS
from pipelines.moderation.settings import Mode
from tests.pipelines.build import OFFICE, policy, said, taking, toxic
from tests.pipelines.build import removal as proposed

LONG = "this sentence has more than enough words"


def rule(score: float) -> Finding:
    return Finding(rule="insults", label="insult", score=score, quote="idiot")


def model(score: float) -> Finding:
    return Finding(rule="model", label="toxicity", score=score)


@pytest.mark.parametrize("length", [MAX_CHARS + 1, MAX_SURFACE, MAX_SURFACE + 1, 4_000_000])
def test_a_text_whose_middle_nobody_reads_is_looked_at_by_a_person(length: int) -> None:
    message = said(clip("a" * length))
    assert oversized(message, 0.8) == [Finding(rule="oversized", label="very long text", score=0.8)]


def test_a_text_that_is_read_whole_is_not_oversized() -> None:
    assert oversized(said("a" * MAX_CHARS), 0.8) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("看" * 9000, [*oversized(said("看" * 9000), 0.8), model(1.0)], id="length does not vouch for it"),
        pytest.param("a b c d" * 2000, oversized(said("a" * 9000), 0.8), id="length alone is no ground"),
    ],
)
@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.SHADOW])
def test_nothing_is_done_because_a_text_is_long(text: str, findings: list[Finding], mode: Mode) -> None:
    judged = judge(policy(mode=mode, sure=0.8), said(text), findings, "model-1")
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
@pytest.mark.parametrize("found", [rule, model])
def test_the_mode_decides_who_presses_the_button(
    *, mode: Mode, score: float, outlet: Outlet, acts: bool, found: Callable[[float], Finding]
) -> None:
    level = policy(mode=mode)
    assert judge(level, said(LONG), [found(score)], "model-1") == Judged(
        outlet=outlet,
        evidence=Evidence(findings=(found(score),), score=score, policy=level.version, model="model-1", mode=mode),
        proposal=proposed() if acts else (),
        review_room=OFFICE,
    )


def test_nothing_found_is_clear_in_every_mode_that_looks() -> None:
    for mode in (Mode.SEMI, Mode.AUTO, Mode.SHADOW):
        assert judge(policy(mode=mode), said(LONG), [], "").outlet is Outlet.CLEAR


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
def test_the_model_alone_does_not_act_on_thin_evidence(text: str) -> None:
    assert judge(policy(mode=Mode.AUTO), said(text), [model(1.0)], "").outlet is Outlet.REVIEW
    assert judge(policy(mode=Mode.SHADOW), said(text), [model(1.0)], "").proposal == ()


@pytest.mark.parametrize("text", [LONG, "you are all stupid and nobody likes you"])
def test_the_model_acts_on_enough_of_what_it_learned(text: str) -> None:
    assert judge(policy(mode=Mode.AUTO), said(text), [model(1.0)], "").outlet is Outlet.LIVE


def test_a_rule_needs_no_more_than_the_word_it_looks_for() -> None:
    assert judge(policy(mode=Mode.AUTO), said("идиот"), [rule(1.0)], "").outlet is Outlet.LIVE
    assert not thin(said("идиот"), [rule(1.0), model(1.0)])


def test_moderators_and_owners_are_immune_and_nobody_else() -> None:
    immune_roles = [role for role in Role if immune(Author("u1", "Ann", role))]
    assert immune_roles == [Role.MODERATOR, Role.OWNER]


def test_only_toxicity_counts_and_the_two_strongest_labels_are_shown_beside_it() -> None:
    worst = toxic(0.95, insult=0.9, threat=0.1, obscene=0.4, hate=0.3)
    assert opinions([toxic(0.2, threat=1.0), worst], 0.8) == [
        model(0.95),
        Finding(rule="model:insult", label="insult", score=0.0, quote="0.90"),
        Finding(rule="model:obscene", label="obscene", score=0.0, quote="0.40"),
    ]


def test_below_doubt_no_label_is_shown() -> None:
    assert opinions([toxic(0.5, threat=1.0)], 0.8) == [model(0.5)]


def test_nothing_to_score_gives_no_opinion() -> None:
    nothing: list[Scores] = []
    assert opinions(nothing, 0.8) == []


def test_authors_are_told_unless_the_settings_say_otherwise() -> None:
    assert removal(policy(), said("x")) == proposed()
    assert removal(policy(tell_author=False), said("x")) == (taking(),)


def test_thin_is_about_the_body_that_readers_see_first() -> None:
    picture: Message = said("", surfaces=(Surface(SurfaceKind.ALT, LONG),))
    assert not thin(picture, [model(1.0)])
