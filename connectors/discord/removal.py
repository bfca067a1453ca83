"""Take away messages, and what is judged like one: names, titles of threads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.effect import Delete
from bot.core.errors import Rejected
from bot.core.surface import legible
from connectors.discord.limits import MAX_BULK_AGE, MAX_BULK_DELETE, MIN_BULK_DELETE
from connectors.discord.memory import DIRECT
from connectors.discord.notices import BLOCKED, NAME, THREAD
from connectors.discord.reading import made_at, snowflake
from connectors.discord.wire import NotFound, Refused, Wire, path
from connectors.recent import Recent

TOO_OLD = 50034
POWER = "Manage Messages"


async def remove(wire: Wire, effect: Delete, now: datetime, done: Recent[str, bool]) -> bool:
    """Whether all of it was gone already. Raises what `perform` raises.

    `done` remembers what a try that had to wait got done, so that the next one begins where it stopped.
    """
    ids = [each for each in dict.fromkeys(effect.message_ids) if each not in done]
    gone = [done[each] for each in effect.message_ids if each in done]
    plain = [message_id for message_id in ids if snowflake(message_id)]
    young = (
        [each for each in plain if now - made_at(each) < MAX_BULK_AGE] if effect.to.space not in ("", DIRECT) else []
    )
    bulks = [young[first : first + MAX_BULK_DELETE] for first in range(0, len(young), MAX_BULK_DELETE)]
    together = [bulk for bulk in bulks if len(bulk) >= MIN_BULK_DELETE]
    handled = {each for bulk in together for each in bulk}
    single = [each for each in ids if each not in handled]
    gone += [_keep(done, bulk, gone=await _several(wire, effect, bulk)) for bulk in together]
    gone += [_keep(done, [each], gone=await _one(wire, effect, each)) for each in single]
    return all(gone)


def _keep(done: Recent[str, bool], ids: Sequence[str], *, gone: bool) -> bool:
    """Only of messages: whoever lost a bad name can take it again."""
    for each in filter(snowflake, ids):
        done.keep(each, gone)
    return gone


async def _several(wire: Wire, effect: Delete, ids: Sequence[str]) -> bool:
    channel, reason = effect.to.thread or effect.to.channel, legible(effect.reason)
    where = path("channels", channel, "messages", "bulk-delete")
    try:
        await wire.send("POST", where, {"messages": list(ids)}, reason=reason, power=POWER)
    except NotFound:
        return True
    except Refused as error:
        if error.code != TOO_OLD:
            raise
        return all([await _one(wire, effect, each) for each in ids])
    return False


async def _one(wire: Wire, effect: Delete, message_id: str) -> bool:
    reason = legible(effect.reason)
    try:
        match message_id:
            case name if name.startswith(NAME):
                await _forget_name(wire, effect.to.space, name.removeprefix(NAME), reason)
            case thread if thread.startswith(THREAD):
                where = path("channels", thread.removeprefix(THREAD))
                await wire.send("DELETE", where, reason=reason, power="Manage Threads")
            case blocked if blocked.startswith(BLOCKED):
                return True
            case _:
                await _message(wire, effect, message_id, reason)
    except NotFound:
        return True
    return False


async def _forget_name(wire: Wire, guild: str, user: str, reason: str) -> None:
    """Back to the name the account has everywhere."""
    where = path("guilds", guild, "members", user)
    await wire.send("PATCH", where, {"nick": None}, reason=reason, power="Manage Nicknames")


async def _message(wire: Wire, effect: Delete, message_id: str, reason: str) -> None:
    if not snowflake(message_id):
        raise Rejected("There is no such message.")
    where = path("channels", effect.to.thread or effect.to.channel, "messages", message_id)
    await wire.send("DELETE", where, reason=reason, power=POWER)
