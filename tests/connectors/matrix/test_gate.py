"""A homeserver that asks before it delivers, through our module; and the policy server's signatures."""

import asyncio
import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import vodozemac

from bot import text_gate
from bot.core.event import Message, MessagePosted
from connectors.matrix import synapse_module
from connectors.matrix.client import MatrixConnector
from connectors.matrix.crypto.pdu import hash_fits, signed_part
from connectors.matrix.crypto.signing import SigningKey, canonical
from tests.conftest import running as started
from tests.connectors.matrix.world import Inbox, Person, World, running, until
from tests.servers.process import free_port
from tests.servers.synapse import Homeserver, RefusedError

SECRET = "between the two"
NASTY = "you nasty goose"


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Where the gates answer for the servers that fail open and closed."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int]) -> Iterator[Homeserver]:
    """A homeserver with our module, asked for each of two bots: the first fails open, the second closed."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copy(synapse_module.__file__, folder / "synapse_module.py")
    (folder / "secret").write_text(f"{SECRET}\n")
    modules = [
        {"module": "synapse_module.Parley", "config": {"url": f"http://127.0.0.1:{port}", "fail_open": is_open, **more}}
        for port, is_open, more in (
            (ports[0], True, {"secret_path": str(folder / "secret")}),
            (ports[1], False, {"secret": SECRET, "deadline_seconds": 0.5}),
        )
    ]
    with started(Homeserver(folder, settings={"modules": modules}, modules=folder)) as server:
        yield server


async def refusal(message: Message) -> str:
    if "slow" in message.text:
        await asyncio.sleep(5)
    return text_gate.refused("insults") if any(NASTY in one.text for one in message.surfaces) else ""


async def refused(person: Person, room: str, content: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as caught:
        await person.send(room, content)
    assert (caught.value.status, caught.value.code) == (403, "M_FORBIDDEN")
    return str(caught.value.answer["error"])


def said(text: str, **more: object) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": text, **more}


def gate(port: int, tmp_path: Path, **more: object) -> dict[str, object]:
    return {"gate_port": port, "gate_secret": SECRET, "keys_folder": str(tmp_path / "keys"), **more}


@dataclass(slots=True)
class Street:
    """Bea's room on the guarded server. Where nobody answers, the first bot's module lets pass, the other's not."""

    world: World
    room: str
    bea: Person
    first: MatrixConnector
    second: MatrixConnector
    inbox: Inbox
    other: Inbox

    @classmethod
    async def of(cls, world: World, ports: tuple[int, int], tmp_path: Path) -> "Street":
        bea, robot, helper = [await world.person(name) for name in ("bea", "robot", "helper")]
        inbox, other = Inbox(), Inbox()
        strict = {**gate(ports[1], tmp_path / "second"), "gate_deadline": timedelta(seconds=0.2)}
        street = cls(
            world=world,
            room=await bea.create(),
            bea=bea,
            first=world.guard(robot, inbox, refusal, **gate(ports[0], tmp_path)),
            second=world.guard(helper, other, refusal, **strict, gate_fail_open=False),
            inbox=inbox,
            other=other,
        )
        for person in (robot, helper):
            await person.join(street.room)
        return street


async def test_what_would_be_removed_is_not_even_sent_and_its_author_is_told_why(
    guarded: Homeserver, ports: tuple[int, int], tmp_path: Path
) -> None:
    street = await Street.of(World(guarded), ports, tmp_path)
    bea, room, inbox = street.bea, street.room, street.inbox
    async with running(street.first, inbox), running(street.second, street.other):
        good = await bea.say(room, "good morning")
        why = "This was not sent, because it goes against the rules of this room (insults). Say it differently."
        assert await refused(bea, room, said(NASTY)) == why
        formatted = {"formatted_body": f"<b>{NASTY}</b>", "format": "org.matrix.custom.html"}
        assert await refused(bea, room, said("hi", **formatted)) == why
        edit = {"m.new_content": said(NASTY), "m.relates_to": {"rel_type": "m.replace", "event_id": good}}
        assert await refused(bea, room, said("* hi", **edit)) == why
        await bea.say(await bea.create(), NASTY)
        await bea.react(room, good, "👍")
        await until(lambda: len(inbox.of(MessagePosted)) == 1 and len(inbox.events) > 1)
        assert [one.text for one in inbox.of(MessagePosted)] == ["good morning"]


async def test_silence_lets_pass_or_stops_as_each_side_is_set(
    guarded: Homeserver, ports: tuple[int, int], tmp_path: Path
) -> None:
    street = await Street.of(World(guarded), ports, tmp_path)
    async with running(street.second, street.other):
        # The first bot is not there, and its module lets pass; the second one's own deadline does not.
        assert await street.bea.say(street.room, "good morning")
        assert await refused(street.bea, street.room, said("slow words")) == text_gate.UNSURE
    # Nobody is there any more, and one module lets nothing pass.
    assert await refused(street.bea, street.room, said("good evening")) == synapse_module.UNSURE == text_gate.UNSURE


async def test_the_gate_answers_only_who_knows_the_secret(world: World, tmp_path: Path) -> None:
    robot, inbox, port = await world.person("robot"), Inbox(), free_port()
    bot = world.guard(robot, inbox, refusal, **gate(port, tmp_path))
    async with running(bot, inbox), aiohttp.ClientSession() as web:
        check = f"http://127.0.0.1:{port}/_parley/v1/check"
        for shown in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer \xe9"}):
            assert (await web.post(check, json={}, headers=shown)).status == 401
        right = {"Authorization": f"Bearer {SECRET}"}
        for body in (b"{", b"[]", b'{"room_id": 5}', b"[" * 5000):
            assert await (await web.post(check, data=body, headers=right)).json() == {"refusal": ""}


def hashed(event: dict[str, Any]) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(canonical(event)).digest()).decode().rstrip("=")
    return {**event, "hashes": {"sha256": digest}, "signatures": {"b": {"ed25519:1": "x"}}, "unsigned": {"age_ts": 1}}


async def test_the_policy_server_signs_what_may_be_said_and_nothing_else(world: World, tmp_path: Path) -> None:
    ann, robot, inbox, port = await world.person("ann"), await world.person("robot"), Inbox(), free_port()
    room = await ann.create()
    await robot.join(room)
    event = {"type": "m.room.message", "sender": ann.id, "room_id": room, "origin_server_ts": 5, "depth": 7}
    event |= {"auth_events": ["$a"], "prev_events": ["$p"], "content": said("good morning")}
    bot = world.guard(robot, inbox, refusal, **gate(port, tmp_path))
    async with running(bot, inbox), aiohttp.ClientSession() as web:
        sign = f"http://127.0.0.1:{port}/_matrix/policy/v1/sign"

        async def asked(body: object) -> tuple[int, dict[str, Any]]:
            answer = await web.post(sign, json=body)
            return answer.status, await answer.json()

        good = hashed(event)
        status, answer = await asked(good)
        assert status == 200
        signature = vodozemac.Ed25519Signature.from_base64(answer[world.server.name]["ed25519:policy_server"])
        part = signed_part(good, 12)
        assert part
        assert part["content"] == {}
        public_key(tmp_path).verify_signature(canonical(part), signature)
        bad = hashed({**event, "content": said(NASTY)})
        assert await asked(bad) == (400, {"errcode": "M_FORBIDDEN", "error": text_gate.refused("insults")})
        # The words of a good event under the hash of a bad one would have the bad one signed.
        forged = {**bad, "content": said("good morning")}
        assert await asked(forged) == (400, {"errcode": "M_FORBIDDEN", "error": text_gate.FORGED})
        assert (await asked({**good, "room_id": "!elsewhere"}))[0] == 404
        assert (await asked({"room_id": room}))[0] == 400


def public_key(tmp_path: Path) -> vodozemac.Ed25519PublicKey:
    kept = json.loads((tmp_path / "keys" / "secrets.json").read_text())
    return vodozemac.Ed25519PublicKey.from_base64(SigningKey(kept["policy"]).public)


@pytest.mark.parametrize(
    ("kind", "version", "stays"),
    [
        ("m.room.create", 12, {"membership", "join_rule", "allow", "redacts", "invite", "ban", "creator"}),
        ("m.room.create", 10, {"creator"}),
        ("m.room.member", 12, {"membership"}),
        ("m.room.join_rules", 7, {"join_rule"}),
        ("m.room.join_rules", 8, {"join_rule", "allow"}),
        ("m.room.power_levels", 10, {"ban"}),
        ("m.room.power_levels", 11, {"ban", "invite"}),
        ("m.room.redaction", 10, set()),
        ("m.room.redaction", 11, {"redacts"}),
        ("m.room.message", 12, set()),
    ],
)
def test_what_is_signed_is_what_redaction_leaves_in_each_version(kind: str, version: int, stays: set[str]) -> None:
    content = dict.fromkeys(("membership", "join_rule", "allow", "redacts", "invite", "ban", "creator"), "x")
    event = hashed({"type": kind, "origin": "b", "content": content, "stray": 1})
    assert hash_fits(event)
    part = signed_part(event, version)
    assert part
    assert set(part) == {"type", "content", "hashes", "signatures", *({"origin"} if version < 11 else ())}
    assert set(part["content"]) == stays  # type: ignore[call-overload]  # the content is an object


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"url": "https://far.example", "secret": "s"}, "url is where"),
        ({"url": "http://127.0.0.1:1"}, "secret, or secret_path"),
        ({"url": "http://127.0.0.1:1", "secret": "s", "fail_opn": True}, "unknown key fail_opn"),
        ({"url": "http://127.0.0.1:1", "secret": "s", "fail_open": "no"}, "true or false"),
    ],
)
def test_a_mistake_in_the_modules_settings_is_told_at_once(config: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        synapse_module.Parley.parse_config(config)
