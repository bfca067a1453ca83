from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.address import Address
from bot.core.event import Attachment, Author, MessagePosted, Role, Surface, SurfaceKind
from bot.core.stored import Heard
from connectors.slack import SPEC, archive

ROOT = Path(__file__).parents[3]
RECORDING = ROOT / "tests" / "recordings" / "slack" / "Fernhill Slack export Mar 1 2021 - Mar 3 2021"
REAL = ROOT.parent / "shared" / "data" / "chat" / "slack-houstondatavis"
read_export = SPEC.exports["slack"]

FERN = Author(id="U0FERN", name="Fern", role=Role.OWNER)
MOSS = Author(id="U0MOSS", name="Moss Bell", role=Role.MODERATOR)
IVY = Author(id="U0IVY", name="ivy", role=Role.GUEST)
GENERAL = Address("slack", "Fernhill", "general")
GREENHOUSE = Address("slack", "Fernhill", "greenhouse")


def _at(day: int, hour: int, minute: int, second: int, micros: int) -> datetime:
    return datetime(2021, 3, day, hour, minute, second, micros, tzinfo=UTC)


EXPECTED = [
    MessagePosted(
        id="D0FERNMOSS:1614762000.000100",
        at=_at(3, 9, 0, 0, 100),
        where=Address("slack", "Fernhill", "D0FERNMOSS"),
        who=FERN,
        message_id="D0FERNMOSS:1614762000.000100",
        surfaces=(Surface(SurfaceKind.BODY, "psst"),),
    ),
    MessagePosted(
        id="C0GENERAL1:1614589300.000200",
        at=_at(1, 9, 1, 40, 200),
        where=GENERAL,
        who=MOSS,
        message_id="C0GENERAL1:1614589300.000200",
        surfaces=(
            Surface(
                SurfaceKind.BODY,
                "@here see #greenhouse and #greenhouse, @Fern: 1 < 2 && our shop, a@b.example https://seeds.example",
            ),
            Surface(SurfaceKind.FORMATTED, "https://seeds.example/a?b=1&c=2"),
        ),
    ),
    MessagePosted(
        id="C0GENERAL1:1614675600.000300",
        at=_at(2, 9, 0, 0, 300),
        where=GENERAL,
        who=FERN,
        message_id="C0GENERAL1:1614675600.000300",
        revision=1614675660500,
        surfaces=(Surface(SurfaceKind.BODY, "a question, improved"),),
    ),
    MessagePosted(
        id="C0GENERAL1:1614675700.000400",
        at=_at(2, 9, 1, 40, 400),
        where=Address("slack", "Fernhill", "general", "1614675600.000300"),
        who=IVY,
        message_id="C0GENERAL1:1614675700.000400",
        surfaces=(Surface(SurfaceKind.BODY, "an answer in the thread"),),
        reply_to="C0GENERAL1:1614675600.000300",
    ),
    MessagePosted(
        id="C0GREENHSE:1614589200.000100",
        at=_at(1, 9, 0, 0, 100),
        where=GREENHOUSE,
        who=Author(id="B0METER", name="Meter", is_bot=True),
        message_id="C0GREENHSE:1614589200.000100",
        surfaces=tuple(
            Surface(SurfaceKind.EMBED, text)
            for text in (
                "Soil is *dry*",
                "a cracked bed",
                "Bed 4",
                "12 % < 20 %",
                "meter 7",
                "Since",
                "Monday",
                "only the fallback",
            )
        ),
    ),
    MessagePosted(
        id="C0GREENHSE:1614589260.000100",
        at=_at(1, 9, 1, 0, 100),
        where=GREENHOUSE,
        who=Author(id="U0ROBO", name="waterbot", is_bot=True),
        message_id="C0GREENHSE:1614589260.000100",
        surfaces=(Surface(SurfaceKind.BODY, "watering"),),
    ),
    MessagePosted(
        id="C0GREENHSE:1614589320.000100",
        at=_at(1, 9, 2, 0, 100),
        where=GREENHOUSE,
        who=Author(id="U0GONE", name="Guest of Fern"),
        message_id="C0GREENHSE:1614589320.000100",
        surfaces=(
            Surface(SurfaceKind.BODY, "look"),
            Surface(SurfaceKind.FILE, "Bed 4 after rain"),
            Surface(SurfaceKind.FILE, "bed<4>.jpg"),
        ),
        attachments=(Attachment(id="F0BED", name="bed<4>.jpg", media_type="image/jpeg", size=20480),),
    ),
    MessagePosted(
        id="C0GREENHSE:1614589380.000100",
        at=_at(1, 9, 3, 0, 100),
        where=GREENHOUSE,
        who=IVY,
        message_id="C0GREENHSE:1614589380.000100",
        surfaces=(Surface(SurfaceKind.BODY, "@ivy commented on a file"),),
    ),
]


def _zipped(target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for source in RECORDING.rglob("*.json"):
            file.write(source, prefix + source.relative_to(RECORDING).as_posix())
    return target


def _export(tmp_path: Path, content: str) -> Path:
    """A workspace with one channel and one day."""
    (tmp_path / "w" / "general").mkdir(parents=True)
    (tmp_path / "w" / "users.json").write_text("[]")
    (tmp_path / "w" / "channels.json").write_text("[]")
    (tmp_path / "w" / "general" / "2021-03-01.json").write_text(content)
    return tmp_path / "w"


def _problem(path: Path) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        list(read_export(path))
    return str(caught.value)


def test_a_workspace_becomes_the_messages_its_readers_saw() -> None:
    assert list(read_export(RECORDING)) == [Heard(event) for event in EXPECTED]


def test_a_zip_reads_like_the_folder(tmp_path: Path) -> None:
    assert list(read_export(_zipped(tmp_path / f"{RECORDING.name}.zip"))) == [Heard(event) for event in EXPECTED]


def test_a_folder_that_was_zipped_again_reads_the_same(tmp_path: Path) -> None:
    again = _zipped(tmp_path / f"{RECORDING.name}.zip", prefix="Fernhill/")
    assert list(read_export(again)) == [Heard(event) for event in EXPECTED]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("7", "an object, found a number."),
        ('{"type":"message","text":"a","user":"U"}', "“ts” to be a text, found nothing."),
        ('{"type":"message","text":["a"],"ts":"1.2"}', "“text” to be a text, found a list."),
        ('{"type":["message"],"text":"a","ts":"1.2"}', "“type” to be a text, found a list."),
        ('{"type":"message","text":"a","ts":"soon"}', "a time such as 1435330110.000002, found “soon”."),
        ('{"type":"message","text":"a","ts":"99999999999999.1"}', None),
        (
            '{"type":"message","text":"a","ts":"1.2","edited":{"ts":"x"}}',
            "a time such as 1435330110.000002, found “x”.",
        ),
    ],
)
def test_an_entry_that_is_no_message_is_named(tmp_path: Path, entry: str, expected: str | None) -> None:
    problem = _problem(_export(tmp_path, f'[{{"type":"message","ts":"1.1","text":"a","user":"U"}},{entry}]'))
    found = expected or "a time such as 1435330110.000002, found “99999999999999.1”."
    assert problem == f"general/2021-03-01.json, entry 2: expected {found}"


def test_odd_values_beside_the_text_do_not_stop_a_replay(tmp_path: Path) -> None:
    odd = {"files": 7, "attachments": [None, {"fields": {}, "title": 3}], "edited": "no", "user": [], "blocks": "x"}
    folder = _export(tmp_path, json.dumps([{"type": "message", "ts": "1614589200.5", "text": "a\ud83cb\0", **odd}]))
    event = MessagePosted(
        id="general:1614589200.5",
        at=_at(1, 9, 0, 0, 500_000),
        where=Address("slack", "w", "general"),
        who=Author(id="unknown", name="unknown"),
        message_id="general:1614589200.5",
        surfaces=(Surface(SurfaceKind.BODY, "ab"),),
    )
    assert list(read_export(folder)) == [Heard(event)]


def test_deep_json_is_one_sentence(tmp_path: Path) -> None:
    problem = _problem(_export(tmp_path, "[" * 50_000))
    assert problem.startswith("general/2021-03-01.json: expected JSON, but cannot read it from column ")


def test_deep_blocks_are_read_without_recursion(tmp_path: Path) -> None:
    deep = '{"elements":[' * 400 + '{"text":"found"}' + "]}" * 400
    folder = _export(tmp_path, f'[{{"type":"message","ts":"1.1","text":"","user":"U","blocks":[{deep}]}}]')
    (heard,) = read_export(folder)
    assert isinstance(heard.event, MessagePosted)
    assert heard.event.surfaces == (Surface(SurfaceKind.EMBED, "found"),)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("users.json", b" " * (archive.MAX_FILE_BYTES + 1))
        file.writestr("channels.json", b"[]")
    assert _problem(bomb) == "users.json: expected at most 67,108,864 bytes."


def test_a_zip_of_many_small_bombs_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bombs.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("users.json", b"[]")
        for day in range(10, 15):
            file.writestr(f"general/2021-03-{day}.json", b"[" + b" " * (60 << 20) + b"]")
    assert _problem(bomb) == "bombs: expected a zip that unpacks to at most 200 times its size."


def test_a_damaged_zip_says_so(tmp_path: Path) -> None:
    whole = _zipped(tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[: len(whole) // 2])
    assert _problem(tmp_path / "a.zip") == "a.zip cannot be read: File is not a zip file."


def test_a_zip_with_changed_bytes_says_so(tmp_path: Path) -> None:
    whole = bytearray(_zipped(tmp_path / "a.zip").read_bytes())
    whole[60:90] = bytes(30)
    (tmp_path / "a.zip").write_bytes(whole)
    assert _problem(tmp_path / "a.zip").startswith("a.zip cannot be read: ")


def test_any_other_folder_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    assert _problem(tmp_path / "else") == (
        "else: expected a workspace export with channels.json, users.json and a folder for each channel."
    )


def test_only_the_days_are_read(tmp_path: Path) -> None:
    folder = tmp_path / RECORDING.name
    shutil.copytree(RECORDING, folder)
    (folder / "general" / "canvas_in_the_conversation.json").write_text("not for us")
    (folder / "integration_logs.json").write_text("not for us")
    assert list(read_export(folder)) == [Heard(event) for event in EXPECTED]


@pytest.mark.skipif(not REAL.exists(), reason="needs the real export in ../shared/data/chat")
def test_a_real_export_gives_every_message_and_no_notice() -> None:
    said = [heard.event for heard in read_export(REAL)]
    assert len(said) == len({event.id for event in said}) == 964 + 61 + 6
    assert {event.where.channel for event in said} <= {folder.name for folder in REAL.iterdir()}
    assert all(isinstance(event, MessagePosted) and event.text for event in said)
