"""One session of the gateway: discord.py keeps it alive, and every payload comes to us as it was sent.

discord.py's own readers of payloads are taken out: one that does not fit would end the session. With them goes its
cache, which `Memory` stands in for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route
from yarl import URL

from bot.core.errors import BotError, Revoked, Transient
from connectors.discord import reading
from connectors.discord.wire import API, RENEW

# Discord takes one IDENTIFY in five seconds.
IDENTIFY_S = 5.0
# Any code but 1000 and 1001 lets Discord keep what it would have sent.
COMING_BACK = 4000
BAD_TOKEN, BAD_SHARD, SHARDS_NEEDED, BAD_INTENTS, FORBIDDEN_INTENTS = 4004, 4010, 4011, 4013, 4014
SENTENCES = {
    BAD_TOKEN: RENEW,
    BAD_SHARD: "Discord refuses our division into shards: check connectors.discord.shards and shard_ids.",
    SHARDS_NEEDED: "I am in too many servers for one connection: raise connectors.discord.shards.",
    BAD_INTENTS: "Discord does not know what I ask it to tell me; a newer version of me may.",
    FORBIDDEN_INTENTS: "Turn on Server Members Intent and Message Content Intent for me in the developer portal (Bot).",
}
# So many payloads are read before others have their turn.
FRAMES = 8
DEFAULT_GATEWAY = "wss://gateway.discord.gg/"

Hear = Callable[[str, object], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """`hear` every payload, `lost` the connection, `connecting` and `identifying` before either is done."""

    hear: Hear
    lost: Callable[[], None]
    connecting: Callable[[], Awaitable[None]]
    identifying: Callable[[], Awaitable[None]]
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where and as whom to connect; `shard_ids` of all `shards`, all of them when it is empty."""

    token: str
    api_base: str = ""
    gateway_url: str = ""
    shards: int = 1
    shard_ids: Sequence[int] = ()


async def listen(line: Line, hooks: Hooks) -> None:
    """Until the session is over for good; raises `Transient`, `Revoked` or what a hook raised."""
    _aim(line)
    client = _client(line, hooks)
    try:
        await _listen(client, line.token)
    finally:
        await _close(client)


async def _listen(client: _One | _Many, token: str) -> None:
    try:
        await client.login(token)
        await _connected(client)
    except discord.LoginFailure as error:
        raise Revoked(RENEW) from error
    except discord.PrivilegedIntentsRequired as error:
        raise Revoked(SENTENCES[FORBIDDEN_INTENTS]) from error
    except discord.ConnectionClosed as error:
        if error.code in SENTENCES:
            raise Revoked(SENTENCES[error.code]) from error
        raise Transient(f"Discord closed the connection ({error.code})") from error
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Transient(f"the gateway cannot be reached: {type(error).__name__}") from error
    except BotError:
        raise
    except Exception as error:  # boundary: a first connection that fails ends in discord.py with an AttributeError
        raise Transient(f"the session ended in {type(error).__name__}") from error
    raise Transient("the session is over")


async def _connected(client: _One | _Many) -> None:
    """Until the connection ends or a hook raises: a client of many shards would only try again for ever."""
    client.refused = asyncio.get_running_loop().create_future()
    connecting = asyncio.create_task(client.connect())
    try:
        done, _ = await asyncio.wait((connecting, client.refused), return_when=asyncio.FIRST_COMPLETED)
        for ended in (client.refused, connecting):
            if ended in done:
                ended.result()
    finally:
        client.refused.cancel()
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)


class _Paced:
    """What both kinds of client do besides; a mixin."""

    hooks: Hooks
    refused: asyncio.Future[None]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Overrides discord.py's hook, which only waits."""
        del shard_id
        if not initial:
            await self.hooks.sleep(IDENTIFY_S)
        try:
            await self.hooks.identifying()
        except BotError as error:
            if not self.refused.done():
                self.refused.set_exception(error)
            raise

    async def on_disconnect(self) -> None:
        """Called by discord.py."""
        self.hooks.lost()

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Nothing but `on_disconnect` is listened to."""
        del event_method, args, kwargs


class _One(_Paced, discord.Client):
    """A single connection."""


class _Many(_Paced, discord.AutoShardedClient):
    """A connection for each shard."""


def _client(line: Line, hooks: Hooks) -> _One | _Many:
    # It would complain of what only voice needs.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    silent = discord.AllowedMentions.none()
    client: _One | _Many
    if line.shards > 1 or line.shard_ids:
        ids = list(line.shard_ids) or list(range(line.shards))
        client = _Many(intents=_intents(), allowed_mentions=silent, shard_count=line.shards, shard_ids=ids)
    else:
        client = _One(intents=_intents(), allowed_mentions=silent)
    client.hooks = hooks
    # discord.py has no public place for either, and both must be replaced: see the top of this file.
    parsers = client._connection.parsers  # noqa: SLF001
    parsers.update({name: partial(hooks.hear, name) for name in parsers})
    _pace(client, hooks)
    return client


def _pace(client: discord.Client, hooks: Hooks) -> None:
    """Resuming has no hook, and a gateway that drops us at once would be asked hundreds of times a second."""
    connect = client.http.ws_connect

    async def paced(url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        await hooks.connecting()
        socket = await connect(url, compress=compress)
        # mypy: as above
        socket.receive = _in_turns(socket.receive)  # type: ignore[method-assign]
        return socket

    # mypy: a method is replaced on purpose
    client.http.ws_connect = paced  # type: ignore[method-assign]


def _in_turns(
    receive: Callable[..., Awaitable[aiohttp.WSMessage]],
) -> Callable[..., Coroutine[None, None, aiohttp.WSMessage]]:
    """Let others have their turn now and then: what is there already is received without ever waiting."""
    received = count(1)

    async def in_turns(timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109  # aiohttp's
        if next(received) % FRAMES == 0:
            await asyncio.sleep(0)
        return await receive(timeout)

    return in_turns


def _aim(line: Line) -> None:
    """discord.py knows its addresses only as constants of the process."""
    Route.BASE = line.api_base.rstrip("/") or API
    DiscordWebSocket.DEFAULT_GATEWAY = URL(line.gateway_url or DEFAULT_GATEWAY)
    # Its own decoder raises on half an emoji, which would end the session.
    # mypy: ours takes no memoryview, which no text of the gateway is
    discord.utils._from_json = reading.decode  # type: ignore[assignment]  # noqa: SLF001


def _intents() -> discord.Intents:
    wanted = (
        "guilds",
        "members",
        "moderation",
        "guild_messages",
        "dm_messages",
        "guild_reactions",
        "message_content",
        "guild_polls",
        "auto_moderation_execution",
    )
    return discord.Intents(**dict.fromkeys(wanted, True))


async def _close(client: discord.Client) -> None:
    if isinstance(client, _One) and getattr(client.ws, "open", False):
        await client.ws.close(code=COMING_BACK)
    for thread in threading.enumerate():
        # A connection that never became a session is forgotten by discord.py, with the thread that beats for it.
        if isinstance(thread, KeepAliveHandler) and thread.ws._connection is client._connection:  # noqa: SLF001
            thread.stop()
            await thread.ws.socket.close()
    await client.close()
