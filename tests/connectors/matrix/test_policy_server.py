"""A room whose policy server we are: members of another homeserver ask us before they send."""

import asyncio
import json
from pathlib import Path

import pytest

from bot import text_gate
from bot.core.event import MessagePosted
from connectors.matrix.crypto.signing import SigningKey
from tests.connectors.matrix.test_gate import NASTY, gate, refusal
from tests.connectors.matrix.world import Inbox, Person, World, joined, running, until
from tests.servers.federation import certificate, federated, front
from tests.servers.process import NotInstalledError, free_port
from tests.servers.synapse import RefusedError


@pytest.mark.timeout(180)
async def test_another_homeserver_sends_only_what_the_rooms_policy_server_signs(tmp_path: Path) -> None:
    theirs, ours = federated(tmp_path / "theirs"), federated(tmp_path / "ours")
    port = free_port()
    try:
        for server in (theirs, ours):
            await asyncio.to_thread(server.start)
    except NotInstalledError as missing:
        pytest.fail(f"{missing} is not installed: `python3 dev.py test` installs it")
    try:
        pem = await asyncio.to_thread(certificate, tmp_path)
        asked = {"/_matrix/policy/": f"http://127.0.0.1:{port}"}
        async with front(theirs, pem), front(ours, pem, asked):
            await policed(World(theirs), World(ours), port, tmp_path)
    finally:
        for server in (theirs, ours):
            await asyncio.to_thread(server.stop)


async def policed(theirs: World, ours: World, port: int, tmp_path: Path) -> None:
    ann, robot = await theirs.person("ann"), await ours.person("robot")
    room = await ann.create(invite=[robot.id])
    inbox = Inbox()
    bot = ours.guard(robot, inbox, refusal, allow_invites_from=[ann.id], **gate(port, tmp_path))
    async with running(bot, inbox):
        await joined(robot, room)
        await ann.say(room, "are you there?")
        await until(lambda: inbox.of(MessagePosted))
        await appoint(ann, room, ours.server.name, tmp_path)
        good = await ann.say(room, "good morning")
        refused = await refusal_of(ann, room, NASTY)
        assert (refused.status, refused.code) == (400, "M_FORBIDDEN")
        assert refused.answer["error"] == text_gate.refused("insults")
        # Signed once, it needs no second look, and those who were refused can say something else.
        assert await ann.event(room, good)
        assert await ann.say(room, "I did not mean it")
    # Where nobody answers nothing is signed, and the homeserver that asks sends nothing.
    assert (await refusal_of(ann, room, "anybody?")).status >= 500


async def appoint(ann: Person, room: str, via: str, tmp_path: Path) -> None:
    kept = await asyncio.to_thread((tmp_path / "keys" / "secrets.json").read_text)
    key = SigningKey(json.loads(kept)["policy"]).public
    await ann.api("PUT", f"rooms/{room}/state/m.room.policy/", {"via": via, "public_keys": {"ed25519": key}})


async def refusal_of(ann: Person, room: str, text: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await ann.say(room, text)
    return caught.value
