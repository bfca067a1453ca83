"""Whom an answer can reach through an interaction, and until when: what events carry for the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.slack.limits import RESPONSE_LIFE
from connectors.slack.reading import ident, moment, stamp


@dataclass(frozen=True, slots=True)
class Cookie:
    """Only `user` sees what is sent to `url`; `at` is when it was given, as Slack writes times.

    Without a `url` they are in the channel and look at it, so that they see what is meant for them alone.
    """

    user: str
    at: str
    url: str

    def __str__(self) -> str:
        return f"{self.user} {self.at} {self.url}"

    def serves(self, user_id: str, now: datetime) -> bool:
        """Whether it still reaches that user."""
        return self.user == user_id and now < moment(self.at) + RESPONSE_LIFE


def read_cookie(text: str) -> Cookie | None:
    """What `str` wrote, None for anything else."""
    user, _, rest = text.partition(" ")
    at, _, url = rest.partition(" ")
    known = ident(user) and stamp(at) and (not url or url.startswith(("https://", "http://")))
    return Cookie(user, at, url) if known else None
