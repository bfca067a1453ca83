"""The section `llm`: which language model answers, and how long it may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.core.setting import FromEnv

OPENAI: Final = "https://api.openai.com/v1"


class LlmSettings(BaseModel):
    """Any endpoint that speaks the OpenAI protocol; without one, nothing that needs a language model is offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Annotated[str, FromEnv("OPENAI_BASE_URL")] = Field(
        default="", description=f"The endpoint, such as http://127.0.0.1:11434/v1; empty means {OPENAI}."
    )
    model: str = Field(default="", description="The model’s name at that endpoint; empty means no language model.")
    api_key: Annotated[SecretStr | None, FromEnv("OPENAI_API_KEY")] = Field(
        default=None, description="The key for the endpoint; best kept in the environment."
    )
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="How freely it speaks, from 0 to 2; unset: as the endpoint likes."
    )
    window: int = Field(default=8_192, ge=512, description="How many tokens the model reads and writes together.")
    answer_limit: int = Field(default=1_024, ge=16, description="How many tokens an answer may have.")
    wait_first: timedelta = Field(
        default=timedelta(seconds=30), gt=timedelta(0), description="How long the first word may take."
    )
    wait_next: timedelta = Field(
        default=timedelta(seconds=15), gt=timedelta(0), description="How long any further word may take."
    )
    wait_whole: timedelta = Field(
        default=timedelta(minutes=5), gt=timedelta(0), description="How long a whole answer may take."
    )
