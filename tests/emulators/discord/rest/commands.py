"""Application commands, for everywhere and for one guild."""

from __future__ import annotations

from collections.abc import Iterable

from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.command_rules import CHAT_INPUT, check_command, check_commands
from tests.emulators.discord.model import Id
from tests.emulators.discord.refusal import Json, Refusal

CREATES_A_DAY = 200


def _shelf(call: Call) -> dict[Id, Json]:
    """The commands that the path is about."""
    app = call.world.application
    if call.id("application_id") != app.id:
        raise Refusal(20001, status=403)
    if "guild_id" not in call.parameters:
        return app.commands
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or call.me.id not in guild.members:
        raise Refusal(50001)
    return app.guild_commands.setdefault(guild.id, {})


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or CHAT_INPUT, command["name"]


def _stored(call: Call, asked: Json, command_id: Id) -> Json:
    granted = asked.get("default_member_permissions")
    guild_id = call.parameters.get("guild_id")
    return {
        "id": str(command_id),
        "application_id": str(call.world.application.id),
        "version": str(call.world.snowflake()),
        "type": asked.get("type") or CHAT_INPUT,
        "name": asked["name"],
        "name_localizations": asked.get("name_localizations"),
        "description": asked.get("description") or "",
        "description_localizations": asked.get("description_localizations"),
        "default_member_permissions": None if granted is None else str(granted),
        "dm_permission": asked.get("dm_permission", True),
        "contexts": asked.get("contexts"),
        "integration_types": asked.get("integration_types") or [0],
        "nsfw": bool(asked.get("nsfw")),
        "options": asked.get("options") or [],
        **({"guild_id": guild_id} if guild_id else {}),
    }


def _count_creates(call: Call, fresh: int) -> None:
    app = call.world.application
    place = int(call.parameters.get("guild_id", 0))
    app.commands_created[place] = app.commands_created.get(place, 0) + fresh
    if app.commands_created[place] > CREATES_A_DAY:
        raise Refusal(30034)


def listed(call: Call) -> list[Json]:
    return list(_shelf(call).values())


def replace(call: Call) -> list[Json]:
    """Every command there shall be; those that keep their name keep their id and cost no create."""
    shelf = _shelf(call)
    check_commands(call.rows)
    ids = {_key(each): command_id for command_id, each in shelf.items()}
    _count_creates(call, sum(_key(each) not in ids for each in call.rows))
    fresh = [_stored(call, each, ids.get(_key(each)) or call.world.snowflake()) for each in call.rows]
    _replace(shelf, fresh)
    return fresh


def _replace(shelf: dict[Id, Json], commands: Iterable[Json]) -> None:
    shelf.clear()
    shelf.update({int(each["id"]): each for each in commands})


def create(call: Call) -> Json:
    """One command; one of the same name is replaced."""
    shelf = _shelf(call)
    check_command(call.body)
    same = [command_id for command_id, each in shelf.items() if _key(each) == _key(call.body)]
    check_commands([*(each for each in shelf.values() if _key(each) != _key(call.body)), call.body])
    _count_creates(call, int(not same))
    command_id = same[0] if same else call.world.snowflake()
    shelf[command_id] = _stored(call, call.body, command_id)
    return shelf[command_id]


def get(call: Call) -> Json:
    command = _shelf(call).get(call.id("command_id"))
    if command is None:
        raise Refusal(10063)
    return command


def change(call: Call) -> Json:
    command = {**get(call), **call.body}
    check_command(command)
    command_id = int(command["id"])
    _shelf(call)[command_id] = _stored(call, command, command_id)
    return _shelf(call)[command_id]


def delete(call: Call) -> None:
    get(call)
    del _shelf(call)[call.id("command_id")]


_PLACES = ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}")
ROUTES: Routes = {
    **{("GET", place + "/commands"): listed for place in _PLACES},
    **{("PUT", place + "/commands"): replace for place in _PLACES},
    **{("POST", place + "/commands"): create for place in _PLACES},
    **{("GET", place + "/commands/{command_id}"): get for place in _PLACES},
    **{("PATCH", place + "/commands/{command_id}"): change for place in _PLACES},
    **{("DELETE", place + "/commands/{command_id}"): delete for place in _PLACES},
}
