"""What Parley says about lists of bans."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.banlist import BanList
from bot.core.event import Role
from bot.core.markdown import literal

SHOWN = 15
NO_LISTS = "No list of bans is followed here. “watch LIST” shows what one would mean."
NOT_FOLLOWED = "That list is not followed here; “lists” says which are."
NOT_THEIR_LIST = "Bans can only be written to a list that you moderate too."
LISTED = "named by a list of bans"


def preview(found: BanList) -> str:
    """Before a list is followed."""
    head = f"{_named(found)}."
    said = [head, *_hits(found), *_servers(found)]
    return "\n\n".join([*said, f"Nothing was done. “watch {found.address.channel} now” follows it from now on."])


def followed(found: BanList) -> str:
    """After that."""
    hit = sum(1 for each in found.hits if each.role < Role.MODERATOR)
    return f"From now on {_named(found)} is followed. Bans that are due at once: {hit}."


def unfollowed(name: str) -> str:
    """A list counts no more."""
    return f"{literal(name)} is no longer followed. Whom it had banned stays banned: “unban” lifts that."


def lists(found: Sequence[BanList]) -> str:
    """Those that count here."""
    return "Followed here:\n" + "\n".join(f"- {_named(each)}: {len(each.hits)} of them are here" for each in found)


def unreadable(reason: str) -> str:
    """A list that is none, or not for us."""
    return f"I cannot read that list: {literal(reason)}"


def pardoned(member: str) -> str:
    """After a ban was lifted."""
    return f"I lift every ban of {literal(member)} here, and take the name off our own list."


def too_many(found: BanList, most: int) -> str:
    """A change of a list would ban more than anybody means."""
    return (
        f"{_named(found)} would now ban {len(found.hits)} who are here, more than {most} at once, so I did nothing. "
        f"“watch {found.address.channel} now” does it, “unwatch {found.address.channel}” ends it."
    )


def _named(found: BanList) -> str:
    return f"{literal(found.title)} ({found.size} entries)"


def _hits(found: BanList) -> list[str]:
    due = [each for each in found.hits if each.role < Role.MODERATOR]
    spared = [each for each in found.hits if each.role >= Role.MODERATOR]
    if not found.hits:
        return ["It names nobody who is here."]
    lines = [f"- {literal(each.user_id)} in {literal(each.where.channel)}: {_why(each.entry.reason)}" for each in due]
    more = [f"- and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    said = [f"It would ban {len(due)}:\n" + "\n".join([*lines[:SHOWN], *more])] if due else []
    names = ", ".join(sorted({literal(each.user_id) for each in spared}))
    return said + ([f"It also names moderators, who are never acted on: {names}."] if spared else [])


def _why(reason: str) -> str:
    return literal(reason[:80]) or "no reason given"


def _servers(found: BanList) -> list[str]:
    names = ", ".join(literal(each) for each in found.servers[:SHOWN])
    more = f" and {len(found.servers) - SHOWN} more" if len(found.servers) > SHOWN else ""
    return [f"It would keep these servers out of every room: {names}{more}."] if found.servers else []
