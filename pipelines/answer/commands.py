"""What members can ask."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option

ASK = CommandSpec(
    name="ask",
    summary="What was said about something, with links; only you see the answer where that is possible",
    options=(Option(name="question", summary="What you want to know", kind=Kind.REST, required=True),),
)
BUDGET = CommandSpec(name="budget", summary="How much of the language model you have used today, and may")
EXPLAIN = CommandSpec(
    name="explain",
    summary="What an answer would be made of: which sources, and how much of what the model can read",
    options=(Option(name="question", summary="The question", kind=Kind.REST, required=True),),
)
REMEMBER = CommandSpec(
    name="remember",
    summary="Have something remembered for answers that only you see; alone it lists all",
    options=(Option(name="fact", summary="What to remember", kind=Kind.REST),),
)
FORGET = CommandSpec(
    name="forget",
    summary="Let go of something you had remembered",
    options=(Option(name="fact", summary="Its number, or all", required=True),),
)
COMMANDS = (ASK, BUDGET, EXPLAIN, REMEMBER, FORGET)
