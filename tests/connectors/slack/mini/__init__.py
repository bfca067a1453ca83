"""A small Slack of the tests' own, that an unmodified slack-bolt talks to."""

from tests.connectors.slack.mini.emulator import Emulator
from tests.connectors.slack.mini.names import (
    ADMIN_TOKEN,
    APP_TOKEN,
    BOT_TOKEN,
    ME,
    SECOND,
    SECOND_TOKEN,
    SECRET,
    TEAM,
    Channel,
    Fault,
    Json,
    buttons,
    post_signed,
    shown,
)

__all__ = [
    "ADMIN_TOKEN",
    "APP_TOKEN",
    "BOT_TOKEN",
    "ME",
    "SECOND",
    "SECOND_TOKEN",
    "SECRET",
    "TEAM",
    "Channel",
    "Emulator",
    "Fault",
    "Json",
    "buttons",
    "post_signed",
    "shown",
]
