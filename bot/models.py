"""Builds the models that moderation asks, as the settings say."""

from __future__ import annotations

import json
from dataclasses import dataclass

import structlog

from bot.core.errors import ModelFailed
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Classifier
from bot.llm.chat import ChatModel
from bot.llm.endpoint import Endpoint
from bot.llm.settings import LlmSettings
from pipelines.moderation.asked import NOBODY, Others
from pipelines.moderation.choice import Kind, chosen
from pipelines.moderation.classifier import LocalClassifier
from pipelines.moderation.isolated import WORKER, IsolatedModel
from pipelines.moderation.pretrained import missing, version
from pipelines.moderation.remote import RemoteClassifier
from pipelines.moderation.room_judge import RoomJudge
from pipelines.moderation.settings import ModerationSettings
from pipelines.moderation.shipped import inspect

log = structlog.get_logger(__name__)

# The process has its own, shorter deadline; this one leaves it time to be replaced and to try again.
MODEL_DEADLINE = 30.0
# A model of any size, on any machine, which may have to be fetched first.
FOREIGN_DEADLINE, FOREIGN_START = 20.0, 300.0


@dataclass(frozen=True, slots=True)
class Models:
    """Whom moderation asks: the shipped models, None where they are unusable, and others."""

    shipped: LocalClassifier | None = None
    others: Others = NOBODY
    endpoint: Endpoint | None = None

    @property
    def first(self) -> Classifier | None:
        """The one whose opinion counts where nothing stands in its way."""
        return self.others.first or self.shipped

    async def close(self) -> None:
        """Let go of processes and connections."""
        for classifier in (self.shipped, self.others.here):
            if isinstance(classifier, LocalClassifier):
                classifier.close()
        if self.endpoint is not None:
            await self.endpoint.close()


def models(moderation: ModerationSettings, llm: LlmSettings, meter: Meter | None = None) -> Models:
    """All of them; what cannot be had is left out and the log says so."""
    meter = meter or Unmetered()
    shipped, choice = shipped_models(meter), chosen(moderation.model)
    match choice.kind:
        case Kind.OFF | Kind.SHIPPED:
            return Models(shipped)
        case Kind.TRANSFORMERS:
            return Models(shipped, _pretrained(choice.name, moderation, meter))
        case Kind.OPENAI:
            endpoint = Endpoint(llm)
            return Models(shipped, Others(away=RemoteClassifier(endpoint, choice.name, meter=meter)), endpoint)
        case Kind.JUDGE:
            return _judged(shipped, llm)


def shipped_models(meter: Meter | None = None) -> LocalClassifier | None:
    """The local models, in a process of their own that the first message starts.

    Without the transformer the linear model judges, without both the rules alone; either way the log says so.
    """
    try:
        shipped = inspect()
    except ModelFailed as error:
        log.error("rules only", reason=str(error))  # noqa: TRY400  # the sentence is enough
        return None
    if shipped.missing:
        log.error("linear model alone", reason=shipped.missing)
    model = IsolatedModel(shipped.version)
    return LocalClassifier(model, deadline=MODEL_DEADLINE, ending=model.close, meter=meter or Unmetered())


def pretrained_model(name: str, moderation: ModerationSettings) -> IsolatedModel:
    """Somebody else’s model in a process of its own; raises `ModelFailed` where it cannot even be tried."""
    if why := missing():
        raise ModelFailed(f"the model {name} cannot run: {why}")
    command = (*WORKER, name, json.dumps(moderation.model_labels))
    return IsolatedModel(version(name), command, deadline=FOREIGN_DEADLINE, start_deadline=FOREIGN_START)


def _pretrained(name: str, moderation: ModerationSettings, meter: Meter) -> Others:
    try:
        model = pretrained_model(name, moderation)
    except ModelFailed as error:
        log.error("shipped model instead", reason=str(error))  # noqa: TRY400  # the sentence is enough
        return NOBODY
    return Others(here=LocalClassifier(model, deadline=MODEL_DEADLINE, ending=model.close, meter=meter))


def _judged(shipped: LocalClassifier | None, llm: LlmSettings) -> Models:
    if not llm.model:
        log.error("shipped model alone", reason="moderation.model is llm-judge, and llm.model names no language model")
        return Models(shipped)
    endpoint = Endpoint(llm)
    return Models(shipped, Others(judge=RoomJudge(ChatModel(endpoint, llm.model))), endpoint)
