"""The process that scores texts for `isolated`: lists of texts come in, lists of opinions go out.

A model that cannot be loaded answers with a sentence and ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from bot.core.errors import ModelFailed
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.isolated import read, write
from pipelines.moderation.shipped import open_model


def main() -> None:
    """Answer until whoever asks is gone."""
    # Ctrl-C reaches every process of a terminal, but the last messages still have to be judged.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # A library that prints must not talk into the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        model = _opened(sys.argv[1:])
    except ModelFailed as error:
        write(answers, json.dumps(str(error)).encode())
        return
    while (question := read(questions)) is not None:
        scores = model.score(json.loads(question))
        write(answers, json.dumps([(score.toxic, dict(score.labels)) for score in scores]).encode())


def _opened(names: list[str]) -> Scorer:
    """The shipped models, or the one that is named with what its labels mean, as JSON; raises `ModelFailed`."""
    if not names:
        return open_model()
    from pipelines.moderation.pretrained import Pretrained

    name, labels = names
    return Pretrained.load(name, json.loads(labels))


if __name__ == "__main__":
    main()
