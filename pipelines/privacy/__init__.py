"""What members may ask about their own data."""

from __future__ import annotations

from pipelines.privacy.commands import COMMANDS
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("privacy", commands=COMMANDS)
