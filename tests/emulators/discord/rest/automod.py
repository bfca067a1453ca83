"""The rules of native AutoMod, within Discord's limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import re2

from tests.emulators.discord.automod import ALERT, KEYWORD, MENTIONS, PRESET, PROFILE, SPAM, TIMEOUT
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Guild
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal, field, too_long
from tests.emulators.discord.world import Event

MOST = {KEYWORD: 6, SPAM: 1, PRESET: 1, MENTIONS: 1, PROFILE: 1}
# The most of them, and how long each may be.
LISTS = {"keyword_filter": (1000, 60), "regex_patterns": (10, 260), "allow_list": (100, 60)}
PRESET_ALLOWED = 1000
EXEMPT = {"exempt_roles": 20, "exempt_channels": 50}
BLOCK_MESSAGE = 150
LONGEST_TIMEOUT_S = 2_419_200
MOST_MENTIONS = 50
CONFIGURATION = 1 << 20
CREATED, UPDATED, DELETED = 140, 141, 142


def _guild(call: Call) -> Guild:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.MANAGE_GUILD)
    return guild


def listed(call: Call) -> list[Json]:
    return list(_guild(call).automod.values())


def get(call: Call) -> Json:
    rule = _guild(call).automod.get(call.id("rule_id"))
    if rule is None:
        raise Refusal(0, status=404, message="404: Not Found")
    return rule


def create(call: Call) -> Json:
    guild = _guild(call)
    kind = call.body.get("trigger_type")
    if kind not in MOST:
        raise field("trigger_type", "BASE_TYPE_CHOICES", f"Value must be one of {tuple(MOST)}.")
    if sum(each["trigger_type"] == kind for each in guild.automod.values()) >= MOST[kind]:
        code, message = "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", f"Maximum: {MOST[kind]}"
        raise field("trigger_type", code, message)
    rule = {
        "id": str(call.world.snowflake()),
        "guild_id": str(guild.id),
        "creator_id": str(call.me.id),
        "enabled": False,
        "exempt_roles": [],
        "exempt_channels": [],
        "trigger_metadata": {},
        "actions": [],
    }
    return _store(call, guild, {**rule, **call.body}, "AUTO_MODERATION_RULE_CREATE", CREATED)


def change(call: Call) -> Json:
    guild = _guild(call)
    rule = get(call)
    if call.body.get("trigger_type", rule["trigger_type"]) != rule["trigger_type"]:
        raise field("trigger_type", "BASE_TYPE_CHOICES", "The trigger type cannot be changed.")
    return _store(call, guild, {**rule, **call.body}, "AUTO_MODERATION_RULE_UPDATE", UPDATED)


def _store(call: Call, guild: Guild, rule: Json, name: str, action: int) -> Json:
    _check(call, guild, rule)
    for exempt in EXEMPT:
        rule[exempt] = [str(each) for each in rule[exempt] or ()]
    rule["actions"] = [{"metadata": {}, **each} for each in rule["actions"]]
    guild.automod[int(rule["id"])] = rule
    _tell(call, guild, rule, name, action)
    return rule


def _tell(call: Call, guild: Guild, rule: Json, name: str, action: int) -> None:
    call.world.audit(guild, action, call.me, int(rule["id"]), call.reason)
    needs = Permission.MANAGE_GUILD
    call.world.emit(Event(name=name, data=rule, guild=guild, intents=CONFIGURATION, needs=needs))


def delete(call: Call) -> None:
    guild, rule = _guild(call), get(call)
    del guild.automod[int(rule["id"])]
    _tell(call, guild, rule, "AUTO_MODERATION_RULE_DELETE", DELETED)


def _check(call: Call, guild: Guild, rule: Json) -> None:
    if not 0 < len((rule.get("name") or "").strip()) <= 100:
        raise field("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    for exempt, most in EXEMPT.items():
        if len(rule[exempt] or ()) > most:
            raise too_long(exempt, most)
    _check_metadata(rule["trigger_type"], rule.get("trigger_metadata") or {})
    if not rule["actions"]:
        raise field("actions", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, action in enumerate(rule["actions"]):
        _check_action(call, guild, rule["trigger_type"], f"actions.{index}.metadata", action)


def _check_metadata(kind: int, metadata: Json) -> None:
    for name, (most, length) in LISTS.items():
        most_here = PRESET_ALLOWED if (name, kind) == ("allow_list", PRESET) else most
        _check_list(f"trigger_metadata.{name}", metadata.get(name) or (), most_here, length)
    for index, pattern in enumerate(metadata.get("regex_patterns") or ()):
        if not _is_rust(pattern):
            path = f"trigger_metadata.regex_patterns.{index}"
            raise field(path, "AUTO_MODERATION_INVALID_REGEX", "Regex validation failed")
    if kind == KEYWORD and not (metadata.get("keyword_filter") or metadata.get("regex_patterns")):
        raise field("trigger_metadata", "BASE_TYPE_REQUIRED", "A keyword or a pattern is required")
    if not 0 <= (metadata.get("mention_total_limit") or 0) <= MOST_MENTIONS:
        raise field("trigger_metadata.mention_total_limit", "NUMBER_TYPE_MAX", f"The maximum is {MOST_MENTIONS}.")


def _is_rust(pattern: str) -> bool:
    """Whether Rust's regex crate takes it: what RE2 takes, but for any byte, quotations and octal numbers."""
    try:
        re2.compile(pattern)
    except re2.error:
        return False
    return not re.search(r"(?<!\\)(?:\\\\)*\\(?:C|Q|[0-7])", pattern)


def _check_list(path: str, texts: Sequence[str], most: int, length: int) -> None:
    if len(texts) > most:
        raise too_long(path, most)
    for index, text in enumerate(texts):
        if not 0 < len(text) <= length:
            raise field(f"{path}.{index}", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {length} in length.")


def _check_action(call: Call, guild: Guild, kind: int, path: str, action: Json) -> None:
    metadata = action.get("metadata") or {}
    if len(metadata.get("custom_message") or "") > BLOCK_MESSAGE:
        raise too_long(f"{path}.custom_message", BLOCK_MESSAGE)
    if action["type"] == ALERT and int(metadata.get("channel_id") or 0) not in guild.channels:
        raise field(f"{path}.channel_id", "BASE_TYPE_REQUIRED", "A channel of this guild is required")
    if action["type"] != TIMEOUT:
        return
    if kind not in (KEYWORD, MENTIONS):
        raise field("actions", "BASE_TYPE_CHOICES", "This trigger cannot time out.")
    call.world.must(call.me, guild, Permission.MODERATE_MEMBERS)
    if not 0 < metadata.get("duration_seconds", 0) <= LONGEST_TIMEOUT_S:
        raise field(f"{path}.duration_seconds", "NUMBER_TYPE_MAX", f"The maximum is {LONGEST_TIMEOUT_S}.")


_RULES = "/guilds/{guild_id}/auto-moderation/rules"
ROUTES: Routes = {
    ("GET", _RULES): listed,
    ("POST", _RULES): create,
    ("GET", _RULES + "/{rule_id}"): get,
    ("PATCH", _RULES + "/{rule_id}"): change,
    ("DELETE", _RULES + "/{rule_id}"): delete,
}
