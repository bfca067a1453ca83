"""Run a model in a process of its own, so that a text which crashes or hangs it takes nothing else down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock, Timer
from typing import IO, Final

import structlog

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.normalise import shorten

log = structlog.get_logger(__name__)

WORKER: Final = (sys.executable, "-m", "pipelines.moderation.worker")
# A usual batch takes a tenth of a second, 64 of the longest texts a few.
DEADLINE, START_DEADLINE = 5.0, 60.0
MOST_ATTEMPTS: Final = 2
_SET_ASIDE: Final = 4_096
_PAUSE: Final = 30.0
_LENGTH: Final = 4


@dataclass(slots=True, weakref_slot=True)
class IsolatedModel:
    """A `Scorer` whose work is done by the program `command`, started with the first text and again when it dies.

    A text that was there at `MOST_ATTEMPTS` deaths is not tried again: `score` raises `ModelFailed` for it, and a
    person looks. `deadline` in seconds is for one call. Where the program cannot even start, it is left alone for half
    a minute.
    """

    version: str
    command: Sequence[str] = WORKER
    deadline: float = DEADLINE
    start_deadline: float = START_DEADLINE
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _process: subprocess.Popen[bytes] | None = None
    _attempts: OrderedDict[bytes, int] = field(default_factory=OrderedDict)
    _not_before: float = 0.0
    _refusal: str = ""

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order; raises `ModelFailed`."""
        # No model reads the middle of a very long text, so it need not travel.
        texts = [shorten(text) for text in texts]
        keys = [blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest() for text in texts]
        with self._lock:
            while True:
                # What keeps the process from starting is not the text's fault, so it is no attempt.
                process = self._ready()
                self._count(keys)
                try:
                    scores = self._ask(process, texts)
                except _Died as error:
                    log.warning("classifier process replaced", reason=str(error), texts=len(texts))
                    # Of several texts, the caller finds out which one it was.
                    if len(texts) > 1:
                        raise ModelFailed(str(error)) from error
                else:
                    self._forgive(keys)
                    return scores

    @property
    def process_id(self) -> int | None:
        """The running process, None before the first text and after a death."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process; the next text would start another one."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _count(self, keys: Sequence[bytes]) -> None:
        """Note the attempt before it is made: whatever happens, it was one."""
        if any(self._attempts.get(key, 0) >= MOST_ATTEMPTS for key in keys):
            raise ModelFailed(f"set aside after {MOST_ATTEMPTS} attempts")
        for key in dict.fromkeys(keys):
            self._attempts[key] = self._attempts.pop(key, 0) + 1
        while len(self._attempts) > _SET_ASIDE:
            self._attempts.popitem(last=False)

    def _forgive(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._attempts.pop(key, None)

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], texts: Sequence[str]) -> list[Scores]:
        answer = self._exchange(process, json.dumps(texts).encode(), self.deadline)
        try:
            return [Scores(toxic=toxic, labels=labels) for toxic, labels in json.loads(answer)]
        except (ValueError, TypeError) as error:
            self.close()
            raise _Died("the classifier process talked nonsense") from error

    def _start(self) -> subprocess.Popen[bytes]:
        if self.clock() < self._not_before:
            raise ModelFailed(self._refusal)
        # One thread: several would wait for each other on a busy machine.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own program
        weakref.finalize(self, _end, process)
        try:
            self._refusal = _said(self._exchange(process, b"[]", self.start_deadline))
        except _Died as error:
            self._refusal = f"the classifier process cannot be started: {error}"
        if not self._refusal:
            return process
        self._not_before = self.clock() + _PAUSE
        _end(process)
        log.error("classifier process cannot be started", reason=self._refusal)
        raise ModelFailed(self._refusal)

    def _exchange(self, process: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            write(process.stdin, question)
            answer = read(process.stdout)
        except OSError as error:
            answer, reason = None, str(error)
        else:
            reason = "it ended" if timer.is_alive() else f"no answer within {seconds:.0f} s"
        finally:
            timer.cancel()
        if answer is None:
            self._process = None
            _end(process)
            raise _Died(reason)
        return answer


class _Died(Exception):
    """The process ended before it answered, or was ended for not answering."""


def _said(answer: bytes) -> str:
    """Why the program will not do its work, '' when it will."""
    try:
        said = json.loads(answer)
    except ValueError:
        return "the classifier process talked nonsense"
    return said if isinstance(said, str) else ""


def write(pipe: IO[bytes], content: bytes) -> None:
    """Send one message; raises `OSError`."""
    pipe.write(len(content).to_bytes(_LENGTH, "big") + content)
    pipe.flush()


def read(pipe: IO[bytes]) -> bytes | None:
    """Receive one message, None at the end."""
    length = pipe.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    size = int.from_bytes(length, "big")
    content = pipe.read(size)
    return content if len(content) == size else None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What could not be sent any more is of no use to anybody.
            with suppress(OSError):
                pipe.close()
