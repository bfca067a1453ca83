"""Each kind of rule: a message in, what it finds out."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.core.event import Attachment, MessagePosted
from bot.core.evidence import Finding, Span
from bot.text_rules import MANY_LINKS, WORDS_DISGUISED, WORDS_FOUND
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.hosts import links_in
from pipelines.moderation.rules.memory import Memory
from pipelines.moderation.rules.presets import Preset
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.build import ANN, said
from tests.pipelines.fakes import NOON


def policy(**rule: object) -> Policy:
    return Policy.of(ModerationSettings.model_validate({"rules": {"r": rule}}))


def found(message: MessagePosted | str, **rule: object) -> list[tuple[str, str]]:
    """Quote and explanation of what one rule finds."""
    seen = Seen(said(message) if isinstance(message, str) else message)
    return [(finding.quote, finding.why) for finding in policy(**rule).match(seen)]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("idiots everywhere", "idiots"),
        ("the idiot's fault", "idiot's"),
        ("stop spamming", "spamming"),
        ("he spammed", "spammed"),
        ("harassing", "harassing"),
        ("you idiooooot", "idiot"),
        ("spaaaaammed", "spammed"),
        ("bullies", "bullies"),
        ("they bullied him", "bullied"),
        ("doping", "doping"),
        ("dopes", "dopes"),
    ],
)
def test_words_are_found_in_their_forms_and_drawn_out(text: str, quote: str) -> None:
    assert [words for words, _ in found(text, words=["idiot", "spam", "harass", "bully", "dope"])] == [quote]


@pytest.mark.parametrize("text", ["idiotic", "spammer", "Scunthorpe", "the counter", "spa", "idio"])
def test_other_words_are_no_forms(text: str) -> None:
    assert found(text, words=["idiot", "spam", "cunt", "count"]) == []


def test_forms_can_be_left_out() -> None:
    assert found("idiots", words=["idiot"], forms=False) == []


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("see https://Example.org/a.", "example.org"),
        ("see example.org", "example.org"),
        ("(www.example.co.uk)", "www.example.co.uk"),
        ("https://user:pw@evil.example:8080/x", "evil.example"),
        ("https://%65vil.com", "evil.com"),
        ("ev\u200bil.com", "evil.com"),
        ("https://xn--mnchen-3ya.de/", "münchen.de"),
        ("evil。com", "evil.com"),
        ("https://evil.com\\@good.com", "evil.com"),
        ("evil%2ecom/x", "evil.com"),
    ],
)
def test_a_link_leads_where_a_browser_goes(text: str, host: str) -> None:
    assert [link.host for link in links_in(text)] == [host]


@pytest.mark.parametrize("text", ["3.14", "a.b", "e.g. this", "user@example.org", "v1.2.3", "..."])
def test_not_every_dot_is_a_link(text: str) -> None:
    assert [link.host for link in links_in(text)] == []


@pytest.mark.parametrize("text", ["main.py", "see README.md", "run setup.sh", "ok.so what", "thanks.it works"])
def test_what_may_be_a_file_or_two_sentences_is_no_link_to_the_wrong_place(text: str) -> None:
    assert found(text, kind="links", allow=["example.org"]) == []
    assert found(text, kind="lookalikes", protect=["readme.com", "python.org"]) == []


def test_what_is_denied_is_found_even_where_it_may_be_a_file() -> None:
    assert [quote for quote, _ in found("go to evil.pl", kind="links", deny=["evil.pl"])] == ["evil.pl"]
    assert [quote for quote, _ in found("evil.pl/x", kind="links", allow=["example.org"])] == ["evil.pl/x"]


def test_a_bad_link_cannot_hide_behind_many_others() -> None:
    many = " ".join(f"https://h{number}.example.org" for number in range(300))
    assert found(f"{many} https://bad.org", kind="links", deny=["bad.org"]) == [("", MANY_LINKS)]
    same = "https://good.org/a " * 300
    assert [quote for quote, _ in found(f"{same} bad.org", kind="links", deny=["bad.org"])] == ["bad.org"]


@pytest.mark.parametrize(
    ("host", "score"),
    [
        ("githuh.com", 0.995),
        ("g\u0456thub.com", 0.995),
        ("github.com.evil.example", 0.9),
        ("github.evil.example", 0.9),
        ("github.xyz", 0.9),
        ("foo.github.io", None),
        ("github.blog", None),
        ("discord.js.org", None),
        ("roblox.ours.example", None),
    ],
)
def test_a_namesake_is_shown_to_people_and_never_punished(host: str, score: float | None) -> None:
    protect = ["github.com", "discord.com", "roblox.com"]
    rule = {"kind": "lookalikes", "protect": protect, "allow": ["ours.example"], "score": 0.995}
    findings = policy(**rule).match(Seen(said(f"https://{host}/x")))
    assert [finding.score for finding in findings] == ([] if score is None else [score])


def test_a_link_is_where_it_was_written() -> None:
    text = "go to ev\u200bil.com now"
    (link,) = links_in(text, 3)
    assert (link.span, text[link.span.start : link.span.end]) == (Span(surface=3, start=6, end=15), "ev\u200bil.com")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://sub.bad.org/x", "Links to sub.bad.org are not wanted here."),
        ("https://notbad.org", ""),
        ("bit.ly/abc", "Links of bit.ly hide where they lead."),
    ],
)
def test_links_are_denied_by_domain_and_when_they_hide(text: str, why: str) -> None:
    assert [reason for _, reason in found(text, kind="links", deny=["bad.org"])] == ([why] if why else [])


def test_with_a_list_of_what_is_allowed_nothing_else_is() -> None:
    rule = {"kind": "links", "allow": ["example.org"]}
    assert found("https://docs.example.org and example.org", **rule) == []
    assert found("https://example.org.evil.com", **rule) == [
        ("https://example.org.evil.com", "example.org.evil.com is not among the sites that may be linked here.")
    ]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("https://discord.gg/abc", True),
        ("discord%2egg/abc", True),
        ("discord.com/invite/abc", True),
        ("https://discord.com/channels/1/2", False),
        ("t.me/joinchat", True),
        ("https://discord.gg/", False),
        ("join https://discord.gg/ours", False),
    ],
)
def test_invitations_are_found_except_to_our_own(text: str, *, is_found: bool) -> None:
    assert bool(found(text, kind="invites", allow=["/ours"])) is is_found


@pytest.mark.parametrize(
    ("host", "is_found"),
    [
        ("paypal.com", False),
        ("www.paypal.com", False),
        ("paypa1.com", True),
        ("раураl.com", True),
        ("paypall.com", True),
        ("papyal.com", True),
        ("paypal.com.evil.ru", True),
        ("paypal-login.example.com", True),
        ("pineapple.com", False),
        ("pay.com", False),
    ],
)
def test_impostors_are_found(host: str, *, is_found: bool) -> None:
    assert bool(found(f"https://{host}/x", kind="lookalikes", protect=["paypal.com"])) is is_found


def test_many_mentions_are_found() -> None:
    rule = {"kind": "mentions", "most": 3}
    assert [found(replace(said("hi"), mentions=count), **rule) for count in (3, 4)] == [
        [],
        [("", "It mentions 4 members or groups.")],
    ]


@pytest.mark.parametrize(
    ("name", "media_type", "is_found"),
    [
        ("photo.jpg", "image/jpeg", False),
        ("photo.jpg.EXE", "image/jpeg", True),
        ("setup.exe. ", "", True),
        ("clip", "video/mp4", True),
        ("exe", "", True),
        ("notes.txt", "", False),
    ],
)
def test_files_are_told_by_their_last_ending_and_type(name: str, media_type: str, *, is_found: bool) -> None:
    file = Attachment(id="f", name=name, media_type=media_type)
    message = replace(said("here"), attachments=(file,))
    assert bool(found(message, kind="attachments", types=["video/*"])) is is_found


def test_newcomers_wait_with_links_files_and_mentions() -> None:
    new = replace(ANN, joined_at=NOON - timedelta(hours=1))
    old = replace(ANN, joined_at=NOON - timedelta(days=2))
    file = Attachment(id="f", name="a.png")
    for message in (
        said("see example.org", who=new),
        replace(said("x", who=new), attachments=(file,)),
        replace(said("x", who=new), mentions=9),
    ):
        known = (replace(message, who=old), replace(message, who=ANN))
        assert [bool(found(each, kind="newcomers")) for each in (message, *known)] == [True, False, False]
    assert found(said("hello everyone", who=new), kind="newcomers") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("WHY IS NOBODY HELPING ME WITH THIS AT ALL", "It is written in capitals."),
        ("HELLO", ""),
        ("Why Is Nobody Helping Me With This At All", ""),
        ("🎉" * 21, "It has very many emoji."),
        ("🎉" * 20, ""),
        ("a\n" * 30, "It has very many lines."),
        ("你好" * 40, ""),
    ],
)
def test_shouting_is_found(text: str, why: str) -> None:
    assert [reason for _, reason in found(text, kind="shouting")] == ([why] if why else [])


def test_swearing_is_a_label_of_its_own_that_by_itself_asks_nobody() -> None:
    (finding,) = policy(kind="lexicon").match(Seen(said("what the fuck, that is great")))
    span = Span(surface=0, start=9, end=13)
    assert finding == Finding(rule="r", label="profanity", score=0.3, quote="fuck", why=WORDS_FOUND, span=span)
    assert found("Scunthorpe has classic cocktails, assess them", kind="lexicon") == []


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("Moby-Dick is long", []),
        ("she left magna cum  laude", []),
        ("Moby Dick is for dicks", ["dicks"]),
        ("what a c.r.a.p", ["crap"]),
        ("what a c r a p", []),
    ],
)
def test_innocent_phrases_hide_no_swearing_beside_them(text: str, quotes: list[str]) -> None:
    assert [quote for quote, _ in found(text, kind="lexicon")] == quotes


def test_the_reason_tells_a_disguise() -> None:
    assert found("you i.d.i.o.t", words=["idiot"]) == [("idiot", WORDS_DISGUISED)]


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "nothing"},
        {"kind": "links", "words": ["x"]},
        {},
        {"kind": "lookalikes"},
        {"kind": "flood", "within": "1d"},
    ],
)
def test_what_is_no_rule_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        policy(**rule)


@pytest.mark.parametrize("name", ["a.b", "", " x"])
def test_a_rule_has_a_name_that_can_be_typed(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot name a rule"):
        ModerationSettings.model_validate({"rules": {name: {"words": ["x"]}}})


@pytest.mark.parametrize("preset", Preset)
def test_every_preset_can_be_used_and_lets_ordinary_talk_pass(preset: Preset) -> None:
    ordinary = ("good morning everyone", "see https://docs.python.org/3/", "the assessment of 3.14 is classic, thanks!")
    base = Policy.of(ModerationSettings(preset=preset))
    assert [base.match(Seen(said(text), Memory().note(said(text)))) for text in ordinary] == [()] * 3


def test_a_rule_of_your_own_replaces_the_presets() -> None:
    tree = {"preset": "family", "rules": {"swearing": {"words": ["heck"], "label": "mild"}}}
    changed = Policy.of(ModerationSettings.model_validate(tree))
    assert [finding.label for finding in changed.match(Seen(said("heck, fuck")))] == ["mild"]


HOSTILE = (
    "a." * 20_000,
    "https://" * 5_000,
    "%2e" * 15_000,
    "x.com " * 10_000,
    " ".join(f"h{number}.com" for number in range(6_000)),
    "\u200b." * 20_000,
    "\u0430\u0444." * 20_000,
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_links_take_no_time(hostile: str) -> None:
    impostors = policy(kind="lookalikes", protect=["paypal.com"])
    impostors.match(Seen(said("warm.com up")))
    started = time.process_time()
    impostors.match(Seen(said(hostile)))
    # Fault F24 allows 50 ms; the rest is for machines that are busy.
    assert time.process_time() - started < 0.1
