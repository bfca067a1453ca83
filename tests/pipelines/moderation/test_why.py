"""Why a message was judged as it was: all to moderators, the outcome to its author, nothing to strangers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.capability import Capabilities
from bot.core.effect import Post
from bot.core.event import Role
from bot.core.evidence import Evidence, Finding
from bot.core.settlement import Outcome
from pipelines.moderation.why import Why
from tests.pipelines.build import ANN, BOB, LOBBY, MO, OFFICE, all_of, asked, found, said
from tests.pipelines.fakes import House

EVIDENCE = Evidence(
    findings=(
        Finding(rule="insults", label="in*sult", score=0.9, quote="idiot"),
        Finding(rule="model:threat", label="threat", score=0.0, quote="0.40"),
    ),
    score=0.9,
    policy="p1",
    model="m1",
    mode="auto",
    note="A *note*.",
)
ROLES = {(str(LOBBY), MO.id): Role.MODERATOR}


def house(outcome: Outcome | None = Outcome.ACTED) -> House:
    return House(messages={"test:m1": found(said("you idiot"), outcome, EVIDENCE)}, roles=ROLES)


async def told(who: object, home: House, message: str = "m1", **changes: object) -> str:
    (post,) = await all_of(
        Why(lambda _: OFFICE).why(asked("why", ("message", message), who=who, **changes), home.context)
    )
    assert isinstance(post, Post)
    assert post.whisper_to
    return post.text


async def test_moderators_learn_everything_it_can_be_repeated_with() -> None:
    assert await told(MO, house()) == (
        "I removed it. (mode auto)\n"
        "- A \\*note\\*\\.\n"
        "- in\\*sult 0.90 (`insults`)\n"
        "policy `p1` · model `m1` · event `0123456789ab`"
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            Outcome.ACTED,
            (
                "It went against the rules of this room. "
                "If you think that was a mistake, you can appeal: “appeal” does it."
            ),
        ),
        (Outcome.ASKED, "A moderator will look at it."),
        (Outcome.WAITING, "A moderator will look at it."),
        (Outcome.APPROVED, "It stands."),
        (Outcome.SHADOWED, "It stands."),
        (None, "I have not judged this message yet; ask again in a moment."),
    ],
)
async def test_authors_learn_the_outcome_and_not_what_found_it(outcome: Outcome | None, words: str) -> None:
    assert await told(ANN, house(outcome)) == words


async def test_where_others_read_along_moderators_are_answered_in_their_room() -> None:
    home = replace(house(), can=Capabilities(max_text=2000))
    given = asked("why", ("message", "m1"), who=MO)
    details, pointer = await all_of(Why(lambda _: OFFICE).why(given, home.context))
    assert isinstance(details, Post)
    assert isinstance(pointer, Post)
    assert (details.to, details.whisper_to, details.text.count("`insults`")) == (OFFICE, "", 1)
    assert (pointer.to, pointer.text) == (LOBBY, "I answered in the moderators’ room.")
    (brief,) = await all_of(Why(lambda _: None).why(given, home.context))
    assert brief == Post(to=LOBBY, text="I removed it. (mode auto)", whisper_to=MO.id)


async def test_strangers_learn_not_even_that_it_exists() -> None:
    assert await told(BOB, house()) == await told(BOB, House()) == "I know of no such message here."


async def test_a_moderator_of_another_room_is_a_stranger_here() -> None:
    """The role counts where the message is, not where the question is asked."""
    home = House(messages=house().messages, roles={(str(OFFICE), MO.id): Role.OWNER})
    assert await told(MO, home, where=OFFICE) == "I know of no such message here."


async def test_a_message_of_another_platform_is_not_found() -> None:
    home = House(messages={"other:m1": found(said("you idiot"))}, roles=ROLES)
    assert await told(MO, home) == "I know of no such message here."


async def test_a_message_that_was_not_judged_yet_is_said_so() -> None:
    assert await told(MO, house(None)) == "I have not judged this message yet; ask again in a moment."


@pytest.mark.parametrize(
    "link",
    [
        "https://chat.example/channels/1/2/m1",
        "https://chat.example/channels/1/2/m1/",
        "https://chat.example/#/!room:example.org/m1?via=example.org",
        "/m1",
    ],
)
async def test_a_link_names_the_message_it_leads_to(link: str) -> None:
    assert (await told(MO, house(), link)).startswith("I removed it.")


@pytest.mark.parametrize("nonsense", ["", "/", "///", "?", "\ud800", "x" * 5000])
async def test_nonsense_names_no_message(nonsense: str) -> None:
    assert await told(MO, house(), nonsense) == "I know of no such message here."
