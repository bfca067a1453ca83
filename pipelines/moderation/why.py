"""Explain a verdict: all of it to moderators, what was done to its author."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot import text
from bot.core.action import Action, Post
from bot.core.event import CommandGiven, Role
from bot.core.evidence import Evidence
from bot.core.markdown import literal
from bot.core.ports import Context, Found


async def why(given: CommandGiven, context: Context) -> AsyncIterator[Action]:
    """Only moderators of its place and its author learn anything about a message."""
    message_id = given.option("message").rstrip("/").rpartition("/")[2].partition("?")[0]
    found = await context.store.message(given.where.platform, message_id)
    yield Post(to=given.where, text=await _answer(given, found, context), whisper_to=given.who.id)


async def _answer(given: CommandGiven, found: Found | None, context: Context) -> str:
    if found is None:
        return text.NO_SUCH_MESSAGE
    if await context.role(found.event.where, given.who.id) >= Role.MODERATOR:
        return _details(found)
    if found.event.who.id != given.who.id:
        return text.NO_SUCH_MESSAGE
    return text.outcome_for_author(found.verdict.outcome if found.verdict else None)


def _details(found: Found) -> str:
    if found.verdict is None:
        return text.NOT_JUDGED_YET
    evidence = found.verdict.evidence
    lines = [text.outcome_for_moderators(found.verdict.outcome, evidence.mode), *_findings(evidence)]
    lines.append(text.versions(evidence.policy, evidence.model, found.hash[:12]))
    return "\n".join(lines)


def _findings(evidence: Evidence) -> list[str]:
    note = [f"- {literal(evidence.note)}"] if evidence.note else []
    found = [f"- {literal(f.label)} {f.score:.2f} (`{f.rule}`)" for f in evidence.findings if f.score > 0]
    return [*note, *found]
