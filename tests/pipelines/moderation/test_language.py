import pytest

from pipelines.moderation.language import english
from tests.pipelines.moderation.benign import FOREIGN


@pytest.mark.parametrize(
    "text",
    [
        "you are an idiot and everybody knows it",
        "how do I install the drivers for my graphics card?",
        "SHUT UP AND LEAVE THIS CHANNEL",
        "**good morning** everyone 😀 did you sleep well?",
    ],
)
def test_english_is_recognised(text: str) -> None:
    assert english(text) is True


@pytest.mark.parametrize("text", ["", "ok", "😀😀😀", "\ud800", "12:30", "brb lol"])
def test_too_little_is_no_language(text: str) -> None:
    assert english(text) is None


def test_other_languages_are_never_taken_for_english() -> None:
    assert [text for text in FOREIGN if english(text)] == []


@pytest.mark.parametrize("text", ["ты идиот и дурак", "你是一个白痴", "أنت غبي", "x\u0300" * 9_000, "\ud800a" * 9_000])
def test_no_text_is_too_odd(text: str) -> None:
    assert not english(text)
