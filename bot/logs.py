"""The section `log`, and where facts go: to standard error, never with message text or secrets."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum

import structlog
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override


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


class _Ours(logging.Handler):
    """Brings what libraries log into the form of our own log."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        facts = {"exc_info": record.exc_info} if record.exc_info else {}
        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name, **facts)


def set_up(settings: LogSettings, default: Level) -> None:
    """Configure this process; libraries below warnings stay silent."""
    level = getattr(logging, (settings.level or default).upper())
    logging.basicConfig(handlers=[_Ours()], level=max(level, logging.WARNING))
    renderer = structlog.processors.JSONRenderer() if settings.json_lines else _for_people()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_logger,
        cache_logger_on_first_use=False,
    )


def _logger(*_: object) -> structlog.PrintLogger:
    """To standard error as it is at that moment: a prompt puts a stand-in there while somebody types."""
    return structlog.PrintLogger(sys.stderr)


def _for_people() -> structlog.typing.Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
