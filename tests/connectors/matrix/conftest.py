"""The world the tests of this connector play in."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

import pytest
from typing_extensions import override

from connectors.matrix.crypto import thread
from tests.connectors.matrix.world import World
from tests.servers.synapse import Homeserver

P = ParamSpec("P")
T = TypeVar("T")


class AtOnce(Executor):
    """Does what it is given where it is given."""

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  # whoever asked for the result is to have it
            done.set_exception(error)
        return done


@pytest.fixture(autouse=True)
def one_thread_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the clients of other members live in the process of the bot, and nio binds its tables for all threads."""
    executor = AtOnce()
    monkeypatch.setattr(thread, "_thread", lambda: executor)


@pytest.fixture
def world(homeserver: Homeserver) -> World:
    return World(homeserver)
