"""Floods and waves: what is remembered of those who spoke just before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.address import Address
from bot.core.event import Author, MessagePosted
from bot.core.evidence import Finding
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.memory import Memory
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.build import ANN, LOBBY, OFFICE, rewritten, said
from tests.pipelines.fakes import NOON

FLOOD = {"kind": "flood", "most": 3, "within": timedelta(seconds=10)}
WAVE = {"kind": "wave", "members": 3, "channels": 3}
SCAM = "Free gift cards for everybody, take yours at https://gifts.example/claim?id="


def played(messages: Sequence[MessagePosted], **rule: object) -> list[Finding | None]:
    """What one rule finds in each message, in turn."""
    policy, memory = Policy.of(ModerationSettings.model_validate({"rules": {"r": rule}})), Memory()
    return [next(iter(policy.match(Seen(message, memory.note(message)))), None) for message in messages]


def spoken(text: str, number: int, who: str = "u1", where: Address = LOBBY, second: float = 0) -> MessagePosted:
    at = NOON + timedelta(seconds=second)
    return replace(said(text, id=f"e{number}", message_id=f"m{number}"), who=Author(who, who), where=where, at=at)


def test_a_flood_begins_with_the_message_that_is_one_too_many() -> None:
    messages = [spoken(f"{n}", n, second=n) for n in range(5)]
    assert [finding and finding.why for finding in played(messages, **FLOOD)] == [
        None,
        None,
        None,
        "Its author sent 4 messages within 10 seconds.",
        "Its author sent 5 messages within 10 seconds.",
    ]


def test_who_takes_their_time_or_only_edits_floods_nothing() -> None:
    slow = [spoken(f"{n}", n, second=4 * n) for n in range(20)]
    others = [spoken(f"{n}", n, f"u{n}") for n in range(20)]
    assert played([*slow, *others], **FLOOD) == [None] * 40
    memory = Memory()
    assert [memory.note(rewritten(f"{n}")).pace for n in range(9)] == [()] * 9


def test_nearly_the_same_by_several_members_is_one_wave() -> None:
    messages = [spoken(f"{SCAM}{n}", n, f"u{n}", second=n) for n in range(5)]
    first, second, *rest = played(messages, **WAVE)
    assert (first, second) == (None, None)
    # The message that makes it a wave brings those before it along.
    assert [finding.earlier for finding in rest if finding] == [("m0", "m1"), (), ()]
    assert [(finding.wave, finding.why) for finding in rest if finding] == [
        ("test:e0", f"Nearly the same was said {count} times, by {count} members in 1 channel.") for count in (3, 4, 5)
    ]


def test_one_member_in_several_channels_is_a_wave_too() -> None:
    places = (LOBBY, OFFICE, replace(LOBBY, channel="garden"))
    found = played([spoken(SCAM, n, where=place) for n, place in enumerate(places)], **WAVE)
    assert [bool(finding) for finding in found] == [False, False, True]


def test_disguises_and_small_changes_do_not_hide_a_wave() -> None:
    texts = (SCAM, SCAM.upper(), "Fr33 g1ft c4rds for everybody!! take yours at https://gifts.example/claim?id=77")
    found = played([spoken(text, n, f"u{n}") for n, text in enumerate(texts)], **WAVE)
    assert [bool(finding) for finding in found] == [False, False, True]


def test_what_many_people_say_anyway_is_no_wave() -> None:
    small = [spoken(text, n, f"u{n}") for n, text in enumerate(["good morning", "lol", "thanks!"] * 5)]
    talk = [
        spoken(text, 50 + n, f"u{n}")
        for n, text in enumerate(
            (
                "does anybody know how to install the driver on the new kernel?",
                "I know how to install it, but the new kernel has another driver",
                "the driver works for me since the update of yesterday evening",
            )
        )
    ]
    assert played([*small, *talk], **WAVE) == [None] * 18


def test_what_was_said_long_ago_is_no_wave() -> None:
    messages = [spoken(SCAM, n, f"u{n}", second=130 * n) for n in range(4)]
    assert played(messages, **WAVE) == [None] * 4


def test_each_community_has_waves_of_its_own() -> None:
    messages = [spoken(SCAM, n, f"u{n}", where=Address("test", f"home{n}", "lobby")) for n in range(4)]
    assert played(messages, **WAVE) == [None] * 4


def test_memory_is_bounded_and_quick() -> None:
    memory = Memory()
    messages = [spoken(f"message number {n} of {n * 7919} by somebody", n, f"u{n}", second=n) for n in range(3_000)]
    started = time.process_time()
    for message in messages:
        memory.note(message)
    assert (time.process_time() - started) / len(messages) < 0.001
    groups = memory._groups[str(LOBBY.community)]  # noqa: SLF001 - the bound is what is promised
    assert len(groups.by_name) <= 256
    assert {name for names in groups.by_hash.values() for name in names} == set(groups.by_name)


def test_an_author_is_who_they_are_in_one_community() -> None:
    here, there = LOBBY, Address("test", "elsewhere", "lobby")
    memory = Memory()
    for n in range(3):
        memory.note(spoken(f"{n}", n, ANN.id, here))
    assert len(memory.note(spoken("x", 9, ANN.id, there)).pace) == 1
