"""Keep rooms safe: rules and a local model find, the mode decides who acts."""

from __future__ import annotations

from pipelines.moderation.adopt import JOBS
from pipelines.moderation.commands import COMMANDS
from pipelines.moderation.settings import ModerationSettings
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("moderation", section="moderation", settings=ModerationSettings, commands=COMMANDS, jobs=JOBS)
