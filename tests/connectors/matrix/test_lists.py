"""Lists of bans in rooms on a real homeserver."""

from urllib.parse import quote

import pytest

from bot.core.address import Address
from bot.core.banlist import BanList, Bar, Enlist, Entry, Pardon, Subject
from bot.core.errors import Rejected
from bot.core.event import ListChanged, MemberBanned, Role
from bot.core.stored import Receipt
from connectors.matrix.client import MatrixConnector
from connectors.matrix.policies import Rules, entry_of, matches
from connectors.matrix.rooms import Room
from tests.connectors.matrix.world import Inbox, Person, World, running, until

BAN = {"recommendation": "m.ban"}


def user(entity: str, reason: str = "") -> Entry:
    return Entry(subject=Subject.USER, entity=entity, reason=reason)


async def town(world: World) -> tuple[Person, Person, Person, str, str]:
    """Ann moderates, Bea is a member, the robot may ban; a square and a list."""
    ann, bea, robot = [await world.person(name) for name in ("ann", "bea", "robot")]
    square, list_ = await ann.create(name="Square"), await ann.create(name="Bad people")
    for room in (square, list_):
        await robot.join(room)
        await ann.power(room, {"users": {robot.id: 60}})
    await bea.join(square)
    return ann, bea, robot, square, list_


async def rule(ann: Person, room: str, entity: str, kind: str = "m.policy.rule.user", key: str = "") -> str:
    content = {"entity": entity, "reason": "raids", **BAN}
    return str((await ann.api("PUT", f"rooms/{room}/state/{kind}/{key or 'rule:' + entity}", content))["event_id"])


async def held(bot: MatrixConnector, world: World, list_: str, *, member: str = "") -> BanList:
    (found,) = await bot.ban_lists(Address("matrix", world.server.name), [world.address(list_)], member)
    return found


async def test_a_list_is_held_against_who_is_here_by_names_and_patterns(world: World) -> None:
    ann, bea, robot, square, list_ = await town(world)
    await rule(ann, list_, bea.id.replace("bea", "b?a"))
    await rule(ann, list_, "@nobody:elsewhere.example", "m.room.rule.user")
    await rule(ann, list_, "*.evil.example", "m.policy.rule.server")
    await ann.api(
        "PUT", f"rooms/{list_}/state/m.policy.rule.user/other", {"entity": ann.id, "recommendation": "m.mute"}
    )
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        found = await held(bot, world, list_)
        (hit,) = found.hits
        assert (found.address, found.title, found.size) == (world.address(list_), "Bad people", 3)
        assert found.servers == ("*.evil.example",)
        assert (hit.where, hit.user_id, hit.role, hit.entry.reason) == (
            world.address(square), bea.id, Role.MEMBER, "raids",
        )  # fmt: skip
        assert [(each.user_id, each.where) for each in (await held(bot, world, list_, member=bea.id)).hits][:1] == [
            (bea.id, world.address(square))
        ]
        assert (await held(bot, world, list_, member=ann.id)).hits == ()
        alias = f"#bad-{robot.id[1:].partition(':')[0]}:{world.server.name}"
        await ann.api("PUT", f"directory/room/{quote(alias)}", {"room_id": list_})
        assert await held(bot, world, alias) == found
        with pytest.raises(Rejected):
            await held(bot, world, await ann.create(preset="private_chat"))
        heard = await rule(ann, list_, ann.id)
        await ann.redact(list_, heard)
        await until(lambda: inbox.of(ListChanged))
        await ann.say(list_, "done")
        await until(lambda: any(getattr(one, "message_id", "") == heard for one in inbox.events))
        assert [(one.where, one.entity, one.lifted) for one in inbox.of(ListChanged)] == [
            (world.address(list_), ann.id, False)
        ]
        assert (await held(bot, world, list_, member=ann.id)).hits == ()


async def test_our_own_list_is_written_and_erased_and_both_are_heard(world: World) -> None:
    ann, bea, robot, square, list_ = await town(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    own = world.address(list_)
    async with running(bot, inbox):
        await ann.api("POST", f"rooms/{square}/ban", {"user_id": bea.id, "reason": "raid"})
        (banned,) = await until(lambda: inbox.of(MemberBanned))
        assert (banned.where, banned.who.id, banned.member_id) == (world.address(square), ann.id, bea.id)
        assert (banned.reason, banned.lifted) == ("raid", False)
        assert await bot.perform(Enlist(to=own, user_id=bea.id, reason="raid"), key="1", cookie="") == Receipt()
        await until(lambda: inbox.of(ListChanged))
        assert (await held(bot, world, list_)).size == 1
        written = await ann.api("GET", f"rooms/{list_}/state/m.policy.rule.user/rule:{bea.id}")
        assert written == {"entity": bea.id, "recommendation": "m.ban", "reason": "raid"}
        community = Address("matrix", world.server.name)
        assert await bot.perform(Pardon(to=community, user_id=bea.id), key="2", cookie="") == Receipt()
        assert await bot.perform(Pardon(to=community, user_id=bea.id), key="2", cookie="") == Receipt(gone=True)
        assert await bot.perform(Enlist(to=own, user_id=bea.id, lifted=True), key="3", cookie="") == Receipt()
        await until(lambda: len(inbox.of(ListChanged)) == 2 and len(inbox.of(MemberBanned)) == 2)
        assert [(one.entity, one.lifted) for one in inbox.of(ListChanged)] == [(bea.id, False), (bea.id, True)]
        assert inbox.of(MemberBanned)[1].lifted
        assert (await held(bot, world, list_)).size == 0
        lifted = Enlist(to=own, user_id=bea.id, lifted=True)
        assert await bot.perform(lifted, key="4", cookie="") == Receipt(gone=True)


async def test_servers_are_kept_out_of_every_room_where_we_may_but_never_our_own(world: World) -> None:
    ann, _, robot, square, list_ = await town(world)
    await ann.api("PUT", f"rooms/{square}/state/m.room.server_acl/", {"allow": ["*"], "deny": ["old.example"]})
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    community = Address("matrix", world.server.name)
    async with running(bot, inbox):
        bar = Bar(to=community, servers=("*.evil.example", "*.test"))
        done = await bot.perform(bar, key="1", cookie="")
        assert done == Receipt(remarks=("*.test would keep out my own server, so I left it out.",))
        acl = await ann.api("GET", f"rooms/{square}/state/m.room.server_acl/")
        assert acl == {"allow": ["*"], "deny": ["*.evil.example", "old.example"]}
        assert (await ann.api("GET", f"rooms/{list_}/state/m.room.server_acl/"))["deny"] == ["*.evil.example"]
        await bot.perform(Bar(to=community, servers=("*.evil.example",), lifted=True), key="2", cookie="")
        acl = await ann.api("GET", f"rooms/{square}/state/m.room.server_acl/")
        assert acl["deny"] == ["old.example"]


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("@a*:x", "@abc:x", True),
        ("@a?:x", "@abc:x", False),
        ("*", "@any\nthing:x", True),
        ("@[a]:x", "@a:x", False),
        ("@a.c:x", "@abc:x", False),
        ("*" * 120 + "!", "a" * 255, False),
    ],
)
def test_patterns_know_two_signs_and_take_no_time(pattern: str, name: str, *, meant: bool) -> None:
    assert matches(pattern, name) is meant


@pytest.mark.parametrize(
    "content", [{}, {"entity": "@a:b"}, {"entity": 5, **BAN}, {"entity": "@a:b", "recommendation": 1}]
)
def test_a_rule_that_asks_for_no_ban_is_none(content: dict[str, object]) -> None:
    assert entry_of("m.policy.rule.user", content) is None


def test_an_id_counts_before_a_pattern() -> None:
    rules = Rules.of([user("@*:b", "all"), user("@a:b", "that one")])
    assert [rules.about(name) for name in ("@a:b", "@c:b", "@a:c")] == [
        user("@a:b", "that one"),
        user("@*:b", "all"),
        None,
    ]


def test_a_rule_that_was_redacted_stands_no_more() -> None:
    room = Room(id="!r")
    made = {"type": "m.policy.rule.user", "state_key": "x", "event_id": "$1", "content": {"entity": "@a:b", **BAN}}
    room.apply([made])
    before = room.policy_version
    room.apply([{"type": "m.room.redaction", "content": {"redacts": "$1"}}])
    assert room.state["m.policy.rule.user", "x"]["content"] == {}
    assert room.policy_version > before
