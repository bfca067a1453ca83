"""A homeserver that answers badly: what it says is scripted, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.core.address import Address
from bot.core.effect import Button, Delete, Post
from bot.core.errors import RateLimited, Rejected, Revoked, Transient
from bot.core.event import MessagePosted
from bot.core.stored import Cursor, Heard
from connectors.matrix.client import MatrixConnector
from connectors.matrix.settings import MatrixSettings
from connectors.spec import Wiring
from tests.connectors.matrix.world import Inbox, until

HERE = Address("matrix", "b", "!r")
ROBOT = "@robot:b"


@dataclass(slots=True)
class Script:
    """Answers by the end of a path, the last one for ever; `asked` is what was asked."""

    answers: dict[str, list[tuple[int, Any]]]
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        key = next((end for end in self.answers if end in request.path), "")
        left = self.answers.get(key, [(404, {"errcode": "M_NOT_FOUND"})])
        status, body = left.pop(0) if len(left) > 1 else left[0]
        if status == 0:
            assert request.transport
            request.transport.abort()
        if body is None:
            await asyncio.sleep(30)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(status=status or 200, body=data)


@asynccontextmanager
async def homeserver(**answers: list[tuple[int, Any]]) -> AsyncIterator[tuple[str, Script]]:
    """The address of a scripted homeserver, and its script."""
    script = Script({"whoami": [(200, {"user_id": ROBOT, "device_id": "D"})], **answers})
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", script
    finally:
        await runner.cleanup()


def connector(url: str, inbox: Inbox, pauses: list[float], **more: object) -> MatrixConnector:
    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)
        await asyncio.sleep(0)

    settings = MatrixSettings.model_validate(
        {"homeserver": url, "access_token": "t", "sync_timeout": 1, "encryption": False, **more}
    )
    wiring = Wiring(commands=(), position=inbox.position, clock=lambda: pytest.fail("no clock is needed"))
    return MatrixConnector(settings, wiring, random=lambda: 1.0, sleep=sleep)


def news(position: str, *events: object, **more: object) -> tuple[int, dict[str, object]]:
    timeline = {"timeline": {"events": list(events)}} | more
    return 200, {"next_batch": position, "rooms": {"join": {"!r": timeline}}}


def said(number: int, **more: object) -> dict[str, object]:
    return {
        "event_id": f"${number}",
        "type": "m.room.message",
        "sender": "@eve:b",
        "origin_server_ts": number,
        "content": {"msgtype": "m.text", "body": str(number)},
        **more,
    }


async def listen(url: str, inbox: Inbox, enough: Callable[[], object], **more: object) -> list[float]:
    """Listen until it is enough; the pauses taken."""
    pauses: list[float] = []
    task = asyncio.create_task(connector(url, inbox, pauses, **more).run(inbox))
    try:
        await until(lambda: task.done() or enough())
    finally:
        task.cancel()
        await asyncio.wait([task])
    return pauses


async def test_errors_are_waited_out_longer_and_longer_and_nothing_is_lost() -> None:
    bad = [(502, b"<html>"), (503, {}), (504, {}), (200, b"{"), (403, {"errcode": "M_FORBIDDEN"}), (500, {}), (500, {})]
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    async with homeserver(sync=[*bad, news("s2", said(1)), (200, None)]) as (url, _):
        pauses = await listen(url, inbox, lambda: inbox.events)
    assert pauses == [2, 4, 8, 16, 32, 60, 60]
    assert [event.id for event in inbox.events] == ["$1"]
    assert inbox.cursors == {f"matrix:{ROBOT}": "s2"}


async def test_the_pause_that_is_asked_for_is_kept() -> None:
    limits = [(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1234}), (429, {})]
    inbox = Inbox()
    async with homeserver(sync=[*limits, news("s1"), (200, None)]) as (url, _):
        pauses = await listen(url, inbox, lambda: inbox.cursors)
    assert pauses == [1.234, 5.0]


@pytest.mark.parametrize("code", ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"])
async def test_a_refused_account_is_not_asked_about_again(code: str) -> None:
    async with homeserver(whoami=[(401, {"errcode": code, "soft_logout": True})]) as (url, script):
        with pytest.raises(Revoked):
            await connector(url, Inbox(), []).run(Inbox())
    assert len(script.asked) == 1


async def test_what_is_no_homeserver_is_told_so() -> None:
    async with homeserver(whoami=[(200, {"hello": "world"})]) as (url, _):
        settings = MatrixSettings.model_validate({"homeserver": url, "access_token": "t", "encryption": False})
        (line,) = await settings.probe()
    assert not line.ok
    assert "is that the homeserver's address?" in line.detail


async def test_ids_with_any_character_reach_the_server_whole() -> None:
    async with homeserver(event=[(200, {})], redact=[(200, {})], relations=[(200, {})]) as (url, script):
        bot = connector(url, Inbox(), [])
        odd = Delete(to=HERE, message_ids=("$a/b+c%2F d?e#f",), reason="")
        await bot.perform(odd, key="k", cookie="")
        await bot.close()
    assert "GET /_matrix/client/v3/rooms/!r/event/$a/b+c%2F d?e#f" in script.asked


async def test_news_that_make_no_sense_are_passed_over() -> None:
    odd: list[tuple[int, Any]] = [
        (200, {"next_batch": "s2", "rooms": {"join": {"!r": ["odd"]}, "invite": 3, "leave": {"!q": None}}}),
        (200, {"next_batch": "s3", "rooms": ["odd"], "account_data": {"events": [3, {"type": "m.direct"}]}}),
        news("s4", 7, None, [], {"type": "x"}, said(1, sender=3), said(2), state={"events": ["odd"]}),
        (200, None),
    ]
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    async with homeserver(sync=odd) as (url, _):
        pauses = await listen(url, inbox, lambda: inbox.events)
    assert ([event.id for event in inbox.events], pauses) == (["$2"], [])


async def test_deep_nesting_and_lone_surrogates_do_not_block_a_room() -> None:
    deep = b'{"x":' * 5_000 + b"1" + b"}" * 5_000
    bad = b'{"event_id":"$1","type":"m.room.message","sender":"@e:b","content":{"body":"a\\ud800b","y":' + deep + b"}}"
    raw = b'{"next_batch":"s2","rooms":{"join":{"!r":{"timeline":{"events":[' + bad + b"]}}}}}"
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    async with homeserver(sync=[(200, raw), (200, None)]) as (url, _):
        await listen(url, inbox, lambda: inbox.events)
    assert [event.text for event in inbox.of(MessagePosted)] == ["ab"]
    assert [one.raw for one in inbox.heard] == [b""]


async def test_a_gap_is_read_over_several_pages_and_a_failing_page_repeats_the_step() -> None:
    limited = news("s2", said(5), timeline={"events": [said(5)], "limited": True, "prev_batch": "p5"})
    pages = [
        (200, {"chunk": [said(4), said(3)], "end": "p3"}),
        (500, {}),
        (200, {"chunk": [said(4), said(3)], "end": "p3"}),
        (200, {"chunk": [], "end": "p2"}),
        (200, {"chunk": [said(2)]}),
    ]
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    async with homeserver(sync=[limited, limited, (200, None)], messages=pages) as (url, _):
        pauses = await listen(url, inbox, lambda: inbox.events)
    assert [event.id for event in inbox.events] == ["$2", "$3", "$4", "$5"]
    assert pauses == [2]


async def test_a_store_that_fails_gets_the_same_events_again_and_no_cursor_before_them() -> None:
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    failures = [Transient("the disk is full"), Transient("still full")]

    async def ingest(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        if failures:
            raise failures.pop()
        await inbox(heard, cursor)

    answers = [news("s2", said(1))] * 3
    async with homeserver(sync=[*answers, (200, None)]) as (url, _):
        bot = connector(url, inbox, [])
        task = asyncio.create_task(bot.run(ingest))
        await until(lambda: inbox.events)
        task.cancel()
        await asyncio.wait([task])
    assert ([event.id for event in inbox.events], inbox.batches) == (["$1"], [(1, True)])
    assert inbox.cursors == {f"matrix:{ROBOT}": "s2"}


async def test_an_invitation_is_tried_again_and_allowed_by_the_whole_id() -> None:
    def invitation(by: str) -> dict[str, object]:
        member = {"type": "m.room.member", "state_key": ROBOT, "sender": by, "content": {"membership": "invite"}}
        return {"invite_state": {"events": [member]}}

    invited = {f"!{number}": invitation(by) for number, by in enumerate(("@ann:b", "@ann:b.evil", "@xann:b", "@eve:c"))}
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    invitations = (200, {"next_batch": "s2", "rooms": {"invite": invited}})
    async with homeserver(sync=[invitations, (200, None)], join=[(502, b""), (429, {}), (200, {})]) as (url, script):
        await listen(url, inbox, lambda: joins(script)[2:], allow_invites_from=("@ann:b", "@e*:c"))
    assert set(joins(script)) == {"POST /_matrix/client/v3/join/!0", "POST /_matrix/client/v3/join/!3"}


def joins(script: Script) -> list[str]:
    return [path for path in script.asked if "/join/" in path]


async def test_a_card_whose_buttons_are_held_up_is_finished_under_the_same_keys() -> None:
    answers: list[tuple[int, Any]] = [(200, {"event_id": "$m"}), (429, {}), (200, {"event_id": "$m"}), (200, {})]
    async with homeserver(send=answers) as (url, script):
        bot = connector(url, Inbox(), [])
        post = Post(to=HERE, text="A case", buttons=(Button("b", "Go", "✅"),))
        with pytest.raises(RateLimited):
            await bot.perform(post, key="k", cookie="")
        receipt = await bot.perform(post, key="k", cookie="")
        await bot.close()
    sent = [path for path in script.asked if "/send/" in path]
    assert (sent[:2], receipt.message_id) == (sent[2:], "$m")


async def test_a_flood_of_edits_of_unknown_messages_costs_a_hundred_requests() -> None:
    relation = {"rel_type": "m.replace"}
    flood = [
        said(n, content={"body": "x", "m.relates_to": {**relation, "event_id": f"$unknown{n}"}}) for n in range(300)
    ]
    inbox = Inbox(cursors={f"matrix:{ROBOT}": "s1"})
    async with homeserver(sync=[news("s2", *flood), (200, None)]) as (url, script):
        await listen(url, inbox, lambda: inbox.cursors[f"matrix:{ROBOT}"] == "s2")
    assert len(inbox.of(MessagePosted)) == 300
    assert len([path for path in script.asked if "/event/" in path]) == 100


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, {}), Transient),
        ((0, {}), Transient),
        ((502, b"<html>"), Transient),
        ((429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 700}), RateLimited),
        ((401, {"errcode": "M_UNKNOWN_TOKEN"}), Revoked),
        ((413, {"errcode": "M_TOO_LARGE", "error": "too large"}), Rejected),
        ((404, {"errcode": "M_NOT_FOUND"}), Rejected),
    ],
)
async def test_refusals_of_a_post_are_told_in_our_words(answer: tuple[int, Any], error: type[Exception]) -> None:
    async with homeserver(send=[answer]) as (url, script):
        bot = connector(url, Inbox(), [])
        with pytest.raises(error) as raised:
            await bot.perform(Post(to=HERE, text="x"), key="k", cookie="")
        await bot.close()
    assert type(raised.value) is error or error is Rejected
    # Nothing is tried again behind the back of whoever asked, but on a connection that was cut while it idled.
    assert len([path for path in script.asked if "/send/" in path]) == (2 if answer[0] == 0 else 1)


async def test_a_repeated_post_carries_the_same_transaction_id() -> None:
    async with homeserver(send=[(500, {}), (200, {"event_id": "$m"})]) as (url, script):
        bot = connector(url, Inbox(), [])
        with pytest.raises(Transient):
            await bot.perform(Post(to=HERE, text="x"), key="k/ü", cookie="")
        receipt = await bot.perform(Post(to=HERE, text="x"), key="k/ü", cookie="")
        await bot.close()
    first, second = [path for path in script.asked if "/send/" in path]
    assert (first, receipt.message_id) == (second, "$m")


async def test_a_message_redacted_meanwhile_counts_as_gone() -> None:
    redacted = (200, {"event_id": "$m", "unsigned": {"redacted_because": {"content": {}}}})
    async with homeserver(event=[redacted]) as (url, script):
        bot = connector(url, Inbox(), [])
        receipt = await bot.perform(Delete(to=HERE, message_ids=("$m",), reason=""), key="k", cookie="")
        await bot.close()
    assert receipt.gone
    assert not [path for path in script.asked if "redact" in path]
