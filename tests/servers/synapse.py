"""A real Matrix homeserver that talks to nobody but the test."""

import base64
import hashlib
import hmac
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

from tests.servers.process import LOOPBACK, NotInstalledError, Process, free_port

JsonObject: TypeAlias = dict[str, Any]

# Synapse pins other versions of our libraries, so dev.py gives it an environment of its own.
ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv-synapse"
SECRET = "registration secret of a test server"
BOUNDLESS = {"per_second": 100_000, "burst_count": 100_000}
LIFTED_LIMITS = {
    "rc_message": BOUNDLESS,
    "rc_registration": BOUNDLESS,
    "rc_login": {"address": BOUNDLESS, "account": BOUNDLESS, "failed_attempts": BOUNDLESS},
    "rc_joins": {"local": BOUNDLESS, "remote": BOUNDLESS},
    "rc_joins_per_room": BOUNDLESS,
    "rc_invites": {"per_room": BOUNDLESS, "per_user": BOUNDLESS, "per_issuer": BOUNDLESS},
    "rc_admin_redaction": BOUNDLESS,
    "rc_reports": BOUNDLESS,
    "rc_media_create": BOUNDLESS,
    "rc_room_creation": BOUNDLESS,
    "rc_key_requests": BOUNDLESS,
    "rc_delayed_event_mgmt": BOUNDLESS,
}


class RefusedError(Exception):
    """The homeserver answered with an error: its status and Matrix's own code for it."""

    def __init__(self, status: int, answer: JsonObject) -> None:
        super().__init__(f"{status} {answer}")
        self.status = status
        self.code: str = answer.get("errcode", "")
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A registered user, logged in on one device."""

    user_id: str
    device_id: str
    token: str
    password: str


class Homeserver:
    """One Synapse on a free loopback port, with SQLite in `folder`; as a context manager it runs inside the block.

    Rate limits are lifted unless `limits_messages` keeps Synapse's own for messages (0.2 a second, burst of 10).
    `settings` go over the configuration, `modules` is a folder where it finds modules.
    Stopped and started again it still has its users and rooms.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limits_messages: bool = False,
        settings: Mapping[str, object] | None = None,
        modules: Path | None = None,
        port: int = 0,
    ) -> None:
        self.name = "parley.test"
        self.port = port or free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._folder = folder
        self._modules = modules
        limits = {
            name: limit for name, limit in LIFTED_LIMITS.items() if not (limits_messages and name == "rc_message")
        }
        self._settings = {**self._basics(), **limits, **(settings or {})}

    def start(self) -> None:
        """Start it and return when it answers; raises `NotInstalledError` or `ServerError`."""
        python = ENVIRONMENT / "bin" / "python"
        if not python.exists():
            raise NotInstalledError("matrix-synapse")
        self._write_files()
        command: list[str | Path] = [python, "-m", "synapse.app.homeserver", "-c", self._folder / "homeserver.json"]
        environment = {**os.environ, "PYTHONPATH": str(self._modules)} if self._modules else None
        self._process = Process(command, log=self._folder / "synapse.log", environment=environment)
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        self._process.stop()

    def register(self, name: str, *, admin: bool = False, password: str = "a test password") -> Account:
        """Make a user who is logged in on one device."""
        nonce = self.api("GET", "/_synapse/admin/v1/register")["nonce"]
        parts = (nonce, name, password, "admin" if admin else "notadmin")
        mac = hmac.new(SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        wish = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        made = self.api("POST", "/_synapse/admin/v1/register", body=wish)
        return Account(
            user_id=made["user_id"], device_id=made["device_id"], token=made["access_token"], password=password
        )

    def api(self, method: str, path: str, token: str = "", body: object = None) -> JsonObject:
        """Call the homeserver, `path` beginning with `/_matrix` or `/_synapse`; raises `RefusedError`."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer: JsonObject = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            with error:
                raise RefusedError(error.code, json.load(error)) from error

    def _answers(self) -> bool:
        try:
            self.api("GET", "/_matrix/client/versions")
        except OSError:
            return False
        return True

    def _basics(self) -> JsonObject:
        listener = {"port": self.port, "bind_addresses": [LOOPBACK], "type": "http", "tls": False}
        return {
            "server_name": self.name,
            "public_baseurl": f"{self.url}/",
            "listeners": [{**listener, "resources": [{"names": ["client"], "compress": False}]}],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "homeserver.db")}},
            "log_config": str(self._folder / "log.json"),
            "media_store_path": str(self._folder / "media"),
            "signing_key_path": str(self._folder / "signing.key"),
            "pid_file": str(self._folder / "homeserver.pid"),
            "registration_shared_secret": SECRET,
            "macaroon_secret_key": "macaroons of a test server",
            "form_secret": "forms of a test server",
            "default_room_version": "12",
            "report_stats": False,
            "federation_domain_whitelist": [],
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "presence": {"enabled": False},
            "bcrypt_rounds": 4,
            # Otherwise a repeated first sync shows the state of two minutes ago.
            "caches": {"sync_response_cache_duration": "0s"},
        }

    def _write_files(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        log = {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"stderr": {"class": "logging.StreamHandler"}},
        }
        log["root"] = {"level": "WARNING", "handlers": ["stderr"]}
        # Synapse reads YAML, and JSON is YAML.
        (self._folder / "homeserver.json").write_text(json.dumps(self._settings, indent=1))
        (self._folder / "log.json").write_text(json.dumps(log))
        key = self._folder / "signing.key"
        if not key.exists():
            seed = base64.b64encode(os.urandom(32)).decode().rstrip("=")
            key.write_text(f"ed25519 a_test {seed}\n")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
