from __future__ import annotations

import gzip
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from bot.core.address import Address
from bot.core.event import Author, MessagePosted, Surface, SurfaceKind
from bot.core.stored import Heard
from connectors.irc import SPEC

ROOT = Path(__file__).parents[3]
RECORDING = ROOT / "tests" / "recordings" / "irc" / "greenhouse.jsonl"
REAL = ROOT.parent / "shared" / "data" / "chat" / "ubuntu-irc.jsonl.gz"
read_export = SPEC.exports["ubuntu-irc"]

GREENHOUSE = Address("irc", "freenode", "#greenhouse")
LINE = '{"id":"1","channel":"#a","at":"2016-05-02T07:00:00+00:00","author":"fern","text":"hello","reply_to":null}'


def _read(tmp_path: Path, content: str | bytes) -> list[Heard]:
    file = tmp_path / "log.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_export(file))


def _problem(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(ValueError, match=r"log\.jsonl") as caught:
        _read(tmp_path, content)
    return str(caught.value)


def test_a_log_becomes_the_messages_its_readers_saw() -> None:
    said = [heard.event for heard in read_export(RECORDING)]
    assert said == [
        MessagePosted(
            id="g-1",
            at=datetime(2016, 5, 2, 7, 0, tzinfo=UTC),
            where=GREENHOUSE,
            who=Author(id="fern", name="fern"),
            message_id="g-1",
            surfaces=(Surface(SurfaceKind.BODY, "morning all, is the heater on?"),),
        ),
        MessagePosted(
            id="g-2",
            at=datetime(2016, 5, 2, 7, 1, 30, tzinfo=UTC),
            where=GREENHOUSE,
            who=Author(id="|moss|", name="|moss|"),
            message_id="g-2",
            surfaces=(Surface(SurfaceKind.BODY, "fern: yes, since six 🌱"),),
            reply_to="g-1",
        ),
        MessagePosted(
            id="g-3",
            at=datetime(2016, 5, 2, 7, 2, tzinfo=UTC),
            where=GREENHOUSE,
            who=Author(id="fern", name="fern"),
            message_id="g-3",
        ),
    ]


def test_a_packed_log_reads_like_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "greenhouse.jsonl.gz"
    packed.write_bytes(gzip.compress(RECORDING.read_bytes()))
    assert list(read_export(packed)) == list(read_export(RECORDING))


def test_a_byte_order_mark_is_no_part_of_the_first_message(tmp_path: Path) -> None:
    assert _read(tmp_path, "\ufeff" + LINE) == _read(tmp_path, LINE)


def test_an_empty_log_has_no_messages(tmp_path: Path) -> None:
    assert _read(tmp_path, "") == []


def test_half_an_emoji_and_nul_are_made_legible(tmp_path: Path) -> None:
    (heard,) = _read(tmp_path, LINE.replace("hello", r"a\ud83cb\u0000c"))
    assert isinstance(heard.event, MessagePosted)
    assert heard.event.text == "abc"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("not json", "log.jsonl, line 2: expected JSON, but cannot read it from column 1 on."),
        ("[1]", "log.jsonl, line 2: expected an object, found a list."),
        (LINE.replace('"1"', "1"), "log.jsonl, line 2: expected “id” to be a text, found a number."),
        (LINE.replace('"fern"', "null"), "log.jsonl, line 2: expected “author” to be a text, found nothing."),
        (LINE.replace('"hello"', '["hello"]'), "log.jsonl, line 2: expected “text” to be a text, found a list."),
        (LINE.replace(',"text":"hello"', ""), "log.jsonl, line 2: expected a message with “text”."),
        (LINE.replace("null", "{}"), "log.jsonl, line 2: expected “reply_to” to be a text, found an object."),
        (
            LINE.replace("+00:00", ""),
            (
                "log.jsonl, line 2: expected “at” to be a time such as 2024-05-01T12:00:00+00:00, "
                "found “2016-05-02T07:00:00”."
            ),
        ),
        (
            LINE.replace("2016-05-02T07:00:00+00:00", "0001-01-01T00:00:00+05:00"),
            (
                "log.jsonl, line 2: expected “at” to be a time such as 2024-05-01T12:00:00+00:00, "
                "found “0001-01-01T00:00:00+05:00”."
            ),
        ),
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, line: str, expected: str) -> None:
    assert _problem(tmp_path, f"{LINE}\n{line}\n") == expected


@pytest.mark.parametrize("text", ["[" * 100_000, '"\\ud83c"' + "[" * 100_000, "\\ud83c", '{"a":' * 2000])
def test_json_made_to_exhaust_us_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert _problem(tmp_path, text).startswith("log.jsonl, line 1: expected JSON, but cannot read it from ")


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    assert _problem(tmp_path, b'{"id":"\xff\xfe"}').startswith(
        "log.jsonl, line 1: expected JSON, but cannot read it from "
    )


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    endless = gzip.compress(b"a" * (5 << 20))
    assert _problem(tmp_path, endless) == "log.jsonl, line 1: expected at most 4,194,304 bytes."


def test_a_packed_log_that_was_cut_off_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(LINE.encode() * 50)
    assert _problem(tmp_path, packed[:-20]).startswith("log.jsonl cannot be read: ")


def test_a_log_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^gone\.jsonl cannot be read: No such file or directory\.$"):
        list(read_export(tmp_path / "gone.jsonl"))


@pytest.mark.skipif(not REAL.exists(), reason="needs the real log in ../shared/data/chat")
def test_a_real_log_is_read_from_its_first_message() -> None:
    said = [heard.event for heard in islice(read_export(REAL), 20_000)]
    assert len({event.id for event in said}) == 20_000
    assert said == sorted(said, key=lambda event: event.at)
    assert said[0] == MessagePosted(
        id="2004-12-25-0",
        at=datetime(2004, 12, 25, 9, 14, tzinfo=UTC),
        where=Address("irc", "freenode", "#ubuntu"),
        who=Author(id="crimsun", name="crimsun"),
        message_id="2004-12-25-0",
        surfaces=(
            Surface(
                SurfaceKind.BODY,
                "kleedrac: I'm afraid not. Any version of mplayer except for -k7* should work for your cpu",
            ),
        ),
    )
