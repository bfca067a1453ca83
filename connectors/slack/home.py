"""The page that each member finds when they open the app."""

from __future__ import annotations

from bot.core.address import Address
from connectors.slack.limits import MAX_TEXT
from connectors.slack.memory import PLATFORM
from connectors.slack.reading import Json
from connectors.slack.render import written
from connectors.slack.team import Team
from connectors.spec import Wiring


async def publish(team: Team, user: str, wiring: Wiring) -> None:
    """Show the member their page as it stands; raises what `perform` raises."""
    if wiring.page is not None:
        text = await wiring.page(Address(PLATFORM, team.id), user)
        await team.wire.send("views.publish", {"user_id": user, "view": page(text)})


def page(text: str) -> Json:
    """The page as Slack's JSON."""
    return {"type": "home", "blocks": [{"type": "rich_text", "elements": written(text[:MAX_TEXT])}]}
