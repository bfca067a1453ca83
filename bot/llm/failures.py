"""What a failing language model means for whoever asked it, and when it is left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from bot.core.errors import BrokenOff, Garbled, Misconfigured, ModelBusy, ModelFailed, ModelRefused

if TYPE_CHECKING:
    import openai

# Where an endpoint does not say how long to wait, or nobody would wait so long.
PAUSE: Final = 2.0
LONGEST: Final = 3_600.0
# So often in a row an endpoint may fail before it is left alone for a while.
PATIENT: Final = 3
REST, LONGEST_REST = 5.0, 120.0

_LATER: Final = frozenset({408, 409, 425})
_STRANGERS: Final = frozenset({401, 403})
_MISSING: Final = 404
_TOO_MANY: Final = 429
_SERVER: Final = 500


@dataclass(slots=True)
class Breaker:
    """Keeps everybody from an endpoint that asked for a pause, or that failed `PATIENT` times in a row."""

    clock: Callable[[], float] = time.monotonic
    _failures: int = 0
    _until: float = 0.0
    _why: str = ""

    def check(self) -> None:
        """Raises `ModelBusy` while the endpoint is left alone."""
        left = self._until - self.clock()
        if left > 0:
            raise ModelBusy(self._why, left)

    def worked(self) -> None:
        """It answered."""
        self._failures = 0

    def failed(self, failure: ModelFailed) -> None:
        """It did not; only what lies with the endpoint counts."""
        if not isinstance(failure, ModelBusy):
            return
        self._failures += 1
        self._why = failure.why
        rest = min(REST * 2 ** (self._failures - PATIENT), LONGEST_REST) if self._failures >= PATIENT else 0.0
        self._until = max(self._until, self.clock() + max(rest, failure.retry_after))


def expected() -> tuple[type[Exception], ...]:
    """Everything that a call may raise: the library’s own errors, and what its parsers raise for nonsense."""
    import httpx2
    import openai

    nonsense = (ValueError, TypeError, LookupError, AttributeError)
    return (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, OSError, *nonsense)


def understood(error: Exception, received: str = "") -> ModelFailed:
    """The error as ours, in words of our own: an endpoint may repeat the key or the question in its."""
    failure = _understood(error)
    if not received:
        return failure
    return BrokenOff("the connection broke" if isinstance(failure, ModelBusy) else str(failure), received)


def _understood(error: Exception) -> ModelFailed:
    import httpx2
    import openai

    match error:
        case TimeoutError() | openai.APITimeoutError() | httpx2.TimeoutException():
            return BrokenOff("the language model did not answer in time", "")
        case openai.APIStatusError():
            return _refused(error)
        case openai.APIConnectionError() | httpx2.HTTPError() | httpx2.StreamError() | OSError():
            return ModelBusy("the language model cannot be reached", PAUSE)
        case openai.APIResponseValidationError():
            return Garbled("the language model’s endpoint talks nonsense")
        case openai.APIError():
            return ModelBusy("the language model failed", PAUSE)
        case _:
            return Garbled("the language model’s endpoint talks nonsense")


def _refused(error: openai.APIStatusError) -> ModelFailed:
    status = error.status_code
    if status in _STRANGERS:
        return Misconfigured(f"the endpoint does not accept our key (HTTP {status}): set OPENAI_API_KEY or llm.api_key")
    if error.code == "insufficient_quota":
        return Misconfigured("the account at the endpoint has nothing left to spend: see its billing page")
    if status == _MISSING:
        return Misconfigured("the endpoint has no such model or page (HTTP 404): see llm.model and llm.base_url")
    if status == _TOO_MANY:
        return ModelBusy("the language model has too much to do", _pause(error.response.headers.get("retry-after", "")))
    if status >= _SERVER or status in _LATER:
        return ModelBusy(f"the language model failed (HTTP {status})", PAUSE)
    return ModelRefused(f"the endpoint does not take this request (HTTP {status})")


def _pause(header: str) -> float:
    """Seconds from a `Retry-After`, which is a number or a date."""
    try:
        return min(max(float(header), 0.0), LONGEST)
    except ValueError:
        pass
    try:
        left = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return PAUSE
    return min(max(left, 0.0), LONGEST)
