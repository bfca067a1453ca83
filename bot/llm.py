"""The section `llm`: which model answers and summarises will be asked of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.core.setting import FromEnv


class LlmSettings(BaseModel):
    """Any endpoint that speaks the OpenAI protocol; without one, nothing that needs a language model is offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: Annotated[str, FromEnv("OPENAI_BASE_URL")] = Field(
        default="",
        description="The endpoint, such as http://127.0.0.1:11434/v1; empty means the library’s own default.",
    )
    model: str = Field(default="", description="The model’s name at that endpoint; empty means no language model.")
    api_key: Annotated[SecretStr | None, FromEnv("OPENAI_API_KEY")] = Field(
        default=None, description="The key for the endpoint; best kept in the environment."
    )
