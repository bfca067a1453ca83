"""Every section of the configuration, joined from the parts of the house, and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.core.errors import ConfigError
from bot.health import HealthSettings
from bot.llm.settings import LlmSettings
from bot.logs import LogSettings
from bot.parts import CONNECTORS, PIPELINES
from config.check import check
from config.load import read
from connectors.spec import ConnectorSettings
from pipelines.answer.settings import AnswerSettings
from pipelines.moderation.settings import ModerationSettings
from storage.settings import StoreSettings

M = TypeVar("M", bound=BaseModel)

# TOML for readers of the example file to imitate, by section.
EXAMPLES = {
    "moderation": r"""
# Short links hide where they lead: certain, so auto mode removes them by itself.
[moderation.rules.short-links]
pattern = '(bit\.ly|tinyurl\.com|t\.co)/\w+'
label = "hidden link"

# Words that may be harmless: above doubtful but not sure, so a moderator is asked.
[moderation.rules.pills]
words = ["cheap pills", "no prescription"]
label = "spam"
score = 0.9
"""
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was configured, checked. `connectors` holds those that can be configured, by name."""

    store: StoreSettings
    moderation: ModerationSettings
    answers: AnswerSettings
    llm: LlmSettings
    log: LogSettings
    health: HealthSettings
    connectors: Mapping[str, ConnectorSettings]


def sections() -> dict[str, type[BaseModel]]:
    """Every section with the model that checks it, in the order of the example file."""
    own = {spec.section: spec.settings for spec in PIPELINES if spec.settings is not None}
    connected = {f"connectors.{spec.name}": spec.settings for spec in CONNECTORS if spec.settings is not None}
    return {
        **own,
        "store": StoreSettings,
        "llm": LlmSettings,
        "log": LogSettings,
        "health": HealthSettings,
        **connected,
    }


def load(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check everything; raises `ConfigError` with all problems at once."""
    models = check(read(file, environ), sections())
    prefix = "connectors."
    connected = {name.removeprefix(prefix): model for name, model in models.items() if name.startswith(prefix)}
    return Settings(
        store=_one(models, "store", StoreSettings),
        moderation=_one(models, "moderation", ModerationSettings),
        answers=_one(models, "answers", AnswerSettings),
        llm=_one(models, "llm", LlmSettings),
        log=_one(models, "log", LogSettings),
        health=_one(models, "health", HealthSettings),
        connectors={name: model for name, model in connected.items() if isinstance(model, ConnectorSettings)},
    )


def store_file(store: StoreSettings) -> Path | None:
    """Where SQLite keeps the store; None in memory or on a server."""
    kind, _, name = store.url.partition(":///")
    file = name.partition("?")[0]
    return Path(file).absolute() if kind == "sqlite" and file not in ("", ":memory:") else None


def store_place(store: StoreSettings) -> str:
    """Where a store that could be opened is, without its password."""
    from storage.engine import masked  # databases are only loaded by who opens one

    file = store_file(store)
    # A password may also stand among the parameters.
    return str(file) if file else masked(store.url).partition("?")[0]


def _one(models: Mapping[str, BaseModel], section: str, kind: type[M]) -> M:
    model = models[section]
    if not isinstance(model, kind):
        raise ConfigError(f"The section {section} was checked by the wrong model.")
    return model
