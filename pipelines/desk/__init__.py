"""The front desk: help, settings and the mode, and the check of every command before it is answered."""

from __future__ import annotations

from pipelines.desk.commands import COMMANDS
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("desk", commands=COMMANDS)
