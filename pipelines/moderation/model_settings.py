"""The part of the section `moderation` that says which model judges, and what may be shown to one elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from pipelines.moderation.choice import chosen, switched
from pipelines.moderation.labels import Meaning

LONGEST_POLICY: Final = 4_000
# What decides where texts go and what is loaded is up to whoever runs the machine, not to a community.
FILE_ONLY: Final = frozenset({"model_labels", "remote_texts"})


class RemoteTexts(StrEnum):
    """Whose texts may leave the machine."""

    NONE = "none"
    OPEN = "open"
    ALL = "all"


def _known(model: bool | str) -> bool | str:  # noqa: FBT001 - a setting is what was set
    chosen(model)
    return model


class ModelSettings(BaseModel):
    """Which model judges; to be joined by the rest of the section."""

    model: Annotated[bool | str, BeforeValidator(switched), AfterValidator(_known)] = Field(
        default=True,
        description=(
            "Whether a model takes part; rules always do. true: the shipped one, on this machine. "
            "“transformers:NAME OR FOLDER”: any Hugging Face sequence classifier, on this machine, with the extra "
            "torch. “openai:omni-moderation-latest”: the moderation endpoint at llm.base_url. “llm-judge”: the shipped "
            "one, and the language model of the section llm reads what it lets pass by `judge_policy`. "
            "The last two SEND WHAT MEMBERS WRITE to that endpoint, see `remote_texts`. "
            "Only this file names a model; a community or channel may still choose true or false."
        ),
    )
    model_labels: dict[str, Meaning] = Field(
        default_factory=dict,
        description=(
            "For transformers: what the model’s labels mean, such as { LABEL_1 = “toxicity” }: toxicity, "
            "identity attack, insult, threat, sexual or spam. Labels left out are harmless. Unset: by their names."
        ),
    )
    remote_texts: RemoteTexts = Field(
        default=RemoteTexts.OPEN,
        description=(
            "Which texts a model elsewhere may be shown. open: those from rooms that everybody in their community can "
            "read, asked anew for each message. all: private rooms and direct messages too. none: nothing leaves this "
            "machine. Where it is not shown a text, the shipped model judges. It gets the text alone, without names."
        ),
    )
    judge_policy: str = Field(
        default="",
        max_length=LONGEST_POLICY,
        description=(
            "For llm-judge: the rules of the room in its own words. What seems to break them is put before moderators; "
            "the judge never acts and never lets pass what others found. Unset: it is not asked."
        ),
    )
