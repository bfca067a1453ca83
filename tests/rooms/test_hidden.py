"""Abuse that a client shows and a library that checks schemas would not see."""

from __future__ import annotations

from tests.rooms.town import ABUSE, Bot, Town, eventually, opened, set_mode

# What mixed abuse with harmless words is asked about.
FOUND = ("acted", "asked")


def test_abuse_in_a_malformed_message_or_behind_a_harmless_edit_is_found(town: Town, mods: str, bot: Bot) -> None:
    square = opened(town, "eve")
    set_mode(town, square, "auto")
    html = {"format": "org.matrix.custom.html", "formatted_body": f"<p>{ABUSE}</p>"}
    hidden = [
        town.say("eve", square, ABUSE, formatted_body=["x"]),
        town.say("eve", square, "hello", formatted_body={"a": ABUSE}),
        town.say("eve", square, "hi", format=5, formatted_body=ABUSE),
        town.send("eve", square, "com.example.sticker", {"body": ABUSE}),
        town.say("eve", square, "hello", **html),
    ]
    eventually(lambda: all(bot.verdicts(square).get(message, [""])[0] for message in hidden))
    assert [bot.verdicts(square)[message][0] in FOUND for message in hidden] == [True] * len(hidden)
    harmless = town.say("eve", square, "I will bring the bread tomorrow")
    eventually(lambda: bot.verdicts(square).get(harmless) == ["approved"])
    relation = {"rel_type": "m.replace", "event_id": harmless}
    fresh = {"msgtype": "m.text", "body": "I will bring the bread", **html}
    town.say("eve", square, "* I will bring", **{"m.new_content": fresh, "m.relates_to": relation})
    (judged,) = eventually(lambda: list(filter(None, bot.verdicts(square, "MessageEdited").get(harmless, []))))
    assert judged in FOUND
