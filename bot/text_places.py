"""What Parley says about places that it lost."""

from __future__ import annotations

from bot.core.event import PlaceLost
from bot.core.markdown import literal


def lost(event: PlaceLost) -> str:
    """To the moderators of a place that nobody looks after any more."""
    how = "banned me from" if event.banned else "took me out of"
    why = f" (“{literal(event.reason)}”)" if event.reason else ""
    back = "Lift the ban and invite me" if event.banned else "Invite me"
    return (
        f"{literal(event.who.name)} {how} **{literal(event.name)}**{why}, so I look after it no more. "
        f"{back} if that was not meant."
    )
