"""Puts the pipelines together with the settings they follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from bot import text_models
from bot.core.action import Configure
from bot.core.address import Address
from bot.core.capability import Need
from bot.core.command import CommandSpec
from bot.core.event import CommandGiven
from bot.core.llm import LanguageModel
from bot.core.ports import JobHandler, Pipeline
from bot.models import Models
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
from pipelines.banlists.pipeline import BanLists
from pipelines.desk.commands import DOCTOR, HELP, MODE, SETTINGS
from pipelines.desk.pipeline import Desk, doctor, help_
from pipelines.desk.places import Places
from pipelines.desk.settings import SettingsDesk
from pipelines.moderation.choice import switched
from pipelines.moderation.commands import AUDIT, AUTOMOD, BANDS, WHY
from pipelines.moderation.drift import MEASURE, Drift
from pipelines.moderation.earned import Book
from pipelines.moderation.model_settings import FILE_ONLY
from pipelines.moderation.neural.files import FOLDER, TOKENIZER
from pipelines.moderation.pipeline import Moderation
from pipelines.moderation.policy import Policy
from pipelines.moderation.screening import Screening
from pipelines.moderation.settings import Mode, ModerationSettings
from pipelines.moderation.showing import Showing
from pipelines.moderation.why import Why
from pipelines.polls import commands as ballots
from pipelines.polls.pipeline import Polls
from pipelines.privacy.commands import FORGET_ME
from pipelines.privacy.pipeline import forget_me
from pipelines.review import commands as cases
from pipelines.review.pipeline import Review
from pipelines.review.undoing import Undoing
from pipelines.spec import Command

log = structlog.get_logger(__name__)

SECTION = "moderation"


def commands() -> list[CommandSpec]:
    """Every command that connectors offer."""
    return [command for spec in PIPELINES for command in spec.commands]


@dataclass(frozen=True, slots=True)
class Asking:
    """What answers the commands about answers."""

    answers: Answers
    explaining: Explaining


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

    def moved(self, old: Address, to: Address, by: str) -> list[Configure]:
        """What was set for a place that was given up, for the one in its stead, and all that named it."""
        before, after = str(old), str(to)
        changes: list[Configure] = []
        for scope, key, value in self.levels.stored():
            renamed = _renamed(value, before, after)
            if scope == before:
                changes.append(Configure(scope=after, key=f"{SECTION}.{key}", value=renamed, by=by))
            elif renamed != value:
                changes.append(Configure(scope=scope, key=f"{SECTION}.{key}", value=renamed, by=by))
        return changes

    def shown(self, asked: CommandGiven) -> Sequence[Shown]:
        """What holds where the command was given."""
        values = self.levels.at(asked.where).settings
        return [_in_words(shown, getattr(values, shown.key, None)) for shown in self.levels.shown(asked.where)]

    def read(self, key: str, typed: str) -> object:
        """What was typed as the key's value; raises `ValueError`."""
        return read_value(ModerationSettings, key, typed)

    def problem(self, scope: str, key: str, value: object) -> str:
        """A sentence, if the value cannot be used there."""
        return _only_in_file(key, value) or self.levels.problem(scope, key, value)


def _only_in_file(key: str, value: object) -> str:
    """A sentence, if only whoever runs the machine may decide that; anybody may take it back."""
    if key.partition(".")[0] in FILE_ONLY and value is not None:
        return text_models.ONLY_IN_FILE.format(key=key)
    return text_models.MODEL_IN_FILE if key == "model" and isinstance(switched(value), str) else ""


def _renamed(value: object, before: str, after: str) -> object:
    if isinstance(value, list | tuple):
        return [_renamed(each, before, after) for each in value]
    return after if value == before else value


def _in_words(shown: Shown, value: object) -> Shown:
    return replace(shown, value=in_words(value)) if isinstance(value, timedelta) else shown


def pipelines(judging: Judging, models: Models, book: Book, answering: Answering) -> list[Pipeline]:
    """In the order in which they are asked."""
    moderation = Moderation(judging.levels.at, models.shipped, book, others=models.others)
    review, polls = Review(judging.levels.at), Polls(moderation.objects)
    lists = BanLists(judging.levels.at)
    answers, showing = Answers(), Showing(judging.levels.at, models.first, book)
    places = Places(judging.review_room, judging.moved)
    asking = Asking(answers, Explaining(answering))
    desk = _desk(judging, review, polls, asking, showing=showing, lists=lists)
    return [moderation, review, polls, lists, places, answers, desk]


def _desk(judging: Judging, review: Review, polls: Polls, asking: Asking, *, showing: Showing, lists: BanLists) -> Desk:
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
            Command(cases.UNDO, Undoing(judging.levels.at).undo),
            Command(cases.HISTORY, review.history),
            Command(cases.APPEAL, review.appeal),
            Command(ballots.POLL, polls.poll),
            Command(ballots.POLLS, polls.polls),
            Command(ballots.ENDPOLL, polls.end),
            Command(ASK, asking.answers.ask),
            Command(BUDGET, asking.explaining.budget),
            Command(EXPLAIN, asking.explaining.explain),
            Command(REMEMBER, memory.remember),
            Command(FORGET, memory.forget),
            Command(FORGET_ME, forget_me),
            *lists.commands(),
        ]
    )


def jobs(judging: Judging, answering: Answering) -> dict[str, JobHandler]:
    """Later work by its name."""
    own = {name: handler for spec in PIPELINES for name, handler in spec.jobs.items()}
    answers = {ANSWER: answering.answer, INDEX: Keeper(answering.embedder).index}
    return {**own, **answers, MEASURE: Drift(judging.levels.at, judging.acting).measure}


def answering(settings: AnswerSettings, model: LanguageModel | None, answer_tokens: int) -> Answering:
    """Who answers, with what is configured for it."""
    budget = Budget(window=model.window, answer=answer_tokens) if model else USUAL
    return Answering(embedder() if settings.by_meaning else None, model, budget, Purse(settings.limits))


def embedder() -> TextEmbedder:
    """The model that finds what means much the same; its files are read with the first text."""
    return TextEmbedder(tokenizer=FOLDER / TOKENIZER)
