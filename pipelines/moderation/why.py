"""Explain a verdict: all of it to moderators, what was done to its author."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot import text
from bot.core.action import Action
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import CommandGiven, Role
from bot.core.evidence import Evidence
from bot.core.markdown import literal
from bot.core.ports import Context
from bot.core.stored import Found
from pipelines.spec import whisper


@dataclass(frozen=True, slots=True)
class Why:
    """`review_room` gives the room where a place's moderators meet."""

    review_room: Callable[[Address], Address | None]

    async def why(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Only moderators of its place and its author learn anything about a message."""
        message_id = given.option("message").rstrip("/").rpartition("/")[2].partition("?")[0]
        found = await context.store.message(given.where.platform, message_id)
        if found is not None and await context.role(found.event.where, given.who.id) >= Role.MODERATOR:
            for said in await self._to_moderator(given, found, context):
                yield said
        elif found is None or found.event.who.id != given.who.id:
            yield whisper(given, text.NO_SUCH_MESSAGE)
        else:
            yield whisper(given, text.outcome_for_author(found.verdict.outcome if found.verdict else None))

    async def _to_moderator(self, given: CommandGiven, found: Found, context: Context) -> list[Post]:
        """What rules and scores say is for moderators only: elsewhere, members would learn how to get around them."""
        room = self.review_room(given.where)
        if room == given.where.parent or (await context.capabilities(given.where)).ephemeral:
            return [whisper(given, _details(found))]
        if room is None:
            return [whisper(given, _outcome(found))]
        return [Post(to=room, text=_details(found)), whisper(given, text.ANSWERED_IN_REVIEW_ROOM)]


def _outcome(found: Found) -> str:
    if found.verdict is None:
        return text.NOT_JUDGED_YET
    return text.outcome_for_moderators(found.verdict.outcome, found.verdict.evidence.mode)


def _details(found: Found) -> str:
    if found.verdict is None:
        return text.NOT_JUDGED_YET
    evidence = found.verdict.evidence
    lines = [_outcome(found), *_findings(evidence)]
    lines.append(text.versions(evidence.policy, evidence.model, found.hash[:12]))
    return "\n".join(lines)


def _findings(evidence: Evidence) -> list[str]:
    note = [f"- {literal(evidence.note)}"] if evidence.note else []
    found = [f"- {literal(f.label)} {f.score:.2f} (`{f.rule}`)" for f in evidence.findings if f.score > 0]
    return [*note, *found]
