"""What must be true in the evening: held against the ledger, the bot's own store and what the platform knows."""

from __future__ import annotations

from collections import Counter

from bot.core.address import Address
from bot.core.event import MessagePosted
from bot.core.settlement import Outcome
from tests.day.bot import Bot
from tests.day.ledger import Ledger
from tests.day.stage import Stage

Verdicts = dict[str, list[Outcome | None]]


async def holds(stage: Stage, bot: Bot, ledger: Ledger) -> None:
    """Fails with what is not as it should be; stops the bot."""
    assert await bot.stop() == 0, bot.log()
    await _one_verdict_for_each_message(bot, ledger)
    await _nothing_was_done_twice(stage, ledger)
    await _what_should_be_gone_is_gone_and_nothing_else(stage, ledger)
    assert bot.abandoned() == []


async def _one_verdict_for_each_message(bot: Bot, ledger: Ledger) -> None:
    posted: Verdicts = {}
    edited: Verdicts = {}
    heard: dict[Address, list[str]] = {}
    async for found in bot.store.scan():
        outcome = found.verdict.outcome if found.verdict else None
        if isinstance(found.event, MessagePosted):
            posted.setdefault(found.event.message_id, []).append(outcome)
            if outcome is not Outcome.ACTED:
                heard.setdefault(found.event.where, []).append(found.event.message_id)
        elif found.event.message_id in posted:
            edited.setdefault(found.event.message_id, []).append(outcome)
        # Names and titles are judged as if they were messages that change.
        assert outcome is not None, found.event.key
    assert posted == {row.message: [row.outcome] for row in ledger.rows}
    assert edited == {message: [outcome] for message, outcome in ledger.edited.items()}
    # What the rules have removed at once may go ahead of what was said before it.
    assert heard == ledger.places(lambda row: row.outcome is not Outcome.ACTED)


async def _nothing_was_done_twice(stage: Stage, ledger: Ledger) -> None:
    known = await stage.truth()
    assert known.refused == []
    await _nobody_was_told_twice(stage, ledger)
    assert known.removed == Counter(dict.fromkeys(ledger.gone, 1))
    assert [post for post, times in Counter(known.posts).items() if times > 1] == []


async def _nobody_was_told_twice(stage: Stage, ledger: Ledger) -> None:
    """Of each removal at most once; those who give no commands are told nothing else."""
    for who, removed in ledger.removed().items():
        told = await stage.told(who)
        assert len(told) <= removed, (who, told)


async def _what_should_be_gone_is_gone_and_nothing_else(stage: Stage, ledger: Ledger) -> None:
    for where, messages in ledger.places().items():
        there = [said.id for said in await stage.reads(where) if not said.ours]
        assert there == [message for message in messages if message not in ledger.gone]
