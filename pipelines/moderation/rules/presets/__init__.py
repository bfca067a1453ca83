"""Sets of rules to begin with; a rule of your own with the same id replaces the preset's."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from pipelines.moderation.rules.kinds import Rule


class Preset(StrEnum):
    """Rooms that are alike."""

    NONE = "none"
    FAMILY = "family"
    WORK = "work"
    GAMING = "gaming"
    OPEN_SOURCE = "open-source"


@cache
def rules(preset: Preset) -> dict[str, Rule]:
    """The preset's rules by their ids."""
    if preset is Preset.NONE:
        return {}
    file = files(__package__).joinpath(f"{preset.value}.toml")
    reader: TypeAdapter[dict[str, Rule]] = TypeAdapter(dict[str, Rule])
    return reader.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
