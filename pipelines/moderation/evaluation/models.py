"""Which models can be evaluated, and what each of them may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot import text_evaluation as text
from pipelines.moderation.backing import shipped_evidence
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.counts import Shipped
from pipelines.moderation.earned import entry
from pipelines.moderation.linear import LinearModel
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.opinion import Earned
from pipelines.moderation.settings import ModerationSettings
from pipelines.moderation.shipped import open_model

BOTH: Final = "shipped"
_MODELS: Final[Mapping[str, Callable[[], Scorer]]] = {
    BOTH: open_model,
    "linear": LinearModel.load,
    "transformer": NeuralModel.load,
}
NAMES: Final = tuple(_MODELS)


def load(name: str) -> Scorer:
    """Raises `ValueError` for a name that does not exist, and `ModelFailed`."""
    if name not in _MODELS:
        raise ValueError(text.no_model(name, NAMES))
    return _MODELS[name]()


def earned(name: str, model: Scorer, settings: ModerationSettings) -> Earned:
    """The shipped evidence is about both models together: one of them alone has earned nothing."""
    evidence: Mapping[str, Shipped] = shipped_evidence() if name == BOTH else {}
    return entry(settings, evidence, model.version, None).earned
