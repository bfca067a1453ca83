from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typing_extensions import override

from bot.core.address import Address
from bot.core.effect import Delete, Effect, Penalty, Post, Restrict
from bot.core.evidence import Evidence, Finding
from bot.core.settlement import Outcome, Verdict
from bot.report import Tally, chart, headline, render, top

GENERAL = Address("anywhere", "Fernhill", "general")
NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
DELETE = Delete(to=GENERAL, message_ids=("1",), reason="")
WARN = Post(to=GENERAL, text="please do not")
BAN = Restrict(to=GENERAL, user_id="u", penalty=Penalty.BAN, reason="")
FINE = Verdict(outcome=Outcome.APPROVED, evidence=Evidence())

HOSTILE = [
    "<script>alert(1)</script>",
    "</blockquote></main><style>*{display:none}</style>",
    "<img src='https://spy.example/x.png' onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "W" * 10_000,
    "\u202etxt.exe",
    "مرحبا بالعالم",
    "Z" + "\u0300" * 900,
    "👩‍👩‍👧‍👦" * 100,
    "\0\x1b[31m\x07",
    "half an emoji \ud83c",
]


class _Page(HTMLParser):
    """What a browser would see: elements, and every attribute that could load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.loads += [name for name, _ in attrs if name in {"src", "href", "srcset", "data"} or name.startswith("on")]
        if tag not in {"meta", "line", "rect"}:
            self.open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag


def _verdict(score: float, *would: Effect, rule: str = "words", quote: str = "") -> Verdict:
    finding = Finding(rule=rule, label="insult", score=score, quote=quote)
    return Verdict(outcome=Outcome.SHADOWED, evidence=Evidence(findings=(finding,), score=score), would=would)


def _tally(*verdicts: Verdict, fine: int = 0) -> Tally:
    tally = Tally(marks=(("doubtful", 0.5), ("sure", 0.9)))
    for number, verdict in enumerate([*verdicts, *[FINE] * fine]):
        tally.add(GENERAL, NOON + timedelta(minutes=number), "fern", f"message {number}", verdict)
    return tally


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (_tally(), "There were no messages to look at."),
        (_tally(fine=1), "Parley would have let pass all of 1 message."),
        (_tally(fine=1382), "Parley would have let pass all of 1,382 messages."),
        (
            _tally(_verdict(1, DELETE), _verdict(0.6), _verdict(0.6), fine=1997),
            "Of 2,000 messages Parley would have removed 1 (1 in 2,000) and asked a moderator about 2 (1 in 1,000).",
        ),
        (
            _tally(_verdict(1, WARN), fine=9),
            "Of 10 messages Parley would have acted on 1 (1 in 10) and asked a moderator about none.",
        ),
    ],
)
def test_the_result_is_one_sentence(tally: Tally, expected: str) -> None:
    assert headline(tally) == expected
    assert f"<h1>{expected}</h1>" in render(tally, "a.json", 1.0)


def test_the_page_says_how_much_how_long_and_what_else() -> None:
    page = render(_tally(_verdict(1, DELETE, BAN), fine=3999), "a.json", 133.4)
    for shown in (
        "1 Mar 2021 to 4 Mar 2021",
        "99.97 %",
        "2 min 13 s (30 messages a second)",
        "In all 1 removal and 1 ban.",
    ):
        assert shown in page


def test_matched_words_are_marked_whatever_their_case() -> None:
    tally = Tally()
    tally.add(GENERAL, NOON, "fern", "You IDIOT & idiot", _verdict(1, quote="idiot"))
    assert "You <mark>IDIOT</mark> &amp; <mark>idiot</mark></blockquote>" in render(tally, "a.json", 1.0)


def test_disguised_words_are_named_beside_the_text() -> None:
    tally = Tally()
    tally.add(GENERAL, NOON, "fern", "you i.d.i.o.t", _verdict(1, quote="idiot"))
    page = render(tally, "a.json", 1.0)
    assert "you i.d.i.o.t</blockquote>" in page
    assert "read as <mark>idiot</mark>" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_a_member_wrote_changes_the_page(text: str) -> None:
    def page(said: str) -> _Page:
        tally = Tally(marks=((said, 0.5),))
        where = Address("anywhere", said, said, said)
        finding = Finding(rule=said, label=said, score=1.0)
        verdict = Verdict(outcome=Outcome.SHADOWED, evidence=Evidence(findings=(finding,), score=1.0))
        tally.add(where, NOON, said, said, verdict)
        rendered = render(tally, said, 1.0)
        rendered.encode()
        assert "\0" not in rendered
        return _Page(rendered)

    found, harmless = page(text), page("harmless and plain")
    assert (found.elements, found.loads, found.open) == (harmless.elements, [], [])


def test_a_page_stays_small_however_much_was_found() -> None:
    tally = Tally()
    for number in range(5000):
        where = Address("anywhere", "Fernhill", f"channel {number}")
        tally.add(where, NOON, "f" * 5000, "w" * 30_000, _verdict(number / 5000, quote="w" * 30_000))
    assert len(render(tally, "a.json", 1.0)) < 100_000
    assert "and 4,960 more with 4,960 messages" in render(tally, "a.json", 1.0)


def test_a_busy_rule_does_not_hide_the_others() -> None:
    busy = [_verdict(1.0, rule="busy") for _ in range(200)]
    tally = _tally(*busy, _verdict(0.6, rule="rare"))
    examples = top(tally.rules.values())
    assert [example.rule for example in examples] == ["busy"] * 49 + ["rare"]


def test_a_message_is_shown_once_however_many_rules_found_it() -> None:
    findings = tuple(Finding(rule=rule, label="insult", score=0.9) for rule in ("a", "b", "c"))
    verdict = Verdict(outcome=Outcome.SHADOWED, evidence=Evidence(findings=findings, score=0.9))
    assert [example.rule for example in top(_tally(verdict).rules.values())] == ["a"]


def test_the_picture_counts_on_a_logarithmic_scale() -> None:
    drawn = chart(_tally(_verdict(1.0, DELETE), _verdict(0.55), fine=100))
    assert [(bar.count, bar.kind.value, bar.title) for bar in drawn.bars if bar.count] == [
        (100, "clear", "score 0.00 to 0.05: 100 let through"),
        (1, "ask", "score 0.55 to 0.60: 1 asked about"),
        (1, "act", "score 0.95 to 1.00: 1 acted on"),
    ]
    assert [tick for _, tick in drawn.ticks] == [1, 10, 100]
    steps = [round(high - low, 1) for (low, _), (high, _) in zip(drawn.ticks, drawn.ticks[1:], strict=False)]
    assert steps[0] == pytest.approx(steps[1], abs=0.2)
    assert drawn.marks == [(330.0, "doubtful 0.50"), (594.0, "sure 0.90")]
    assert drawn.summary == "; ".join(bar.title for bar in drawn.bars if bar.count)


def test_the_page_names_no_platform() -> None:
    bot = Path(__file__).parents[1] / "bot"
    files = "report.py", "tally.py", "templates/report.html.jinja"
    words = set(re.findall("[a-z]+", "".join((bot / name).read_text().lower() for name in files)))
    assert words & {"discord", "slack", "matrix", "irc"} == set()


def test_waves_are_listed_with_their_size_and_one_example() -> None:
    tally = Tally()
    for number in range(6):
        finding = Finding(rule="waves", label="raid", score=1.0, wave="anywhere:1")
        would = Verdict(outcome=Outcome.SHADOWED, evidence=Evidence(findings=(finding,), score=1.0), would=(DELETE,))
        tally.add(GENERAL, NOON, f"raider{number % 2}", f"<b>gifts</b> {number}", would)
    page = render(tally, "export", 1.0)
    section = page[page.index("<h2>Waves</h2>") : page.index("<h2>By channel</h2>")]
    assert re.findall(r'class="n[^"]*">(?:<span class="zero">)?(\d+)', section) == ["6", "2", "6", "0"]
    assert "&lt;b&gt;gifts&lt;/b&gt; 0" in section
    assert "gifts&lt;/b&gt; 1" not in page
    assert "<h2>Waves</h2>" not in render(Tally(), "export", 1.0)
