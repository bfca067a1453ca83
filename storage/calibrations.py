"""Calibrations: written once, never changed, and read by their number."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select

from bot.core.address import Address
from bot.core.learning import Calibrated
from storage.tables import CALIBRATION


def keep(connection: Connection, made: Calibrated) -> int:
    """Its number."""
    row = {"community": made.community, "model": made.model, "content": made.content, "at": made.at}
    number: int = connection.execute(insert(CALIBRATION).returning(CALIBRATION.c.number), row).scalar_one()
    return number


def calibration(connection: Connection, number: int) -> Calibrated | None:
    """The calibration with that number."""
    row = connection.execute(select(CALIBRATION).where(CALIBRATION.c.number == number)).mappings().first()
    return _calibrated(row) if row else None


def calibrations(connection: Connection, community: Address) -> list[Calibrated]:
    """All of a community, oldest first."""
    query = select(CALIBRATION).where(CALIBRATION.c.community == str(community)).order_by(CALIBRATION.c.number)
    return [_calibrated(row) for row in connection.execute(query).mappings()]


def _calibrated(row: RowMapping) -> Calibrated:
    return Calibrated(
        number=row["number"], community=row["community"], model=row["model"], content=row["content"], at=row["at"]
    )
