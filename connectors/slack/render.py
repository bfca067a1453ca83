"""What we say, as Slack's JSON: pure. Nothing in it can call anybody or unfold a link."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.core.capability import Capabilities, ballot
from bot.core.effect import Button, Edit, OpenPoll, Post
from bot.core.errors import Rejected, Unsupported
from bot.core.markdown import literal
from bot.core.surface import legible
from connectors.slack import limits
from connectors.slack.markup import escaped
from connectors.slack.reading import Json, located
from connectors.slack.richtext import rich, shown

SILENT: Json = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}
SAID = "parley_said"
BALLOT = Capabilities(max_text=limits.MAX_TEXT, buttons=limits.MAX_POLL_OPTIONS)


def post(effect: Post, key: str) -> Json:
    """The message that says it, in the thread of what it answers."""
    thread = thread_of(effect)
    return {
        "channel": effect.to.channel,
        **message(effect.text, effect.buttons),
        **SILENT,
        **({"thread_ts": thread} if thread else {}),
        "metadata": {"event_type": SAID, "event_payload": {"key": mark(key)}},
    }


def edit(effect: Edit, ts: str) -> Json:
    """The change."""
    said = message(effect.text, effect.buttons)
    return {"channel": effect.to.channel, "ts": ts, **said, "link_names": False, "parse": "none"}


def whisper(effect: Post) -> Json:
    """What one reader alone sees, where an interaction told us the address."""
    said = message(effect.text, effect.buttons)
    thread = {"thread_ts": effect.to.thread} if effect.to.thread else {}
    return {**said, **thread, "response_type": "ephemeral", "replace_original": False}


def poll(effect: OpenPoll, key: str) -> Json:
    """The poll: its question, and a button for each answer that is pressed to vote."""
    if not 0 < len(effect.options) <= limits.MAX_POLL_OPTIONS:
        raise Unsupported("a poll that Slack has no room for")
    options = "\n".join(f"{number}. {literal(option)}" for number, option in enumerate(effect.options, 1))
    text = f"**{literal(effect.question)}**\n\n{options}"
    return post(Post(to=effect.to, text=text, buttons=ballot(effect, BALLOT)), key)


def message(text: str, buttons: Sequence[Button]) -> Json:
    """Blocks, and the text that notifications show."""
    elements = written(text)
    blocks = [{"type": "rich_text", "elements": elements}, *row(buttons)]
    return {"text": fallback(elements), "blocks": blocks}


def written(text: str) -> list[Json]:
    """The text as rich text; raises `Rejected` for nothing, `Unsupported` for too much."""
    said = legible(text)
    if len(said) > limits.MAX_TEXT:
        raise Unsupported("too long for one message")
    elements = rich(said) if said.strip() else []
    if not elements:
        raise Rejected("There is nothing to say: the text is empty.")
    return elements


def fallback(elements: Sequence[Json]) -> str:
    """The text without formatting, cut where escaping made it too long."""
    text = shown(elements) or "…"
    whole = escaped(text)
    if len(whole) <= limits.MAX_FALLBACK:
        return whole
    room = limits.MAX_FALLBACK // len("&amp;")
    return escaped(text[:room]) + "…"


def row(buttons: Sequence[Button]) -> list[Json]:
    """The buttons as a block, none where there are none."""
    if len(buttons) > limits.MAX_BUTTONS or len({button.id for button in buttons}) < len(buttons):
        raise Unsupported("too many buttons for one message, or two with one id")
    return [{"type": "actions", "elements": [_button(button) for button in buttons]}] if buttons else []


def mark(key: str) -> str:
    """The same for the same key, also after a restart: how we know again what we said."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def thread_of(effect: Post) -> str:
    """The thread it goes to: the one it is meant for, or the one of what it answers."""
    channel, ts = located(effect.reply_to)
    return effect.to.thread or (ts if channel == effect.to.channel else "")


def _button(button: Button) -> Json:
    """The id travels with the button, so that a press is understood after any restart."""
    label, name = legible(f"{button.symbol} {button.label}").strip(), legible(button.id)
    if not name or len(name) > limits.MAX_ACTION_ID:
        raise Unsupported("a button whose id Slack does not take")
    if len(label) > limits.MAX_BUTTON_LABEL:
        label = label[: limits.MAX_BUTTON_LABEL - 1] + "…"
    text = {"type": "plain_text", "text": label or "…", "emoji": True}
    asks = legible(button.asks)[: limits.MAX_BUTTON_VALUE]
    return {"type": "button", "text": text, "action_id": name, **({"value": asks} if asks else {})}
