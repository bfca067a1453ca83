"""Members: look up, time out, rename, kick, ban and take back."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.emulators.discord import lifecycle, posting, render
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Guild, Id, Member, User
from tests.emulators.discord.permissions import ALL, Permission
from tests.emulators.discord.refusal import Json, Refusal, field
from tests.emulators.discord.render import snowflake_time

KICKED, BANNED, UNBANNED, UPDATED, ROLES_UPDATED = 20, 22, 23, 24, 25
LONGEST_TIMEOUT = timedelta(days=28)
NICKNAME = 32
MOST_DELETED_S = 604_800
MOST_BANS = 200


def _member(call: Call) -> Member:
    return call.world.member_of(call.guild(), call.id("user_id"))


def get(call: Call) -> Json:
    return render.full_member(_member(call))


def listed(call: Call) -> list[Json]:
    members, after = call.guild().members, call.number("after", 0)
    return [render.full_member(members[each]) for each in sorted(members) if each > after][: call.number("limit", 1)]


def search(call: Call) -> list[Json]:
    prefix = call.query.get("query", "").lower()
    found = [
        each
        for each in call.guild().members.values()
        if each.user.name.lower().startswith(prefix) or (each.nick or "").lower().startswith(prefix)
    ]
    return [render.full_member(each) for each in found[: call.number("limit", 1)]]


def change(call: Call) -> Json:
    guild, member = call.guild(), _member(call)
    if "communication_disabled_until" in call.body:
        _time_out(call, guild, member)
    if "nick" in call.body:
        _rename(call, guild, member)
    if "roles" in call.body:
        _give(call, guild, member)
    call.world.audit(guild, UPDATED, call.me, member.user.id, call.reason)
    lifecycle.tell_member(call.world, guild, member)
    return render.full_member(member)


def _time_out(call: Call, guild: Guild, member: Member) -> None:
    call.world.must(call.me, guild, Permission.MODERATE_MEMBERS)
    call.world.must_outrank(call.me, guild, member)
    if call.world.allowed_in(member.user, guild) == ALL:  # administrators cannot be timed out
        raise Refusal(50013)
    until = call.body["communication_disabled_until"]
    if until is None:
        member.muted_until = None
        return
    end = datetime.fromisoformat(until)
    if end.tzinfo is None or end > call.world.now() + LONGEST_TIMEOUT:
        path = "communication_disabled_until"
        raise field(path, "INVALID_COMMUNICATION_DISABLED_TIMESTAMP", "Timeout must be at most 28 days")
    member.muted_until = end


def _rename(call: Call, guild: Guild, member: Member) -> None:
    call.world.must(call.me, guild, Permission.MANAGE_NICKNAMES)
    call.world.must_outrank(call.me, guild, member)
    if len(call.body["nick"] or "") > NICKNAME:
        raise field("nick", "BASE_TYPE_BAD_LENGTH", "Must be 32 or fewer in length.")
    member.nick = call.body["nick"] or None


def _give(call: Call, guild: Guild, member: Member) -> None:
    wanted = {int(each) for each in call.body["roles"] or ()}
    for role_id in wanted ^ member.role_ids:
        _must_manage(call, guild, role_id)
    member.role_ids = wanted


def _must_manage(call: Call, guild: Guild, role_id: Id) -> None:
    call.world.must(call.me, guild, Permission.MANAGE_ROLES)
    if role_id not in guild.roles:
        raise Refusal(10011)
    top = max((guild.roles[each].position for each in guild.members[call.me.id].role_ids), default=0)
    if guild.roles[role_id].position >= top:
        raise Refusal(50013)


def rename_me(call: Call) -> Json:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.CHANGE_NICKNAME)
    member = guild.members[call.me.id]
    member.nick = call.body.get("nick") or None
    lifecycle.tell_member(call.world, guild, member)
    return render.full_member(member)


def add_role(call: Call) -> None:
    _change_role(call, given=True)


def remove_role(call: Call) -> None:
    _change_role(call, given=False)


def _change_role(call: Call, *, given: bool) -> None:
    guild, member, role_id = call.guild(), _member(call), call.id("role_id")
    _must_manage(call, guild, role_id)
    (member.role_ids.add if given else member.role_ids.discard)(role_id)
    call.world.audit(guild, ROLES_UPDATED, call.me, member.user.id, call.reason)
    lifecycle.tell_member(call.world, guild, member)


def kick(call: Call) -> None:
    guild, member = call.guild(), _member(call)
    call.world.must(call.me, guild, Permission.KICK_MEMBERS)
    call.world.must_outrank(call.me, guild, member)
    call.world.audit(guild, KICKED, call.me, member.user.id, call.reason)
    lifecycle.leave(call.world, guild, member.user)


def _may_ban(call: Call, guild: Guild, user_id: Id) -> User:
    """Whom to ban; also somebody who is no member."""
    call.world.must(call.me, guild, Permission.BAN_MEMBERS)
    user = call.world.users.get(user_id)
    if user is None:
        raise Refusal(10013)
    if user_id in guild.members:
        call.world.must_outrank(call.me, guild, guild.members[user_id])
    return user


def ban(call: Call) -> None:
    guild = call.guild()
    user = _may_ban(call, guild, call.id("user_id"))
    seconds = _deleted_s(call)
    if user.id in guild.bans:  # banning again changes nothing
        return
    _ban(call, guild, user, seconds)


def _deleted_s(call: Call) -> int:
    """How far back the banned one's messages go; discord.py says so in the query, Discord's description in the body."""
    told = call.body.get("delete_message_seconds") or call.number("delete_message_seconds", 0)
    seconds = int(told or 86_400 * int(call.body.get("delete_message_days") or 0))
    if not 0 <= seconds <= MOST_DELETED_S:
        message = f"int value should be less than or equal to {MOST_DELETED_S}."
        raise field("delete_message_seconds", "NUMBER_TYPE_MAX", message)
    return seconds


def _ban(call: Call, guild: Guild, user: User, seconds: int) -> None:
    call.world.audit(guild, BANNED, call.me, user.id, call.reason)
    lifecycle.ban(call.world, guild, user, call.reason)
    since = call.world.now() - timedelta(seconds=seconds)
    for channel in list(guild.channels.values()) if seconds else ():
        written = [each for each in channel.messages.values() if each.author is user]
        found = [each for each in written if snowflake_time(each.id) >= since]
        if found:
            posting.delete(call.world, found)


def ban_many(call: Call) -> Json:
    """Ban up to 200 at once; who cannot be banned is named, and 500000 says that nobody could."""
    guild = call.guild()
    call.world.must(call.me, guild, Permission.BAN_MEMBERS | Permission.MANAGE_GUILD)
    ids = [int(each) for each in call.body.get("user_ids") or ()]
    if not 1 <= len(ids) <= MOST_BANS:
        raise field("user_ids", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_BANS} in length.")
    seconds, banned, failed = _deleted_s(call), [], []
    for user_id in ids:
        try:
            user = _may_ban(call, guild, user_id)
        except Refusal:
            failed.append(str(user_id))
            continue
        if user_id in guild.bans:
            failed.append(str(user_id))
            continue
        _ban(call, guild, user, seconds)
        banned.append(str(user_id))
    if not banned:
        raise Refusal(500000, status=400, message="Failed to ban users")
    return {"banned_users": banned, "failed_users": failed}


def unban(call: Call) -> None:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.BAN_MEMBERS)
    if call.id("user_id") not in guild.bans:
        raise Refusal(10026)
    user = call.world.users[call.id("user_id")]
    call.world.audit(guild, UNBANNED, call.me, user.id, call.reason)
    lifecycle.unban(call.world, guild, user)


def _shown_ban(call: Call, guild: Guild, user_id: Id) -> Json:
    return {"user": render.user(call.world.users[user_id]), "reason": guild.bans[user_id]}


def get_ban(call: Call) -> Json:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.BAN_MEMBERS)
    if call.id("user_id") not in guild.bans:
        raise Refusal(10026)
    return _shown_ban(call, guild, call.id("user_id"))


def get_bans(call: Call) -> list[Json]:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.BAN_MEMBERS)
    after, before = call.number("after", 0), call.number("before", 1 << 63)
    found = [each for each in sorted(guild.bans) if after < each < before]
    return [_shown_ban(call, guild, each) for each in found[: call.number("limit", 1000)]]


_ONE = "/guilds/{guild_id}/members/{user_id}"
_BAN = "/guilds/{guild_id}/bans/{user_id}"
ROUTES: Routes = {
    ("GET", "/guilds/{guild_id}/members"): listed,
    ("GET", "/guilds/{guild_id}/members/search"): search,
    ("GET", _ONE): get,
    ("PATCH", _ONE): change,
    ("DELETE", _ONE): kick,
    ("PATCH", "/guilds/{guild_id}/members/@me"): rename_me,
    ("PUT", _ONE + "/roles/{role_id}"): add_role,
    ("DELETE", _ONE + "/roles/{role_id}"): remove_role,
    ("GET", _BAN): get_ban,
    ("PUT", _BAN): ban,
    ("DELETE", _BAN): unban,
    ("GET", "/guilds/{guild_id}/bans"): get_bans,
    ("POST", "/guilds/{guild_id}/bulk-ban"): ban_many,
}
