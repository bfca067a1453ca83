"""The section `connectors.slack`."""

import pytest
from pydantic import SecretStr

from connectors.slack.settings import SlackSettings, Transport

BOT, APP, SIGNING = SecretStr("xoxb-1"), SecretStr("xapp-1"), SecretStr("shh")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (SlackSettings(), "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"),
        (SlackSettings(bot_token=BOT), "SLACK_APP_TOKEN"),
        (SlackSettings(app_token=APP), "SLACK_BOT_TOKEN"),
        (SlackSettings(bot_token=BOT, app_token=APP), ""),
        (SlackSettings(bot_token=BOT, app_token=APP, transport=Transport.HTTP), "SLACK_SIGNING_SECRET"),
        (SlackSettings(bot_token=BOT, signing_secret=SIGNING, transport=Transport.HTTP), ""),
    ],
)
def test_what_is_missing_is_named(settings: SlackSettings, missing: str) -> None:
    assert settings.missing() == missing


def test_tokens_for_several_workspaces_stand_in_one_variable() -> None:
    settings = SlackSettings(bot_token=SecretStr("xoxb-1, xoxb-2,"), admin_token=SecretStr("xoxp-1"))
    assert (settings.tokens, settings.admins) == (("xoxb-1", "xoxb-2"), ("xoxp-1",))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bot_token", SecretStr("xoxp-1")),
        ("app_token", SecretStr("xoxb-1")),
        ("admin_token", SecretStr("xoxb-1")),
        ("api_base", "slack.com/api"),
        ("api_base", "http://[/"),
    ],
)
def test_a_half_made_setting_is_named(key: str, value: object) -> None:
    problems = SlackSettings.model_validate({key: value}).problems()
    assert [name for name, _ in problems] == [key]
