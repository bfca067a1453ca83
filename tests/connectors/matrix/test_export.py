"""A client's export in, messages out."""

import json
from pathlib import Path

import pytest

from bot.core.address import Address
from bot.core.event import MessageDeleted, MessageEdited, MessagePosted
from connectors.matrix import SPEC
from tests.connectors.matrix.recordings import load

read_export = SPEC.exports["matrix"]


def test_an_export_is_read_oldest_first(tmp_path: Path) -> None:
    scene = load("changes")
    file = tmp_path / "export.json"
    messages = [event | {"room_id": scene.room} for event in reversed(scene.events)]
    file.write_text(json.dumps({"room_name": "The square", "messages": messages}), encoding="utf-8")
    heard = list(read_export(file))
    posted = [one.event for one in heard if isinstance(one.event, MessagePosted)]
    edited = [one.event for one in heard if isinstance(one.event, MessageEdited)]
    deleted = [one.event for one in heard if isinstance(one.event, MessageDeleted)]
    assert [event.text for event in posted] == ["good", "forged", "inside"]
    assert [(event.message_id, event.text) for event in edited] == [(posted[0].message_id, "bad")]
    assert len(deleted) == 1
    assert posted[0].where == Address("matrix", "parley.test", scene.room)
    assert json.loads(heard[0].raw)["room_id"] == scene.room


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", r"export\.json is no JSON"),
        ("[]", r"export\.json is no export of a room"),
        ('{"messages": {}}', r"export\.json is no export of a room"),
        ('{"messages": [{"event_id": "$a", "sender": "@a:b", "type": "x"}, 7]}', r"export\.json, message 2"),
    ],
)
def test_a_malformed_export_is_named_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        list(read_export(file))


def test_a_missing_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"export\.json cannot be read"):
        list(read_export(tmp_path / "export.json"))
