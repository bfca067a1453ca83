"""A day in a village: what its people do, what the bot must do about it, and that nothing else happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.address import Address
from bot.core.settlement import Outcome
from tests.day import truth
from tests.day.bot import Bot
from tests.day.house import ANSWER_TEXT, PARTS
from tests.day.ledger import Ledger
from tests.day.stage import Said, Stage
from tests.day.waiting import eventually

ABUSE = "you are a stupid worthless idiot and nobody here likes you"
MEMBERS, MODERATORS = ("ada", "ben", "cy", "eve"), ("mo", "ivy")
MODES = {"square": "auto", "market": "semi", "library": "manual", "garden": "shadow"}
MISSED, RAIDERS = 500, 50
TALK = (
    "good morning everyone",
    "the bakery opens at nine today",
    "has anybody seen my bicycle pump?",
    "look behind the shed",
    "rain again, the snails will be happy",
    "I will bring the bread tomorrow",
)


@dataclass(slots=True, kw_only=True)
class Village:
    """Rooms of every mode, their people, and the bot; the ledger knows what should become of every message."""

    stage: Stage
    bot: Bot
    raid: int
    rooms: dict[str, Address] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    async def found(self) -> None:
        """Open the rooms, let people come, and start the bot."""
        self.rooms = {name: await self.stage.room(name) for name in MODES}
        for name in MEMBERS:
            await self.stage.join(name)
        for name in MODERATORS:
            await self.stage.join(name, moderator=True)
        self.bot.environment = {**self.bot.environment, "PARLEY_MODERATION__REVIEW_ROOM": str(await self.office())}
        await self.wake()

    async def office(self) -> Address:
        """Where the moderators meet."""
        if "office" not in self.rooms:
            self.rooms["office"] = await self.stage.room("office", moderators_only=True)
        return self.rooms["office"]

    async def wake(self) -> None:
        """Start the bot, and wait until it has read what it missed."""
        await self.bot.start()
        await self.caught_up()

    async def caught_up(self) -> None:
        """Wait until the bot has read everything that was said."""
        await eventually(lambda: self.stage.listening(self.bot.store.position))

    async def says(
        self, who: str, room: str | Address, text: str, outcome: Outcome = Outcome.APPROVED, *, to_bot: bool = False
    ) -> str:
        """Say it, and note what should become of it."""
        where = self.rooms[room] if isinstance(room, str) else room
        message = await self.stage.say(who, where, text, to_bot=to_bot)
        self.ledger.note(where, who, message, outcome)
        return message

    async def all_say(self, room: str, said: Sequence[tuple[str, str]], outcomes: Sequence[Outcome]) -> Sequence[str]:
        """The same for many at once."""
        messages = await self.stage.say_all(self.rooms[room], said)
        for (who, _), message, outcome in zip(said, messages, outcomes, strict=True):
            self.ledger.note(self.rooms[room], who, message, outcome)
        return messages

    async def goes(self, room: str | Address, message: str) -> None:
        """Wait until nobody can read the message any more."""
        where = self.rooms[room] if isinstance(room, str) else room
        self.ledger.gone.add(message)
        await eventually(lambda: self._is_gone(where, message))

    async def _is_gone(self, where: Address, message: str) -> bool:
        return all(said.id != message for said in await self.stage.reads(where))

    async def hears(self, room: str, words: str) -> Said:
        """The bot's newest message there with these words, once it is there."""
        return await eventually(lambda: self._heard(self.rooms[room], words))

    async def _heard(self, where: Address, words: str) -> Said | None:
        said = reversed(await self.stage.reads(where))
        return next((each for each in said if each.ours and words in each.text), None)

    async def becomes(self, room: str, message: str, outcome: Outcome) -> None:
        """Wait until the bot has judged it so."""
        where = self.rooms[room]
        await eventually(lambda: self._is(where, message, outcome))

    async def _is(self, where: Address, message: str, outcome: Outcome) -> bool:
        return await self.bot.outcome(where, message) is outcome


Scene = Callable[[Village], Awaitable[None]]


async def day(stage: Stage, folder: Path, *, raid: int) -> None:
    """Play all of it on a platform, `raid` messages strong, and hold it against what the platform knows."""
    async with village(stage, folder, raid) as it:
        for scene in SCENES:
            await scene(it)
        await truth.holds(it.stage, it.bot, it.ledger)


@asynccontextmanager
async def village(stage: Stage, folder: Path, raid: int) -> AsyncIterator[Village]:
    """Founded, with the bot awake."""
    async with Bot.of(folder, stage.environment) as bot:
        it = Village(stage=stage, bot=bot, raid=raid)
        await it.found()
        yield it


async def conversation(it: Village) -> None:
    """Each room is set to its mode, and people talk."""
    for room, mode in MODES.items():
        told = await it.stage.command("mo", it.rooms[room], "mode", mode=mode)
        assert mode in told
    for room, mode in MODES.items():
        outcome = Outcome.WAITING if mode == "manual" else Outcome.APPROVED
        for who, text in zip(MEMBERS, TALK, strict=False):
            await it.says(who, room, text, outcome)
    await it.says("mo", "square", "have a good day, all of you")


async def abuse_in_every_mode(it: Village) -> None:
    """Auto acts, semi asks, manual waits, shadow writes down."""
    await it.goes("square", await it.says("eve", "square", ABUSE, Outcome.ACTED))
    asked = await it.says("eve", "market", ABUSE, Outcome.ASKED)
    await it.says("eve", "garden", ABUSE, Outcome.SHADOWED)
    waits = await it.says("eve", "library", ABUSE, Outcome.WAITING)
    card = await it.hears("office", "nobody here likes you")
    await it.stage.press("mo", it.rooms["office"], card.id, "Remove", "No insults here.")
    await it.goes("market", asked)
    await it.becomes("library", waits, Outcome.WAITING)
    case = await it.bot.store.case_about(it.rooms["library"], waits)
    assert case is not None
    told = await it.stage.command("ivy", it.rooms["library"], "remove", number=str(case.number), reason="No insults.")
    assert "removed" in told
    await it.goes("library", waits)


async def an_edit_that_turns_bad(it: Village) -> None:
    """What was approved is judged again."""
    harmless = await it.says("ben", "square", "I will bring the bread tomorrow")
    await it.becomes("square", harmless, Outcome.APPROVED)
    await it.stage.edit("ben", it.rooms["square"], harmless, ABUSE)
    it.ledger.edited[harmless] = Outcome.ACTED
    await it.goes("square", harmless)


async def a_poll(it: Village) -> None:
    """Asked by a member, voted on, ended, and counted."""
    square = it.rooms["square"]
    await it.stage.command("ada", square, "poll", ask="Tea or cake? | tea | cake", lasts="2h")
    shown = await it.hears("square", "Tea or cake?")
    for who, option in (("ada", 1), ("ben", 2), ("cy", 2), ("ada", 2), ("eve", 1)):
        await it.stage.vote(who, square, shown.id, option)
    poll = await eventually(lambda: it.bot.store.poll_shown_as(square, shown.id))
    await it.stage.command("ada", square, "endpoll", number=str(poll.number))
    await eventually(lambda: _counted(it, shown.id, (1, 3)))


async def _counted(it: Village, message: str, expected: tuple[int, ...]) -> bool:
    poll = await it.bot.store.poll_shown_as(it.rooms["square"], message)
    return poll is not None and poll.ended and poll.tally == expected


async def a_thread(it: Village) -> None:
    """Its room's mode holds in it."""
    begun = await it.says("cy", "square", "shall we plant beans?")
    thread = await it.stage.thread("cy", it.rooms["square"], begun, "Beans")
    await it.says("ada", thread, "runner beans, along the fence")
    await it.goes(thread, await it.says("eve", thread, ABUSE, Outcome.ACTED))
    await it.says("ben", thread, "and some marigolds")


async def a_question(it: Village) -> None:
    """The answer grows in one message; abuse is not answered."""
    await it.says("ben", "square", "when should I sow peas?", to_bot=True)
    await it.goes("square", await it.says("eve", "square", ABUSE, Outcome.ACTED, to_bot=True))
    answer = await it.hears("square", ANSWER_TEXT)
    assert 0 < len(answer.was) < PARTS
    assert all(ANSWER_TEXT.startswith(part) for part in answer.was)


async def a_restart(it: Village) -> None:
    """Killed in the middle of a conversation that goes on without it."""
    said = [(MEMBERS[n % 3], f"{TALK[n % len(TALK)]} ({n})") for n in range(40)]
    for n, (who, text) in enumerate(said):
        await it.says(who, "square", text)
        if n == len(said) // 3:
            await it.bot.kill()
    bad = await it.says("eve", "square", ABUSE, Outcome.ACTED)
    await it.wake()
    await it.goes("square", bad)


async def a_lost_session(it: Village) -> None:
    """Much is said that is never delivered; what comes after it is heard after it."""
    said = [(MEMBERS[n % 3], f"{TALK[n % len(TALK)]} (and {n})") for n in range(MISSED)]
    outcomes = [Outcome.APPROVED] * MISSED
    for n in range(50, MISSED, 100):
        said[n], outcomes[n] = ("eve", f"{ABUSE} ({n})"), Outcome.ACTED
    async with it.stage.unheard():
        missed = await it.all_say("square", said, outcomes)
    await it.caught_up()
    for message, outcome in zip(missed, outcomes, strict=True):
        if outcome is Outcome.ACTED:
            await it.goes("square", message)
    await it.says("ada", "square", "there you are again")


async def a_raid(it: Village) -> None:
    """Many come to shout one thing, while others talk elsewhere."""
    raiders = [f"raider{n}" for n in range(min(RAIDERS, max(1, it.raid // 10)))]
    for name in raiders:
        await it.stage.join(name)
    said = [(raiders[n % len(raiders)], f"free seeds at number {n}") for n in range(it.raid)]
    raid = await it.all_say("square", said, [Outcome.ACTED] * it.raid)
    quiet = await it.says("ada", "market", "what is all that noise?")
    await it.becomes("market", quiet, Outcome.APPROVED)
    it.ledger.gone.update(raid)
    await eventually(lambda: _cleared(it, set(raid)), patience_s=60 + it.raid / 20)


async def _cleared(it: Village, raid: set[str]) -> bool:
    return not any(said.id in raid for said in await it.stage.reads(it.rooms["square"]))


async def a_question_after_it(it: Village) -> None:
    """Whoever asks where the raid was does not wait until all raiders were told that they are not welcome."""
    before = len(await it.stage.reads(it.rooms["square"]))
    await it.says("cy", "square", "and beans?", to_bot=True)
    await eventually(lambda: _answered(it, before), patience_s=20)


async def _answered(it: Village, before: int) -> bool:
    said = (await it.stage.reads(it.rooms["square"]))[before:]
    return any(each.ours and each.text == ANSWER_TEXT for each in said)


async def evening(it: Village) -> None:
    """The moderators let the library's talk stand, and the bot is stopped."""
    rows = [row for row in it.ledger.rows if row.where == it.rooms["library"] and row.message not in it.ledger.gone]
    case = await it.bot.store.case_about(it.rooms["library"], rows[-1].message)
    assert case is not None
    await it.stage.command("mo", it.rooms["library"], "approve", number=str(case.number), upto="true")
    await eventually(lambda: _no_case_is_open(it))
    await it.says("mo", "square", "good night")
    await it.becomes("square", it.ledger.rows[-1].message, Outcome.APPROVED)


async def _no_case_is_open(it: Village) -> bool:
    return not await it.bot.store.open_cases(None, 1)


SCENES: Sequence[Scene] = (
    conversation,
    abuse_in_every_mode,
    an_edit_that_turns_bad,
    a_poll,
    a_thread,
    a_question,
    a_restart,
    a_lost_session,
    a_raid,
    a_question_after_it,
    evening,
)
