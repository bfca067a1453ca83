"""Commands as Discord offers them."""

from bot.core.command import CommandSpec
from connectors.discord.commands import fingerprint, registration
from connectors.discord.permissions import Permission
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
