"""How a case reads, also when its author would rather write the card."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Button, Card, Penalty, Post, Restrict
from bot.core.event import Author, Role
from bot.core.evidence import Decision, Evidence, Finding, Record
from bot.text import removed, warned
from pipelines.review.card import CardText, line, outline
from tests.pipelines.build import LOBBY, OFFICE, case, removal
from tests.pipelines.fakes import NOON

RICH = Capabilities(max_text=4000, can_delete_others=True, penalties=frozenset(Penalty))
EVIL = "**Eve** [x](https://evil.example) @everyone\n# <!channel> ``` ![b](https://evil.example/b.png)"
ASKED = Card(to=OFFICE, case=1, whisper_to="u9", reply_to="m7")


def words(markdown: str) -> str:
    """What a reader sees; fails where the card links, embeds or calls out."""
    page = MarkdownIt("commonmark", {"html": True}).render(markdown)
    assert not re.search(r"<(a|img|h\d|script|pre)\b", page), page
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def full(shown: Case, can: Capabilities = RICH, record: Record | None = None) -> Post:
    return CardText().full(shown, record or Record(judged=40, removed=2, asked=3), can, OFFICE)


def test_a_card_says_what_was_written_by_whom_what_was_found_and_what_is_proposed() -> None:
    assert full(case()) == Post(
        to=OFFICE,
        text=(
            "**Case 1** in lobby\n\n"
            "> you idiot\n\n"
            "by Ann (u1), 40 messages, 2 removed, 3 asked about\n\n"
            "What was found:\n- insult 1.00 (`insults`): “idiot”\n\n"
            "Proposed: remove the message"
        ),
        buttons=(
            Button("case:1:approve", "Approve", "✅"),
            Button("case:1:remove", "Remove", "🗑️", "Reason, which its author will read"),
            Button("case:1:warn", "Warn", "⚠️"),
            Button("case:1:timeout", "Timeout", "🔇"),
        ),
    )


def test_a_card_tells_of_reports_of_trouble_and_of_a_newcomer() -> None:
    kick = Restrict(to=LOBBY, user_id="u1", penalty=Penalty.KICK, reason="why")
    troubled = case(
        reporters=tuple(f"R{number}" for number in range(12)),
        problem="I may not delete.",
        proposal=(*removal(), kick),
        author=Author("u1", "Ann", Role.GUEST),
        evidence=Evidence(note="The model failed."),
    )
    post = full(troubled, record=Record(judged=1))
    for sentence in (
        "by Ann (u1, guest), first message I saw",
        "The model failed.",
        "Proposed: remove the message, kick",
        "Reported by R0, R1, R2, R3, R4, R5, R6, R7, R8, R9 and 2 more",
        "⚠️ It could not be done: I may not delete.",
    ):
        assert sentence in words(post.text)


def test_a_decided_case_has_no_buttons_and_says_who_decided() -> None:
    post = full(case(decision=Decision.REMOVE, decided_by="Mo", decided_at=NOON))
    assert post.buttons == ()
    assert words(post.text).rstrip().endswith("Case 1 was removed, by Mo at 12:00 UTC on 01 January.")
    assert "Proposed" not in post.text


@pytest.mark.parametrize(
    ("can", "offered"),
    [
        (Capabilities(max_text=1), ["approve", "warn"]),
        (Capabilities(max_text=1, can_delete_others=True), ["approve", "remove", "warn"]),
        # It takes the message away, too, and that cannot be done here.
        (Capabilities(max_text=1, penalties=frozenset({Penalty.KICK})), ["approve", "warn"]),
        (Capabilities(max_text=1, penalties=frozenset({Penalty.BAN})), ["approve", "warn"]),
        (RICH, ["approve", "remove", "warn", "timeout"]),
    ],
)
def test_only_what_the_place_allows_is_offered_and_never_a_ban(can: Capabilities, offered: list[str]) -> None:
    assert [button.id.rpartition(":")[2] for button in full(case(), can).buttons] == offered


def test_no_member_writes_the_card() -> None:
    hostile = case(
        quote=EVIL,
        author=Author(EVIL, EVIL),
        reporters=(EVIL, EVIL),
        problem=EVIL,
        where=replace(LOBBY, channel=EVIL),
        evidence=Evidence(findings=(Finding(rule="r", label="insult", score=0.9, quote=EVIL),)),
    )
    post = full(hostile)
    shown = words(post.text)
    assert shown.count("@everyone") == 7
    assert [line for line in post.text.split("\n") if line.startswith("#")] == []


def test_a_card_stays_short_however_much_a_member_wrote() -> None:
    long = "x" * 60_000
    post = full(case(quote=long, author=Author("u1", long), reporters=(long,) * 30))
    assert len(post.text) < 4000
    assert len(line(case(quote=long, author=Author("u1", long)))) < 300


def test_what_is_said_to_an_author_is_short_and_theirs_in_name_only() -> None:
    for said in (removed(EVIL * 1000), warned(EVIL * 1000)):
        assert len(words(said)) < 300


def test_a_line_of_the_queue_is_one_line_without_formatting() -> None:
    shown = line(case(quote=EVIL, author=Author("u1", EVIL), reporters=("Bob", "Cy")))
    assert "\n" not in shown
    assert words(shown).startswith("1 **Eve** [x](https://evil.example) @everyone # <!channel>")
    assert words(shown).rstrip().endswith("insult 1.00 · 2× reported")


def test_an_outline_holds_no_word_of_the_message() -> None:
    assert outline(case(quote="secret")) == "**1** · insult 1.00"
    assert outline(case(quote="secret", evidence=Evidence())) == "**1** · nothing found"


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (case(), "Case 1 is open."),
        (case(problem="No right to."), "Case 1 is open. ⚠️ It could not be done: No right to."),
        (
            case(decision=Decision.WARN, decided_by="*Mo*", decided_at=NOON),
            "Case 1 was left standing with a warning, by *Mo* at 12:00 UTC on 01 January.",
        ),
        (
            case(decision=Decision.GONE, decided_by="Ann"),
            "Case 1 was closed: the message was taken away, by Ann.",
        ),
    ],
    ids=["open", "in trouble", "decided", "gone"],
)
def test_how_a_case_stands_is_one_sentence(standing: Case, said: str) -> None:
    post = CardText().brief(standing, ASKED)
    assert words(post.text).strip() == said
    assert (post.to, post.whisper_to, post.reply_to) == (OFFICE, "u9", "m7")
