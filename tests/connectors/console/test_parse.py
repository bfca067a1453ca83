"""What was typed, understood."""

from dataclasses import replace

import pytest

from bot.core.effect import Button
from bot.core.event import (
    Author,
    ButtonPressed,
    CommandGiven,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from connectors.console.house import GENERAL, MODS, PARLEY, Entry
from connectors.console.parse import VERBS, Become, Help, Join, Mistake, Parsed, Quit, Scene, Who, parse
from tests.connectors.console.stage import COMMANDS, NOON

ADA = Author(id="ada", name="ada")
BOB = Author(id="bob", name="bob")
CARD = (Button("ok:1", "Approve", "✅"), Button("rm:1", "Remove", "🗑"), Button("re:1", "Reopen", "↩"))
ENTRIES = (
    Entry(number=1, id="s.1", where=GENERAL, who=ADA, text="hello"),
    Entry(number=2, id="s.2", where=GENERAL, who=BOB, text="spam"),
    Entry(number=3, id="s.3", where=MODS, who=PARLEY, text="Case 1", buttons=CARD),
    Entry(number=4, id="s.4", where=GENERAL, who=ADA, text="oops", gone=True),
)
SCENE = Scene(id="s.9", at=NOON, who=ADA, where=GENERAL, entries=ENTRIES, commands=COMMANDS)


def understand(line: str) -> Parsed | None:
    return parse(line, SCENE)


def body(text: str) -> tuple[Surface, ...]:
    return (Surface(SurfaceKind.BODY, text),)


def test_plain_text_is_said() -> None:
    said = MessagePosted(id="s.9", at=NOON, where=GENERAL, who=ADA, message_id="s.9", surfaces=body("hi there"))
    assert understand("  hi there ") == said
    assert understand("hey @Parley!") == replace(said, surfaces=body("hey @Parley!"), mentions_bot=True)
    assert understand("me@parley.example") == replace(said, surfaces=body("me@parley.example"))


@pytest.mark.parametrize("line", ["", "   ", "\0", "\n"])
def test_nothing_is_nothing(line: str) -> None:
    assert understand(line) is None


@pytest.mark.parametrize("prefix", ["/parley", "!parley", "/PARLEY"])
def test_a_command_is_understood_by_its_declaration(prefix: str) -> None:
    given = CommandGiven(id="s.9", at=NOON, where=GENERAL, who=ADA, name="summary", options=(("count", "5"),))
    assert understand(f"{prefix} summary 5") == given
    assert understand(prefix) == replace(given, name="help", options=())


@pytest.mark.parametrize(("typed", "meant"), [("2", "s.2"), ("4", "s.4"), ("5", "5"), ("s.2", "s.2"), ("0", "0")])
def test_a_command_names_a_message_by_its_number(typed: str, meant: str) -> None:
    command = understand(f"/parley why {typed}")
    assert isinstance(command, CommandGiven)
    assert command.options == (("message", meant),)


def test_other_options_keep_their_numbers() -> None:
    command = understand("/parley summary 2")
    assert isinstance(command, CommandGiven)
    assert command.options == (("count", "2"),)


def test_the_card_that_was_shown_last_is_pressed() -> None:
    cards = (replace(ENTRIES[2], number=1, id="s.3", shown=9), replace(ENTRIES[2], number=2, id="s.4", shown=8))
    pressed = parse("/press approve", replace(SCENE, entries=cards))
    assert isinstance(pressed, ButtonPressed)
    assert pressed.message_id == "s.3"


def test_a_wrong_command_carries_its_problem() -> None:
    command = understand("/parley sumary")
    assert isinstance(command, CommandGiven)
    assert command.problem == "I do not know the command “sumary”. Did you mean “summary”?"


def test_an_edit_reads_differently_from_then_on() -> None:
    assert understand("/edit 1 hello all") == MessageEdited(
        id="s.9",
        at=NOON,
        where=GENERAL,
        who=ADA,
        message_id="s.1",
        revision=int(NOON.timestamp() * 1000),
        surfaces=body("hello all"),
    )


def test_two_edits_in_one_moment_keep_their_order() -> None:
    once = replace(ENTRIES[0], revision=int(NOON.timestamp() * 1000))
    edit = parse("/edit 1 again", replace(SCENE, entries=(once,)))
    assert isinstance(edit, MessageEdited)
    assert edit.revision == once.revision + 1


def test_deletions_reports_and_presses_name_the_message() -> None:
    assert understand("/delete 1") == MessageDeleted(id="s.9", at=NOON, where=GENERAL, who=ADA, message_id="s.1")
    assert understand("/report 2 it is spam") == Reported(
        id="s.9", at=NOON, where=GENERAL, who=ADA, message_id="s.2", reason="it is spam"
    )
    pressed = ButtonPressed(id="s.9", at=NOON, where=MODS, who=ADA, message_id="s.3", button_id="rm:1")
    assert understand("/press remove") == understand("/press 3 [Rem]") == pressed


def test_a_moderator_may_delete_for_others() -> None:
    mo = Author(id="mo", name="mo", role=Role.MODERATOR)
    assert isinstance(parse("/delete 2", replace(SCENE, who=mo)), MessageDeleted)


def test_wishes_are_for_the_console() -> None:
    assert understand("/as bob") == Become("bob", None)
    assert understand("/as mo Moderator") == Become("mo", Role.MODERATOR)
    assert understand("/join #mods") == Join("mods")
    assert [understand(line) for line in ("/who", "/help", "/", "/quit")] == [Who(), Help(), Help(), Quit()]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/jion mods", "I do not know /jion: did you mean /join?"),
        ("/xyzzy", "I do not know /xyzzy: /help shows what there is."),
        ("/summary 5", "That is a command of Parley: /parley summary"),
        ("/edit 1", "Type it like this: /edit NUMBER TEXT"),
        ("/edit 2 mine", "2 was said by bob, and only they can edit it: /as bob"),
        ("/edit x y", "Which message? Type the number in front of it, as in: /report 1"),
        ("/delete 2", "Only bob and moderators can delete that: /as ada moderator"),
        ("/delete 4", "4 has been removed."),
        ("/report 99", "There is no message 99."),
        ("/report ²", "Which message? Type the number in front of it, as in: /report 1"),
        ("/press", "Which button of 3? Choose from: approve, remove, reopen."),
        ("/press re", "Which button of 3? Choose from: approve, remove, reopen."),
        ("/press 1 remove", "1 has no buttons."),
        ("/as", "Type it like this: /as NAME [ROLE]"),
        ("/as bob king", "Type it like this: /as NAME [ROLE]"),
        ("/as \x1b[31m", "Type it like this: /as NAME [ROLE]"),
        ("/as Parley", "Parley speaks for itself. Choose another name."),
        ("/join two rooms", "Type it like this: /join ROOM"),
    ],
)
def test_a_mistake_says_what_to_type_instead(line: str, sentence: str) -> None:
    assert understand(line) == Mistake(sentence)


@pytest.mark.parametrize("tail", ["", " 1", " 1 \ud83d\0", " " + "9" * 5000, " \u202e" * 9, " " + "e\u0301" * 40_000])
def test_no_line_breaks_the_parser(tail: str) -> None:
    for verb in VERBS:
        understand(f"/{verb}{tail}")
    understand(tail)
