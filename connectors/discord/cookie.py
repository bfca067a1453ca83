"""Whom an answer can reach through an interaction, and until when: what events carry for the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.discord.limits import INTERACTION_LIFE
from connectors.discord.reading import made_at, snowflake

# Nobody waits for an answer: the event came from Discord itself.
NOBODY = "nobody"
# The user sees "thinking…" until the first answer; a press shows nothing until there is one.
COMMAND = "c"
PRESS = "p"


@dataclass(frozen=True, slots=True)
class Cookie:
    """An interaction that was acknowledged. `token` answers it, and only `user` sees the answer."""

    kind: str
    user: str
    id: str
    token: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.user}:{self.id}:{self.token}"

    def serves(self, user_id: str, now: datetime) -> bool:
        """Whether it still reaches that user."""
        return self.user == user_id and now < made_at(self.id) + INTERACTION_LIFE


def read_cookie(text: str) -> Cookie | None:
    """What `str` wrote, None for anything else."""
    kind, _, rest = text.partition(":")
    user, _, rest = rest.partition(":")
    interaction, _, token = rest.partition(":")
    known = kind in (COMMAND, PRESS) and snowflake(user) and snowflake(interaction) and token
    return Cookie(kind, user, interaction, token) if known else None
