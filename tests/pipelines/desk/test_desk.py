"""Every command passes the desk: known, complete, allowed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot import text, text_screening
from bot.core.action import Action
from bot.core.capability import Need
from bot.core.command import CommandSpec, Suggestion, read
from bot.core.effect import Post
from bot.core.event import CommandGiven, Event, Role
from bot.core.ports import Context
from pipelines.desk.commands import HELP, MODE
from pipelines.desk.pipeline import Desk, doctor, help_
from pipelines.spec import Command
from tests.pipelines.build import LOBBY, MO, OFFICE, all_of, asked, pressed, said
from tests.pipelines.fakes import House

DONE = Post(to=LOBBY, text="done")


async def answered(_given: CommandGiven, _context: Context) -> AsyncIterator[Action]:
    yield DONE


DESK = Desk([Command(HELP, answered), Command(MODE, answered)])


def house(role: Role) -> House:
    return House(roles={(str(LOBBY), MO.id): role})


def told(text: str) -> list[Action]:
    return [Post(to=LOBBY, text=text, whisper_to=MO.id)]


async def test_a_command_is_answered_by_whoever_answers_it() -> None:
    assert await all_of(DESK(asked("mode"), house(Role.MODERATOR).context)) == [DONE]
    assert await all_of(DESK(asked("help"), house(Role.GUEST).context)) == [DONE]


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER])
async def test_the_role_at_this_moment_counts(role: Role) -> None:
    """The event still says moderator: so it was when the command was typed."""
    assert await all_of(DESK(asked("mode"), house(role).context)) == told("“mode” is for moderators.")


async def test_a_role_counts_in_its_own_place_only() -> None:
    elsewhere = House(roles={(str(OFFICE), MO.id): Role.OWNER})
    assert await all_of(DESK(asked("mode"), elsewhere.context)) == told("“mode” is for moderators.")


async def test_a_command_that_nobody_answers_is_said_so() -> None:
    assert await all_of(DESK(asked("*dance*"), house(Role.OWNER).context)) == told(
        "I do not know the command “\\*dance\\*”. “help” lists what I can do."
    )


async def test_what_is_wrong_with_a_command_is_said_before_anything_is_done() -> None:
    line = read("mode off", [HELP, MODE])
    event = asked(line.name, *line.options, problem=line.problem)
    assert await all_of(DESK(event, house(Role.OWNER).context)) == told(
        "“off” is none of manual, semi, auto, shadow\\."
    )


@pytest.mark.parametrize("line", ["[x](https://evil.example)", "mode @everyone", "mode auto <!channel>"])
async def test_what_was_typed_is_repeated_without_effect(line: str) -> None:
    command = read(line, [HELP, MODE])
    (post,) = await all_of(DESK(asked(command.name, problem=command.problem), house(Role.OWNER).context))
    assert isinstance(post, Post)
    assert not {"](", " @", "<!", "“@"} & {post.text[at : at + 2] for at in range(len(post.text))}


@pytest.mark.parametrize("event", [said("help"), pressed("case:1:remove")])
async def test_what_is_no_command_is_none_of_its_business(event: Event) -> None:
    assert await all_of(DESK(event, house(Role.OWNER).context)) == []
    assert list(DESK.failed(event)) == []


def test_whoever_asked_learns_that_it_did_not_work() -> None:
    assert list(DESK.failed(asked("mode"))) == told(
        "Sorry, that did not work. Nothing was changed; please try again, and tell whoever runs me if it stays so."
    )


@pytest.mark.parametrize(
    ("role", "listed"),
    [
        (Role.MEMBER, "- `help` – What I can do for you here"),
        (
            Role.MODERATOR,
            "- `help` – What I can do for you here\n- `ban NAME` – \\*Out\\*",
        ),
    ],
)
async def test_help_lists_what_its_reader_may_do(role: Role, listed: str) -> None:
    ban = CommandSpec(name="ban NAME", summary="*Out*", role=Role.MODERATOR)
    assert await all_of(help_([HELP, ban], asked("help"), house(role).context)) == told(
        f"What you can ask of me here:\n{listed}"
    )


async def test_the_doctor_asks_the_platform_what_settings_take() -> None:
    house = House(places=[LOBBY], roles={(str(LOBBY.community), MO.id): Role.MODERATOR})
    answer = doctor(lambda _: frozenset({Need.READ, Need.REMOVE}), asked("doctor"), house.context)
    said = text_screening.doctor([f"{LOBBY.community} lobby: read, remove"])
    assert await all_of(answer) == [Post(to=LOBBY, text=said, whisper_to=MO.id)]
    for_members = doctor(lambda _: frozenset(), asked("doctor"), House().context)
    assert await all_of(for_members) == [Post(to=LOBBY, text=text.NOT_THEIR_COMMUNITY, whisper_to=MO.id)]


async def test_suggestions_are_for_those_who_may_give_the_command() -> None:
    async def suggest(given: CommandGiven, option: str, _context: Context) -> list[Suggestion]:
        return [Suggestion(given.option(option), option)]

    spec = CommandSpec(name="case", summary="Show a case", role=Role.MODERATOR)
    desk = Desk([Command(spec, answered, suggest)])
    typed = asked("case", ("number", "7"))
    moderator = House(roles={(str(LOBBY), MO.id): Role.MODERATOR})
    assert await desk.suggest(typed, "number", moderator.context) == [Suggestion("7", "number")]
    assert list(await desk.suggest(typed, "number", House().context)) == []
    assert list(await desk.suggest(asked("unknown"), "number", moderator.context)) == []
