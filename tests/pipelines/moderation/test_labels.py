"""Other people's labels come to ours by their names, or as somebody says."""

from __future__ import annotations

import pytest

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.labels import Head, read_head


def head(*labels: str, kind: str = "", **given: str) -> Head:
    return read_head(dict(enumerate(labels)), kind, given)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("neutral", "toxic"), Head({1: "toxicity"}, exclusive=True)),
        (("non-toxic", "toxic"), Head({1: "toxicity"}, exclusive=True)),
        (("NOT-HATE", "HATE"), Head({1: "identity attack"}, exclusive=True)),
        (("hate speech", "normal", "offensive"), Head({0: "identity attack", 2: "toxicity"}, exclusive=True)),
        (("ham", "spam"), Head({1: "spam"}, exclusive=True)),
        (("toxicity",), Head({0: "toxicity"}, exclusive=False)),
        (
            ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"),
            Head(
                {0: "toxicity", 1: "toxicity", 2: "toxicity", 3: "threat", 4: "insult", 5: "identity attack"},
                exclusive=False,
            ),
        ),
        # What a text is about is no offence.
        (
            ("toxicity", "identity_attack", "sexual_explicit", "male", "muslim"),
            Head({0: "toxicity", 1: "identity attack", 2: "sexual"}, exclusive=False),
        ),
    ],
)
def test_labels_of_published_models_are_known_by_name(labels: tuple[str, ...], expected: Head) -> None:
    assert head(*labels) == expected


def test_the_model_s_own_word_for_its_problem_counts() -> None:
    assert head("neutral", "toxic", kind="multi_label_classification") == Head({1: "toxicity"}, exclusive=False)
    assert head("toxic", "insult", kind="single_label_classification").exclusive


def test_labels_without_names_have_to_be_explained() -> None:
    with pytest.raises(ModelFailed, match=r'LABEL_0, LABEL_1 is known: .* such as { "LABEL_1" = "toxicity" }'):
        head("LABEL_0", "LABEL_1")
    assert head("LABEL_0", "LABEL_1", LABEL_1="toxicity") == Head({1: "toxicity"}, exclusive=True)


def test_what_is_explained_replaces_what_is_known() -> None:
    assert head("toxic", "insult", "other", insult="spam").meanings == {1: "spam"}


def test_explaining_a_label_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ModelFailed, match="no label LABEL_2, it has neutral, toxic"):
        head("neutral", "toxic", LABEL_2="toxicity")


def test_exclusive_labels_add_up() -> None:
    found = head("hate speech", "normal", "offensive").scores([0.3, 0.2, 0.5])
    assert found.toxic == pytest.approx(0.8)
    assert found.labels == {"identity_attack": 0.3}


def test_labels_side_by_side_count_by_the_highest() -> None:
    found = head("toxic", "severe_toxic", "insult").scores([0.7, 0.1, 0.6])
    assert found == Scores(toxic=0.7, labels={"insult": 0.6})


def test_spam_is_not_toxic() -> None:
    assert head("ham", "spam").scores([0.1, 0.9]) == Scores(toxic=0.0, labels={"spam": 0.9})
