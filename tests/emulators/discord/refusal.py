"""Why a request is refused, in the words and numbers of the platform."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
FieldPath: TypeAlias = tuple[str, ...]

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
MESSAGES = {
    0: "401: Unauthorized",
    10001: "Unknown Account",
    10002: "Unknown Application",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10011: "Unknown Role",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10026: "Unknown Ban",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    20001: "Bots cannot use this endpoint",
    20016: "This action cannot be performed due to slowmode rate limit",
    30007: "Maximum number of webhooks reached (15)",
    30010: "Maximum number of reactions reached (20)",
    30032: "Maximum number of application commands reached (100)",
    30034: "Maximum number of daily application command creates has been reached (200)",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later",
    40058: "Cannot send a message in a forum channel",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50016: "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages.",
    50021: "Cannot execute action on a system message",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50034: "A message provided was too old to bulk delete",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    50109: "The request body contains invalid JSON.",
    50278: "Cannot send messages to this user due to having no mutual guilds",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
    200000: "Message was blocked by automatic moderation",
    520001: "Poll expired",
    520002: "Invalid channel type for poll creation",
    520003: "Cannot edit a poll message",
    520004: "Cannot use an emoji included with the poll",
    520006: "Cannot expire a non-poll message",
}
_STATUS = {
    **dict.fromkeys((0, 50027), HTTPStatus.UNAUTHORIZED),
    **dict.fromkeys((20001, 50001, 50005, 50007, 50013, 50021, 50278), HTTPStatus.FORBIDDEN),
    **dict.fromkeys((code for code in MESSAGES if 10000 < code < 11000), HTTPStatus.NOT_FOUND),
    30046: HTTPStatus.TOO_MANY_REQUESTS,
    20016: HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a body."""

    path: FieldPath
    code: str
    message: str


class Refusal(Exception):
    """Discord says no: an HTTP status, one of its error codes and, for a bad body, the fields at fault."""

    def __init__(self, code: int, *, status: int | None = None, message: str = "", extra: Json | None = None) -> None:
        self.code = code
        self.status = int(status or _STATUS.get(code, HTTPStatus.BAD_REQUEST))
        self.message = message or MESSAGES.get(code, HTTPStatus(self.status).phrase)
        self.extra = extra or {}
        super().__init__(f"{self.status} {self.code}: {self.message} {self.extra or ''}".rstrip())

    def body(self) -> Json:
        """The body of the answer."""
        return {"message": self.message, "code": self.code, **self.extra}


def invalid(*errors: FieldError) -> Refusal:
    """The refusal of a body whose fields are at fault."""
    return Refusal(50035, extra={"errors": _nested(errors)})


def field(path: str, code: str, message: str) -> Refusal:
    """The refusal of a body for one field; the path is dotted."""
    return invalid(FieldError(tuple(path.split(".")), code, message))


def too_long(path: str, most: int) -> Refusal:
    """The refusal of a text that is longer than `most` characters."""
    return field(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _nested(errors: tuple[FieldError, ...]) -> Json:
    tree: Json = {}
    for error in errors:
        node = tree
        for step in error.path:
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": error.code, "message": error.message})
    return tree
