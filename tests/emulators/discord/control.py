"""The control API of the plain program: JSON in, JSON out, one verb per path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators.discord import verbs_people, verbs_world
from tests.emulators.discord.asked import Verb
from tests.emulators.discord.refusal import Refusal

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator

VERBS: Mapping[str, Verb] = {**verbs_world.VERBS, **verbs_people.VERBS}


class Control:
    """Answers `POST /control/{verb}`; `GET /control/help` lists the verbs."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def handle(self, request: web.Request) -> web.Response:
        verb = VERBS.get(request.match_info["verb"])
        if verb is None:
            return web.json_response({name: (each.__doc__ or "").strip() for name, each in VERBS.items()})
        try:
            asked = json.loads(await request.read() or b"{}")
            return web.json_response(await verb(self._emulator, asked))
        except Refusal as refusal:
            return web.json_response({"refused": refusal.body()}, status=refusal.status)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"misunderstood": repr(error)}, status=400)
