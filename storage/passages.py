"""The search index: approved messages by their words, with what each database brings for that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Connection, RowMapping, Select, bindparam, exists, func, or_, select, text

from bot.core.address import Address
from bot.core.event import Said
from bot.core.passage import Passage
from bot.core.settlement import Outcome
from storage.codec import load_event
from storage.inbox import CHANGES, MESSAGES, position
from storage.statements import Row, insert_new, put
from storage.tables import CURSOR, EVENT, PASSAGE, Moment

STREAM = "search index"
MAX_WORDS = 4_000
_LATER = EVENT.alias()
_CHANGED = exists().where(_LATER.c.message == EVENT.c.message, _LATER.c.seq > EVENT.c.seq, _LATER.c.kind.in_(CHANGES))
_UNCHANGED = select(EVENT).where(EVENT.c.kind.in_(MESSAGES), ~_CHANGED)
_STANDING = _UNCHANGED.where(
    EVENT.c.outcome == Outcome.APPROVED.value, EVENT.c.seq.between(bindparam("first"), bindparam("last"))
)
_NEWEST = _UNCHANGED.where(EVENT.c.message == bindparam("message"))
# BM25 (Robertson and Zaragoza 2009) as FTS5 has it: the better, the more negative.
_IN_SQLITE = text(
    "SELECT passage.*, -bm25(passage_words) AS rank FROM passage_words JOIN passage ON number = passage_words.rowid "
    "WHERE passage_words MATCH :query AND community = :community ORDER BY rank DESC, number DESC LIMIT :most"
).columns(at=Moment)
# Ranking costs some microseconds for each message that holds a word.
RANKED = 10_000
_VOCABULARY = text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, passage_words, row)")
_HOLDING = text("SELECT term, doc FROM temp.vocabulary WHERE term IN :words").bindparams(
    bindparam("words", expanding=True)
)

if TYPE_CHECKING:
    from storage.vectors import Vectors
_IN_POSTGRES = text(
    "SELECT passage.*, ts_rank_cd(to_tsvector('simple', words), to_tsquery('simple', :query), 1) AS rank FROM passage "
    "WHERE to_tsvector('simple', words) @@ to_tsquery('simple', :query) AND community = :community "
    "ORDER BY rank DESC, number DESC LIMIT :most"
).columns(at=Moment)

_THESE = select(PASSAGE).where(PASSAGE.c.number.in_(bindparam("numbers", expanding=True)))
_OF_THESE: BindParameter[Any] = bindparam("messages", expanding=True)
_AS_THEY_STAND = select(PASSAGE).where(PASSAGE.c.message.in_(_OF_THESE))
_ANSWERED = select(PASSAGE.c.reply_to).where(PASSAGE.c.message.in_(_OF_THESE), PASSAGE.c.reply_to != "")
_AROUND = (
    select(PASSAGE)
    .where(or_(PASSAGE.c.reply_to.in_(_OF_THESE), PASSAGE.c.message.in_(_ANSWERED)))
    .order_by(PASSAGE.c.number)
    .limit(bindparam("most"))
)
# Nobody reads on through a hundred answers to one question.
AROUND = 8


def index(connection: Connection, limit: int) -> None:
    """Take up approved messages in the order they were heard, up to the first that nobody has judged yet."""
    after = int(position(connection, STREAM) or 0)
    end = connection.scalar(select(func.min(EVENT.c.seq)).where(~EVENT.c.handled))
    heard = select(EVENT.c.seq).where(EVENT.c.seq > after).order_by(EVENT.c.seq).limit(limit)
    numbers = connection.scalars(heard if end is None else heard.where(EVENT.c.seq < end)).all()
    if numbers:
        _take(connection, _STANDING, {"first": numbers[0], "last": numbers[-1]})
        put(connection, CURSOR, {"stream": STREAM, "position": str(numbers[-1])})


def remember(connection: Connection, message: str) -> None:
    """A moderator let the message stand, which the index may have passed by long ago."""
    _take(connection, _NEWEST, {"message": message})


def _take(connection: Connection, query: Select[Any], given: Row) -> None:
    rows = connection.execute(query, given).mappings().all()
    said = [(row, load_event(row["kind"], row["payload"])) for row in rows]
    insert_new(
        connection, PASSAGE, [_row(row, event) for row, event in said if isinstance(event, Said) and _words(event)]
    )


def _words(event: Said) -> str:
    return event.text[:MAX_WORDS].strip()


def _row(row: RowMapping, event: Said) -> Row:
    return {
        "message": row["message"],
        "message_id": event.message_id,
        "place": row["place"],
        "community": row["community"],
        "author": event.who.id,
        "name": event.who.name,
        "at": event.at,
        "words": _words(event),
        "reply_to": f"{event.where.platform}:{event.reply_to}" if event.reply_to else "",
    }


def search(connection: Connection, community: Address, words: Sequence[str], limit: int) -> list[Passage]:
    """Messages that hold any of the words, best first; words that very many hold count only without others."""
    if not words:
        return []
    sqlite = connection.dialect.name == "sqlite"
    given = {"query": _fts(connection, words) if sqlite else _ts(words), "community": str(community), "most": limit}
    rows = connection.execute(_IN_SQLITE if sqlite else _IN_POSTGRES, given).mappings()
    return [_passage(row) for row in rows]


def _ts(words: Sequence[str]) -> str:
    return " | ".join(f"'{word}'" for word in words)


def _fts(connection: Connection, words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in _telling(connection, words))


def _telling(connection: Connection, words: Sequence[str]) -> list[str]:
    """The rarest words, as long as all that hold one of them can be ranked in some milliseconds."""
    connection.execute(_VOCABULARY)
    counts = {row.term: row.doc for row in connection.execute(_HOLDING, {"words": list(words)})}
    held = sorted((word for word in words if word in counts), key=lambda word: counts[word])
    sums = accumulate(counts[word] for word in held)
    few = [word for place, (word, many) in enumerate(zip(held, sums, strict=True)) if not place or many <= RANKED]
    # What the vocabulary spells otherwise, with an accent, is not counted here but found.
    return few + [word for word in words if word not in counts]


def alike(connection: Connection, vectors: Vectors, community: Address, vector: bytes, limit: int) -> list[Passage]:
    """Messages whose vectors are nearest, best first."""
    near = dict(vectors.search(connection, str(community), vector, limit))
    rows = connection.execute(_THESE, {"numbers": list(near)}).mappings()
    found = [_passage({**row, "rank": near[row["number"]]}) for row in rows]
    return sorted(found, key=lambda passage: -passage.rank)


def around(connection: Connection, platform: str, message_ids: Collection[str]) -> list[Passage]:
    """Messages that answer one of these, or that one of these answers, oldest first."""
    messages = [f"{platform}:{message_id}" for message_id in message_ids]
    rows = connection.execute(_AROUND, {"messages": messages, "most": AROUND * len(messages)}).mappings()
    return [_passage({**row, "rank": 0.0}) for row in rows]


def standing(connection: Connection, platform: str, message_ids: Collection[str]) -> list[Passage]:
    """The messages as they can be found."""
    messages = [f"{platform}:{message_id}" for message_id in message_ids]
    rows = connection.execute(_AS_THEY_STAND, {"messages": messages}).mappings()
    return [_passage({**row, "rank": 0.0}) for row in rows]


def latest(connection: Connection, where: Address, limit: int) -> list[Passage]:
    """The newest of a place, oldest first."""
    query = select(PASSAGE).where(PASSAGE.c.place == str(where)).order_by(PASSAGE.c.number.desc()).limit(limit)
    return [_passage({**row, "rank": 0.0}) for row in connection.execute(query).mappings()][::-1]


def _passage(row: Mapping[Any, Any]) -> Passage:
    where = Address.parse(row["place"])
    return Passage(
        where=where,
        message_id=row["message_id"],
        author=row["name"],
        author_id=row["author"],
        at=row["at"],
        words=row["words"],
        rank=float(row["rank"]),
        reply_to=row["reply_to"].removeprefix(f"{where.platform}:"),
    )
