"""Messages that members ask moderators to look at."""

from bot.core.event import CommandGiven, Reacted, Reported
from connectors.matrix.reports import ReportDesk
from tests.connectors.matrix.world import Inbox, Person, World, running, until


async def report(who: Person, room: str, message: str, reason: str) -> None:
    await who.api("POST", f"rooms/{room}/report/{message}", {"reason": reason})


async def test_a_reply_or_a_flag_asks_moderators_to_look(world: World) -> None:
    ann, bea, robot = [await world.person(name) for name in ("ann", "bea", "robot")]
    room = await ann.create()
    for person in (bea, robot):
        await person.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        bad = await ann.say(room, "something rude")
        about = {"m.in_reply_to": {"event_id": bad}}
        await bea.say(room, "> <@ann> something rude\n\n!parley report it is rude", **{"m.relates_to": about})
        await bea.say(room, "!parley report")
        await bea.react(room, bad, "🚩")
        await bea.react(room, bad, "👍")
        await until(lambda: inbox.of(Reacted))
    assert [(one.who.id, one.message_id, one.reason) for one in inbox.of(Reported)] == [
        (bea.id, bad, "it is rude"),
        (bea.id, bad, ""),
    ]
    (given,) = inbox.of(CommandGiven)
    assert (given.name, "reply to it" in given.problem) == ("help", True)


async def test_an_administrator_hears_what_was_reported_to_the_homeserver_once(world: World) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    robot = await world.person("robot", admin=True)
    room, elsewhere = await ann.create(), await ann.create()
    await bea.join(room)
    await bea.join(elsewhere)
    await robot.join(room)
    old, bad, other = await ann.say(room, "old"), await ann.say(room, "rude"), await ann.say(elsewhere, "rude")
    await report(bea, room, old, "before anybody asked for us")
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        desk = ReportDesk(bot._account, inbox.position)  # noqa: SLF001
        await until(lambda: f"matrix-reports:{robot.id}" in inbox.cursors)
        await report(bea, elsewhere, other, "not ours")
        await report(bea, room, bad, "so rude")
        assert await desk.step(inbox)
        assert await desk.step(inbox)
    (heard,) = inbox.of(Reported)
    assert (heard.who.id, heard.where, heard.message_id, heard.reason) == (bea.id, world.address(room), bad, "so rude")


async def test_who_is_no_administrator_asks_once_and_never_again(world: World) -> None:
    robot, inbox = await world.person("robot"), Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        assert not await ReportDesk(bot._account, inbox.position).step(inbox)  # noqa: SLF001
        await until(lambda: not bot._errands)  # noqa: SLF001
    assert list(inbox.cursors) == [f"matrix:{robot.id}"]
