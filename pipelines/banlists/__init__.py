"""Lists of bans: shown before they are followed, followed, and written by bans of our own."""

from __future__ import annotations

from pipelines.banlists.commands import COMMANDS
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("banlists", commands=COMMANDS)
