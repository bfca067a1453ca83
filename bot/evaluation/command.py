"""`parley eval`: how well the model does on labelled messages."""

# Libraries are imported inside the functions: asking for help needs none.

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.core.errors import ConfigError, ModelFailed
from bot.terminal import Exit, sentences, show

if TYPE_CHECKING:
    from bot.settings import Settings
    from pipelines.moderation.evaluation.evaluate import Evaluation
    from pipelines.moderation.evaluation.table import Labelled
    from pipelines.moderation.settings import ModerationSettings


def evaluate(
    data: Annotated[Path, typer.Argument(help="A CSV file, also gzipped, or a Parquet file.", metavar="DATA")],
    *,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file, for bands that were set.", metavar="FILE")
    ] = None,
    text_column: Annotated[str, typer.Option(help="Where the message stands.", metavar="NAME")] = "text",
    label_column: Annotated[
        str, typer.Option(help="Where it says 1 for abuse and 0 for harmless.", metavar="NAME")
    ] = "toxic",
    slices: Annotated[
        list[str] | None,
        typer.Option(
            "--slice", help="A column to slice by, more than once too; without it all that fit.", metavar="NAME"
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where a page with pictures goes.", metavar="FILE")] = None,
    model: Annotated[
        str, typer.Option(help="shipped, or one of its halves alone: linear, transformer.", metavar="NAME")
    ] = "shipped",
    perturb: Annotated[bool, typer.Option("--perturb", help="Also disguise the messages, trick by trick.")] = False,
) -> None:
    """Measure the model on labelled messages.

    Prints how well it tells abuse from harmless messages, what that means at the bands, whether scores are chances,
    where it is weak, and how fast it is.
    """
    from bot.settings import load
    from pipelines.moderation.evaluation.table import Wanted, read

    with sentences(ModelFailed, code=Exit.FAILED), sentences(ConfigError, ValueError, OSError):
        settings = load(config, os.environ)
        _must_be_writable(report, data)
        labelled = read(data, Wanted(text=text_column, label=label_column, slices=tuple(slices or ())))
        found, rate = _evaluated(labelled, settings, model, perturb=perturb)
        if report is not None:
            _write(report, found, rate)
    _show(found, rate, report)


def _must_be_writable(report: Path | None, data: Path) -> None:
    """Before minutes are spent on what could not be kept."""
    from bot.text_evaluation import no_report, would_be_lost

    if report and report.exists() and data.exists() and report.samefile(data):
        raise ValueError(would_be_lost(report))
    if report and (report.is_dir() or not os.access(report if report.exists() else report.parent, os.W_OK)):
        raise ValueError(no_report(report))


def _evaluated(labelled: Labelled, settings: Settings, name: str, *, perturb: bool) -> tuple[Evaluation, float]:
    from bot.logs import Level, set_up
    from bot.opening import moderation
    from bot.progress import progress
    from pipelines.moderation.evaluation.evaluate import evaluate as measure
    from pipelines.moderation.evaluation.evaluate import scored
    from pipelines.moderation.evaluation.models import earned, load

    set_up(settings.log, Level.ERROR)
    of_moderation: ModerationSettings = moderation(settings)
    model = load(name)
    with progress(labelled.name, scored(labelled, perturb=perturb)) as seen:
        found = measure(labelled, model, earned(name, model, of_moderation), perturb=perturb, seen=seen)
    return found, of_moderation.abuse_rate


def _write(report: Path, found: Evaluation, rate: float) -> None:
    from bot.evaluation.page import render

    report.write_text(render(found, rate), encoding="utf-8")


def _show(found: Evaluation, rate: float, report: Path | None) -> None:
    from bot.evaluation.shown import shown

    show(shown(found, rate))
    if report is not None:
        typer.echo(f"The report is in {report}.")
