"""Small settings that have one of everything the real ones have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.core.errors import ConfigError
from bot.core.setting import FromEnv
from config.check import check
from config.load import read

SOUND = ConfigDict(extra="forbid", frozen=True)


class Mode(StrEnum):
    """Who presses the button."""

    MANUAL = "manual"
    SEMI = "semi"
    AUTO = "auto"


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no pattern ({error.msg}): close its brackets") from None
    return pattern


class PatternRule(BaseModel):
    """Removes what matches."""

    model_config = SOUND
    kind: Literal["pattern"] = "pattern"
    pattern: Annotated[str, AfterValidator(_compiles)] = ""


class WordRule(BaseModel):
    """Removes listed words."""

    model_config = SOUND
    kind: Literal["words"]
    words: tuple[str, ...] = ()


Rule = Annotated[PatternRule | WordRule, Field(discriminator="kind")]


class Flood(BaseModel):
    """How fast is too fast."""

    model_config = SOUND
    messages: int = Field(default=8, gt=0, description="How many messages are a flood.")
    within: timedelta = Field(default=timedelta(seconds=10), description="In which time.")


class Moderation(BaseModel):
    """Keeps rooms safe.

    Rules come first.
    """

    model_config = SOUND
    mode: Mode = Field(default=Mode.SEMI, description="manual, semi or auto.")
    sure: float = Field(default=0.9, ge=0, le=1, description="Act alone from here on, from 0 to 1.")
    doubtful: float = Field(default=0.5, ge=0, le=1)
    languages: tuple[str, ...] = ("en", 'k"l')
    limits: list[int] = Field(default_factory=list)
    greeting: str | None = None
    quiet: bool = False
    flood: Flood = Flood()
    rules: dict[str, Rule] = Field(default_factory=dict, description="Your own rules by name.")

    def problems(self) -> list[tuple[str, str]]:
        """Thresholds the wrong way round."""
        wrong = self.doubtful > self.sure
        return [("doubtful", f"{self.doubtful} is above sure ({self.sure}): lower it")] if wrong else []


class Matrix(BaseModel):
    """A Matrix account."""

    model_config = SOUND
    homeserver: Annotated[str, FromEnv("MATRIX_HOMESERVER")] = ""
    access_token: Annotated[SecretStr, FromEnv("MATRIX_ACCESS_TOKEN"), Field(description="From your client.")] = (
        SecretStr("")
    )

    def problems(self) -> list[tuple[str, str]]:
        """Half an account."""
        if self.homeserver and not self.access_token.get_secret_value():
            return [("access_token", "it is missing, set MATRIX_ACCESS_TOKEN")]
        return []


class Store(BaseModel):
    """The database."""

    model_config = SOUND
    url: str = "sqlite:///parley.db"


SECTIONS: Mapping[str, type[BaseModel]] = {"moderation": Moderation, "store": Store, "connectors.matrix": Matrix}


def written(folder: Path, text: str) -> Path:
    """A settings file with that text."""
    file = folder / "parley.toml"
    file.write_text(text, encoding="utf-8")
    return file


class Desk:
    """Reads and checks settings as a start does; the folder's name is cut from what it says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def settings(self, text: str = "", **environ: str) -> dict[str, BaseModel]:
        """What is set, one model for each section."""
        return check(read(written(self._folder, text), environ), SECTIONS)

    def problems(self, text: str = "", **environ: str) -> list[str]:
        """What is wrong, without the folder."""
        return self._said(lambda: self.settings(text, **environ))

    def _said(self, act: Callable[[], object]) -> list[str]:
        try:
            act()
        except ConfigError as error:
            return [problem.replace(f"{self._folder}/", "") for problem in error.problems]
        return []
