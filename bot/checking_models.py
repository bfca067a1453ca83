"""The part of `parley check` that asks every configured model something and says whether it answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot import text_models as text
from bot.core.errors import BrokenOff, Misconfigured, ModelFailed
from bot.core.llm import Speaker, Turn
from bot.llm.chat import ChatModel
from bot.llm.endpoint import Endpoint
from bot.llm.settings import OPENAI, LlmSettings
from bot.models import pretrained_model
from bot.settings import Settings
from connectors.spec import Probe
from pipelines.moderation.choice import Choice, Kind, chosen
from pipelines.moderation.model_settings import RemoteTexts
from pipelines.moderation.pretrained import folder
from pipelines.moderation.remote import RemoteClassifier
from pipelines.moderation.settings import ModerationSettings

ASKED = (Turn(speaker=Speaker.USER, text="Answer with the word yes."),)
LIMIT = 256
LLM, MODERATION = "language model", "moderation model"


async def asked_models(settings: Settings, *, offline: bool) -> list[Probe]:
    """A finding for the language model, and one for a moderation model that is not the shipped one."""
    language = await _language(settings.llm, offline=offline)
    choice = chosen(settings.moderation.model)
    match choice.kind:
        case Kind.OFF | Kind.SHIPPED:
            return [language]
        case Kind.TRANSFORMERS:
            return [language, await _pretrained(choice, settings.moderation, offline=offline)]
        case Kind.OPENAI:
            return [language, await _remote(choice, settings, offline=offline)]
        case Kind.JUDGE:
            return [language, _judge(settings, language)]


async def _language(llm: LlmSettings, *, offline: bool) -> Probe:
    if not llm.model:
        return Probe(LLM, ok=True, detail=text.NO_LANGUAGE_MODEL)
    where = llm.base_url or OPENAI
    if offline:
        return Probe(LLM, ok=True, detail=text.not_asked(llm.model, where))
    endpoint = Endpoint(llm)
    try:
        failure = await _answers(ChatModel(endpoint, llm.model))
        detail = await _hint(endpoint, failure) if failure else text.answers(llm.model, where)
    finally:
        await endpoint.close()
    return Probe(LLM, ok=failure is None, detail=detail)


async def _answers(model: ChatModel) -> ModelFailed | None:
    try:
        await model.complete(ASKED, limit=LIMIT)
    except BrokenOff as broken:
        # One that thinks aloud until its limit has answered.
        return None if broken.at_limit else broken
    except ModelFailed as failure:
        return failure
    return None


async def _hint(endpoint: Endpoint, failure: ModelFailed) -> str:
    """What went wrong, with the models that there are where ours may not be among them."""
    if not isinstance(failure, Misconfigured):
        return text.failed(str(failure))
    try:
        names = await endpoint.models()
    except ModelFailed:
        names = []
    return text.failed(str(failure), names)


async def _pretrained(choice: Choice, moderation: ModerationSettings, *, offline: bool) -> Probe:
    if offline and folder(choice.name) is None:
        return Probe(MODERATION, ok=True, detail=text.not_asked(choice.name, text.HUB))
    try:
        model = pretrained_model(choice.name, moderation)
    except ModelFailed as error:
        return Probe(MODERATION, ok=False, detail=text.shipped_instead(str(error)))
    try:
        await asyncio.to_thread(model.score, ["Hello there."])
    except ModelFailed as error:
        return Probe(MODERATION, ok=False, detail=text.shipped_instead(str(error)))
    finally:
        model.close()
    return Probe(MODERATION, ok=True, detail=text.runs(model.version))


async def _remote(choice: Choice, settings: Settings, *, offline: bool) -> Probe:
    where, texts = settings.llm.base_url or OPENAI, settings.moderation.remote_texts
    if texts is RemoteTexts.NONE:
        return Probe(MODERATION, ok=False, detail=text.NOTHING_LEAVES)
    if offline:
        return Probe(MODERATION, ok=True, detail=text.not_asked(choice.name, where))
    endpoint = Endpoint(settings.llm)
    try:
        await RemoteClassifier(endpoint, choice.name).score(["Hello there."])
    except ModelFailed as error:
        return Probe(MODERATION, ok=False, detail=text.shipped_instead(str(error)))
    finally:
        await endpoint.close()
    return Probe(MODERATION, ok=True, detail=f"{text.answers(choice.name, where)}; {text.LEAVES[texts]}")


def _judge(settings: Settings, language: Probe) -> Probe:
    moderation = settings.moderation
    if not settings.llm.model:
        return Probe(MODERATION, ok=False, detail=text.JUDGE_WITHOUT_MODEL)
    if not moderation.judge_policy.strip():
        return Probe(MODERATION, ok=False, detail=text.JUDGE_WITHOUT_POLICY)
    if moderation.remote_texts is RemoteTexts.NONE:
        return Probe(MODERATION, ok=False, detail=text.NOTHING_LEAVES)
    return replace(language, what=MODERATION, detail=f"{language.detail}; {text.LEAVES[moderation.remote_texts]}")
