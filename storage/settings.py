"""The section `store`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.core.setting import FromEnv


class StoreSettings(BaseModel):
    """Where Parley remembers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, FromEnv("DATABASE_URL")] = Field(
        default="sqlite:///parley.db",
        description="The database: sqlite:///FILE (relative to the working folder) or postgresql://USER:PASSWORD@HOST/NAME.",
    )
