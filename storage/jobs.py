"""Later work as rows: leased, finished, or free again when the lease runs out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from bot.core.stored import Job
from storage.tables import JOB


def lease(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Job]:
    """Due jobs that nobody holds; several processes never get the same one."""
    free = and_(JOB.c.due <= now, or_(JOB.c.leased_until.is_(None), JOB.c.leased_until <= now))
    query = select(JOB).where(free).order_by(JOB.c.due).limit(limit).with_for_update(skip_locked=True)
    jobs = [
        Job(name=row["name"], key=row["key"], attempts=row["attempts"]) for row in connection.execute(query).mappings()
    ]
    for job in jobs:
        connection.execute(update(JOB).where(_is(job)).values(leased_until=until, attempts=JOB.c.attempts + 1))
    return jobs


def finish(connection: Connection, job: Job) -> None:
    """It is done and forgotten."""
    connection.execute(delete(JOB).where(_is(job)))


def retry(connection: Connection, job: Job, at: datetime) -> None:
    """Give it back for later, unless its lease ran out and somebody else has it."""
    held = and_(_is(job), JOB.c.attempts == job.attempts + 1)
    connection.execute(update(JOB).where(held).values(due=at, leased_until=None))


def next_due(connection: Connection) -> datetime | None:
    """When the next job may be taken."""
    due = func.coalesce(JOB.c.leased_until, JOB.c.due, type_=JOB.c.due.type)
    first: datetime | None = connection.scalar(select(func.min(due)))
    return first


def _is(job: Job) -> ColumnElement[bool]:
    return and_(JOB.c.name == job.name, JOB.c.key == job.key)
