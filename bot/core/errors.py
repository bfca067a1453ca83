"""Errors, by what the caller should do next.

BotError
├── Transient        try again with back-off
│   └── RateLimited  try again after `retry_after` seconds
├── Rejected         never try again: forbidden or malformed
├── Unsupported      a bug: the place never claimed it could
├── ModelFailed      decide without the model
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
