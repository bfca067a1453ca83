"""Ask Slack who we are and what we may do, for `parley check` and the doctor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.core.address import Address
from bot.core.capability import Need
from bot.core.errors import BotError
from bot.core.ports import Needs
from connectors.slack.account import Account
from connectors.slack.catchup import KINDS
from connectors.slack.limits import PAGE
from connectors.slack.manifest import SCOPES, create_url
from connectors.slack.memory import PLATFORM
from connectors.slack.people import channel_of
from connectors.slack.settings import APP, SlackSettings, Transport, secret
from connectors.slack.team import Team
from connectors.slack.wire import Line, Wire
from connectors.spec import Probe

MEND = "Install the app again from its manifest: parley slack manifest."


async def probe(settings: SlackSettings, needs: Needs) -> list[Probe]:
    """A line for each workspace, for its scopes and for what the admin's token can do, and one for sockets."""
    line = Line(settings.api_base)
    account = Account(line=line, tokens=settings.tokens, admins=settings.admins, trusted=settings.moderators)
    try:
        await account.identify()
        found = [each for team in account.teams.values() for each in await _team(team, needs)]
        return [*found, *await _sockets(settings, line)]
    except BotError as error:
        return [Probe("slack", ok=False, detail=f"{error} Make the app with {create_url()}")]
    finally:
        await line.close()


async def lacking(team: Team, needs: Needs) -> list[str]:
    """What settings take and we may not, in the workspace and in its channels."""
    await team.probe_powers()
    scopes = _missing(team.scopes)
    found = [f"I lack the scopes {', '.join(scopes)}. {MEND}"] if scopes else []
    if Need.REMOVE in needs(Address(PLATFORM, team.id)) and not team.powers.enforcing:
        found.append(team.powers.problem)
    return found + _uninvited(team, await _channels(team), needs)


def _uninvited(team: Team, channels: Sequence[Mapping[str, object]], needs: Needs) -> list[str]:
    """Rooms for cards that we are not in."""
    ours = {each.id for raw in channels if (each := channel_of(raw))}
    rooms = [
        each.id for each in team.memory.channels.values() if Need.SPEAK in needs(Address(PLATFORM, team.id, each.id))
    ]
    return [f"I am not in <#{room}>, where cards are shown: invite me." for room in rooms if room not in ours]


async def _channels(team: Team) -> list[dict[str, object]]:
    raws = await team.wire.pages("users.conversations", "channels", PAGE, types=KINDS, exclude_archived="true")
    return [dict(raw) for raw in raws]


async def _team(team: Team, needs: Needs) -> list[Probe]:
    missing = _missing(team.scopes)
    detail = f"I lack the scopes {', '.join(missing)}. {MEND}" if missing else "I have every scope I use."
    channels = await _channels(team)
    mode = "enforcing: I can delete messages." if team.powers.enforcing else f"advisory. {team.powers.problem}"
    in_channels = f"I am in {len(channels)} channels." if channels else "I am in no channel yet: invite me."
    uninvited = _uninvited(team, channels, needs)
    return [
        Probe(team.name, ok=not missing, detail=detail),
        *([Probe(f"{team.name} cards", ok=False, detail=" ".join(uninvited))] if uninvited else []),
        Probe(f"{team.name} channels", ok=bool(channels), detail=in_channels),
        # Without an admin's token nothing is wrong: it is a choice.
        Probe(f"{team.name} auto mode", ok=team.powers.enforcing or team.powers.wire is None, detail=mode),
    ]


async def _sockets(settings: SlackSettings, line: Line) -> list[Probe]:
    if settings.transport is Transport.HTTP:
        return [Probe("slack requests", ok=True, detail=f"will be taken on {settings.host}:{settings.port}.")]
    try:
        await Wire(line, secret(settings.app_token)).send("apps.connections.open", {})
    except BotError as error:
        return [Probe("slack sockets", ok=False, detail=f"{APP}: {error}")]
    return [Probe("slack sockets", ok=True, detail="can be opened.")]


def _missing(scopes: Collection[str]) -> list[str]:
    """Nothing where Slack did not tell them."""
    return sorted(set(SCOPES) - set(scopes)) if scopes else []
