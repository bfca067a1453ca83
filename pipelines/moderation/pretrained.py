"""Any sequence classifier of the Hugging Face library `transformers`, as a model that scores texts."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from bot.text_models import NO_TORCH
from pipelines.moderation.labels import Head, read_head
from pipelines.moderation.linear import worse
from pipelines.moderation.normalise import normalise
from pipelines.moderation.plain import plain

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH: Final = 32
# What classifiers of this kind are trained with; most cannot read more.
MOST_TOKENS: Final = 512
OVERLAP: Final = 32
_END: Final = 65_536
NEEDS: Final = ("torch", "transformers")


def folder(name: str) -> Path | None:
    """The folder that a name stands for, None where it is a name at the Hugging Face hub."""
    path = Path(name).expanduser()
    return path if path.is_dir() or name.startswith((".", "/", "~")) else None


def version(name: str) -> str:
    """Names the weights in a folder by what lies in it, others by their name; raises `ModelFailed` without a folder."""
    place = folder(name)
    if place is None:
        return f"transformers:{name}"
    try:
        digest = blake2b((place / "config.json").read_bytes(), digest_size=6)
        for file in sorted(file for file in place.iterdir() if file.is_file()):
            digest.update(f"{file.name} {file.stat().st_size}".encode() + _ends(file))
    except OSError as error:
        raise ModelFailed(f"the folder {place} holds no model: {error.strerror or error}") from error
    return f"transformers:{place.name}@{digest.hexdigest()}"


def missing() -> str:
    """Why no such model can run here, '' when one can; nothing is loaded."""
    return "" if all(map(importlib.util.find_spec, NEEDS)) else NO_TORCH


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A loaded model. A text is scored as it reads and normalised, in pieces where it is long; the worst counts."""

    version: str
    head: Head
    tokenizer: PreTrainedTokenizerBase
    network: PreTrainedModel
    device: torch.device
    tokens: int

    @classmethod
    def load(cls, name: str, labels: Mapping[str, str]) -> Pretrained:
        """From a folder without any network, else from the hub or its cache; raises `ModelFailed` with a sentence."""
        named = version(name)
        if why := missing():
            raise ModelFailed(f"the model {name} cannot run: {why}")
        place = folder(name)
        if place is not None:
            os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        torch.set_num_threads(1)
        where, _, revision = (str(place), "", "") if place else name.partition("@")
        wanted = {"local_files_only": place is not None, "revision": revision or "main", "trust_remote_code": False}
        with _told(name):
            tokenizer = AutoTokenizer.from_pretrained(where, **wanted)
            network, loaded = AutoModelForSequenceClassification.from_pretrained(
                where, output_loading_info=True, **wanted
            )
        if loaded["missing_keys"]:
            # The library would fill them with chance.
            raise ModelFailed(f"the model {name} was not trained to classify: it lacks {min(loaded['missing_keys'])}")
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        head = read_head(network.config.id2label, network.config.problem_type or "", labels)
        network.eval().to(device)
        return cls(named, head, tokenizer, network, device, _room(tokenizer, network))

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order."""
        forms = [list(dict.fromkeys(filter(None, (plain(text), normalise(text))))) for text in texts]
        found = self._rated([form for each in forms for form in each])
        return [self._worst([next(found) for _ in each]) for each in forms]

    def _worst(self, scores: Sequence[Scores]) -> Scores:
        result = self.head.scores([0.0] * self.network.config.num_labels)
        for score in scores:
            result = worse(result, score)
        return result

    def _rated(self, forms: Sequence[str]) -> Iterator[Scores]:
        if not forms:
            return
        cut = self.tokenizer(
            list(forms),
            truncation=True,
            max_length=self.tokens,
            stride=min(OVERLAP, self.tokens // 4),
            return_overflowing_tokens=True,
        )
        owners = cut.pop("overflow_to_sample_mapping")
        pieces = [{name: values[number] for name, values in cut.items()} for number in range(len(owners))]
        opinions: list[list[Scores]] = [[] for _ in forms]
        # Of one length, so that little is padded.
        order = sorted(range(len(pieces)), key=lambda number: len(pieces[number]["input_ids"]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for number, score in zip(batch, self._batch([pieces[each] for each in batch]), strict=True):
                opinions[owners[number]].append(score)
        yield from map(self._worst, opinions)

    def _batch(self, pieces: Sequence[Mapping[str, Sequence[int]]]) -> Iterator[Scores]:
        import torch

        padded = self.tokenizer.pad(list(pieces), return_tensors="pt").to(self.device)
        with torch.inference_mode():
            logits = self.network(**padded).logits.float()
        chances = logits.softmax(-1) if self.head.exclusive else logits.sigmoid()
        yield from map(self.head.scores, chances.tolist())


def _ends(file: Path) -> bytes:
    """Enough of the weights to tell trained ones apart, without reading gigabytes."""
    with file.open("rb") as content:
        content.seek(max(0, file.stat().st_size - _END))
        return content.read(_END)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Whatever the library says about a model that it cannot load, in one sentence."""
    from safetensors import SafetensorError

    nonsense = (ValueError, TypeError, LookupError, AttributeError)
    try:
        yield
    except (OSError, ImportError, RuntimeError, SafetensorError, *nonsense) as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelFailed(f"the model {name} cannot be loaded: {first[:300]}") from error


def _room(tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel) -> int:
    """How many tokens the model reads at once; models of RoBERTa's kind keep two places for themselves."""
    places = getattr(network.config, "max_position_embeddings", 0) or MOST_TOKENS
    kept = 2 if "roberta" in network.config.model_type else 0
    return max(8, min(int(tokenizer.model_max_length), int(places) - kept, MOST_TOKENS))
