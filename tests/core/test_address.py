"""Addresses survive being text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.address import Address

PARTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["!r:example.org", "@a/b:c%2F", "$e+/=", "..", "/"]
)


@given(PARTS.filter(bool), PARTS, PARTS, PARTS)
@example("matrix", "example.org", "!room/x:example.org", "$thread%2F")
@example("irc", "", "#channel", "")
@example("a", "", "", "thread")
def test_an_address_survives_being_text(platform: str, space: str, channel: str, thread: str) -> None:
    address = Address(platform, space, channel, thread)
    assert Address.parse(str(address)) == address


@given(PARTS.filter(bool), PARTS, PARTS.filter(bool), PARTS.filter(bool), PARTS.filter(bool))
def test_two_addresses_are_never_one_text(platform: str, space: str, channel: str, thread: str, other: str) -> None:
    addresses = [
        Address(platform, space, channel, thread),
        Address(platform, space, channel),
        Address(platform, space),
        Address(platform, space, channel, thread + other),
    ]
    assert len({str(address) for address in addresses}) == len(set(addresses))


@pytest.mark.parametrize("text", ["", "/", "/space/channel", "a/b/c/d/e"])
def test_what_is_no_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no address: write platform/space/channel"):
        Address.parse(text)


def test_a_matrix_room_reads_as_one_part() -> None:
    room = Address("matrix", "example.org", "!room:example.org")
    assert str(room) == "matrix/example.org/%21room%3Aexample.org"
    assert Address.parse("matrix/example.org/!room:example.org") == room


def test_levels_go_from_everywhere_to_the_channel() -> None:
    thread = Address("matrix", "example.org", "!r:x", "$t")
    assert thread.levels() == ("", "matrix", "matrix/example.org", "matrix/example.org/%21r%3Ax")
    assert thread.levels() == thread.parent.levels()


def test_a_thread_hangs_in_a_channel_and_a_channel_in_itself() -> None:
    channel = Address("slack", "T1", "C1")
    assert Address("slack", "T1", "C1", "17.5").parent == channel
    assert channel.parent is channel
    assert channel.community == Address("slack", "T1")
