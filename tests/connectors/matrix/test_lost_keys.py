"""What cannot be read is counted, told, asked for, and read once its key comes."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import vodozemac

from bot.core.effect import Post
from bot.core.errors import Rejected
from bot.core.event import MessagePosted
from connectors.matrix.crypto.files import secrets_in
from connectors.matrix.crypto.signing import canonical
from connectors.matrix.probe import probe
from connectors.matrix.settings import MatrixSettings
from tests.connectors.matrix.sealed import ENCRYPTION, Device, device, greet, meet
from tests.connectors.matrix.world import Inbox, Person, World, running, until


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, object]:
    return {"encryption": True, "keys_folder": str(tmp_path / "robot")}


class Forgetful:
    """Lets a client seal with a key that it gives to nobody yet."""

    def __init__(self, client: Device, room: str) -> None:
        self.client, self.room, self.olm = client, room, client.client.olm
        self.key: dict[str, str] = {}

    def begin(self) -> None:
        self.olm.create_outbound_group_session(self.room)
        session = self.olm.outbound_group_sessions[self.room]
        session.mark_as_shared()
        # As it is before the first message: a key reads what comes after it.
        ids = {"room_id": self.room, "session_id": session.id, "session_key": session.session_key}
        self.key = {"algorithm": "m.megolm.v1.aes-sha2", **ids}

    async def say(self, text: str) -> str:
        content = self.olm.group_encrypt(
            self.room, {"type": "m.room.message", "content": {"msgtype": "m.text", "body": text}}
        )
        return await self.client.person.send(self.room, content, "m.room.encrypted")

    async def remember(self, robot: Person) -> None:
        device = self.olm.device_store[robot.id][robot.account.device_id]
        letter = self.olm._olm_encrypt(self.olm.session_store.get(device.curve25519), device, "m.room_key", self.key)  # noqa: SLF001
        body = {"messages": {robot.id: {device.id: letter}}}
        await self.client.person.api("PUT", f"sendToDevice/m.room.encrypted/{self.room}", body)

    def was_asked(self) -> list[Any]:
        return [one for one in self.client.to_device if "m.room_key_request" in str(one.source.get("type"))]


def settings(world: World, robot: Person, keys: dict[str, object]) -> MatrixSettings:
    return MatrixSettings.model_validate({"homeserver": world.server.url, "access_token": robot.account.token, **keys})


async def told(world: World, robot: Person, keys: dict[str, object], what: str) -> list[tuple[bool, str]]:
    found = await probe(settings(world, robot, keys))
    return [(one.ok, one.detail) for one in found if one.what == what]


async def test_what_cannot_be_read_is_counted_asked_for_and_read_when_its_key_comes(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    inbox = Inbox()
    bot = world.bot(robot, inbox, **keys)
    async with device(ann, tmp_path / "ann") as client:
        async with running(bot, inbox):
            room = await meet(client, world=world, robot=robot)
            here = world.address(room)
            await greet(client, room, inbox)
            forgetful = Forgetful(client, room)
            forgetful.begin()
            lost = [await forgetful.say(f"secret {number}") for number in range(3)]
            await until(forgetful.was_asked)
            await ann.react(room, lost[0], "👀")
            await until(lambda: len(inbox.events) > 1)
            assert not (await bot.capabilities(here)).readable
            assert forgetful.was_asked()[0].source["content"]["body"]["session_id"]
        assert await told(world, robot, keys, "unread messages") == [
            (False, f"3 in {room}: I have asked for their keys. Until they come, nobody moderates them.")
        ]
        bot = world.bot(robot, inbox, **keys)
        async with running(bot, inbox):
            await until(lambda: len(forgetful.was_asked()) > 1)
            await forgetful.remember(robot)
            await until(lambda: len(inbox.of(MessagePosted)) == 1 + len(lost))
            assert [one.message_id for one in inbox.of(MessagePosted)[1:]] == lost
            assert [one.text for one in inbox.of(MessagePosted)[1:]] == ["secret 0", "secret 1", "secret 2"]
            assert (await bot.capabilities(here)).readable
        assert await told(world, robot, keys, "unread messages") == []


async def test_what_never_can_be_read_is_counted_and_nothing_stops(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    inbox = Inbox()
    bot = world.bot(robot, inbox, **keys)
    async with running(bot, inbox), device(ann, tmp_path / "ann") as client:
        room = await meet(client, world=world, robot=robot)
        await greet(client, room, inbox)
        good = next(one for one in await ann.messages(room) if one["type"] == "m.room.encrypted")["content"]
        spoilt: list[dict[str, Any]] = [
            {},
            {"algorithm": "m.megolm.v1.aes-sha2"},
            {**good, "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg"},
            {**good, "ciphertext": ["x"]},
            {**good, "ciphertext": 5, "session_id": {"a": 1}},
            {"algorithm": "rot13", "ciphertext": "uryyb"},
        ]
        for content in spoilt:
            await ann.send(room, content, "m.room.encrypted")
        junk = {"messages": {robot.id: {"*": {"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": {"a": 1}}}}}
        await ann.api("PUT", f"sendToDevice/m.room.encrypted/{room}", junk)
        # Not even a key's maker need be named for other clients to show what it seals.
        del good["sender_key"], good["device_id"]
        again = await ann.send(room, good, "m.room.encrypted")
        await until(lambda: again in [one.message_id for one in inbox.of(MessagePosted)])
        assert [one.text for one in inbox.of(MessagePosted)] == ["hello robot", "hello robot"]
    assert [ok for ok, _ in await told(world, robot, keys, "unread messages")] == [False]


async def test_the_device_is_signed_by_the_account_so_that_careful_clients_trust_it(
    world: World, keys: dict[str, object]
) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    inbox = Inbox()
    for _ in range(2):
        async with running(world.bot(robot, inbox, **keys), inbox):
            answer = await ann.api("POST", "keys/query", {"device_keys": {robot.id: []}})
        master, selfish = answer["master_keys"][robot.id], answer["self_signing_keys"][robot.id]
        made = answer["device_keys"][robot.id][robot.account.device_id]
        verify(selfish, robot.id, next(iter(master["keys"].values())))
        verify(made, robot.id, next(iter(selfish["keys"].values())))
        verify(made, robot.id, made["keys"][f"ed25519:{made['device_id']}"], name=made["device_id"])
    assert await told(world, robot, keys, "encryption") == [(True, "My device is signed by my account.")]


def verify(signed: dict[str, Any], user_id: str, key: str, name: str = "") -> None:
    signature = vodozemac.Ed25519Signature.from_base64(signed["signatures"][user_id][f"ed25519:{name or key}"])
    vodozemac.Ed25519PublicKey.from_base64(key).verify_signature(canonical(signed), signature)


async def test_keys_that_do_not_belong_to_the_device_leave_only_sealed_rooms_unread(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    inbox = Inbox()
    async with running(world.bot(robot, inbox, **keys), inbox):
        pass
    sealed, open_ = await ann.create(initial_state=[ENCRYPTION]), await ann.create()
    for room in (sealed, open_):
        await robot.join(room)
    for wrong in ({"keys_folder": str(tmp_path / "elsewhere")}, {"pickle_key": "another"}):
        bot = world.bot(robot, inbox, **{**keys, **wrong})
        async with running(bot, inbox):
            said = await ann.say(open_, "an open word")
            await until(lambda said=said: said in [one.message_id for one in inbox.of(MessagePosted)])  # type: ignore[misc]
            assert (await bot.capabilities(world.address(open_))).readable
            assert not (await bot.capabilities(world.address(sealed))).readable
            with pytest.raises(Rejected, match="is encrypted, and I have no keys"):
                await bot.perform(Post(to=world.address(sealed), text="hi"), key=str(wrong), cookie="")
        found = await told(world, robot, {**keys, **wrong}, "encryption")
        assert found
        assert not found[0][0]


async def test_another_identity_of_the_account_is_left_alone_and_told(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    robot = await world.person("robot")
    inbox = Inbox()
    async with running(world.bot(robot, inbox, **keys), inbox):
        pass
    first = (await robot.api("POST", "keys/query", {"device_keys": {robot.id: []}}))["master_keys"]
    file = tmp_path / "robot" / "secrets.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({"pickle_key": kept["pickle_key"]}))
    async with running(world.bot(robot, inbox, **keys), inbox):
        pass
    assert (await robot.api("POST", "keys/query", {"device_keys": {robot.id: []}}))["master_keys"] == first
    (found,) = await told(world, robot, keys, "encryption")
    assert not found[0]
    assert "another identity" in found[1]


def test_secrets_are_made_once_kept_for_the_owner_alone_and_not_written_when_given(tmp_path: Path) -> None:
    made = secrets_in(tmp_path / "a")
    assert secrets_in(tmp_path / "a") == made
    assert len(bytes.fromhex(made.pickle_key)) == len(bytes.fromhex(made.master)) == 32
    assert len({made.pickle_key, made.master, made.self_signing, made.user_signing}) == 4
    file = tmp_path / "a" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    given = secrets_in(tmp_path / "b", "from elsewhere")
    assert given.pickle_key == "from elsewhere"
    assert "from elsewhere" not in (tmp_path / "b" / "secrets.json").read_text()
    assert base64.b64encode(b"from elsewhere").decode() not in (tmp_path / "b" / "secrets.json").read_text()
    file.write_text("{")
    with pytest.raises(Rejected, match="damaged"):
        secrets_in(tmp_path / "a")
    with pytest.raises(Rejected, match="cannot be used"):
        secrets_in(file / "no folder")
