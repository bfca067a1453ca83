"""Run the transformer: a few milliseconds a text on one core, without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import numpy.typing as npt

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.linear import probability
from pipelines.moderation.neural.files import FOLDER, NETWORK, TOKENIZER, Fusion
from pipelines.moderation.normalise import has_letters, normalise

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float64]

MAX_TOKENS: Final = 64


class NeuralModel:
    """Three layers of MiniLM, fine-tuned; English only. Reads forms that `normalise` or `plain` made of a text."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer", fusion: Fusion) -> None:
        """The parts must belong together; `load` sees to it."""
        self.fusion = fusion
        self.version = fusion.version
        self._session = session
        self._tokenizer = tokenizer
        self._nothing = Scores(toxic=0.0, labels=dict.fromkeys(fusion.names[1:], 0.0))

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the files; raises `ModelFailed` when they are missing or damaged, or a library is not installed."""
        fusion = Fusion.load(folder)
        try:
            session, tokenizer = _session(folder / NETWORK), _tokenizer(folder / TOKENIZER)
        except Exception as error:  # boundary: both libraries raise errors of their own, some derived from nothing else
            raise ModelFailed(f"cannot start the transformer: {error}") from error
        return cls(session, tokenizer, fusion)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order; takes any `str` and never raises. Only the first `MAX_TOKENS` are read."""
        forms = [normalise(text) for text in texts]
        scored = [number for number, form in enumerate(forms) if has_letters(form)]
        scores = [self._nothing] * len(texts)
        for number, row in zip(scored, self.log_odds([forms[number] for number in scored]).tolist(), strict=True):
            toxic, *labels = map(probability, row)
            scores[number] = Scores(toxic=toxic, labels=dict(zip(self.fusion.names[1:], labels, strict=True)))
        return scores

    def log_odds(self, forms: Sequence[str]) -> Floats:
        """Give one row per form, one column per name of the fusion, the same as for the form alone.

        One at a time: a batch would have to be padded, and what is quantised in it together would round differently.
        """
        rows = np.empty((len(forms), len(self.fusion.names)))
        for number, form in enumerate(forms):
            ids = np.array([self._tokenizer.encode(form).ids], np.int64)
            rows[number] = self._session.run(None, {"ids": ids})[0][0]
        return rows


def _session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
