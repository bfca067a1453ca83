"""Commands as they are typed: after `/parley`, or in a thread after our name, for slash commands do not work there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.command import Command, CommandSpec, check, read
from connectors.slack.links import meant
from connectors.slack.reading import located

SLASH = "/parley"
_MENTION = re.compile(r"<([@#!])([^<>|]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<([^<>|]+)(?:\|[^<>]*)?>")


def typed(text: str, commands: Sequence[CommandSpec]) -> Command:
    """What was typed after the slash command."""
    return _understood(read(plainly(text), commands), commands)


def mentioned(text: str, me: str, commands: Sequence[CommandSpec]) -> Command | None:
    """A command given by calling us: only what is one without any doubt, for all else is a question."""
    found = re.match(rf"\s*<@{re.escape(me)}(?:\|[^<>]*)?>[\s,:]*(\S.*)", text, re.DOTALL) if me else None
    if found is None:
        return None
    given = typed(found[1], commands)
    known = found[1].split(maxsplit=1)[0].lower() == given.name
    return given if known and not given.problem else None


def plainly(text: str) -> str:
    """Mentions as ids, links as they are, and what Slack escaped as it was typed."""
    shown = _MENTION.sub(lambda found: found[2], text)
    shown = _LINK.sub(lambda found: found[1], shown)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _understood(given: Command, commands: Sequence[CommandSpec]) -> Command:
    """With links to messages in place of which our ids are meant."""
    if given.problem or not any(meant(value) for _, value in given.options):
        return given
    spec = next(spec for spec in commands if spec.name == given.name)
    return check(spec, tuple((name, meant(value) or value) for name, value in given.options))


def pointed(spec: CommandSpec, option: str, message: str, answer: tuple[str, str]) -> Command:
    """A command from the menu of a message; `answer` is the option that was asked for, with what was written."""
    target = message if all(located(message)) else ""
    given = ((option, target), *((answer,) if all(answer) else ()))
    return replace(check(spec, given), name=spec.name)
