"""Turn texts into vectors: some milliseconds a text on one core, without torch."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bot.core.errors import ModelFailed

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER: Final = Path(__file__).parent
NETWORK, PROVENANCE = "model.onnx", "provenance.json"
MAX_TOKENS: Final = 256
# More than so many tokens ever have, and soon cut.
MAX_LETTERS: Final = 4_000
# A vector has length 1, so hardly any of its 384 numbers comes near to a quarter.
STEPS: Final = 127 / 0.25


class TextEmbedder:
    """MiniLM-L6 in a thread of its own, started with the first text; English mostly. `close` lets go of it."""

    def __init__(self, tokenizer: Path, folder: Path = FOLDER) -> None:
        self._tokenizer, self._folder = tokenizer, folder
        self._thread = ThreadPoolExecutor(1, "embedder")
        self._model: _Model | None = None

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """384 signed bytes for each text, in order; raises `ModelFailed` where the model cannot be used."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, texts)

    def close(self) -> None:
        """End the thread once it has done what it is doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _embed(self, texts: Sequence[str]) -> list[bytes]:
        if self._model is None:
            self._model = _Model.load(self._tokenizer, self._folder)
        return [self._model.vector(text) for text in texts]


class _Model:
    def __init__(self, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self._session, self._tokenizer = session, tokenizer

    @classmethod
    def load(cls, tokenizer: Path, folder: Path) -> Self:
        """Read the files; raises `ModelFailed` when they are missing or damaged, or a library is not installed."""
        _check(folder)
        try:
            return cls(_session(folder / NETWORK), _read(tokenizer))
        except Exception as error:  # boundary: both libraries raise errors of their own, some derived from nothing else
            raise ModelFailed(f"cannot start the embedder: {error}") from error

    def vector(self, text: str) -> bytes:
        """One at a time: a batch would have to be padded, and quantised together it would round otherwise."""
        import numpy as np

        # Half a surrogate pair is no text to the tokenizer.
        clean = text[:MAX_LETTERS].encode(errors="replace").decode()
        ids = np.array([self._tokenizer.encode(clean).ids], np.int64)
        try:
            row = self._session.run(None, {"ids": ids})[0][0]
        except Exception as error:  # boundary: the library raises errors of its own
            raise ModelFailed(f"the embedder broke: {error}") from error
        steps: bytes = np.clip(np.rint(row * STEPS), -127, 127).astype(np.int8).tobytes()
        return steps


def _check(folder: Path) -> None:
    try:
        wanted = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["files"][NETWORK]["sha256"]
        with (folder / NETWORK).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFailed(f"cannot read the embedder in {folder}: {error}") from error
    if found != wanted:
        raise ModelFailed(f"{NETWORK} in {folder} is damaged")


def _session(path: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _read(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
