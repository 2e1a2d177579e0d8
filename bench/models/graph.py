"""A BERT encoder as an ONNX graph, from plain weight matrices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx  # pyright: ignore[reportMissingImports]  (group `models`, not in the test environment)
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper  # pyright: ignore[reportMissingImports]

MICROSOFT = "com.microsoft"
OPSET = 17

Weights = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of an encoder."""

    layers: int
    heads: int
    width: int
    epsilon: float


class Graph:
    """Collects nodes and weights of one model."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, values: NDArray[Any]) -> str:
        """Add a constant and return its name."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Add an operation and return the name of what it gives."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=name, domain=domain, **attributes))
        return output

    def save(self, path: Path, width: int) -> None:
        """Write a model that takes the tokens of texts of one length and gives a unit vector for each, `embedding`."""
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])]
        outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", width])]
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.weights)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), str(path))


def embed_tokens(
    graph: Graph, word_vectors: str, positions: NDArray[np.float32], norm: tuple[str, str], eps: float
) -> str:
    """Add word and position vectors; `word_vectors` is the output that holds the words' own."""
    graph.weight("positions", positions)
    for name, values in (("zero", [0]), ("one", [1])):
        graph.weight(name, np.array(values, np.int64))
    graph.node("Shape", ["input_ids"], "shape")
    graph.node("Gather", ["shape", "one"], "length", axis=0)
    graph.node("Slice", ["positions", "zero", "length", "zero"], "positions_here")
    graph.node("Add", [word_vectors, "positions_here"], "embedded")
    return graph.node("LayerNormalization", ["embedded", *norm], "summed", axis=-1, epsilon=eps)


def encoder_layer(graph: Graph, number: int, x: str, weights: Weights, shape: Shape) -> str:
    """Add one layer.

    `weights` takes the names q, k, v, o, up, down, norm1, norm2, each with `.w` or `.b`; matrices are (in, out).
    """

    def weight(name: str, values: NDArray[Any]) -> str:
        return graph.weight(f"{name}_{number}", values)

    def node(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        return graph.node(kind, inputs, f"{output}_{number}", **attributes)

    def norm(values: str, residual: str, part: str, output: str) -> str:
        """Add and normalise: as one operation, `SkipLayerNormalization`, onnxruntime 1.31 takes four times as long."""
        bias = weight(f"{part}_bias", weights("o.b" if part == "norm1" else "down.b"))
        biased = node("Add", [values, bias], f"{output}_biased")
        summed = node("Add", [biased, residual], f"{output}_summed")
        learned = [weight(f"{part}_{kind}", weights(f"{part}.{kind}")) for kind in "wb"]
        return node("LayerNormalization", [summed, *learned], output, axis=-1, epsilon=shape.epsilon)

    # Not `Attention`: quantised, that multiplies for each head apart; and without a mask this one need not write the
    # probabilities out.
    projections: list[str] = []
    for part in "qkv":
        product = node("MatMul", [x, weight(f"{part}_w", weights(f"{part}.w"))], f"{part}_product")
        projections.append(node("Add", [product, weight(f"{part}_b", weights(f"{part}.b"))], part))
    attended = node("MultiHeadAttention", projections, "attended", domain=MICROSOFT, num_heads=shape.heads)
    projected = node("MatMul", [attended, weight("o_w", weights("o.w"))], "projected")
    middle = norm(projected, x, "norm1", "middle")
    up = node("MatMul", [middle, weight("up_w", weights("up.w"))], "up")
    active = node("BiasGelu", [up, weight("up_b", weights("up.b"))], "active", domain=MICROSOFT)
    down = node("MatMul", [active, weight("down_w", weights("down.w"))], "down")
    return norm(down, middle, "norm2", "layer")


def pool_mean(graph: Graph, x: str) -> None:
    """Average over the tokens, to unit length."""
    graph.node("ReduceMean", [x], "mean", axes=[1], keepdims=0)
    graph.node("LpNormalization", ["mean"], "embedding", axis=1, p=2)


def quantise_weights(full: Path, small: Path, *, words: bool) -> None:
    """Write the model with int8 weights, a scale per column: one scale per matrix costs 5 % of the cosine.

    Args:
        full: the model in single precision.
        small: where to write.
        words: also the table of word vectors (saves 70 MB of MiniLM's 90).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kinds = ["MatMul", "Attention", *(["Gather"] if words else [])]
    quantize_dynamic(
        str(full),
        str(small),
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
        op_types_to_quantize=kinds,
    )
