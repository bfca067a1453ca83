"""Puts the pipelines together with the settings they follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from bot.core.action import Configure
from bot.core.address import Address
from bot.core.capability import Need
from bot.core.command import CommandSpec
from bot.core.errors import ModelFailed
from bot.core.event import CommandGiven
from bot.core.llm import LanguageModel
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Classifier, JobHandler, Pipeline
from bot.parts import PIPELINES
from config.levels import Levels, Shown, given
from config.value import in_words, read_value
from pipelines.answer import memory
from pipelines.answer.commands import ASK, BUDGET, EXPLAIN, FORGET, REMEMBER
from pipelines.answer.compose import Budget
from pipelines.answer.embedder.model import TextEmbedder
from pipelines.answer.explaining import Explaining
from pipelines.answer.jobs import ANSWER, USUAL, Answering
from pipelines.answer.keeping import INDEX, Keeper
from pipelines.answer.pipeline import Answers
from pipelines.answer.purse import Purse
from pipelines.answer.settings import AnswerSettings
from pipelines.desk.commands import DOCTOR, HELP, MODE, SETTINGS
from pipelines.desk.pipeline import Desk, doctor, help_
from pipelines.desk.settings import SettingsDesk
from pipelines.moderation.classifier import LocalClassifier
from pipelines.moderation.commands import AUDIT, AUTOMOD, BANDS, WHY
from pipelines.moderation.drift import MEASURE, Drift
from pipelines.moderation.earned import Book
from pipelines.moderation.isolated import IsolatedModel
from pipelines.moderation.neural.files import FOLDER, TOKENIZER
from pipelines.moderation.pipeline import Moderation
from pipelines.moderation.policy import Policy
from pipelines.moderation.screening import Screening
from pipelines.moderation.settings import Mode, ModerationSettings
from pipelines.moderation.shipped import inspect
from pipelines.moderation.showing import Showing
from pipelines.moderation.why import Why
from pipelines.polls import commands as ballots
from pipelines.polls.pipeline import Polls
from pipelines.privacy.commands import FORGET_ME
from pipelines.privacy.pipeline import forget_me
from pipelines.review import commands as cases
from pipelines.review.pipeline import Review
from pipelines.spec import Command

log = structlog.get_logger(__name__)

SECTION = "moderation"
# The process has its own, shorter deadline; this one leaves it time to be replaced and to try again.
MODEL_DEADLINE = 30.0


def commands() -> list[CommandSpec]:
    """Every command that connectors offer."""
    return [command for spec in PIPELINES for command in spec.commands]


@dataclass(frozen=True, slots=True)
class Judging:
    """The settings of moderation by level, as pipelines, moderators and the configuration see them."""

    levels: Levels[ModerationSettings, Policy]

    @classmethod
    def of(cls, base: ModerationSettings, stored: Sequence[Configure]) -> Judging:
        """The configuration with what moderators changed since; what no longer fits is left out, loudly."""
        judging = cls(Levels(SECTION, ModerationSettings, given(base), Policy.of))
        for change in stored:
            judging.put(change)
        for sentence in judging.levels.faults():
            log.error("stored setting cannot be used", problem=sentence)
        return judging

    def put(self, change: Configure) -> None:
        """A moderator changed something."""
        section, _, key = change.key.partition(".")
        if section == SECTION:
            self.levels.put(change.scope, key, change.value)

    def reload(self, base: ModerationSettings) -> None:
        """Take over a configuration that was read again; raises `ConfigError` and keeps the old one."""
        self.levels.rebase(given(base))

    def review_room(self, where: Address) -> Address | None:
        """Where the moderators of a place meet."""
        return self.levels.at(where).review_room

    def mode(self, where: Address) -> str:
        """The mode of a place."""
        return self.levels.at(where).settings.mode.value

    def needs(self, where: Address) -> frozenset[Need]:
        """What the settings of a place take: nothing is done in the shadow, and cards are shown in a room for them."""
        active = {Need.REMOVE, Need.RESTRICT} if self.levels.at(where).settings.mode is not Mode.SHADOW else set()
        cards = {Need.SPEAK} if self.review_room(where) == where.parent else set()
        return frozenset({Need.READ, Need.CONVERSE, *active, *cards})

    def acting(self, community: Address) -> list[str]:
        """Where auto mode is set: for the community, and in its channels."""
        auto = Mode.AUTO.value
        whole = [str(community)] if self.levels.at(community).settings.mode is Mode.AUTO else []
        return whole + self.levels.set_to("mode", auto, str(community))

    def shown(self, asked: CommandGiven) -> Sequence[Shown]:
        """What holds where the command was given."""
        values = self.levels.at(asked.where).settings
        return [_in_words(shown, getattr(values, shown.key, None)) for shown in self.levels.shown(asked.where)]

    def read(self, key: str, typed: str) -> object:
        """What was typed as the key's value; raises `ValueError`."""
        return read_value(ModerationSettings, key, typed)

    def problem(self, scope: str, key: str, value: object) -> str:
        """A sentence, if the value cannot be used there."""
        return self.levels.problem(scope, key, value)


def _in_words(shown: Shown, value: object) -> Shown:
    return replace(shown, value=in_words(value)) if isinstance(value, timedelta) else shown


def pipelines(judging: Judging, classifier: Classifier | None, book: Book, answering: Answering) -> list[Pipeline]:
    """In the order in which they are asked."""
    moderation = Moderation(judging.levels.at, classifier, book)
    review, polls = Review(judging.levels.at), Polls(moderation.objects)
    answers, showing = Answers(), Showing(judging.levels.at, classifier, book)
    return [
        moderation,
        review,
        polls,
        answers,
        _desk(judging, review, polls, answers, showing=showing, explaining=Explaining(answering)),
    ]


def _desk(
    judging: Judging, review: Review, polls: Polls, answers: Answers, *, showing: Showing, explaining: Explaining
) -> Desk:
    settings = SettingsDesk(judging)
    return Desk(
        [
            Command(HELP, partial(help_, commands())),
            Command(MODE, settings.mode),
            Command(SETTINGS, settings.settings, settings.suggest),
            Command(DOCTOR, partial(doctor, judging.needs)),
            Command(AUTOMOD, Screening(judging.levels.at).automod),
            Command(WHY, Why(judging.review_room).why),
            Command(BANDS, showing.bands),
            Command(AUDIT, showing.audit),
            Command(cases.QUEUE, review.queue),
            Command(cases.CASE, review.case, review.suggest),
            Command(cases.APPROVE, review.approve, review.suggest),
            Command(cases.REMOVE, review.remove, review.suggest),
            Command(cases.WARN, review.warn, review.suggest),
            Command(cases.DELETE, review.delete),
            Command(cases.HISTORY, review.history),
            Command(cases.APPEAL, review.appeal),
            Command(ballots.POLL, polls.poll),
            Command(ballots.POLLS, polls.polls),
            Command(ballots.ENDPOLL, polls.end),
            Command(ASK, answers.ask),
            Command(BUDGET, explaining.budget),
            Command(EXPLAIN, explaining.explain),
            Command(REMEMBER, memory.remember),
            Command(FORGET, memory.forget),
            Command(FORGET_ME, forget_me),
        ]
    )


def jobs(judging: Judging, answering: Answering) -> dict[str, JobHandler]:
    """Later work by its name."""
    own = {name: handler for spec in PIPELINES for name, handler in spec.jobs.items()}
    answers = {ANSWER: answering.answer, INDEX: Keeper(answering.embedder).index}
    return {**own, **answers, MEASURE: Drift(judging.levels.at, judging.acting).measure}


def classifier(meter: Meter | None = None) -> LocalClassifier | None:
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


def answering(settings: AnswerSettings, model: LanguageModel | None, answer_tokens: int) -> Answering:
    """Who answers, with what is configured for it."""
    budget = Budget(window=model.window, answer=answer_tokens) if model else USUAL
    return Answering(embedder() if settings.by_meaning else None, model, budget, Purse(settings.limits))


def embedder() -> TextEmbedder:
    """The model that finds what means much the same; its files are read with the first text."""
    return TextEmbedder(tokenizer=FOLDER / TOKENIZER)
