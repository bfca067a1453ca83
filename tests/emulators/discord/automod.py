"""Native AutoMod: what it stops before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import re2

from tests.emulators.discord import lifecycle, posting
from tests.emulators.discord.model import Channel, Guild, Id, Member, Message, User
from tests.emulators.discord.permissions import ALL, Permission
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.world import Event, World

KEYWORD, SPAM, PRESET, MENTIONS, PROFILE = 1, 3, 4, 5, 6
BLOCK, ALERT, TIMEOUT = 1, 2, 3
EXECUTION = 1 << 21
ALERT_MESSAGE = 24
# A stand-in: Discord keeps the words of its presets to itself.
PRESET_WORDS = ["presetword"]
_MENTION = re.compile(r"<@[!&]?\d+>")


class AutoMod:
    """Screens what people say, on sending and on editing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def screen(self, who: User, channel: Channel, text: str, *, message: Message | None = None) -> Callable[[Id], None]:
        """Do what the guild's rules say about a text; refuse it (200000) if one blocks it.

        What they do about a text that passes is done by the returned function, which is told the message it became.
        """
        guild = channel.guild
        if guild is None or self._is_exempt(guild, who):
            return lambda _: None
        found = list(self._matches(guild, guild.members[who.id], channel, text))
        actions = [action for rule, _, _ in found for action in rule["actions"]]
        blocking = next((action for action in actions if action["type"] == BLOCK), None)
        if blocking is None:
            return lambda message_id: self._act_all(
                guild, who, channel, [_Match(*each, text, message_id) for each in found]
            )
        known = message.id if message else None
        self._act_all(guild, who, channel, [_Match(*each, text, known) for each in found])
        custom = (blocking.get("metadata") or {}).get("custom_message")
        raise Refusal(200000, extra={"custom_message": custom} if custom else None)

    def _act_all(self, guild: Guild, who: User, channel: Channel, matches: Sequence[_Match]) -> None:
        for match in matches:
            for action in match.rule["actions"]:
                self._act(guild, who, channel, action, match)

    def _is_exempt(self, guild: Guild, who: User) -> bool:
        allowed = self._world.allowed_in(who, guild)
        return who.bot or allowed == ALL or Permission.MANAGE_GUILD in allowed

    def _matches(
        self, guild: Guild, member: Member, channel: Channel, text: str
    ) -> Iterator[tuple[Json, str | None, str | None]]:
        place = channel.parent.id if channel.is_thread and channel.parent else channel.id
        for rule in guild.automod.values():
            exempt = {int(each) for each in (*rule["exempt_roles"], *rule["exempt_channels"])}
            if not rule["enabled"] or exempt & {*member.role_ids, place, channel.id}:
                continue
            if (match := matched(rule, text)) is not None:
                yield rule, *match

    def _act(self, guild: Guild, who: User, channel: Channel, action: Json, match: _Match) -> None:
        metadata = action.get("metadata") or {}
        alert: Id | None = None
        if action["type"] == TIMEOUT:
            member = guild.members[who.id]
            member.muted_until = self._world.now() + timedelta(seconds=metadata["duration_seconds"])
            lifecycle.tell_member(self._world, guild, member)
        if action["type"] == ALERT:
            alert = self._alert(guild.channels[int(metadata["channel_id"])], who, match)
        data: Json = {
            "guild_id": str(guild.id),
            "action": action,
            "rule_id": match.rule["id"],
            "rule_trigger_type": match.rule["trigger_type"],
            "user_id": str(who.id),
            "channel_id": str(channel.id),
            "content": match.text,
            "matched_keyword": match.keyword,
            "matched_content": match.content,
            **({"message_id": str(match.message_id)} if match.message_id else {}),
            **({"alert_system_message_id": str(alert)} if alert else {}),
        }
        name, needs = "AUTO_MODERATION_ACTION_EXECUTION", Permission.MANAGE_GUILD
        self._world.emit(Event(name=name, data=data, guild=guild, intents=EXECUTION, needs=needs))

    def _alert(self, channel: Channel, who: User, match: _Match) -> Id:
        names = ("rule_name", "keyword", "keyword_matched_content")
        values = (match.rule["name"], match.keyword or "", match.content or "")
        fields = [{"name": name, "value": value, "inline": False} for name, value in zip(names, values, strict=True)]
        embed = {"type": "auto_moderation_message", "description": match.text, "fields": fields}
        draft = posting.Draft(author=who, channel=channel, type=ALERT_MESSAGE, embeds=[embed], allowed={"parse": []})
        return posting.post(self._world, draft).id


class _Match:
    """A rule, what it found, and in what."""

    def __init__(self, rule: Json, keyword: str | None, content: str | None, text: str, message_id: Id | None) -> None:
        self.rule = rule
        self.keyword = keyword
        self.content = content
        self.text = text
        self.message_id = message_id


def matched(rule: Json, text: str) -> tuple[str | None, str | None] | None:
    """The keyword or pattern of a rule that a text matches and what it matched; None if none does."""
    metadata = rule.get("trigger_metadata") or {}
    match rule["trigger_type"]:
        case 1:
            return _keyword(metadata.get("keyword_filter") or (), metadata.get("regex_patterns") or (), metadata, text)
        case 4:
            return _keyword(PRESET_WORDS, (), metadata, text)
        case 5:
            many = len(_MENTION.findall(text)) > metadata.get("mention_total_limit", 0)
            return (None, None) if many else None
    return None


def _keyword(
    keywords: Sequence[str], patterns: Sequence[str], metadata: Json, text: str
) -> tuple[str | None, str | None] | None:
    allowed = [as_pattern(each) for each in metadata.get("allow_list") or ()]
    for keyword, pattern in (*((each, as_pattern(each)) for each in keywords), *((each, each) for each in patterns)):
        found = re2.search("(?i)" + pattern, text)
        if found and not any(re2.search("(?i)" + each, text) for each in allowed):
            return keyword, found[0]
    return None


def as_pattern(keyword: str) -> str:
    """A keyword as a pattern: whole words, unless an asterisk at an end lets them go on."""
    start = "" if keyword.startswith("*") else r"(?:^|[^\pL\pN])"
    end = "" if keyword.endswith("*") else r"(?:$|[^\pL\pN])"
    return f"{start}{re2.escape(keyword.strip('*'))}{end}"
