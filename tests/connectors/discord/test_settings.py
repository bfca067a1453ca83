"""What is asked of the settings, and what `parley check` says of an account."""

import pytest

from bot.core.address import Address
from bot.core.capability import Need
from connectors.discord.permissions import Permission, named
from connectors.discord.probe import permitting
from connectors.discord.settings import DiscordSettings
from tests.connectors.discord.world import MODERATING, Server
from tests.emulators.discord import EVERYONE, Emulator, Overwrite
from tests.emulators.discord import Permission as Granted


def settings(emulator: Emulator, **more: object) -> DiscordSettings:
    return DiscordSettings.model_validate(
        {"token": emulator.token, "api_base": emulator.api_base, "gateway_url": emulator.gateway_url, **more}
    )


def test_without_a_token_it_does_not_run() -> None:
    assert DiscordSettings().missing() == "DISCORD_TOKEN"
    assert DiscordSettings.model_validate({"token": "t"}).missing() == ""
    assert "secret-token" not in repr(DiscordSettings.model_validate({"token": "secret-token"}))


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"api_base": "discord.com"}, "api_base"),
        ({"gateway_url": "https://gateway.discord.gg"}, "gateway_url"),
        ({"shards": 2, "shard_ids": [2]}, "shard_ids"),
        ({"guilds": ["Fernhill"]}, "guilds"),
    ],
)
def test_half_made_settings_are_explained(wish: dict[str, object], key: str) -> None:
    ((found, sentence),) = DiscordSettings.model_validate(wish).problems()
    assert found == key
    assert sentence.endswith(".")


def test_whole_settings_have_no_problems() -> None:
    wish = {
        "api_base": "http://127.0.0.1:3000/api/v10",
        "gateway_url": "wss://gateway",
        "shards": 2,
        "shard_ids": [0, 1],
    }
    assert DiscordSettings.model_validate(wish).problems() == []


async def test_all_is_well_where_nothing_is_missing(emulator: Emulator) -> None:
    Server.found(emulator, bot=MODERATING)
    lines = await settings(emulator).probe()
    assert [line for line in lines if not line.ok] == []
    assert f"client_id={emulator.world.application.id}" in lines[0].detail
    assert lines[0].detail.endswith(f"permissions={int(permitting(set(Need)))}")


async def test_what_is_missing_is_named_for_the_server_and_its_channels(emulator: Emulator) -> None:
    server = Server.found(emulator, bot=MODERATING & ~Granted.BAN_MEMBERS)
    hidden = emulator.channel(server.guild, "hidden")
    emulator.overwrite(hidden, Overwrite(id=server.guild.id, deny=Granted.VIEW_CHANNEL))
    mute = emulator.channel(server.guild, "mute")
    emulator.overwrite(mute, Overwrite(id=emulator.bot_role(server.guild).id, deny=Granted.SEND_MESSAGES))
    bad = {line.what: line.detail for line in await settings(emulator).probe() if not line.ok}
    assert bad.keys() == {"Fernhill", "Fernhill #hidden", "Fernhill #mute"}
    assert bad["Fernhill"].startswith("I lack Ban Members. Invite me with https://discord.com/oauth2/authorize?")
    assert "View Channel" in bad["Fernhill #hidden"]
    assert "Send Messages" in bad["Fernhill #mute"]


async def test_only_what_the_settings_of_each_channel_take_is_asked_for(emulator: Emulator) -> None:
    server = Server.found(emulator, bot=EVERYONE)
    news, cards = (emulator.channel(server.guild, name) for name in ("news", "cards"))
    for channel in (news, cards):
        emulator.overwrite(channel, Overwrite(id=server.guild.id, deny=Granted.SEND_MESSAGES))
    taken = {
        server.address(): {Need.READ, Need.CONVERSE, Need.REMOVE},
        server.address(news): {Need.READ, Need.CONVERSE},
        server.address(cards): {Need.READ, Need.CONVERSE, Need.SPEAK},
    }

    def needs(where: Address) -> frozenset[Need]:
        return frozenset(taken.get(where, ()))

    lines = await settings(emulator).probe(needs)
    bad = {line.what: line.detail for line in lines if not line.ok}
    wanted = int(permitting({Need.READ, Need.CONVERSE, Need.REMOVE, Need.SPEAK}))
    invite = f"Invite me with https://discord.com/oauth2/authorize?client_id={emulator.world.application.id}"
    link = f"{invite}&scope=bot+applications.commands&permissions={wanted}"
    assert bad == {
        "Fernhill": f"I lack Manage Messages, Manage Nicknames, Manage Threads. {link}",
        "Fernhill #cards": "I lack Send Messages there: mend the channel's permissions.",
    }


async def test_a_bot_without_a_server_is_told_how_to_get_into_one(emulator: Emulator) -> None:
    bad = [line for line in await settings(emulator).probe() if not line.ok]
    assert [line.what for line in bad] == ["servers"]
    assert "Invite me with" in bad[0].detail


async def test_a_wrong_token_is_told(emulator: Emulator) -> None:
    (line,) = await settings(emulator, token="wrong").probe()
    assert (line.ok, "DISCORD_TOKEN" in line.detail) == (False, True)


def test_permissions_are_called_as_discord_calls_them() -> None:
    assert named(Permission.MANAGE_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS) == (
        "Manage Messages, Send Messages in Threads"
    )
    assert not permitting(set(Need)) & (Permission.ADMINISTRATOR | Permission.MANAGE_GUILD)
