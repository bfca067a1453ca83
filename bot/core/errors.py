"""Errors, by what the caller should do next.

BotError
├── Transient        try again with back-off
│   └── RateLimited  try again after `retry_after` seconds
├── Rejected         never try again: forbidden or malformed
├── Unsupported      a bug: the place never claimed it could
├── ModelFailed      decide without the model
│   ├── ModelBusy      ask again after `retry_after` seconds
│   ├── BrokenOff      show `received`, say that it is incomplete, offer to ask again
│   ├── ModelRefused   never ask the same again: too long, or unwanted
│   ├── Garbled        what came back is of no use
│   └── Misconfigured  let a person mend the settings, and do without meanwhile
├── Revoked          stop this connector: the platform no longer knows us
└── ConfigError      stop and let a person mend the settings
"""

from __future__ import annotations

NO_BAN_LISTS = "This place knows no lists of bans."


class BotError(Exception):
    """Base of every error Parley raises on purpose."""


class Transient(BotError):
    """The same call may succeed later."""


class RateLimited(Transient):
    """The platform asks for a pause of `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"the platform asks to wait {retry_after:.1f} s")
        self.retry_after = retry_after


class Rejected(BotError):
    """The platform will never accept this call; the message says why, for moderators to read."""


class Unsupported(BotError):
    """The effect was not lowered to what the place can do."""


class Revoked(BotError):
    """The platform refuses our credentials; the message says how to renew them."""


class ConfigError(BotError):
    """Settings that cannot be used; `problems` holds one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ModelFailed(BotError):
    """A model gave no usable answer; rules and people decide instead."""


class ModelBusy(ModelFailed):
    """The model’s endpoint asks for a pause of `retry_after` seconds, or is down and is left alone so long."""

    def __init__(self, why: str, retry_after: float) -> None:
        super().__init__(f"{why}; ask again in {retry_after:.0f} s")
        self.why = why
        self.retry_after = retry_after


class BrokenOff(ModelFailed):
    """The answer ended too early; `received` is what came, '' where nothing did.

    `at_limit` tells that it ended where it was allowed to, so that asking again would change nothing.
    """

    def __init__(self, why: str, received: str, *, at_limit: bool = False) -> None:
        super().__init__(why)
        self.received = received
        self.at_limit = at_limit


class ModelRefused(ModelFailed):
    """The endpoint will never answer this."""


class Garbled(ModelFailed):
    """The answer is not what was asked for."""


class Misconfigured(ModelFailed):
    """The endpoint knows neither us nor the model; the message says what to mend."""
