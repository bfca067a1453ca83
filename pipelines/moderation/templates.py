"""Sentences of our own for what the training data lacks: harmless swearing, harmless violence, and plain threats."""

import random
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

Frame = tuple[Sequence[str], ...]

_THINGS: Final = (
    "printer", "compiler", "laptop", "bug", "build", "weather", "game", "update", "driver", "job", "train", "code",
    "server", "phone", "song", "level", "movie", "keyboard", "network", "website",
)  # fmt: skip
_GOOD: Final = (
    "good", "great", "cool", "beautiful", "brilliant", "delicious", "fast", "hard", "huge", "amazing", "funny", "cold",
    "tired", "hungry", "late", "happy", "proud", "sweet",
)  # fmt: skip
_EVENTS: Final = (
    "it works", "we won", "that was close", "it finally runs", "what a day", "i passed", "look at the time",
    "i got the job", "that scared me", "the tests pass", "the new version is out", "you are fast", "nice work",
    "congratulations", "that is so good", "i forgot my keys",
)  # fmt: skip
_VERBS: Final = (
    "crashed again", "broke", "is so slow", "hates me", "is broken", "does not start", "is back", "froze", "is great",
    "drives me mad", "made my day",
)  # fmt: skip
_PROCESSES: Final = (
    "process", "job", "task", "server", "session", "thread", "daemon", "connection", "child process", "container",
    "window", "tab", "query", "boss in level 3", "dragon", "zombies", "lights", "engine", "build",
)  # fmt: skip

HARMLESS: Final[Sequence[Frame]] = (
    (
        ("this is", "that was", "it is", "i am", "we are", "you guys are"),
        ("so fucking", "fucking", "damn", "freaking", "bloody", "so goddamn"),
        _GOOD,
    ),
    (
        (
            "holy shit", "holy crap", "oh shit", "damn", "fuck yeah", "hell yeah", "oh fuck", "what the hell",
            "what the fuck", "no shit", "shit", "fuck", "wtf", "omfg",
        ),
        _EVENTS,
    ),
    (
        ("this", "my", "the", "that"),
        ("stupid", "damn", "fucking", "shitty", "crappy", "dumb", "fucked up"),
        _THINGS,
        _VERBS,
    ),
    (
        ("what the hell", "what the fuck", "wtf", "how the fuck", "why the hell"),
        ("is wrong with", "is up with", "happened to", "do i fix"),
        ("this", "my", "the"),
        _THINGS,
    ),
    (
        (
            "i feel like shit", "i am such an idiot", "i was stupid", "my own stupid fault", "i screwed up",
            "i look like shit", "my bad i am dumb",
        ),
        ("today", "sorry", "i forgot it", "i deleted the wrong file", "never mind", "again", "haha"),
    ),
    (
        (
            "kill", "please kill", "just kill", "how do i kill", "you can kill", "killall then kill", "execute",
            "shoot", "terminate", "nuke", "try to kill",
        ),
        ("the", "that", "this", "a", "every"),
        _PROCESSES,
    ),
    (
        ("this", "my", "the", "that"),
        _THINGS,
        (
            "is killing me", "is to die for", "died", "is dead", "kills me every time", "will be the death of me",
            "blew up", "is the bomb", "killed my battery",
        ),
    ),
    (
        (
            "damn", "crap", "ah crap", "oh crap", "darn", "shit", "oh shit", "this sucks", "that sucks", "lame",
            "stupid me", "silly me", "dammit", "what a mess",
        ),
        ("", "lol", "ok", "again", "haha", "not again", "man", "sorry"),
    ),
)  # fmt: skip
THREATS: Final[Sequence[Frame]] = (
    (
        ("i will", "i am going to", "i swear i will", "we will", "imma", "someone should", "i want to", "gonna"),
        (
            "find you and kill", "kill", "hurt", "beat", "stab", "shoot", "murder", "strangle", "hunt down", "burn",
            "break the legs of",
        ),
        (
            "you", "him and his family", "you all", "your family", "you tonight", "her", "you and your kids",
            "them all",
        ),
    ),
    (
        ("i hope you", "you should", "just go and", "why dont you", "please", "you deserve to", "hope you all"),
        (
            "die", "get cancer", "hang yourself", "kill yourself", "drop dead", "die in a fire", "jump off a bridge",
            "die slowly", "choke", "rot in hell",
        ),
        ("", "soon", "already", "today", "and nobody will miss you", "loser"),
    ),
    (
        (
            "i know where you live", "watch your back", "you are dead", "i will come to your house",
            "sleep with one eye open",
        ),
        (
            "", "and i am coming for you", "you will regret this", "i have a knife", "next time i see you",
            "you will pay",
        ),
    ),
)  # fmt: skip


def sentences(frames: Sequence[Frame], *, most: int, seed: int) -> Iterator[str]:
    """Yield at most `most` sentences of each frame (one phrase of every slot), drawn without repetition."""
    source = random.Random(seed)  # noqa: S311 - repeatable on purpose
    for frame in frames:
        every = [" ".join(filter(None, phrases)) for phrases in product(*frame)]
        yield from source.sample(every, min(most, len(every)))
