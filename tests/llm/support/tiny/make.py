"""Make the tiny support model of these tests: it holds words of denial against a sentence. Needs the group `models`."""

from pathlib import Path

import numpy as np
import onnx  # pyright: ignore[reportMissingImports]  (group `models`, not in the test environment)
from onnx import TensorProto, helper, numpy_helper  # pyright: ignore[reportMissingImports]
from tokenizers import Tokenizer, models, pre_tokenizers

HERE = Path(__file__).parent
WORDS = ["[UNK]", "[SEP]", "the", "ferry", "leaves", "at", "nine", "every", "morning", "never", "not", "departs"]
DENIALS = ("never", "not")


def main() -> None:
    """Write `model.onnx` and `tokenizer.json`: logits (entailment, neutral, contradiction) are means over tokens."""
    table = np.zeros((len(WORDS), 3), np.float32)
    table[:, 0] = 4.0
    for word in DENIALS:
        table[WORDS.index(word)] = (-60.0, 0.0, 60.0)
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["rows"], axis=0),
        helper.make_node("ReduceMean", ["rows"], ["logits"], axes=[1], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny-nli",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(table, "words")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, HERE / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.save(str(HERE / "tokenizer.json"))


if __name__ == "__main__":
    main()
