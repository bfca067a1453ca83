"""Which connectors and pipelines this house has."""

from __future__ import annotations

from connectors import console, discord, irc, matrix, slack
from pipelines import answer, banlists, desk, moderation, polls, privacy, review

CONNECTORS = (console.SPEC, discord.SPEC, matrix.SPEC, slack.SPEC, irc.SPEC)
PIPELINES = (moderation.SPEC, review.SPEC, polls.SPEC, banlists.SPEC, answer.SPEC, privacy.SPEC, desk.SPEC)
