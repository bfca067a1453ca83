"""The section `answers`: how what was said is found, and how many tokens a day may cost."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pipelines.answer.purse import Limits


class AnswerSettings(BaseModel):
    """Answers to mentions, direct messages and `ask`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by_meaning: bool = Field(
        default=True, description="Whether messages are also found by what they mean, with a local model (110 MB)."
    )
    member_tokens: int = Field(
        default=50_000, ge=0, description="How many tokens a day the answers to one member may cost; 0 means any."
    )
    channel_tokens: int = Field(default=0, ge=0, description="The same for all answers in one channel.")
    community_tokens: int = Field(default=0, ge=0, description="The same for all answers in one community.")

    @property
    def limits(self) -> Limits:
        """The budgets."""
        return Limits(member=self.member_tokens, channel=self.channel_tokens, community=self.community_tokens)
