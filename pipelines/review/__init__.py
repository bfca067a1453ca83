"""The queue: cases shown to moderators, and their decisions carried out."""

from __future__ import annotations

from pipelines.review.commands import COMMANDS
from pipelines.review.remind import JOBS
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("review", commands=COMMANDS, jobs=JOBS)
