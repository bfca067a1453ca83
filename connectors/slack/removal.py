"""Take messages away: our own by ourselves, those of others with an admin's token, where there is one."""

from __future__ import annotations

import structlog

from bot.core.errors import Rejected, Revoked
from connectors.slack.reading import located
from connectors.slack.team import Team
from connectors.slack.texts import NO_MESSAGE, cannot_delete
from connectors.slack.wire import NotFound, Refused, Wire

CANNOT = "cant_delete_message"
log = structlog.get_logger()


async def remove(team: Team, message: str) -> bool:
    """Whether it was gone already; raises what `perform` raises."""
    channel, ts = located(message)
    if not ts:
        raise Rejected(NO_MESSAGE)
    body = {"channel": channel, "ts": ts}
    try:
        if team.powers.enforcing and not channel.startswith("D") and not _is_ours(team, message):
            await _by_admin(team, body)
        else:
            await _by_us(team.wire, team, body)
    except NotFound:
        return True
    return False


def _is_ours(team: Team, message: str) -> bool:
    origin = team.memory.origins.get(message)
    return origin is not None and origin.author == team.memory.me


async def _by_us(wire: Wire, team: Team, body: dict[str, str]) -> None:
    try:
        await wire.send("chat.delete", body)
    except Refused as error:
        if error.code != CANNOT:
            raise
        raise Rejected(cannot_delete(team.powers.problem)) from error


async def _by_admin(team: Team, body: dict[str, str]) -> None:
    """What the admin's token is refused may be our own; else we are advisory from now on."""
    admin = team.powers.wire
    assert admin is not None
    try:
        await admin.send("chat.delete", body)
    except NotFound:
        raise
    except (Refused, Revoked) as error:
        log.warning("admin_refused", team=team.id, problem=str(error))
        await team.probe_powers()
        if isinstance(error, Refused) and error.code == CANNOT and team.powers.enforcing:
            team.powers.problem = "Slack refused SLACK_ADMIN_TOKEN a deletion: its owner may not delete there."
        await _by_us(team.wire, team, body)
