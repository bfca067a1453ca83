"""The section `log`, and where facts go: to standard error, never with message text or secrets."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum

import structlog
from pydantic import BaseModel, ConfigDict, Field


class Level(StrEnum):
    """How much is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSettings(BaseModel):
    """What is written to standard error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level | None = Field(
        default=None, description="debug, info, warning or error; by default info, and error in a terminal room."
    )
    json_lines: bool = Field(default=False, description="One JSON object a line, for log collectors.")


def set_up(settings: LogSettings, default: Level) -> None:
    """Configure this process; libraries below warnings stay silent."""
    level = getattr(logging, (settings.level or default).upper())
    logging.basicConfig(
        stream=sys.stderr, level=max(level, logging.WARNING), format="%(levelname)s %(name)s: %(message)s"
    )
    renderer = structlog.processors.JSONRenderer() if settings.json_lines else _for_people()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _for_people() -> structlog.typing.Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
