"""Keep members from speaking or from being here, and let them again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

import structlog

from bot.core.address import Address
from bot.core.effect import BanAll, Lift, Penalty, Post, Restrict
from bot.core.errors import BotError, Rejected, Unsupported
from bot.core.stored import Receipt
from bot.core.surface import legible
from connectors.discord import limits
from connectors.discord.memory import DIRECT
from connectors.discord.reading import snowflake, snowflakes
from connectors.discord.replies import Replies
from connectors.discord.wire import NotFound, Refused, Wire, path

POWERS = {Penalty.TIMEOUT: "Moderate Members", Penalty.KICK: "Kick Members", Penalty.BAN: "Ban Members"}
BULK_POWER = "Ban Members and Manage Server"
# None of them could be banned; whoever tries one by one learns why.
NOBODY_BANNED = 500000
log = structlog.get_logger()


async def restrict(wire: Wire, replies: Replies, effect: Restrict, *, key: str, now: datetime) -> Receipt:
    """Tell the member, then do it. Raises what `perform` raises."""
    _in_server(effect.to, (effect.user_id,))
    if effect.tell:
        await _tell(replies, effect, key)
    try:
        await _punish(wire, effect, now)
    except NotFound:
        return Receipt(gone=True)
    return Receipt()


async def lift(wire: Wire, effect: Lift) -> Receipt:
    """Take it back; gone where there is nothing to take back."""
    _in_server(effect.to, (effect.user_id,))
    guild, reason, power = path("guilds", effect.to.space), legible(effect.reason), POWERS[effect.penalty]
    try:
        match effect.penalty:
            case Penalty.TIMEOUT:
                free = {"communication_disabled_until": None}
                await wire.send("PATCH", f"{guild}{path('members', effect.user_id)}", free, reason=reason, power=power)
            case Penalty.BAN:
                await wire.send("DELETE", f"{guild}{path('bans', effect.user_id)}", reason=reason, power=power)
            case Penalty.KICK:
                raise Unsupported("whoever was kicked may come back by themselves")
            case _:
                assert_never(effect.penalty)
    except NotFound:
        return Receipt(gone=True)
    return Receipt()


async def ban_all(wire: Wire, effect: BanAll) -> Receipt:
    """Ban up to 200 in one call; the receipt names those who were not, among them those who were banned before."""
    _in_server(effect.to, effect.user_ids)
    if len(effect.user_ids) > limits.MAX_BULK_BAN:
        raise Unsupported(f"more than {limits.MAX_BULK_BAN} members at once")
    where, body = path("guilds", effect.to.space, "bulk-ban"), {"user_ids": list(effect.user_ids)}
    try:
        answer = await wire.send("POST", where, body, reason=legible(effect.reason), power=BULK_POWER)
    except Refused as error:
        if error.code != NOBODY_BANNED:
            raise
        return Receipt(undone=effect.user_ids)
    return Receipt(undone=snowflakes(answer.get("failed_users")))


def _in_server(where: Address, user_ids: tuple[str, ...]) -> None:
    if where.space in ("", DIRECT):
        raise Unsupported("nobody can be sent out of a conversation of two")
    if not all(map(snowflake, user_ids)):
        raise Rejected("There is no such member.")


async def _tell(replies: Replies, effect: Restrict, key: str) -> None:
    """Before anything else: whoever is gone from all our servers can no longer be reached."""
    said = effect.tell[: limits.MAX_TEXT]
    post = Post(to=effect.to, text=said, whisper_to=effect.user_id, buttons=effect.tell_buttons)
    try:
        await replies.tell(post, f"{key}#tell")
    except BotError as error:
        log.info("member_not_told", user=effect.user_id, problem=str(error))


async def _punish(wire: Wire, effect: Restrict, now: datetime) -> None:
    member = path("guilds", effect.to.space, "members", effect.user_id)
    reason, power = legible(effect.reason), POWERS[effect.penalty]
    match effect.penalty:
        case Penalty.TIMEOUT:
            until = {"communication_disabled_until": _until(effect.lasts, now)}
            await wire.send("PATCH", member, until, reason=reason, power=power)
        case Penalty.KICK:
            await wire.send("DELETE", member, reason=reason, power=power)
        case Penalty.BAN:
            where = path("guilds", effect.to.space, "bans", effect.user_id)
            await wire.send("PUT", where, {}, reason=reason, power=power)
        case _:
            assert_never(effect.penalty)


def _until(lasts: timedelta, now: datetime) -> str:
    return (now + min(lasts, limits.MAX_TIMEOUT)).isoformat()
