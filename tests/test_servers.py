"""The servers that other tests stand on are real: they answer, remember, and keep tests apart."""

import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgres import Postgres
from tests.servers.process import NotInstalledError, Process, ServerError, wheel_folder
from tests.servers.synapse import Homeserver, RefusedError
from tests.servers.valkey import Valkey

ROOM = "/_matrix/client/v3/rooms"


def create_room(homeserver: Homeserver, token: str) -> str:
    room_id = homeserver.api("POST", "/_matrix/client/v3/createRoom", token, {"preset": "public_chat"})["room_id"]
    return quote(room_id)


def send(homeserver: Homeserver, token: str, room: str, body: str) -> None:
    content = {"msgtype": "m.text", "body": body}
    homeserver.api("PUT", f"{ROOM}/{room}/send/m.room.message/{body}", token, content)


def send_twenty(homeserver: Homeserver, token: str, room: str) -> None:
    for number in range(20):
        send(homeserver, token, room, str(number))


def test_a_message_sent_to_the_homeserver_is_read_by_another_user(homeserver: Homeserver) -> None:
    alice, bob = homeserver.register("reader-alice"), homeserver.register("reader-bob")
    room = create_room(homeserver, alice.token)
    homeserver.api("POST", f"{ROOM}/{room}/join", bob.token, {})
    send(homeserver, alice.token, room, "hello")
    newest = homeserver.api("GET", f"{ROOM}/{room}/messages?dir=b&limit=1", bob.token)["chunk"][0]
    assert (newest["sender"], newest["content"]["body"]) == (alice.user_id, "hello")


def test_rooms_have_version_twelve(homeserver: Homeserver) -> None:
    alice = homeserver.register("version-alice")
    room = create_room(homeserver, alice.token)
    assert homeserver.api("GET", f"{ROOM}/{room}/state/m.room.create", alice.token)["room_version"] == "12"


def test_twenty_messages_in_a_row_meet_no_limit(homeserver: Homeserver) -> None:
    alice = homeserver.register("hasty-alice")
    room = create_room(homeserver, alice.token)
    send_twenty(homeserver, alice.token, room)


def test_a_refusal_of_the_homeserver_carries_its_code(homeserver: Homeserver) -> None:
    with pytest.raises(RefusedError) as refused:
        homeserver.api("GET", "/_matrix/client/v3/sync", "no-such-token")
    assert (refused.value.status, refused.value.code) == (401, "M_UNKNOWN_TOKEN")


def test_a_homeserver_can_keep_its_message_limit_and_remembers_after_a_restart(tmp_path: Path) -> None:
    with Homeserver(tmp_path, limits_messages=True) as homeserver:
        alice = homeserver.register("alice")
        room = create_room(homeserver, alice.token)
        with pytest.raises(RefusedError) as refused:
            send_twenty(homeserver, alice.token, room)
        assert (refused.value.status, refused.value.code) == (429, "M_LIMIT_EXCEEDED")
        homeserver.stop()
        homeserver.start()
        assert homeserver.api("GET", "/_matrix/client/v3/joined_rooms", alice.token)["joined_rooms"]


def test_postgres_keeps_a_table_in_the_database_of_the_test(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word text)"))
        connection.execute(text("INSERT INTO words VALUES ('grün')"))
        assert connection.scalar(text("SELECT upper(word) FROM words")) == "GRÜN"
    engine.dispose()


def test_each_test_gets_a_database_of_its_own(postgres: Postgres) -> None:
    with postgres.database() as first, postgres.database() as second:
        assert first != second
        with psycopg.connect(first.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE words (word text)")
        with psycopg.connect(second.replace("+psycopg", "")) as connection:
            assert connection.execute("SELECT to_regclass('words')").fetchone() == (None,)


def test_a_database_starts_as_a_copy_of_its_template(postgres: Postgres) -> None:
    with postgres.database() as template:
        with psycopg.connect(template.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE words (word text)")
        with (
            postgres.database(urlsplit(template).path[1:]) as copy,
            psycopg.connect(copy.replace("+psycopg", "")) as connection,
        ):
            assert connection.execute("SELECT count(*) FROM words").fetchone() == (0,)


def test_postgres_has_vectors(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SELECT '[1,0]'::vector <-> '[1,2]'::vector").fetchone() == (2.0,)


def test_valkey_answers_and_remembers(redis_url: str) -> None:
    address = urlsplit(redis_url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=5) as connection:
        connection.sendall(b"PING\r\nSET greeting hello\r\nGET greeting\r\n")
        replies = connection.makefile("rb")
        assert [replies.readline() for _ in range(4)] == [b"+PONG\r\n", b"+OK\r\n", b"$5\r\n", b"hello\r\n"]
        replies.close()


def test_valkey_is_empty_at_the_start_of_a_test(valkey: Valkey, redis_url: str) -> None:
    assert valkey.url == redis_url
    assert valkey.command("DBSIZE") == ":0\r\n"


def test_valkey_comes_back_on_the_same_port(tmp_path: Path) -> None:
    with Valkey(tmp_path) as valkey:
        assert valkey.command("SET", "greeting", "hello") == "+OK\r\n"
        valkey.stop()
        with pytest.raises(ConnectionRefusedError):
            valkey.command("PING")
        valkey.start()
        assert valkey.command("GET", "greeting") == "$-1\r\n"


def test_a_server_that_ends_early_shows_its_log(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo the port is taken; exit 1"], log=tmp_path / "log")
    with pytest.raises(ServerError, match="the port is taken"):
        process.wait_until(lambda: False)


def test_a_missing_wheel_is_named() -> None:
    with pytest.raises(NotInstalledError, match="no_such_wheel"):
        wheel_folder("no_such_wheel")
