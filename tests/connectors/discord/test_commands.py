"""Commands as Discord offers them."""

from collections.abc import Sequence

from bot.core.command import CommandSpec
from bot.core.event import Role
from bot.parts import PIPELINES
from connectors.discord.commands import fingerprint, registration
from connectors.discord.permissions import Permission
from connectors.discord.reading import objects
from tests.connectors.discord.world import COMMANDS


def test_members_and_moderators_have_a_group_each() -> None:
    members, moderators, *menus = registration(COMMANDS)
    assert members == {
        "type": 1,
        "name": "parley",
        "description": "What I can do for you",
        "contexts": [0, 1],
        "options": [
            {"type": 1, "name": "help", "description": "What I can do", "options": []},
            {
                "type": 1,
                "name": "why",
                "description": "Why it was judged so",
                "options": [{"type": 3, "name": "message", "description": "Its id", "required": True}],
            },
        ],
    }
    assert (moderators["name"], moderators["contexts"]) == ("parley-mod", [0])
    assert moderators["default_member_permissions"] == int(Permission.MANAGE_MESSAGES)
    assert [menu["name"] for menu in menus] == ["Report to moderators", "Why was this removed?"]


def test_options_are_typed() -> None:
    _, moderators, *_ = registration(COMMANDS)
    assert isinstance(moderators["options"], list)
    mode, case = moderators["options"]
    assert mode["options"] == [
        {
            "type": 3,
            "name": "mode",
            "description": "The mode",
            "required": False,
            "choices": [{"name": "manual", "value": "manual"}, {"name": "auto", "value": "auto"}],
        },
        {"type": 5, "name": "community", "description": "Everywhere", "required": False},
    ]
    assert (case["options"][0]["type"], case["options"][0]["min_value"]) == (4, 0)


def test_the_fingerprint_changes_with_the_commands() -> None:
    other = (*COMMANDS, CommandSpec(name="summary", summary="What was said"))
    assert fingerprint(registration(COMMANDS)) == fingerprint(registration(COMMANDS))
    assert fingerprint(registration(COMMANDS)) != fingerprint(registration(other))


def test_every_command_of_the_house_can_be_offered() -> None:
    specs = [command for pipeline in PIPELINES for command in pipeline.commands]
    offered = [option["name"] for group in registration(specs)[:2] for option in objects(group["options"])]
    assert offered == sorted((spec.name for spec in specs), key=lambda name: _is_for_moderators(specs, name))


def _is_for_moderators(specs: Sequence[CommandSpec], name: str) -> bool:
    return next(spec for spec in specs if spec.name == name).role >= Role.MODERATOR
