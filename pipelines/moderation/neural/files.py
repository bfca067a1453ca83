"""The shipped files of the transformer: what belongs to them, and whether they are whole."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bot.core.errors import ModelFailed

FOLDER: Final = Path(__file__).parent
NETWORK, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "fusion.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How the log odds of both models become one opinion: `weights[name]` is (linear, transformer, bias).

    `lo` is the chance of toxicity, as the linear model sees it, from which on the transformer is asked. `files` are
    the SHA-256 of the shipped files.
    """

    names: Sequence[str]
    weights: Mapping[str, tuple[float, float, float]]
    lo: float
    files: Mapping[str, str]

    @property
    def version(self) -> str:
        """Names the transformer and its calibration."""
        return hashlib.sha256(self.dump().encode()).hexdigest()[:12]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the card and compare every file with it; raises `ModelFailed` for what is missing or damaged."""
        try:
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
            weights = {name: (float(a), float(b), float(c)) for name, (a, b, c) in card["weights"].items()}
            fusion = cls(names=tuple(card["names"]), weights=weights, lo=float(card["lo"]), files=dict(card["files"]))
            damaged = [name for name in (NETWORK, TOKENIZER) if digest(folder / name) != fusion.files[name]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFailed(f"cannot read the transformer in {folder}: {error}") from error
        if damaged:
            raise ModelFailed(f"{damaged[0]} in {folder} is damaged")
        return fusion

    def dump(self) -> str:
        """What `load` reads."""
        card = {"names": list(self.names), "weights": self.weights, "lo": self.lo, "files": self.files}
        return json.dumps(card, indent=1, sort_keys=True) + "\n"


def digest(path: Path) -> str:
    """The SHA-256 of a file; raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
