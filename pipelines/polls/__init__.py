"""Polls: asked by members, counted by the platform or by us, ended at their time."""

from __future__ import annotations

from pipelines.polls.commands import COMMANDS
from pipelines.polls.ending import JOBS
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("polls", commands=COMMANDS, jobs=JOBS)
