from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.address import Address
from bot.core.event import Attachment, Author, MessagePosted, Role, Surface, SurfaceKind
from bot.core.stored import Heard
from connectors.discord import SPEC
from connectors.discord.archive import files

RECORDING = Path(__file__).parents[2] / "recordings" / "discord" / "fernhill"
read_export = SPEC.exports["discord"]

GENERAL = Address("discord", "Fernhill", "general")
EXPECTED = [
    MessagePosted(
        id="900000000000000101",
        at=datetime(2021, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC),
        where=GENERAL,
        who=Author(id="800000000000000002", name="Moss", role=Role.MODERATOR),
        message_id="900000000000000101",
        revision=1614589260500,
        surfaces=(
            Surface(SurfaceKind.BODY, "@Fern @800000000000000009 the bed is dry :wilt:\n    },\n"),
            Surface(SurfaceKind.FILE, "bed.jpg"),
            Surface(SurfaceKind.ALT, "sad cactus"),
        ),
        attachments=(Attachment(id="500000000000000001", name="bed.jpg", size=20480),),
    ),
    MessagePosted(
        id="900000000000000102",
        at=datetime(2021, 3, 1, 9, 2, tzinfo=UTC),
        where=GENERAL,
        who=Author(id="800000000000000003", name="waterbot", is_bot=True),
        message_id="900000000000000102",
        surfaces=tuple(
            Surface(SurfaceKind.EMBED, text) for text in ("Valve", "Bed 4", "watered", "Litres", "12", "every morning")
        ),
        reply_to="900000000000000101",
    ),
    MessagePosted(
        id="900000000000000200",
        at=datetime(2021, 3, 2, 9, 0, tzinfo=UTC),
        where=Address("discord", "Fernhill", "general", "slugs again"),
        who=Author(id="800000000000000001", name="fern", role=Role.OWNER),
        message_id="900000000000000200",
        surfaces=(Surface(SurfaceKind.EMBED, "beer traps work"), Surface(SurfaceKind.FILE, "trap.png")),
    ),
]
MESSAGE: dict[str, object] = {
    "id": "1",
    "type": "Default",
    "timestamp": "2021-03-01T09:00:00+00:00",
    "content": "hello",
    "author": {"id": "2", "name": "fern"},
}


def _export(tmp_path: Path, *messages: object, indent: int | None = 2) -> Path:
    file = tmp_path / "a.json"
    head = {"guild": {"name": "g"}, "channel": {"type": "GuildTextChat", "name": "c"}}
    file.write_text(json.dumps(head | {"messages": messages}, indent=indent))
    return file


def _problem(path: Path) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        list(read_export(path))
    return str(caught.value)


def test_a_folder_of_channels_becomes_the_messages_their_readers_saw() -> None:
    assert list(read_export(RECORDING)) == [Heard(event) for event in EXPECTED]


def test_one_file_is_one_channel() -> None:
    assert list(read_export(RECORDING / "general.json")) == [Heard(event) for event in EXPECTED[:2]]


@pytest.mark.parametrize("indent", [None, 0, 1, 2, 4])
def test_however_a_file_is_indented_it_reads_the_same(tmp_path: Path, indent: int | None) -> None:
    whole = json.loads((RECORDING / "general.json").read_text())
    (tmp_path / "general.json").write_text(json.dumps(whole, indent=indent))
    assert list(read_export(tmp_path)) == [Heard(event) for event in EXPECTED[:2]]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_channel_without_messages_has_none(tmp_path: Path, indent: int | None) -> None:
    assert list(read_export(_export(tmp_path, indent=indent))) == []


def test_parts_of_a_channel_are_read_in_their_order(tmp_path: Path) -> None:
    for part in (10, 2, 1):
        (tmp_path / f"general [part {part}].json").touch()
    assert [file.name for file in files(tmp_path)] == [f"general [part {part}].json" for part in (1, 2, 10)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"content": ["hello"]}, "“content” to be a text, found a list."),
        ({"id": 1}, "“id” to be a text, found a number."),
        ({"type": None}, "“type” to be a text, found nothing."),
        ({"timestamp": "soon"}, "“timestamp” to be a time such as 2024-05-01T12:00:00+00:00, found “soon”."),
        ({"timestampEdited": 5}, "“timestampEdited” to be a time such as 2024-05-01T12:00:00+00:00, found a number."),
    ],
)
def test_a_message_of_another_shape_is_named(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    wrong = MESSAGE | change
    assert _problem(_export(tmp_path, MESSAGE, wrong, indent=None)) == f"a.json, message 2: expected {expected}"
    assert _problem(_export(tmp_path, wrong)) == f"a.json, the message from line 10 on: expected {expected}"


def test_a_message_without_author_is_named(tmp_path: Path) -> None:
    problem = _problem(_export(tmp_path, MESSAGE | {"author": "fern"}, indent=None))
    assert problem == "a.json, message 1, “author”: expected “id” to be a text, found nothing."


def test_odd_values_beside_the_text_do_not_stop_a_replay(tmp_path: Path) -> None:
    odd: dict[str, object] = {"embeds": [{"fields": 3, "footer": []}, 7], "attachments": {}, "mentions": "x"}
    (heard,) = read_export(_export(tmp_path, MESSAGE | odd | {"content": "a\ud83cb\0", "reference": [1]}))
    assert isinstance(heard.event, MessagePosted)
    assert heard.event.surfaces == (Surface(SurfaceKind.BODY, "ab"),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "a.json: expected JSON, but cannot read it from column 1 on."),
        ("[" * 50_000, "a.json: expected JSON, but cannot read it from column 1,0"),
        ("[]", "a.json: expected the export of a channel with “guild”, “channel” and “messages”."),
        ('{"messages":[]}', "a.json: expected the export of a channel with “guild”, “channel” and “messages”."),
        ('{"channel":{"name":"c"},"messages":{}}', "a.json, “messages”: expected a list, found an object."),
        ('{"channel":{"name":"c"},"messages":[3]}', "a.json, message 1: expected an object, found a number."),
        ('{"channel":{},"messages":[]}', "a.json, “channel”: expected “name” to be a text, found nothing."),
    ],
)
def test_a_file_that_is_no_export_is_one_sentence(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "a.json").write_text(content)
    assert _problem(tmp_path / "a.json").startswith(expected)


def test_an_export_that_was_cut_off_gives_its_messages_and_says_so(tmp_path: Path) -> None:
    text = _export(tmp_path, MESSAGE, MESSAGE).read_text()
    (tmp_path / "a.json").write_text(text[: text.rindex('"content"')])
    said = read_export(tmp_path)
    assert isinstance(next(said).event, MessagePosted)
    with pytest.raises(ValueError, match=r"^a\.json: expected the list of messages to be closed, but the file ends"):
        next(said)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert _problem(tmp_path / "none") == "none: expected a folder with exported channels (*.json), found none."


def test_a_long_channel_is_never_held_in_memory(tmp_path: Path) -> None:
    file = _export(tmp_path, *({**MESSAGE, "id": str(number), "content": "hello " * 100} for number in range(1, 5001)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_export(file))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, peak < 1 << 20) == (5000, True)
