"""The network: three layers of MiniLM, their mean and one output per label; and how it is fine-tuned."""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import BertModel

from pipelines.moderation.neural.rows import OUTPUTS, SEED, Row

LAYERS: Final = (0, 2, 4)
MAX_TOKENS: Final = 64

_ROWS_PER_STEP: Final = 32
_STEPS_SORTED: Final = 50
_RATE, _HEAD_RATE = 1.2e-4, 1e-3
_WARM_UP: Final = 0.05
_SIDE: Final = 0.25
_SAVE_EVERY: Final = 200
# The mean of the last few hundred steps' weights generalises better than the last step's (Polyak and Juditsky 1992).
_AVERAGE: Final = 0.998


class Network(nn.Module):
    """Tokens to log odds, toxic first."""

    def __init__(self, folder: Path) -> None:
        """Take over the layers of the checkpoint in the folder; its embeddings of words stay as they are."""
        super().__init__()
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
        layers = self.encoder.encoder.layer
        self.encoder.encoder.layer = nn.ModuleList([layers[number] for number in LAYERS])
        self.encoder.config.num_hidden_layers = len(LAYERS)
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(requires_grad=False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, len(OUTPUTS))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Give one row per text."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return self.head(self.dropout(mean))


def fine_tune(network: Network, tokenizer: Tokenizer, rows: Sequence[Row], checkpoint: Path) -> None:
    """Learn from the rows in their order and leave the average of the later weights in the network.

    What was learned is saved every few hundred steps, so that a stop costs little.
    """
    steps = list(_steps(rows))
    head = {"params": network.head.parameters(), "lr": _HEAD_RATE}
    body = {"params": [p for p in network.encoder.parameters() if p.requires_grad], "lr": _RATE}
    optimizer = torch.optim.AdamW([body, head], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step / len(steps)))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_AVERAGE))
    network.train()
    started, losses = time.monotonic(), 0.0
    for number, step in enumerate(steps, 1):
        loss = _loss(network, tokenizer, [rows[index] for index in step])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        losses += loss.item()
        if number % _SAVE_EVERY == 0 or number == len(steps):
            torch.save(average.module.state_dict(), checkpoint)
            minutes = (time.monotonic() - started) / 60
            sys.stderr.write(f"step {number} of {len(steps)}, {minutes:.1f} min, loss {losses / _SAVE_EVERY:.4f}\n")
            losses = 0.0
    network.load_state_dict(average.module.state_dict())


def _steps(rows: Sequence[Row]) -> Iterator[list[int]]:
    """Cut the rows into steps of texts of like length, which need little padding."""
    source = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    block = _ROWS_PER_STEP * _STEPS_SORTED
    for first in range(0, len(rows), block):
        order = sorted(range(first, min(first + block, len(rows))), key=lambda index: len(rows[index].text))
        steps = [order[at : at + _ROWS_PER_STEP] for at in range(0, len(order), _ROWS_PER_STEP)]
        source.shuffle(steps)
        yield from steps


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    encoded = tokenizer.encode_batch(list(texts))
    width = max(len(one.ids) for one in encoded)
    ids = torch.tensor([one.ids + [0] * (width - len(one.ids)) for one in encoded])
    mask = torch.tensor([[1] * len(one.ids) + [0] * (width - len(one.ids)) for one in encoded])
    return ids, mask


def _loss(network: Network, tokenizer: Tokenizer, rows: Sequence[Row]) -> torch.Tensor:
    odds = network(*_tokens(tokenizer, [row.text for row in rows]))
    truth = torch.tensor([[row.labels.get(name, 0.0) for name in OUTPUTS] for row in rows])
    known = torch.tensor([[float(name in row.labels) for name in OUTPUTS] for row in rows])
    worth = known * torch.tensor([[row.weight] for row in rows])
    worth[:, 1:] *= _SIDE
    each = nn.functional.binary_cross_entropy_with_logits(odds, truth, reduction="none")
    return (each * worth).sum() / len(rows)


def _pace(progress: float) -> float:
    return min(progress / _WARM_UP, (1 - progress) / (1 - _WARM_UP))


class Alone(nn.Module):
    """The network for one text at a time, which needs no mask: shape (1, tokens) to (1, outputs)."""

    def __init__(self, network: Network) -> None:
        """Share the network's weights."""
        super().__init__()
        self.embeddings = network.encoder.embeddings
        self.layers = network.encoder.encoder.layer
        self.head = network.head

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Give the log odds."""
        states = self.embeddings(input_ids=ids)
        for layer in self.layers:
            states = layer(states)
            states = states[0] if isinstance(states, tuple) else states
        return self.head(states.mean(1))
