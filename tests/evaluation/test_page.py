from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from bot import text_evaluation
from bot.evaluation.page import facts, headline, remarks, render
from bot.text_evaluation import percent
from pipelines.moderation.bands import TOXICITY, Band
from pipelines.moderation.evaluation.evaluate import Evaluation, evaluate
from pipelines.moderation.evaluation.pace import Pace
from pipelines.moderation.evaluation.table import Labelled
from pipelines.moderation.opinion import Earned
from tests.pipelines.moderation.evaluation.model import EARNED, Words

MODEL = Words({"awful": 0.95, "bad": 0.7, "good": 0.1})
HOSTILE = '"><script>alert(1)</script><img src="x" onerror="alert(1)">{{ 7 * 7 }}'
PLAIN = " ".join(["word"] * len(HOSTILE.split()))


class _Page(HTMLParser):
    """What a browser would see: elements, what could load something, and what was left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.loads += [name for name, _ in attrs if name in {"src", "href", "srcset"} or name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _evaluation(name: str = "a.csv", source: str = "forum", *, earned: Earned = EARNED) -> Evaluation:
    texts = ["what an awful person", "a bad thing", f"a bad {source}", "good day", "good night", "hello"]
    labelled = Labelled(
        name=name,
        texts=texts,
        abuse=[True, True, False, False, False, False],
        slices={source: [source, "b", "b", "b", "b", "b"]},
    )
    return evaluate(labelled, MODEL, earned, perturb=True)


def test_the_result_is_one_sentence() -> None:
    expected = "In 6 messages Parley finds 100 % of the abuse and flags 25.0 % of the harmless ones."
    assert headline(_evaluation()) == expected
    assert f"<h1>{expected}</h1>" in render(_evaluation(), 0.01)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (0.0123, "1.2 %"),
        (0.0012, "0.12 %"),
        (0.000001, "0.01 %"),
        (0.99999, "99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_figures_are_told_with_their_names() -> None:
    found = replace(_evaluation(), pace=Pace(a_second=1630.4, half_ms=2.34, most_ms=6.9))
    assert facts(found) == [
        ("AUC", "0.938 (0.714 to 1.000)"),
        ("Average precision", "0.833"),
        ("Calibration error", "0.108"),
        ("Messages", "6"),
        ("Abuse among them", "2 (33.3 %)"),
        ("A core scores", "1,630 messages a second"),
        ("One alone takes", "2.3 ms (1 in 100: 6.9 ms)"),
    ]


def test_the_page_shows_every_table_and_picture() -> None:
    page = render(_evaluation(), 0.01)
    for heading in (
        "At the bands",
        text_evaluation.ROC,
        text_evaluation.PRECISION,
        text_evaluation.CALIBRATION,
        text_evaluation.SCORES,
        "Under disguise",
        "By <bdi>forum</bdi>",
        "By <bdi>length</bdi>",
        "Labelled harmless, with the highest scores",
    ):
        assert f">{heading}<" in page
    assert page.count("<svg ") == 4
    assert "Where 1 % is abuse" in page


def test_what_was_left_out_and_what_was_not_earned_is_said() -> None:
    unearned = Earned(bands={TOXICITY: Band()}, version="words")
    found = _evaluation(earned=unearned)
    assert remarks(replace(found, labelled=replace(found.labelled, left_out=3))) == [
        "3 rows without a text or without a label were left out.",
        text_evaluation.NOTHING_EARNED,
    ]
    assert ">never<" in render(found, 0.01)


@pytest.mark.parametrize("abuse", [True, False])
def test_one_kind_of_message_has_a_page_without_curves(*, abuse: bool) -> None:
    labelled = Labelled(name="a.csv", texts=["awful people here", "good morning"], abuse=[abuse, abuse])
    found = evaluate(labelled, MODEL, EARNED, perturb=True)
    page = render(found, 0.01)
    assert (page.count("<svg "), remarks(found)) == (2, [text_evaluation.ONE_KIND])
    assert _Page(page).open == []


def test_nothing_in_a_file_changes_the_page() -> None:
    page = render(_evaluation(HOSTILE, HOSTILE), 0.01)
    hostile, plain = _Page(page), _Page(render(_evaluation(PLAIN, PLAIN), 0.01))
    assert (hostile.elements, hostile.loads, hostile.open) == (plain.elements, [], [])
    assert "{{ 7 * 7 }}" in page
