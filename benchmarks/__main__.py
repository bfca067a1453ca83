"""Run one benchmark by name, or all of them."""

from __future__ import annotations

import sys

from benchmarks import answers, classifier, matrix, path, retrieval, rules, slack
from benchmarks.discord import bench as discord

ALL = {
    "path": path.main,
    "classifier": classifier.main,
    "rules": rules.main,
    "retrieval": retrieval.main,
    "answers": answers.main,
    "discord": discord.main,
    "slack": slack.main,
    "matrix": matrix.main,
}


def main(names: list[str]) -> int:
    """The exit code: 2 for a name that does not exist."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}: choose from {', '.join(ALL)}.", file=sys.stderr)
        return 2
    for name in names or ALL:
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
