from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.ports import Scores
from pipelines.moderation.bands import TOXICITY, UNKNOWN_DOUBTFUL, Standing
from pipelines.moderation.evaluation import models
from pipelines.moderation.evaluation.disguises import disguise, used
from pipelines.moderation.evaluation.evaluate import Reached, evaluate, scored
from pipelines.moderation.evaluation.judged import Judged, judge
from pipelines.moderation.evaluation.mistakes import SHOWN, Mistake, Mistakes, mistakes
from pipelines.moderation.evaluation.pace import a_second, alone, at, pace
from pipelines.moderation.evaluation.slices import Slice, slices
from pipelines.moderation.evaluation.table import Labelled
from pipelines.moderation.evaluation.tricks import PACK
from pipelines.moderation.measured import Share
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.moderation.evaluation.model import EARNED, Words

MODEL = {"awful": 0.95, "bad": 0.7, "odd": 0.3}
LABELLED = Labelled(
    name="a.csv",
    texts=["you are awful people", "awful", "a bad thing to say", "an odd thing", "good morning", "what bad weather"],
    abuse=[True, True, True, True, False, False],
    slices={"source": ["forum", "forum", "chat", "chat", "chat", ""]},
)


def test_a_message_is_judged_as_in_a_room() -> None:
    assert list(judge(LABELLED.texts, Words(MODEL), EARNED)) == [
        Judged(0.95, Standing.SURE, alone=True),
        Judged(0.95, Standing.SURE, alone=False),  # one word is too little to act on
        Judged(0.7, Standing.DOUBTFUL, alone=False),
        Judged(0.3, Standing.CLEAR, alone=False),
        Judged(0.0, Standing.CLEAR, alone=False),
        Judged(0.7, Standing.DOUBTFUL, alone=False),
    ]


def test_texts_without_letters_and_odd_ones_are_judged_too() -> None:
    texts = ["🎉🎉", "12:30", "half an emoji \ud83c", "a\0b", "x" * 200_000]
    model = Words({})
    assert [judged.toxic for judged in judge(texts, model, EARNED)] == [0.0] * 5
    # What has no letters is not scored.
    assert model.asked == [3]


def test_progress_is_told_in_batches() -> None:
    told: list[int] = []
    list(judge(["hello"] * 150, Words({}), EARNED, told.append))
    assert told == [64, 64, 22]


def test_everything_is_measured_in_one_go() -> None:
    told: list[int] = []
    found = evaluate(LABELLED, Words(MODEL), EARNED, perturb=True, seen=told.append)
    assert (found.model, found.band, found.abuse) == ("words", EARNED.bands[TOXICITY], Share(4, 6))
    assert found.curves.area == pytest.approx((8 - 1 - 0.5) / 8)
    assert found.reached == [
        Reached(name="doubtful", least=0.5, found=Share(3, 4), alarms=Share(1, 2)),
        Reached(name="sure", least=0.9, found=Share(2, 4), alarms=Share(0, 2)),
        Reached(name="acts alone", least=0.9, found=Share(1, 4), alarms=Share(0, 2)),
    ]
    assert [(mark.name, mark.found.hits, mark.alarms.hits) for mark in found.marks] == [
        ("0.5", 3, 1),
        ("0.6", 3, 1),
        ("0.7", 3, 1),
        ("0.8", 2, 0),
        ("0.9", 2, 0),
        ("0.95", 2, 0),
        ("0.98", 0, 0),
        ("0.99", 0, 0),
    ]
    assert found.mistakes == Mistakes(alarms=[Mistake("what bad weather", 0.7)], missed=[Mistake("an odd thing", 0.3)])
    assert sum(told) == scored(LABELLED, perturb=True) == 6 + 6 * (1 + len(PACK))
    assert found.disguises is not None


def test_precision_is_restated_for_a_room_with_less_abuse() -> None:
    mark = Reached(name="doubtful", least=0.5, found=Share(80, 100), alarms=Share(2, 100))
    assert mark.right == Share(80, 82)
    assert mark.precision_at(0.5) == pytest.approx(80 / 82)
    assert mark.precision_at(0.01) == pytest.approx(0.008 / (0.008 + 0.0198))
    nothing = Reached(name="sure", least=None, found=Share(0, 100), alarms=Share(0, 100))
    assert nothing.precision_at(0.01) is None


@pytest.mark.parametrize("abuse", [True, False])
def test_one_kind_of_message_is_not_disguised(*, abuse: bool) -> None:
    labelled = Labelled(name="a.csv", texts=["awful people here", "good morning"], abuse=[abuse, abuse])
    found = evaluate(labelled, Words(MODEL), EARNED, perturb=True)
    assert (found.disguises, found.curves.area) == (None, None)
    assert scored(labelled, perturb=True) == 2


def test_slices_are_by_column_and_by_length() -> None:
    found = slices(LABELLED, list(judge(LABELLED.texts, Words(MODEL), EARNED)))
    none, one = Share(0, 0), Share(1, 1)
    assert found == {
        "source": [
            Slice(value="chat", area=1.0, found=Share(1, 2), alarms=Share(0, 1), alone=none),
            Slice(value="forum", area=None, found=Share(2, 2), alarms=none, alone=one),
            Slice(value="without", area=None, found=none, alarms=one, alone=none),
        ],
        "length": [
            Slice(value="1 to 2 words", area=1.0, found=one, alarms=Share(0, 1), alone=none),
            Slice(value="3 to 5 words", area=0.5, found=Share(2, 3), alarms=one, alone=one),
        ],
    }


def test_what_is_rare_is_one_slice_together() -> None:
    sources = ["often"] * 60 + [f"source {n}" for n in range(60)]
    labelled = Labelled(name="a", texts=["hello"] * 120, abuse=[False] * 120, slices={"source": sources})
    found = slices(labelled, [Judged(0.0, Standing.CLEAR, alone=False)] * 120)["source"]
    assert (found[0].value, found[0].alarms.cases) == ("often", 60)
    assert (found[-1].value, found[-1].alarms.cases, len(found)) == ("all others", 21, 41)


def test_the_worst_mistakes_are_shown_first_shortened_and_once() -> None:
    texts = [*(f"fine {n}" for n in range(60)), "fine 59", "x" * 5_000]
    judged = [Judged(0.4 + n / 100, Standing.CLEAR, alone=False) for n in range(60)]
    judged += [judged[-1], Judged(1.0, Standing.SURE, alone=False)]
    found = mistakes(Labelled(name="a", texts=texts, abuse=[False] * 62), judged)
    assert (len(found.alarms), found.missed) == (SHOWN, [])
    assert [mistake.text for mistake in found.alarms[1:4]] == ["fine 59", "fine 58", "fine 57"]
    assert len(found.alarms[0].text) == 400


def test_recall_under_disguise_is_taken_at_the_clean_false_alarms() -> None:
    texts = ["awful"] * 10 + ["good"] * 10
    abuse = [True] * 10 + [False] * 10
    pack = {
        "as it was": lambda text, _: text,
        "unreadable": lambda text, _: text[::-1],
        "everybody alike": lambda text, _: text + " bad",
    }
    found = disguise(texts, abuse, Words({**MODEL, "good": 0.5}), pack=pack)
    assert (found.clean, found.messages) == (1.0, 20)
    assert [(each.trick, each.found, each.level) for each in found.tricks] == [
        ("as it was", 1.0, 1.0),
        # The harmless messages are no longer read either, and nothing lies above what they score.
        ("unreadable", 0.0, 0.0),
        ("everybody alike", 1.0, 1.0),
    ]
    assert found.share(found.mean) == pytest.approx(2 / 3)


def test_disguises_use_some_messages_of_each_kind_and_the_same_ones_each_time() -> None:
    texts = [f"awful {n}" for n in range(2_000)] + [f"good {n}" for n in range(30)]
    abuse = [True] * 2_000 + [False] * 30
    seen: list[list[str]] = [[], []]
    for texts_seen in seen:

        def watch(text: str, _: object, into: list[str] = texts_seen) -> str:
            into.append(text)
            return text

        assert disguise(texts, abuse, Words(MODEL), pack={"watched": watch}).messages == used(abuse) == 1_530
    assert seen[0] == seen[1]


def test_pace_counts_messages_by_the_clock() -> None:
    ticks = iter([10.0, 12.0])
    model = Words({})
    assert a_second(model, ["hello"] * 100, lambda: next(ticks)) == 50
    assert model.asked == [32, 32, 32, 4]
    model = Words({})
    waits = alone(model, ["hello"] * 3)
    assert (model.asked, len(waits), waits) == ([1, 1, 1], 3, sorted(waits))
    assert [at([1.0, 2.0, 3.0, 4.0], share) for share in (0, 0.5, 0.99, 1)] == [1.0, 3.0, 4.0, 4.0]


def test_pace_is_measured_on_one_message_too() -> None:
    found = pace(Words({}), ["hello"])
    assert found.a_second > 0
    assert 0 < found.half_ms == found.most_ms


def test_every_model_can_be_evaluated_and_another_name_lists_them() -> None:
    for name in models.NAMES:
        assert isinstance(models.load(name).score(["you stupid idiot"])[0], Scores)
    with pytest.raises(ValueError, match="no model 'bert': choose one of shipped, linear, transformer"):
        models.load("bert")


def test_one_half_of_the_model_has_earned_nothing() -> None:
    band = models.earned("linear", Words({}), ModerationSettings()).bands[TOXICITY]
    assert (band.doubtful, band.sure) == (UNKNOWN_DOUBTFUL, None)
    by_hand = models.earned("linear", Words({}), ModerationSettings(doubtful=0.6, sure=0.7)).bands[TOXICITY]
    assert (by_hand.doubtful, by_hand.sure) == (0.6, 0.7)


def test_the_evasion_pack_needs_no_torch() -> None:
    script = "import sys, pipelines.moderation.evaluation.tricks; print('torch' in sys.modules, 'numpy' in sys.modules)"
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.split() == ["False", "False"]
