"""How a poll reads where we count its votes: a bar, a number and, unless it is secret, names for each answer."""

from __future__ import annotations

from bot import text_polls
from bot.core.markdown import called, literal
from bot.core.poll import Poll

BAR = 10
NAMED = 5


class PollText:
    """Implements `bot.core.ports.Polls`."""

    def drawn(self, poll: Poll) -> str:
        """The question, each answer with its share, and until when."""
        foot = text_polls.poll_over(poll.voters) if poll.ended else text_polls.poll_open(poll.voters, poll.ends_at)
        return "\n".join([f"**{literal(poll.asked.question)}**", "", *_lines(poll), "", foot])

    def result(self, poll: Poll) -> str:
        """Who won, and how everybody chose."""
        return "\n".join(
            [text_polls.poll_result(poll.asked.question, winners(poll), max(poll.tally)), "", *_lines(poll)]
        )


def winners(poll: Poll) -> list[str]:
    """The answers that most chose; none where nobody voted."""
    most = max(poll.tally)
    return [option for option, count in zip(poll.asked.options, poll.tally, strict=True) if count == most and most]


def _lines(poll: Poll) -> list[str]:
    return [
        _line(poll, number, option, count)
        for number, (option, count) in enumerate(zip(poll.asked.options, poll.tally, strict=True), 1)
    ]


def _line(poll: Poll, number: int, option: str, count: int) -> str:
    share = count / poll.voters if poll.voters else 0.0
    filled = round(share * BAR)
    names = poll.names(number)
    more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
    who = f" ({', '.join(map(called, names[:NAMED]))}{more})" if names else ""
    return f"{number}. {literal(option)} {'▰' * filled}{'▱' * (BAR - filled)} {count}, {share:.0%}{who}"
