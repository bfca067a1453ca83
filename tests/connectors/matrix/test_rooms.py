"""State events in, power out."""

import math
from typing import Any

import pytest

from bot.core.event import Role
from connectors.matrix.rooms import Room


def state(kind: str, content: dict[str, Any], key: str = "", sender: str = "@ann:b") -> dict[str, Any]:
    return {"type": f"m.room.{kind}", "state_key": key, "sender": sender, "content": content}


def room(version: str = "10", **power: Any) -> Room:  # noqa: ANN401
    made = Room(id="!r")
    made.apply([state("create", {"room_version": version, "additional_creators": ["@amy:b"]})])
    if power:
        made.apply([state("power_levels", power)])
    return made


def test_creators_of_the_latest_rooms_have_infinite_power() -> None:
    latest, before = room("12", users={"@mod:b": 50}), room("11", users={"@mod:b": 50})
    assert [latest.level(user) for user in ("@ann:b", "@amy:b", "@mod:b", "@eve:b")] == [math.inf, math.inf, 50, 0]
    assert [before.level(user) for user in ("@ann:b", "@amy:b", "@mod:b")] == [0, 0, 50]
    assert [latest.role(user) for user in ("@amy:b", "@mod:b", "@eve:b")] == [Role.OWNER, Role.MODERATOR, Role.MEMBER]


def test_a_room_without_levels_belongs_to_its_creator() -> None:
    assert [room().role(user) for user in ("@ann:b", "@amy:b")] == [Role.OWNER, Role.MEMBER]


def test_levels_replace_each_other() -> None:
    demoted = room(users={"@mod:b": 100})
    demoted.apply([state("power_levels", {"users": {}})])
    assert demoted.role("@mod:b") is Role.MEMBER


@pytest.mark.parametrize(
    ("power", "role"),
    [
        ({"users": {"@mod:b": 30}, "redact": 30}, Role.MODERATOR),
        ({"users": {"@mod:b": 50}, "redact": 75}, Role.MODERATOR),
        ({"users": {"@mod:b": 30}}, Role.MEMBER),
        ({"users": {"@mod:b": "50"}}, Role.MODERATOR),
        ({"users": {"@mod:b": True}}, Role.MEMBER),
        ({"users": ["odd"], "users_default": None}, Role.MEMBER),
        ({"redact": 0}, Role.MEMBER),
        ({"users_default": 100}, Role.MEMBER),
        ({"users_default": 60, "users": {"@mod:b": 70}}, Role.MODERATOR),
    ],
)
def test_a_moderator_stands_above_what_everybody_has(power: dict[str, Any], role: Role) -> None:
    assert room(**power).role("@mod:b") is role


def test_a_look_alike_id_has_no_power() -> None:
    assert room(users={"@mod:b": 100}).role("@mоd:b") is Role.MEMBER


def test_a_room_is_open_by_its_door_or_its_windows() -> None:
    opened = [
        state("join_rules", {"join_rule": "public"}),
        state("history_visibility", {"history_visibility": "world_readable"}),
        state("join_rules", {"join_rule": "restricted"}),
    ]
    found = []
    for event in opened:
        made = room()
        made.apply([event])
        found.append(made.open_to_all)
    assert found == [True, True, False]
