"""The tables. Hot paths use Core statements on `Model.__table__`; nothing here has behaviour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# SQLite numbers rows only in a column that is exactly INTEGER; PostgreSQL wants 64 bits.
Number = BigInteger().with_variant(Integer(), "sqlite")


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


class Moment(TypeDecorator[datetime]):
    """Aware UTC as microseconds since 1970: one representation in every database, and cheap on the hot path."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Whole microseconds."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Base(SQLModel):
    """One naming convention, so that migrations can name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class EventRow(Base, table=True):
    """What was heard, once; for messages also the verdict on that revision."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_open", "seq", sqlite_where=text("handled = 0"), postgresql_where=text("NOT handled")),
        Index("ix_event_author", "community", "author"),
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    key: str = Field(unique=True)
    kind: str
    place: str
    community: str
    author: str
    message: str = Field(index=True)
    revision: int = Field(default=0, sa_type=BigInteger)
    at: datetime = Field(sa_type=Moment)
    payload: str = Field(sa_type=Text)
    raw: bytes = Field(default=b"", sa_type=LargeBinary)
    hash: str
    handled: bool = False
    outcome: str | None = None
    score: float | None = None
    mode: str | None = None
    policy: str | None = None
    model: str | None = None
    evidence: str | None = Field(default=None, sa_type=Text)


class CursorRow(Base, table=True):
    """How far each stream was read."""

    __tablename__ = "cursor"
    stream: str = Field(primary_key=True)
    position: str = Field(sa_type=Text)


class OutboxRow(Base, table=True):
    """What must happen outside: `state` is pending, done or abandoned."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_pending",
            "place",
            "seq",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outbox_said",
            "message_id",
            sqlite_where=text("message_id <> ''"),
            postgresql_where=text("message_id <> ''"),
        ),
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    key: str = Field(unique=True)
    place: str
    urgent: bool
    effect: str = Field(sa_type=Text)
    cookie: str = ""
    state: str = "pending"
    attempts: int = 0
    due: datetime = Field(sa_type=Moment)
    message_id: str = ""
    gone: bool = False
    reason: str = Field(default="", sa_type=Text)


class CaseRow(Base, table=True):
    """One message before the moderators; one case per message, reopened when it changes."""

    __tablename__ = "review_case"
    __table_args__ = (
        Index("ix_case_open", "place", sqlite_where=text("decision = ''"), postgresql_where=text("decision = ''")),
    )

    number: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    message: str = Field(unique=True)
    place: str
    message_id: str
    event_key: str
    event_hash: str
    author: str = Field(sa_type=Text)
    quote: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    proposal: str = Field(sa_type=Text)
    reporters: str = Field(default="[]", sa_type=Text)
    reported: bool = False
    room: str = ""
    card_id: str = ""
    problem: str = Field(default="", sa_type=Text)
    opened_at: datetime = Field(sa_type=Moment)
    decision: str = ""
    decided_by: str = ""
    decided_by_id: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    appeal: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    decided_at: datetime | None = Field(default=None, sa_type=Moment)


class WaveMessageRow(Base, table=True):
    """That a message belongs to a wave, whose one case has "wave:" and the wave's name for a message."""

    __tablename__ = "wave_message"
    message: str = Field(primary_key=True)
    wave: str = Field(index=True)
    event_key: str = Field(index=True)
    author: str
    place: str


class PollRow(Base, table=True):
    """A poll that was posted; `message` tells which message shows it, `counts` what the platform counted."""

    __tablename__ = "poll"
    __table_args__ = (
        Index("ix_poll_open", "place", sqlite_where=text("ended = 0"), postgresql_where=text("NOT ended")),
    )

    number: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    id: str = Field(unique=True)
    message: str = Field(index=True)
    message_id: str
    place: str
    asked: str = Field(sa_type=Text)
    ends_at: datetime = Field(sa_type=Moment)
    ended: bool = False
    counts: str = Field(default="[]", sa_type=Text)


class VoteRow(Base, table=True):
    """A member's last choice in a poll."""

    __tablename__ = "vote"
    poll: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    name: str
    options: str
    at: datetime = Field(sa_type=Moment)


class PassageRow(Base, table=True):
    """An approved message that can be found; the words are indexed besides, in the way of each database."""

    __tablename__ = "passage"
    number: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    message: str = Field(unique=True)
    message_id: str
    place: str = Field(index=True)
    community: str = Field(index=True)
    author: str
    name: str
    at: datetime = Field(sa_type=Moment)
    words: str = Field(sa_type=Text)
    reply_to: str = Field(default="", index=True, sa_column_kwargs={"server_default": text("''")})


class SettingRow(Base, table=True):
    """A setting that a moderator changed; `scope` is '' or an address."""

    __tablename__ = "setting"
    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)
    changed_by: str


class TallyRow(Base, table=True):
    """Approved messages of a channel."""

    __tablename__ = "tally"
    place: str = Field(primary_key=True)
    approved: int = 0


class JobRow(Base, table=True):
    """Later work that is not done; a leased one is free again after `leased_until`."""

    __tablename__ = "job"
    name: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    due: datetime = Field(sa_type=Moment, index=True)
    attempts: int = 0
    leased_until: datetime | None = Field(default=None, sa_type=Moment)


class LabelRow(Base, table=True):
    """What a moderator decided about what a machine had judged; `decision` is '' while a check waits."""

    __tablename__ = "label"
    event_key: str = Field(primary_key=True)
    community: str = Field(index=True)
    model: str
    features: str = Field(sa_type=Text)
    decision: str
    audit: str
    at: datetime = Field(sa_type=Moment)
    drawn_at: datetime | None = Field(default=None, sa_type=Moment)


class CalibrationRow(Base, table=True):
    """What was learned from a community's labels; never changed."""

    __tablename__ = "calibration"
    number: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    community: str = Field(index=True)
    model: str
    content: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


def table(model: type[SQLModel]) -> Table:
    """The table of a class."""
    found = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    assert isinstance(found, Table)
    return found


EVENT, CURSOR, OUTBOX = table(EventRow), table(CursorRow), table(OutboxRow)
CASE, SETTING, TALLY, JOB = table(CaseRow), table(SettingRow), table(TallyRow), table(JobRow)
POLL, VOTE, PASSAGE = table(PollRow), table(VoteRow), table(PassageRow)
LABEL, CALIBRATION = table(LabelRow), table(CalibrationRow)
WAVE_MESSAGE = table(WaveMessageRow)
