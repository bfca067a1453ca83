"""What rules cost a message, on real chat and on nasty texts: the normaliser, each kind of rule, and every preset."""

# ruff: noqa: RUF001 - look-alikes are among what is measured

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import get_args

from benchmarks import corpora
from benchmarks.figures import absent, figure, heading
from bot.core.address import Address
from bot.core.event import Author, Message, MessagePosted, SurfaceKind
from bot.core.surface import surfaces
from pipelines.moderation.normalise import normalise
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.kinds import Rule
from pipelines.moderation.rules.memory import NOTHING, Memory
from pipelines.moderation.rules.presets import Preset
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.moderation.benign import DECORATED, FOREIGN

MESSAGES, ROUNDS, SEED = 4_000, 3, 5
# What the longest platform takes in one message, in bytes.
LONGEST = 64 * 1024
USUAL_US, WORST_MS = 50, 5
# What a rule of a kind cannot do without.
NEEDS: Mapping[str, Mapping[str, object]] = {
    "words": {"words": ("crypto giveaway", "free nitro", "buy followers")},
    "lookalikes": {"protect": ("example.org", "bank.example", "github.com")},
}
NASTY = {
    "one letter": "a",
    "one space": " ",
    "letters spaced": "a b ",
    "letters dotted": "a.b.",
    "letters drawn out": "aaaab",
    "leetspeak": "1d10t ",
    "stacked marks": "e" + "\u0301\u0316" * 20,
    "zero width": "a\u200b",
    "turned round": "\u202eab\u202c",
    "look-alikes": "раура1 ",
    "percent-encoded": "%41%42",
    "markup": "**__||~~`",
    "links": "https://a.example/b ",
    "links without end": "https://a.",
    "look-alike links": "http://еxаmple.org ",
    "a link in a link": "http://a@http://b@",
    "mentions": "<@1234567890> ",
    "mentions cut short": "<@",
    "addresses": "@a:b.c",
    "emoji": "👩\u200d👩\u200d👧\u200d👦",
    "flags": "🇩🇪",
    "lines": "a\n",
    "brackets": "([{<",
    "swearing": "fuck shit ",
    "halves of emoji": "\ud83c",
}
_WHERE, _AT = Address("bench", "home", "general"), datetime(2020, 1, 1, tzinfo=UTC)


def main() -> None:
    """Print the figures."""
    source = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    chat = corpora.ubuntu()
    print("rules: CPU of one core, the best of some rounds")
    if not chat:
        absent("real chat", corpora.CHAT)
    texts = source.sample(chat, min(MESSAGES, len(chat))) if chat else [*DECORATED, *FOREIGN] * 10
    nasty = {name: _long(part) for name, part in NASTY.items()}
    _normaliser(texts, nasty)
    messages = [_message(number, text) for number, text in enumerate(texts)]
    hostile = {name: _message(number, text) for number, (name, text) in enumerate(nasty.items())}
    heading("each kind of rule by itself: a message of real chat, and the worst of the nasty texts of 64 KiB")
    for kind, rule in kinds().items():
        _rules(kind, Policy.of(ModerationSettings(rules={kind: rule})), messages, hostile)
    heading("all rules of a preset")
    for preset in Preset:
        _rules(preset, Policy.of(ModerationSettings(preset=preset)), messages, hostile)


def kinds() -> dict[str, Rule]:
    """One of each, with its defaults."""
    tagged = [get_args(member) for member in get_args(get_args(Rule)[0])]
    return {tag.tag: model(**NEEDS.get(tag.tag, {})) for model, tag in tagged}


def _normaliser(texts: Sequence[str], nasty: Mapping[str, str]) -> None:
    heading("normaliser")
    usual = _seconds(lambda: [normalise(text) for text in texts]) / len(texts) * 1e6
    figure("a usual message", f"{usual:.1f} us", f"at most {USUAL_US} us", kept=usual <= USUAL_US)
    slow, name = _worst({name: partial(normalise, text) for name, text in nasty.items()})
    figure("the worst 64 KiB", f"{slow:.1f} ms ({name})", f"at most {WORST_MS} ms", kept=slow <= WORST_MS)


def _rules(name: str, policy: Policy, messages: Sequence[Message], hostile: Mapping[str, Message]) -> None:
    usual = _seconds(lambda: _matched(policy, messages)) / len(messages) * 1e6
    slow, which = _worst({name: partial(_matched, policy, [message]) for name, message in hostile.items()})
    figure(name, f"{usual:8.1f} us {slow:8.2f} ms ({which})")


def _matched(policy: Policy, messages: Sequence[Message]) -> None:
    memory = Memory()
    for message in messages:
        policy.match(Seen(message, memory.note(message) if policy.remembers else NOTHING))


def _worst(work: Mapping[str, Callable[[], object]]) -> tuple[float, str]:
    """Milliseconds of the slowest, and its name."""
    return max((_seconds(each) * 1e3, name) for name, each in work.items())


def _seconds(work: Callable[[], object]) -> float:
    """The best of some rounds: whatever else ran at the time only ever adds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        rounds.append(time.process_time() - started)
    return min(rounds)


def _long(part: str) -> str:
    return part * (LONGEST // len(part.encode(errors="surrogatepass")))


def _message(number: int, text: str) -> Message:
    """One of fifty members says it, two seconds after the one before."""
    who = Author(f"u{number % 50}", f"User {number % 50}", joined_at=_AT - timedelta(days=1))
    return MessagePosted(
        id=f"{number}.0",
        at=_AT + timedelta(seconds=2 * number),
        where=_WHERE,
        who=who,
        message_id=str(number),
        surfaces=surfaces((SurfaceKind.BODY, text)),
    )
