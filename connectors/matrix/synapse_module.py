"""A module for Synapse that asks Parley about each message before it is delivered: one file, standard library only.

Copy it to where Synapse finds modules, and add to homeserver.yaml:

    modules:
      - module: synapse_module.Parley
        config:
          url: http://127.0.0.1:8009
          secret_path: /etc/parley/gate-secret
          deadline_seconds: 2
          fail_open: true

`secret` may stand in place of `secret_path`. Messages of encrypted rooms cannot be checked and pass.
"""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

CHECK = "/_parley/v1/check"
NOT_SPAM = "NOT_SPAM"
UNSURE = "This was not sent: messages are checked here first, and the check did not answer in time. Try again soon."
KEYS = frozenset({"url", "secret", "secret_path", "deadline_seconds", "fail_open"})
log = logging.getLogger(__name__)

Check = Callable[["Event"], Awaitable[object]]


class Event(Protocol):
    """What of Synapse's events is used here."""

    def is_state(self) -> bool:
        """Whether it changes the room."""

    def get_dict(self) -> dict[str, object]:
        """As JSON."""

    @property
    def event_id(self) -> str:
        """Its id."""


class Synapse(Protocol):
    """What of Synapse's module API is used here."""

    def register_spam_checker_callbacks(self, *, check_event_for_spam: Check) -> None:
        """Have each event checked."""

    async def defer_to_thread(self, work: Callable[[dict[str, object]], str], event: dict[str, object]) -> str:
        """Run in a thread."""


class Parley:
    """Asks over loopback; what cannot be asked in time passes or not, as `fail_open` says."""

    def __init__(self, config: Mapping[str, object], api: Synapse) -> None:
        address = urlsplit(str(config["url"]))
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        self._secret = str(config["secret"])
        self._deadline_s = float(str(config["deadline_seconds"]))
        self._fail_open = config["fail_open"] is True
        self._api = api
        api.register_spam_checker_callbacks(check_event_for_spam=self.check)

    @staticmethod
    def parse_config(config: Mapping[str, object]) -> dict[str, object]:
        """With every default; raises `ValueError` with a sentence, at Synapse's start."""
        if unknown := sorted(set(config) - KEYS):
            raise ValueError(f"parley: unknown key {unknown[0]}")
        if not str(config.get("url", "")).startswith("http://"):
            raise ValueError("parley: url is where Parley's gate answers, such as http://127.0.0.1:8009")
        if not isinstance(config.get("fail_open", True), bool):
            raise ValueError("parley: fail_open is true or false")  # noqa: TRY004  # the file's fault
        path = config.get("secret_path")
        secret = Path(str(path)).read_text(encoding="utf-8").strip() if path else str(config.get("secret", ""))
        if not secret:
            raise ValueError("parley: secret, or secret_path, is the one that Parley was given")
        return {"deadline_seconds": 2.0, "fail_open": True, **config, "secret": secret}

    async def check(self, event: Event) -> object:
        """Synapse's word for a good event, or a refusal with Parley's reason."""
        if event.is_state():
            return NOT_SPAM
        refusal = await self._api.defer_to_thread(self._ask, {**event.get_dict(), "event_id": event.event_id})
        return (_forbidden(), {"error": refusal}) if refusal else NOT_SPAM

    def _ask(self, event: dict[str, object]) -> str:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._deadline_s)
        try:
            headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
            connection.request("POST", CHECK, json.dumps(event), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            return str(answer["refusal"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            log.warning(
                "Parley did not answer (%s): %s", type(error).__name__, "sent" if self._fail_open else "not sent"
            )
            return "" if self._fail_open else UNSURE
        finally:
            connection.close()


def _forbidden() -> object:
    # Only Synapse itself runs this.
    from synapse.module_api.errors import Codes  # type: ignore[import-not-found]

    return Codes.FORBIDDEN
