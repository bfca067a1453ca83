"""Classifiers of a few random weights, in folders as the library transformers writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

WORDS = ("you", "are", "a", "fool", "fine", "good", "day", "fools", "hello", "there")
PLACES = 16


def make(folder: Path, labels: Sequence[str], kind: str | None = None) -> str:
    """One with these labels; `kind` is transformers’ `problem_type`."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(7)
    vocabulary = {word: number for number, word in enumerate(("[PAD]", "[UNK]", *WORDS))}
    words = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=PLACES,
        initializer_range=1.0,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        problem_type=kind,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def directly(folder: str, text: str) -> list[float]:
    """The outputs for one text, asked of the library itself."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    asked = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.inference_mode():
        return list(AutoModelForSequenceClassification.from_pretrained(folder)(**asked).logits[0].tolist())
