"""Choose among the shipped models: both together, or the linear one alone where the transformer is unusable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

import structlog

from bot.core.errors import ModelFailed
from pipelines.moderation.linear import DEFAULT_PATH
from pipelines.moderation.neural.files import FOLDER, Fusion, digest

if TYPE_CHECKING:
    from pipelines.moderation.classifier import Scorer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shipped:
    """Which weights will judge, and why it is only the linear model, "" when both do."""

    version: str
    missing: str = ""


def inspect(linear: Path = DEFAULT_PATH, folder: Path = FOLDER) -> Shipped:
    """Look at the files without loading a model; raises `ModelFailed` where not even the linear one is there."""
    try:
        first = digest(linear)[:12]
        with ZipFile(linear) as archive:
            whole = archive.testzip() is None
    except (OSError, BadZipFile) as error:
        raise ModelFailed(f"cannot read the model {linear}: {error}") from error
    if not whole:
        raise ModelFailed(f"the model {linear} is damaged")
    try:
        return Shipped(f"{first}+{Fusion.load(folder).version}")
    except ModelFailed as error:
        return Shipped(first, str(error))


def open_model(linear: Path = DEFAULT_PATH, folder: Path = FOLDER) -> Scorer:
    """Load both models, or the linear one and say so; raises `ModelFailed` without the linear one."""
    # Here, so that whoever only inspects never pays for numpy.
    from pipelines.moderation.cascade import Cascade
    from pipelines.moderation.linear import LinearModel
    from pipelines.moderation.neural.model import NeuralModel

    first = LinearModel.load(linear)
    try:
        return Cascade(first, NeuralModel.load(folder))
    except ModelFailed as error:
        log.error("linear model alone", reason=str(error))  # noqa: TRY400  # the sentence is enough
        return first
