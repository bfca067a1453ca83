from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from urllib.parse import quote

from connectors.matrix.polls import END, RESPONSE, START
from tests.connectors.matrix.sealed import ENCRYPTION, Device, device
from tests.connectors.matrix.world import Person, until
from tests.rooms.town import ABUSE, Bot, Town, eventually, opened, say_many, set_mode

REMOVE = "🗑️"


def test_the_mode_of_each_room_decides_who_presses_the_button(town: Town, mods: str, bot: Bot) -> None:
    square, market = opened(town, "ada", "ben", "eve"), opened(town, "ada", "eve")

    set_mode(town, square, "auto")
    kind, unkind = town.say("ada", square, "good morning everyone"), town.say("eve", square, ABUSE)
    eventually(lambda: town.is_redacted(square, unkind))
    eventually(lambda: town.heard(square, "your message was removed"))
    assert not town.is_redacted(square, kind)

    harmless = town.say("ben", square, "I will bring the bread tomorrow")
    eventually(lambda: bot.verdicts(square).get(harmless) == ["approved"])
    town.edit("ben", square, harmless, ABUSE)
    eventually(lambda: town.is_redacted(square, harmless))

    asked = town.say("eve", market, ABUSE)
    card = eventually(lambda: town.heard(mods, "nobody here likes you"))
    assert not town.is_redacted(market, asked)
    town.react("mo", mods, card["event_id"], REMOVE)
    eventually(lambda: town.is_redacted(market, asked))
    eventually(lambda: town.heard(mods, "was removed, by"))

    set_mode(town, market, "manual")
    waiting = [town.say(who, market, "hello again") for who in ("ada", "eve")]
    eventually(lambda: [bot.verdicts(market).get(message) for message in waiting] == [["waiting"], ["waiting"]])
    town.say("mo", mods, "!parley queue all")
    queue = eventually(lambda: town.heard(mods, "Waiting for a decision"))
    assert queue["content"]["body"].count("hello again") == len(waiting)


def test_a_member_may_neither_press_nor_command(town: Town, mods: str, bot: Bot) -> None:
    square = opened(town, "ada", "eve")
    asked = town.say("eve", square, ABUSE)
    card = eventually(lambda: town.heard(mods, "nobody here likes you"))
    town.server.api("POST", f"/_matrix/client/v3/join/{mods}", town.people["eve"].token, {})
    town.react("eve", mods, card["event_id"], "✅")
    eventually(lambda: town.heard(mods, "Only moderators"))
    town.say("eve", square, "!parley mode shadow")
    eventually(lambda: town.heard(square, "is for moderators"))
    town.react("mo", mods, card["event_id"], REMOVE)
    eventually(lambda: town.is_redacted(square, asked))


def test_nothing_is_lost_or_judged_twice_when_the_bot_dies(town: Town, mods: str, bot: Bot) -> None:
    square = opened(town, "ada")
    token = town.people["parley"].token

    async def killed_in_the_middle() -> list[str]:
        talk = asyncio.create_task(say_many(town, "ada", square, [f"message {n}" for n in range(200)]))
        await asyncio.to_thread(eventually, lambda: len(bot.verdicts(square)) >= 60)
        bot.kill()
        bot.start(token)
        return await talk

    during = asyncio.run(killed_in_the_middle())
    eventually(lambda: set(during) <= set(bot.verdicts(square)))
    bot.kill()
    away = asyncio.run(say_many(town, "ada", square, [f"you were away {n}" for n in range(250)]))
    bot.start(token)
    sent = [*during, *away]
    eventually(lambda: all(bot.verdicts(square).get(message, [""])[0] for message in sent), patience=60)
    assert {message: bot.verdicts(square)[message] for message in sent} == {message: ["approved"] for message in sent}


def test_a_revoked_token_stops_the_bot_with_a_sentence(town: Town, mods: str, bot: Bot) -> None:
    town.server.api("POST", "/_matrix/client/v3/logout", town.people["parley"].token, {})
    assert bot.process is not None
    assert bot.process.wait(20) == 1
    assert "no longer accepts our access token" in (bot.folder / "log.txt").read_text()


async def test_sealed_rooms_are_moderated_like_any_other_also_after_a_restart(
    town: Town, mods: str, bot: Bot, tmp_path: Path
) -> None:
    sealed = [town.room("eve", state=[ENCRYPTION]) for _ in range(2)]
    for room in sealed:
        await asyncio.to_thread(eventually, lambda room=room: town.is_in(room))
    async with device(Person(town.server, town.people["eve"]), tmp_path / "eve") as eve:
        await until(lambda: set(sealed) <= set(eve.client.rooms))
        for room in sealed:
            town.say("mo", room, "!parley mode auto")
            await until(partial(eve.reads, room, "auto for this channel"))
            await moderated(town, bot, eve, room)
        bot.kill()
        meanwhile = await eve.say(sealed[0], ABUSE)
        bot.start(town.people["parley"].token)
        await asyncio.to_thread(eventually, lambda: town.is_redacted(sealed[0], meanwhile))
        await moderated(town, bot, eve, sealed[1])


async def moderated(town: Town, bot: Bot, eve: Device, room: str) -> None:
    kind, unkind = await eve.say(room, "good morning everyone"), await eve.say(room, ABUSE)
    await asyncio.to_thread(eventually, lambda: town.is_redacted(room, unkind))
    await until(lambda: eve.reads(room, "your message was removed"))
    await until(lambda: bot.verdicts(room).get(kind) == ["approved"])


def test_a_list_is_shown_followed_and_written_by_bans_until_they_are_lifted(town: Town, mods: str, bot: Bot) -> None:
    square, market, bad = opened(town, "ada", "ben", "eve"), opened(town, "eve"), opened(town)
    space, name = town.server.name, {who: account.user_id for who, account in town.people.items()}
    rule = {"entity": name["ben"].replace("ben", "b?n"), "recommendation": "m.ban", "reason": "scams"}
    town.set_state(bad, "m.policy.rule.user", "rule:1", rule)
    town.say("mo", mods, f"!parley watch {bad}")
    eventually(lambda: town.heard(mods, "It would ban 1") and town.heard(mods, "scams"))
    assert town.membership(square, "ben") == "join"
    town.say("mo", mods, f"!parley watch {bad} now")
    eventually(lambda: town.membership(square, "ben") == "ban")
    town.set_state(bad, "m.policy.rule.user", "rule:2", {**rule, "entity": name["ada"]})
    eventually(lambda: town.membership(square, "ada") == "ban")

    own = quote(mods, safe="")
    town.say("mo", mods, f"!parley settings community own_list matrix/{space}/{own}")
    eventually(lambda: town.heard(mods, "own_list"))
    town.act("mo", square, "ban", "eve")
    eventually(lambda: town.membership(market, "eve") == "ban")
    assert [one["entity"] for one in town.rules(mods)] == [name["eve"]]
    town.act("mo", square, "unban", "eve")
    eventually(lambda: town.membership(market, "eve") == "leave")
    eventually(lambda: not town.rules(mods))


def test_who_asks_before_delivery_hears_what_the_rooms_own_policy_says(town: Town, mods: str, bot: Bot) -> None:
    square, market = opened(town, "eve"), opened(town, "eve")
    set_mode(town, square, "auto")
    event = {
        "type": "m.room.message",
        "event_id": "$asked",
        "sender": town.people["eve"].user_id,
        "origin_server_ts": 1,
    }

    def refusal(room: str, text: str) -> str:
        return bot.refusal({**event, "room_id": room, "content": {"msgtype": "m.text", "body": text}})

    assert "goes against the rules of this room" in refusal(square, ABUSE)
    assert refusal(square, "good morning everyone") == ""
    # Elsewhere moderators are asked, and they can only be asked about what was said.
    assert refusal(market, ABUSE) == ""


def test_votes_and_reactions_are_counted_alike_until_a_moderator_ends_the_poll(town: Town, mods: str, bot: Bot) -> None:
    square = opened(town, "ada", "ben", "eve")
    town.say("mo", square, "!parley poll Which day? | Saturday | Sunday")
    poll = eventually(lambda: town.said_by_parley(square, START))[0]["event_id"]

    def vote(who: str, *answers: str) -> None:
        about = {"rel_type": "m.reference", "event_id": poll}
        town.send(who, square, RESPONSE, {"m.relates_to": about, RESPONSE: {"answers": list(answers)}})

    vote("ada", "1")
    vote("ada", "2")
    vote("ben", "2")
    vote("ben", "spoilt")
    town.react("eve", square, poll, "1\ufe0f\u20e3")
    end = {"m.relates_to": {"rel_type": "m.reference", "event_id": poll}, END: {}, "body": "The end"}
    town.send("eve", square, END, end)
    vote("mo", "2")
    town.send("mo", square, END, end)
    told = eventually(lambda: town.heard(square, "Which day?"))["content"]["body"]
    assert "has ended: Sunday, with 2 votes" in told
    assert [f"{share}%" in line for share, line in zip((33, 67), told.splitlines()[1:3], strict=True)] == [True, True]


def test_a_room_is_followed_when_it_is_upgraded_with_what_was_set_for_it(town: Town, mods: str, bot: Bot) -> None:
    square = opened(town, "eve")
    set_mode(town, square, "auto")
    mo = town.people["mo"].token
    made = town.server.api("POST", f"/_matrix/client/v3/rooms/{quote(square)}/upgrade", mo, {"new_version": "11"})
    fresh = made["replacement_room"]
    eventually(lambda: town.is_in(fresh))
    town.server.api("POST", f"/_matrix/client/v3/join/{quote(fresh)}", town.people["eve"].token, {})
    unkind = town.say("eve", fresh, ABUSE)
    eventually(lambda: town.is_redacted(fresh, unkind))


def test_moderators_hear_when_somebody_takes_the_bot_out_of_a_room(town: Town, mods: str, bot: Bot) -> None:
    square, market = opened(town), opened(town)
    town.act("mo", square, "kick", "parley")
    eventually(lambda: town.heard(mods, "took me out of"))
    town.act("mo", market, "ban", "parley")
    eventually(lambda: town.heard(mods, "banned me from") and town.heard(mods, "by hand"))
