"""Take messages out of the search index."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete

from storage.tables import PASSAGE

_FORGET = delete(PASSAGE).where(PASSAGE.c.message.in_(bindparam("messages", expanding=True)))
# SQLite takes 32,766 values in a statement.
AT_ONCE = 10_000


def forget(connection: Connection, messages: Sequence[str]) -> None:
    """Make them unfindable at once; `platform:message` each."""
    for first in range(0, len(messages), AT_ONCE):
        connection.execute(_FORGET, {"messages": list(messages[first : first + AT_ONCE])})
