"""Commands as Discord offers them."""

from collections.abc import Sequence

from bot.assembly import commands as shipped
from bot.core.command import CommandSpec, Kind, Menu, Option, Suggestion, Target
from bot.core.event import Role
from connectors.discord.commands import Typed, choices, fingerprint, given, registration
from connectors.discord.permissions import Permission
from connectors.discord.reading import objects
from tests.connectors.discord.world import COMMANDS


def test_members_and_moderators_have_a_group_each() -> None:
    members, moderators, *menus = registration(COMMANDS)
    assert (members["name"], members["description"], members["contexts"]) == ("parley", "What I can do for you", [0, 1])
    assert "default_member_permissions" not in members
    assert isinstance(members["options"], list)
    why = members["options"][1]
    assert (why["type"], why["name"], why["description"]) == (1, "why", "Why it was judged so")
    assert why["description_localizations"]["de"] == "Warum eine Nachricht so beurteilt wurde"
    assert why["options"] == [{"type": 3, "name": "message", "description": "Its id", "required": True}]
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
    specs = shipped()
    offered = [option["name"] for group in registration(specs)[:2] for option in objects(group["options"])]
    assert offered == sorted((spec.name for spec in specs), key=lambda name: _is_for_moderators(specs, name))


def _is_for_moderators(specs: Sequence[CommandSpec], name: str) -> bool:
    return next(spec for spec in specs if spec.name == name).role >= Role.MODERATOR


def test_every_shipped_command_and_menu_is_described_in_other_languages() -> None:
    found = registration(shipped())
    described = [option for group in found for option in group.get("options", ())]  # type: ignore[attr-defined]  # JSON
    assert [each["name"] for each in described if "description_localizations" not in each] == []
    assert [each["name"] for each in found if each["type"] != 1 and "name_localizations" not in each] == []


def test_a_command_declares_the_menu_it_hangs_in() -> None:
    here = Menu(title="Summarize from here", target=Target.MESSAGE, option="since")
    past = Menu(title="History", target=Target.MEMBER, option="member")
    specs = (
        CommandSpec(name="summary", summary="What was said", menu=here),
        CommandSpec(name="history", summary="What somebody said", role=Role.MODERATOR, menu=past),
    )
    menus = [each for each in registration(specs) if each["type"] != 1]
    assert [(menu["type"], menu["name"], menu.get("default_member_permissions")) for menu in menus] == [
        (3, "Report to moderators", None),
        (3, "Summarize from here", None),
        (2, "History", int(Permission.MANAGE_MESSAGES)),
    ]


def test_a_command_that_needs_a_choice_has_a_word_for_each() -> None:
    do = Option(name="do", summary="What to do", choices=("sync", "unsync"), required=True)
    spec = CommandSpec(name="automod", summary="The filter", options=(do,), role=Role.MODERATOR)
    group = registration((spec,))[0]
    assert isinstance(group["options"], list)
    (verbs,) = group["options"]
    assert (verbs["type"], [word["name"] for word in verbs["options"]]) == (2, ["sync", "unsync"])
    typed = {"options": [{"type": 2, "name": "automod", "options": [{"type": 1, "name": "sync", "options": []}]}]}
    assert given(typed, (spec,)) == Typed("automod", (("do", "sync"),))


def test_suggestions_are_cut_to_what_discord_takes() -> None:
    number = Option(name="number", summary="Which", kind=Kind.NUMBER, suggests=True)
    key = Option(name="key", summary="Which", suggests=True)
    offered = [Suggestion("7", "x" * 300), Suggestion("seven", "no number"), Suggestion("8", " ")]
    assert choices(number, offered) == [{"name": "x" * 100, "value": 7}]
    assert choices(key, [Suggestion(str(n), str(n)) for n in range(40)])[24:] == [{"name": "24", "value": "24"}]
