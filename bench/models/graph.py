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
        """Write a model that takes tokens and mask and gives one unit vector per text, `embedding`."""
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", width])]
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.weights)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), str(path))


def embed_tokens(
    graph: Graph, word_vectors: str, positions: NDArray[np.float32], norm: tuple[str, str], eps: float
) -> str:
    """Add word and position vectors; `word_vectors` is the output that holds the words' own."""
    graph.weight("positions", positions)
    for name, values in (("zero", [0]), ("one", [1]), ("two", [2])):
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

    qkv = weight("qkv_w", np.concatenate([weights(f"{part}.w") for part in "qkv"], axis=1))
    qkv_bias = weight("qkv_b", np.concatenate([weights(f"{part}.b") for part in "qkv"]))
    attended = node("Attention", [x, qkv, qkv_bias, "mask32"], "attended", domain=MICROSOFT, num_heads=shape.heads)
    projected = node("MatMul", [attended, weight("o_w", weights("o.w"))], "projected")
    norms = [weight(name.replace(".", "_"), weights(name)) for name in ("norm1.w", "norm1.b", "o.b")]
    skip = {"domain": MICROSOFT, "epsilon": shape.epsilon}
    middle = node("SkipLayerNormalization", [projected, x, *norms], "middle", **skip)
    up = node("MatMul", [middle, weight("up_w", weights("up.w"))], "up")
    active = node("BiasGelu", [up, weight("up_b", weights("up.b"))], "active", domain=MICROSOFT)
    down = node("MatMul", [active, weight("down_w", weights("down.w"))], "down")
    norms = [weight(name.replace(".", "_"), weights(name)) for name in ("norm2.w", "norm2.b", "down.b")]
    return node("SkipLayerNormalization", [down, middle, *norms], "layer", **skip)


def pool_mean(graph: Graph, x: str) -> None:
    """Average over the tokens that are not padding, to unit length."""
    graph.node("Unsqueeze", ["mask_float", "two"], "mask_wide")
    graph.node("Mul", [x, "mask_wide"], "masked")
    graph.node("ReduceSum", ["masked", "one"], "sum", keepdims=0)
    graph.node("ReduceSum", ["mask_float", "one"], "count", keepdims=1)
    graph.node("Div", ["sum", "count"], "mean")
    graph.node("LpNormalization", ["mean"], "embedding", axis=1, p=2)


def cast_mask(graph: Graph) -> None:
    """Make the mask available as the operations want it."""
    graph.node("Cast", ["attention_mask"], "mask32", to=TensorProto.INT32)
    graph.node("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)


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
