"""Answers: what the room has said about a question, told only to those who may read it there too."""

from __future__ import annotations

from pipelines.answer.commands import COMMANDS
from pipelines.answer.keeping import INDEX
from pipelines.answer.settings import AnswerSettings
from pipelines.spec import PipelineSpec

SPEC = PipelineSpec("answer", section="answers", settings=AnswerSettings, commands=COMMANDS, standing=(INDEX,))
