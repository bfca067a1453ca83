"""Settings, and what `parley check` says about them."""

import pytest
from pydantic import SecretStr, ValidationError

from connectors.matrix import SPEC
from connectors.matrix.settings import MatrixSettings
from connectors.spec import Probe
from tests.connectors.matrix.world import World

HOME = "https://matrix.example"


@pytest.mark.parametrize(
    ("given", "missing", "keys"),
    [
        ({}, True, []),
        ({"homeserver": HOME}, True, ["access_token"]),
        ({"access_token": SecretStr("t")}, True, ["homeserver"]),
        ({"homeserver": "matrix.example", "access_token": SecretStr("t")}, False, ["homeserver"]),
        ({"homeserver": "https://[bad", "access_token": SecretStr("t")}, False, ["homeserver"]),
        ({"homeserver": HOME, "access_token": SecretStr("t")}, False, []),
    ],
)
def test_half_made_settings_are_named(given: dict[str, object], *, missing: bool, keys: list[str]) -> None:
    settings = MatrixSettings.model_validate(given)
    assert bool(settings.missing()) is missing
    assert [key for key, _ in settings.problems()] == keys


def test_every_setting_is_described_and_the_token_is_never_shown() -> None:
    assert SPEC.settings is MatrixSettings
    assert all(field.description for field in MatrixSettings.model_fields.values())
    hidden = SecretStr("hush hush")
    assert "hush" not in repr(MatrixSettings(access_token=hidden, pickle_key=hidden, gate_secret=hidden))


def test_a_prefix_is_one_word() -> None:
    with pytest.raises(ValidationError):
        MatrixSettings(prefix="two words")


async def test_the_probe_says_what_is_missing_where(world: World) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    settings = MatrixSettings(
        homeserver=world.server.url, access_token=SecretStr(robot.account.token), device_id="OTHER"
    )
    before = await settings.probe()
    found = [("account", True), ("device_id", False), ("encryption", True), ("rooms", False)]
    assert [(line.what, line.ok) for line in before] == found
    room = await ann.create(name="The square")
    await robot.join(room)
    square = "My power is 0, but ban needs 50, kick needs 50, redact needs 50: raise it."
    assert (await settings.probe())[3:] == [Probe("The square", ok=False, detail=square)]
    await ann.power(room, {"users": {robot.id: 50}})
    assert (await settings.probe())[3:] == [Probe("The square", ok=True, detail="I may redact, kick and ban (50).")]


async def test_the_probe_of_a_server_that_is_not_there_is_a_sentence() -> None:
    settings = MatrixSettings(homeserver="http://127.0.0.1:9", access_token=SecretStr("t"))
    (line,) = await settings.probe()
    assert (line.what, line.ok) == ("homeserver", False)
    assert "http://127.0.0.1:9" in line.detail
