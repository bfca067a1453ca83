"""All workspaces that our tokens are for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from bot.core.address import Address
from bot.core.errors import Rejected, Revoked
from connectors.slack.memory import Memory
from connectors.slack.reading import ident, words
from connectors.slack.team import ADVISORY, Powers, Team
from connectors.slack.wire import RENEW, Line, Wire

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Account:
    """Our app, with a token for each workspace."""

    line: Line
    tokens: Sequence[str]
    admins: Sequence[str] = ()
    trusted: Sequence[str] = ()
    teams: dict[str, Team] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: bool = False

    async def identify(self) -> None:
        """Learn which workspaces the tokens are for; raises `Revoked` when Slack accepts none of them."""
        if self._known:
            return
        async with self._turn:
            if not self._known:
                await self._identify()
                self._known = True

    async def team(self, where: Address) -> Team:
        """The workspace of a place; raises `Rejected` for one that we are not in."""
        await self.identify()
        found = self.teams.get(where.space)
        if found is None:
            raise Rejected("I am not in that workspace.")
        return found

    def drop(self, team: str) -> None:
        """A workspace has put us out; raises `Revoked` when none is left."""
        if self.teams.pop(team, None):
            log.error("workspace_lost", team=team)
        if not self.teams:
            raise Revoked(RENEW)

    async def _identify(self) -> None:
        refused: Revoked | None = None
        for token in self.tokens:
            try:
                team = await self._meet(Wire(self.line, token))
            except Revoked as error:
                refused = error
                log.error("token_refused", number=self.tokens.index(token) + 1)  # noqa: TRY400  # the fact is enough
            else:
                self.teams[team.id] = team
        if not self.teams:
            raise refused or Rejected("There is no token.")
        await self._arm()

    async def _meet(self, wire: Wire) -> Team:
        answer = await wire.ask("auth.test", body={})
        told = answer.content
        memory = Memory(team=ident(told.get("team_id")), me=ident(told.get("user_id")), bot=ident(told.get("bot_id")))
        if not memory.team or not memory.me:
            raise Rejected("What answers there does not tell whose token it is: is api_base right?")
        url, name = words(told.get("url")), words(told.get("team"))
        team = Team(
            wire=wire, memory=memory, url=url, name=name or memory.team, scopes=answer.scopes, trusted=self.trusted
        )
        await team.refresh_moderators()
        return team

    async def _arm(self) -> None:
        """Give each workspace the admin's token that is for it."""
        for token in self.admins:
            wire = Wire(self.line, token)
            owner = await self._owner(wire)
            found = [owner] if owner else [team for team in self.teams.values() if team.powers.wire is None]
            for team in found[:1]:
                team.powers = Powers(wire=wire, problem=ADVISORY)
                await team.probe_powers()

    async def _owner(self, wire: Wire) -> Team | None:
        try:
            return self.teams.get(ident((await wire.send("auth.test", {})).get("team_id")))
        except (Rejected, Revoked):
            return None
