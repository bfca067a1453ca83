"""The manifest asks for what the code uses, no more and no less."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import connectors.slack
from bot.assembly import commands
from bot.cli import main
from connectors.slack.commands import SLASH
from connectors.slack.ear import LEARNING
from connectors.slack.forms import REPORT, REPORTING, pointing
from connectors.slack.limits import MAX_SHORTCUT_NAME
from connectors.slack.manifest import CREATE, SCOPES, create_url, manifest, shown
from connectors.slack.parse import READERS

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(connectors.slack.__path__[0]).glob("*.py"))
KINDS = ("channels", "groups", "im", "mpim")
# What a bot needs for each method, after Slack's own descriptions of them.
TAKES = {
    "apps.connections.open": (),
    "assistant.threads.setStatus": ("chat:write",),
    "auth.test": (),
    "chat.appendStream": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": tuple(f"{kind}:history" for kind in KINDS),
    "conversations.info": tuple(f"{kind}:read" for kind in KINDS),
    "conversations.kick": ("channels:manage", "groups:write"),
    "conversations.members": tuple(f"{kind}:read" for kind in KINDS),
    "conversations.open": ("im:write",),
    "conversations.replies": tuple(f"{kind}:history" for kind in KINDS),
    "reactions.add": ("reactions:write",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": tuple(f"{kind}:read" for kind in KINDS),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "views.open": (),
    "views.publish": (),
}
HEARS = {
    "app_home_opened": (),
    "app_uninstalled": (),
    "channel_rename": ("channels:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "reaction_added": ("reactions:read",),
    "subteam_members_changed": ("usergroups:read",),
    "team_join": ("users:read",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}


def test_every_method_that_is_called_is_known_here() -> None:
    called = set(
        re.findall(
            r'"((?!users\.json)(?:apps|assistant|auth|chat|conversations|reactions|usergroups|users|views)\.[\w.]+)"',
            SOURCE,
        )
    )
    assert called == set(TAKES)


def test_every_event_that_is_listened_to_is_subscribed() -> None:
    listened = (set(READERS) | set(LEARNING)) - {"message"}
    subscribed = set(_manifest()["settings"]["event_subscriptions"]["bot_events"])
    assert subscribed == listened | {f"message.{kind}" for kind in KINDS}
    assert subscribed == set(HEARS)


def test_the_scopes_are_what_calls_and_events_take() -> None:
    taken = {scope for scopes in (*TAKES.values(), *HEARS.values()) for scope in scopes} | {"commands"}
    assert set(_manifest()["oauth_config"]["scopes"]["bot"]) == taken == set(SCOPES)
    assert _manifest()["oauth_config"]["scopes"]["user"] == ["chat:write"]


def test_the_menus_are_those_of_the_commands() -> None:
    found = {each["callback_id"]: each["name"] for each in _manifest()["features"]["shortcuts"]}
    menus = {callback: menu.title for callback, (_, menu) in pointing(commands()).items()}
    assert found == {REPORTING: REPORT, **menus}
    assert all(len(name) <= MAX_SHORTCUT_NAME for name in found.values())
    assert [each["command"] for each in _manifest()["features"]["slash_commands"]] == [SLASH]


def test_one_click_makes_the_app() -> None:
    said = shown([])
    assert said.endswith(create_url())
    assert json.loads(unquote(create_url().removeprefix(CREATE))) == manifest()


def test_over_http_everything_comes_to_one_address() -> None:
    url = "https://bot.fernhill.example/slack/events"
    found: Any = manifest(url)
    assert found["settings"]["socket_mode_enabled"] is False
    assert found["settings"]["event_subscriptions"]["request_url"] == url
    assert found["settings"]["interactivity"]["request_url"] == url
    assert found["features"]["slash_commands"][0]["url"] == url
    with pytest.raises(ValueError, match="https"):
        shown(["http://bot.fernhill.example"])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["slack", "manifest"], 0, CREATE),
        (["slack", "manifest", "http://bot.fernhill.example"], 2, "https://"),
        (["slack"], 0, "manifest"),
        (["slak", "manifest"], 2, "No such command"),
    ],
)
def test_the_command_line_prints_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.setattr("sys.argv", ["parley", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == code
    assert says in printed.out + printed.err


def _manifest() -> Any:  # noqa: ANN401  # JSON
    return manifest()
