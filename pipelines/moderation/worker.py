"""The process that scores texts for `isolated`: lists of texts come in, lists of opinions go out."""

from __future__ import annotations

import json
import os
import signal
import sys

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
    model: Scorer = open_model()
    while (question := read(questions)) is not None:
        scores = model.score(json.loads(question))
        write(answers, json.dumps([(score.toxic, dict(score.labels)) for score in scores]).encode())


if __name__ == "__main__":
    main()
