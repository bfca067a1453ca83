"""The tables that answers are made of: vectors, what members had remembered, and what models cost."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from storage.tables import Base, Number, table


class MeaningRow(Base, table=True):
    """What a passage means; goes with it. No `seq` is given twice, so whoever knows all up to one can read on."""

    __tablename__ = "meaning"
    __table_args__ = ({"sqlite_autoincrement": True},)
    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    passage: int = Field(
        sa_column=Column(Number, ForeignKey("passage.number", ondelete="CASCADE"), unique=True, nullable=False)
    )
    community: str
    vector: bytes = Field(sa_type=LargeBinary)


class FactRow(Base, table=True):
    """What a member asked to have remembered."""

    __tablename__ = "fact"
    __table_args__ = (UniqueConstraint("community", "member", "words", name="uq_fact_community"),)
    number: int | None = Field(default=None, sa_column=Column(Number, primary_key=True, autoincrement=True))
    community: str
    member: str
    words: str = Field(sa_type=Text)


class SpendingRow(Base, table=True):
    """Tokens of language models, by day and by whatever has a budget."""

    __tablename__ = "spending"
    day: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    tokens: int = Field(sa_type=BigInteger)


MEANING, SPENDING, FACT = table(MeaningRow), table(SpendingRow), table(FactRow)
