"""What Parley says about models other than its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NO_TORCH: Final = "it needs the extra torch; in Parley’s folder, .venv/bin/pip install -e '.[torch]' brings it"
ROOM_RULES: Final = "rules of the room"
ONLY_IN_FILE: Final = (
    "moderation.{key} decides what is loaded and what leaves the machine, so only the configuration file sets it."
)
MODEL_IN_FILE: Final = (
    "Only the configuration file names a model; here moderation.model can be true, for the shipped one, or false."
)

HUB: Final = "the Hugging Face hub"
LEAVES: Final = {
    "open": "it is shown what is written in rooms that their whole community can read",
    "all": "it is shown everything that is written, private rooms and direct messages too",
}
NO_LANGUAGE_MODEL: Final = "none: answers quote what was said. Set llm.model and llm.base_url or OPENAI_API_KEY."
NOTHING_LEAVES: Final = "never asked: moderation.remote_texts is none, so the shipped model judges alone."
JUDGE_WITHOUT_MODEL: Final = "moderation.model is llm-judge, and there is no language model: set llm.model."
JUDGE_WITHOUT_POLICY: Final = "llm-judge has nothing to go by: set moderation.judge_policy to the rules of your rooms."
MOST_NAMES: Final = 10


def answers(model: str, where: str) -> str:
    """It was asked, and it did."""
    return f"{model} at {where} answers"


def runs(version: str) -> str:
    """It was loaded and asked, and it answered."""
    return f"{version} runs on this machine"


def not_asked(model: str, where: str) -> str:
    """Nothing may be asked over the network."""
    return f"{model} at {where}, not asked (--offline)"


def failed(why: str, names: Sequence[str] = ()) -> str:
    """It did not answer; `names` are models that are there."""
    more = ", …" if len(names) > MOST_NAMES else ""
    there = f" There are: {', '.join(names[:MOST_NAMES])}{more}." if names else ""
    return f"{why[:1].upper()}{why[1:]}.{there}"


def shipped_instead(why: str) -> str:
    """A moderation model that cannot be used."""
    return f"the shipped model judges instead: {why}."


def breaks_rules(name: str) -> str:
    """The judge found a breach."""
    return f"the language model {name} reads it as against the rules of the room"


def may_break_rules(name: str) -> str:
    """The judge was not sure."""
    return f"the language model {name} cannot tell whether the rules of the room allow it"
