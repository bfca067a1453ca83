"""Limits that only the documentation states; the official description of the API is too generous about them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.emulators.discord.model import Flag
from tests.emulators.discord.posting import walk
from tests.emulators.discord.refusal import FieldError, Json, Refusal, field, invalid, too_long

CONTENT = 2000
EMBEDS = 10
EMBED_SUM = 6000
EMBED_FIELDS = 25
EMBED_TEXTS = {"title": 256, "description": 4096}
POLL_QUESTION = 300
POLL_ANSWER = 55
POLL_ANSWERS = 10
POLL_HOURS = 768
CUSTOM_ID = 100
BUTTON_LABEL = 80
ROWS = 5
V2_COMPONENTS = 40
V2_TEXT = 4000
THREAD_NAME = 100
NONCE = 25
AUDIT_REASON = 512
MODAL_TITLE = 45

BUTTON, TEXT_INPUT, LINK, PREMIUM, TEXT_DISPLAY = 2, 4, 5, 6, 10
ROW_OR_LABEL = (1, 18)
WITH_CUSTOM_ID = (3, 4, 5, 6, 7, 8)


def check_message(body: Json) -> None:
    """Refuse a message's body that breaks a limit."""
    if not isinstance(body.get("content") or "", str):
        raise field("content", "BASE_TYPE_STRING", "A string is required.")
    if len(body.get("content") or "") > CONTENT:
        raise too_long("content", CONTENT)
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > NONCE:
        raise too_long("nonce", NONCE)
    check_embeds(body.get("embeds") or [])
    check_mentions(body.get("allowed_mentions") or {})
    if body.get("poll"):
        check_poll(body["poll"])
    check_components(body)


def check_mentions(allowed: Json) -> None:
    """Refuse `allowed_mentions` that list people and allow everybody: Discord calls them mutually exclusive."""
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or ()) and allowed.get(kind):
            message = f"parse:{kind!r} and {kind}: [ids...] are mutually exclusive."
            raise field("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def check_embeds(embeds: list[Json]) -> None:
    """Refuse embeds that are too many or too long, one by one or together."""
    if len(embeds) > EMBEDS:
        raise field("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS} or fewer in length.")
    for index, embed in enumerate(embeds):
        for name, most in EMBED_TEXTS.items():
            if len(embed.get(name) or "") > most:
                raise too_long(f"embeds.{index}.{name}", most)
        if len(embed.get("fields") or ()) > EMBED_FIELDS:
            raise too_long(f"embeds.{index}.fields", EMBED_FIELDS)
    if sum(len(text) for embed in embeds for text in _texts(embed)) > EMBED_SUM:
        raise field("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_SUM}")


def _texts(embed: Json) -> Iterator[str]:
    yield from (embed.get(name) or "" for name in EMBED_TEXTS)
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for each in embed.get("fields") or ():
        yield from (each.get("name") or "", each.get("value") or "")


def check_poll(poll: Json) -> None:
    """Refuse a poll with too much text, too many answers or too much time."""
    question = (poll.get("question") or {}).get("text") or ""
    if not 0 < len(question) <= POLL_QUESTION:
        raise field("poll.question.text", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {POLL_QUESTION} in length.")
    answers = poll.get("answers") or []
    if not 0 < len(answers) <= POLL_ANSWERS:
        raise field("poll.answers", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {POLL_ANSWERS} in length.")
    for index, answer in enumerate(answers):
        text = answer.get("poll_media", {}).get("text") or ""
        if not 0 < len(text) <= POLL_ANSWER:
            path = f"poll.answers.{index}.poll_media.text"
            raise field(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {POLL_ANSWER} in length.")
    if not 1 <= (poll.get("duration") or 24) <= POLL_HOURS:
        raise field("poll.duration", "NUMBER_TYPE_MAX", f"int value should be less than or equal to {POLL_HOURS}.")


def check_components(body: Json) -> None:
    """Refuse components that are too many, too long, ambiguous or of the wrong version."""
    components = body.get("components") or []
    if (body.get("flags") or 0) & Flag.COMPONENTS_V2:
        _check_second_version(body, components)
    elif len(components) > ROWS:
        raise too_long("components", ROWS)
    elif any(each.get("type") not in ROW_OR_LABEL for each in components):
        raise field("components.0.type", "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    _check_custom_ids(components)
    for index, row in enumerate(components):
        buttons = [each for each in row.get("components") or () if each.get("type") == BUTTON]
        if row.get("type") == 1 and len(buttons) > ROWS:
            raise too_long(f"components.{index}.components", ROWS)
        for button in buttons:
            _check_button(index, button)


def _check_second_version(body: Json, components: list[Json]) -> None:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            raise field(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    if len(list(walk(components))) > V2_COMPONENTS:
        raise field("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"The maximum is {V2_COMPONENTS}")
    texts = (each.get("content") or "" for each in walk(components) if each.get("type") == TEXT_DISPLAY)
    if sum(map(len, texts)) > V2_TEXT:
        message = f"The displayable text exceeds the maximum size of {V2_TEXT}"
        raise field("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _check_custom_ids(components: list[Json]) -> None:
    seen: set[str] = set()
    for each in walk(components):
        custom_id = each.get("custom_id")
        if custom_id is None:
            continue
        if not 0 < len(custom_id) <= CUSTOM_ID:
            path = "components.0.components.0.custom_id"
            raise field(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CUSTOM_ID} in length.")
        if custom_id in seen:
            path = "components.0.components.0.custom_id"
            raise field(path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(custom_id)


def _check_button(row: int, button: Json) -> None:
    path = f"components.{row}.components.0"
    if len(button.get("label") or "") > BUTTON_LABEL:
        raise too_long(f"{path}.label", BUTTON_LABEL)
    style = button.get("style")
    if style not in (LINK, PREMIUM) and not button.get("custom_id"):
        raise field(f"{path}.custom_id", "BASE_TYPE_REQUIRED", "This field is required")
    if style == LINK and (button.get("custom_id") or not button.get("url")):
        raise field(path, "BUTTON_COMPONENT_INVALID_URL", "A link button has a url and no custom_id")


def check_modal(modal: Json) -> None:
    """Refuse a modal without a title, without fields or with too many."""
    if not 0 < len(modal.get("title") or "") <= MODAL_TITLE:
        raise field("data.title", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_TITLE} in length.")
    if not 0 < len(modal.get("custom_id") or "") <= CUSTOM_ID:
        raise field("data.custom_id", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CUSTOM_ID} in length.")
    if not 0 < len(modal.get("components") or ()) <= ROWS:
        raise field("data.components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS} in length.")
    _check_custom_ids(modal["components"])


def check_is_something(body: Json, *, uploads: int = 0) -> None:
    """Refuse a message with nothing to show."""
    shown = any(body.get(name) for name in ("content", "embeds", "components", "poll", "sticker_ids", "attachments"))
    forwards = (body.get("message_reference") or {}).get("type") == 1
    if not shown and not uploads and not forwards:
        raise Refusal(50006)
    if not uploads and not forwards and _is_blank(body):
        raise Refusal(50006)


def _is_blank(body: Json) -> bool:
    others = any(body.get(name) for name in ("embeds", "components", "poll", "sticker_ids", "attachments"))
    return not others and not (body.get("content") or "").strip()


def check_reason(reason: str | None) -> None:
    """Refuse an audit-log reason that is too long."""
    if len(reason or "") > AUDIT_REASON:
        raise too_long("reason", AUDIT_REASON)


def check_name(name: str | None, most: int = THREAD_NAME) -> None:
    """Refuse a name that is empty or too long."""
    if not 0 < len((name or "").strip()) <= most:
        error = FieldError(("name",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length.")
        raise invalid(error)
