"""What we say, as Discord's JSON: pure. Nothing in it can ping anybody or unfold a link."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from datetime import timedelta

from bot.core.address import Address
from bot.core.effect import Button, Edit, OpenPoll, OpenThread, Post
from bot.core.errors import Rejected, Unsupported
from bot.core.surface import legible
from connectors.discord import limits
from connectors.discord.forms import custom_id
from connectors.discord.memory import DIRECT
from connectors.discord.reading import Json, snowflake

SILENT: Json = {"parse": [], "replied_user": False}
SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15
ACTION_ROW, BUTTON, TEXT, CONTAINER = 1, 2, 10, 17
SECONDARY = 2
FENCE = re.compile(r"^ {0,3}(```|~~~)")
# What CommonMark has and Discord shows as it was typed.
DEEP_HEADING = re.compile(r"^ {0,3}#{4,6}[ \t]+(.*?)[ \t#]*$")
RULE = re.compile(r"^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
IMAGE = re.compile(r"!(?=\[[^\]\n]*\]\()")


def post(effect: Post, key: str) -> Json:
    """The message that says it."""
    said = _message(effect.text, effect.buttons)
    return {**said, **_answering(effect.reply_to), "nonce": nonce(key), "enforce_nonce": True}


def edit(effect: Edit, *, of_components: bool) -> Json:
    """The change; a message made of components stays one, as Discord takes no text for it any more."""
    said = _message(effect.text, effect.buttons, of_components=of_components)
    return said if of_components or not effect.buttons else {**said, "content": None}


def answer(effect: Post) -> Json:
    """What only the user of an interaction sees."""
    shape = COMPONENTS_V2 if effect.buttons else SUPPRESS_EMBEDS
    return {**_message(effect.text, effect.buttons), "flags": EPHEMERAL | shape}


def poll(effect: OpenPoll, key: str) -> Json:
    """The poll in a message of its own."""
    if not effect.options or len(effect.options) > limits.MAX_POLL_OPTIONS or effect.lasts > limits.MAX_POLL:
        raise Unsupported("a poll that Discord has no room for")
    answers = [{"poll_media": {"text": _short(option, limits.MAX_POLL_OPTION)}} for option in effect.options]
    asked = {
        "question": {"text": _short(effect.question, limits.MAX_QUESTION)},
        "answers": answers,
        "duration": max(1, math.ceil(effect.lasts / timedelta(hours=1))),
        "allow_multiselect": effect.multiple,
    }
    return {"poll": asked, "allowed_mentions": SILENT, "nonce": nonce(key), "enforce_nonce": True}


def thread(effect: OpenThread, *, forum: bool) -> Json:
    """The thread; in a forum its title is also its first message, for there is none without."""
    title = _short(effect.title, limits.MAX_THREAD_NAME)
    if forum:
        return {"name": title, "message": _message(effect.title, ())}
    return {"name": title} if effect.message_id else {"name": title, "type": 11}


def nonce(key: str) -> str:
    """The same for the same key, also after a restart. Discord forgets it after a few minutes."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[: limits.MAX_NONCE]


def jump(where: Address, message_id: str) -> str:
    """The link that leads to a message."""
    return f"https://discord.com/channels/{where.space or DIRECT}/{where.thread or where.channel}/{message_id}"


def markdown(text: str) -> str:
    """CommonMark as Discord reads it: nearly the same, and never longer."""
    lines, fence = [], ""
    for line in legible(text).split("\n"):
        mark = FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
            # Discord knows only one kind of fence.
            lines.append(line.replace("~~~", "```", 1))
        else:
            lines.append(line if fence else _line(line))
    return "\n".join(lines)


def _line(line: str) -> str:
    if RULE.match(line):
        return "⎯⎯⎯"[: len(line)]
    if heading := DEEP_HEADING.match(line):
        return f"**{heading[1]}**"
    return IMAGE.sub("", line)


def _message(text: str, buttons: Sequence[Button], *, of_components: bool = False) -> dict[str, object]:
    shown = markdown(text)
    _check(shown, buttons)
    if not buttons and not of_components:
        return {"content": shown, "flags": SUPPRESS_EMBEDS, "allowed_mentions": SILENT, "components": []}
    # The flag that suppresses embeds is not for these: they unfold no links.
    container = {"type": CONTAINER, "components": [{"type": TEXT, "content": shown}, *_rows(buttons)]}
    return {"components": [container], "flags": COMPONENTS_V2, "allowed_mentions": SILENT}


def _check(text: str, buttons: Sequence[Button]) -> None:
    if len(text) > limits.MAX_TEXT or len(buttons) > limits.MAX_BUTTONS:
        raise Unsupported("too long, or too many buttons, for one message")
    if not text.strip():
        raise Rejected("There is nothing to say: the text is empty.")


def _rows(buttons: Sequence[Button]) -> list[Json]:
    width = limits.BUTTONS_PER_ROW
    rows = [buttons[first : first + width] for first in range(0, len(buttons), width)]
    return [{"type": ACTION_ROW, "components": [_button(button) for button in row]} for row in rows]


def _button(button: Button) -> Json:
    """The id travels with the button, so that a press is understood after any restart."""
    label = legible(f"{button.symbol} {button.label}").strip()[: limits.MAX_BUTTON_LABEL]
    travels = custom_id(button)
    if not button.id or len(travels) > limits.MAX_CUSTOM_ID:
        raise Unsupported("a button whose id Discord does not take")
    return {"type": BUTTON, "style": SECONDARY, "label": label or "…", "custom_id": travels}


def _answering(message_id: str) -> Json:
    if not snowflake(message_id):
        return {}
    return {"message_reference": {"message_id": message_id, "fail_if_not_exists": False}}


def _short(text: str, limit: int) -> str:
    shown = " ".join(legible(text).split())
    if not shown:
        raise Rejected("There is nothing to say: the text is empty.")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
