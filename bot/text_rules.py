"""Why a rule found a message, in a sentence for moderators."""

from __future__ import annotations

from datetime import timedelta

INVITES_ELSEWHERE = "It invites to another community."
NEWCOMER_LINK = "Its author has only just joined, and posts a link."
NEWCOMER_FILE = "Its author has only just joined, and posts a file."
FILE_UNWANTED = "Files of this kind are not wanted here; programs may do harm."
IN_CAPITALS = "It is written in capitals."
MANY_EMOJI = "It has very many emoji."
MANY_LINKS = "It has more links than anybody follows."
WORDS_FOUND = "It has words that this rule looks for."
WORDS_DISGUISED = "It has words that this rule looks for, in disguise."
MANY_LINES = "It has very many lines."


def flooded(count: int, within: timedelta) -> str:
    """Why a message is part of a flood."""
    return f"Its author sent {count} messages within {within.total_seconds():g} seconds."


def wave_of(messages: int, members: int, channels: int) -> str:
    """Why a message is part of a wave."""
    by = "1 member" if members == 1 else f"{members} members"
    places = "1 channel" if channels == 1 else f"{channels} channels"
    return f"Nearly the same was said {messages} times, by {by} in {places}."


def mentioned_many(count: int) -> str:
    """Why a message that calls on many was found."""
    return f"It mentions {count} members or groups."


def link_denied(host: str) -> str:
    """Why a link was found."""
    return f"Links to {host} are not wanted here."


def link_not_allowed(host: str) -> str:
    """Why a link was found."""
    return f"{host} is not among the sites that may be linked here."


def link_hidden(host: str) -> str:
    """Why a link was found."""
    return f"Links of {host} hide where they lead."


def link_pretends(host: str, real: str) -> str:
    """Why a link was found."""
    return f"{host} looks like {real}, and is another."
