"""Train the models that read a message's intent, sentiment and emotion, and write them into the package.

    python -m tools.train_understanding --data-set FOLDER [--write]

Softmax regression by Adam (numpy, about a minute): over hashed words, named measures and the vector of the built-in
embedding table for English, over the last two alone for other languages. Intents come from CLINC150 and BANKING77,
whose labels are mapped (`bench.quality.understanding.labels`), with questions of SQuAD beside them; sentiment and
emotion from TweetEval's validation lines, with Parley's own list of words of feeling as short texts. What is printed
was measured by cross-validation, intents on the validation part of CLINC150 and a fifth of BANKING77.
"""

import argparse
import random
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.quality.collections import read_lines
from bench.quality.understanding.labels import banking_intent, clinc_intent
from bench.quality.understanding.readings import clean_tweet
from bench.quality.understanding.tables import Table
from parley.chat.understanding.feelings import entries, languages
from parley.chat.understanding.measures import (
    BUCKETS,
    DENSE_NAMES,
    ENGLISH_ONLY,
    VECTOR,
    buckets_of,
    dense_of,
    vectors_of,
)
from parley.llm.embedding.table import TableEmbedder

TARGET = Path(__file__).resolve().parent.parent / "src" / "parley" / "chat" / "understanding" / "weights.npz"
FOLDS = 5
Labels = Sequence[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its label. `weight`: how much it counts; `asked`: it is measured, not only learned from."""

    text: str
    language: str
    label: str
    weight: float = 1.0
    asked: bool = True


@dataclass(frozen=True, slots=True)
class How:
    """How a model is fitted. `words`: hashed ones too; `decay`: how strongly words, and the rest, are drawn to zero."""

    words: bool
    epochs: int
    decay: tuple[float, float]


@dataclass(slots=True)
class Measured:
    """Examples in numbers. `places`: (n, most words), filled up with BUCKETS, which weighs nothing."""

    places: NDArray[np.int32]
    root: NDArray[np.float32]
    rest: NDArray[np.float32]

    def take(self, rows: NDArray[np.intp]) -> "Measured":
        """Return some rows."""
        return Measured(self.places[rows], self.root[rows], self.rest[rows])


@dataclass(slots=True)
class Fitted:
    """What was learned."""

    words: NDArray[np.float32] | None
    rest: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, data: Measured) -> NDArray[np.float32]:
        """Return (n, classes)."""
        found = data.rest @ self.rest + self.bias
        if self.words is not None:
            found = found + self.words[data.places].sum(axis=1) * data.root
        return found


def measure(examples: Sequence[Example], embedder: TableEmbedder) -> Measured:
    """Turn examples into numbers."""
    found = [buckets_of(example.text) for example in examples]
    places = np.full((len(found), max(map(len, found))), BUCKETS, np.int32)
    for row, own in zip(places, found, strict=True):
        row[: len(own)] = own
    dense = np.stack([dense_of(example.text, example.language)[0] for example in examples])
    vectors = vectors_of([example.text for example in examples], embedder)
    root = np.asarray([len(own) ** -0.5 for own in found], np.float32)[:, None]
    return Measured(places, root, np.concatenate([dense, vectors], axis=1))


def fit(
    data: Measured,
    truth: NDArray[np.intp],
    weights: NDArray[np.float32],
    classes: int,
    how: How,
) -> Fitted:
    """Fit by Adam in batches."""
    words, decay = how.words, how.decay
    random_numbers = np.random.default_rng(7)
    rest = data.rest if words else _without_english(data.rest)
    parameters = [np.zeros((BUCKETS + 1, classes), np.float32), np.zeros((rest.shape[1], classes), np.float32),
                  np.zeros(classes, np.float32)]  # fmt: skip
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    wanted = np.eye(classes, dtype=np.float32)[truth]
    step = 0
    for _ in range(how.epochs):
        for rows in np.array_split(random_numbers.permutation(len(truth)), max(1, len(truth) // 512)):
            step += 1
            own = Measured(data.places[rows], data.root[rows], rest[rows])
            model = Fitted(parameters[0] if words else None, parameters[1], parameters[2])
            scores = model.scores(own)
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            error = (odds / odds.sum(axis=1, keepdims=True) - wanted[rows]) * weights[rows, None]
            error /= weights[rows].sum()
            gradients = [np.zeros_like(parameters[0]), own.rest.T @ error + decay[1] * parameters[1],
                         error.sum(axis=0)]  # fmt: skip
            if words:
                flat, spread = own.places.ravel(), np.repeat(error * own.root, own.places.shape[1], axis=0)
                for label in range(classes):
                    gradients[0][:, label] = np.bincount(flat, spread[:, label], BUCKETS + 1)
                gradients[0] += decay[0] * parameters[0]
                gradients[0][BUCKETS] = 0
            for parameter, gradient, (first, second) in zip(parameters, gradients, moments, strict=True):
                first *= 0.9
                first += 0.1 * gradient
                second *= 0.999
                second += 0.001 * gradient * gradient
                parameter -= 0.02 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return Fitted(parameters[0] if words else None, parameters[1], parameters[2])


def _without_english(rest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measures that only English has are nothing to models for any language."""
    found = rest.copy()
    for name in ENGLISH_ONLY:
        found[:, DENSE_NAMES.index(name)] = 0
    return found


def intent_examples(folder: Path) -> tuple[list[Example], list[bool]]:
    """Return the examples, and which of them are only measured."""
    examples: list[Example] = []
    held: list[bool] = []
    for item in read_lines(folder / "intent" / "clinc150.jsonl"):
        if intent := clinc_intent(item["intent"]):
            examples.append(Example(item["text"], "en", intent))
            held.append(item["split"].endswith("val"))
    for item in read_lines(folder / "intent" / "banking77.jsonl"):
        if intent := banking_intent(item["intent"]):
            examples.append(Example(item["text"], "en", intent))
            held.append(zlib.crc32(item["text"].encode()) % 5 == 0)
    asked = [item["question"] for item in read_lines(folder / "squad_en" / "questions.jsonl") if item["answerable"]]
    for text in random.Random(3).sample(asked, 1200):  # noqa: S311
        bare = zlib.crc32(text.encode()) % 2
        examples.append(Example(text.rstrip("?").lower() if bare else text, "en", "question"))
        held.append(zlib.crc32(text.encode()) % 5 == 0)
    return examples, held


def feeling_examples(folder: Path, name: str) -> list[Example]:
    """Return labelled tweets, and words of feeling as texts that are not measured."""
    found = [Example(clean_tweet(item["text"]), "en", item["label"])
             for item in read_lines(folder / "sentiment" / f"tweeteval_{name}.jsonl")]  # fmt: skip
    kinds = {"sentiment": {"anger": "negative", "sadness": "negative", "negative": "negative", "joy": "positive",
                           "optimism": "positive", "positive": "positive", "problem": "negative"},
             "emotion": {kind: kind for kind in ("anger", "sadness", "joy", "optimism")}}[name]  # fmt: skip
    for language in languages():
        for kind, label in kinds.items():
            found += [Example(entry, language, label, 0.25, asked=False) for entry in entries(language, kind)]
    if name == "sentiment":
        asked = [item["question"] for item in read_lines(folder / "squad_en" / "questions.jsonl")]
        asked += [item["text"] for item in read_lines(folder / "intent" / "clinc150.jsonl") if item["split"] == "train"]
        neutral = random.Random(5).sample(asked, 800)  # noqa: S311
        found += [Example(text, "en", "neutral", 0.3, asked=False) for text in neutral]
    return found


def cross_validate(name: str, examples: Sequence[Example], data: Measured, labels: list[str], how: How) -> None:
    """Print a table of what folds say that were not learned from."""
    truth = np.asarray([labels.index(example.label) for example in examples])
    weights = np.asarray([example.weight for example in examples], np.float32) * balance(examples, labels)
    asked = np.flatnonzero([example.asked for example in examples])
    fold = np.zeros(len(examples), int) - 1
    fold[asked] = np.random.default_rng(1).permutation(len(asked)) % FOLDS
    table = Table(labels)
    for number in range(FOLDS):
        learned, left = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = fit(data.take(learned), truth[learned], weights[learned], len(labels), how)
        own = data.take(left)
        if not how.words:
            own.rest = _without_english(own.rest)
        for row, guess in zip(left, model.scores(own).argmax(axis=1), strict=True):
            table.add(labels[truth[row]], labels[guess])
    sys.stdout.write(f"--- {name}, {FOLDS} folds\n" + "\n".join(table.lines()) + "\n")


def balance(examples: Sequence[Example], labels: Labels) -> NDArray[np.float32]:
    """Return weights that lift what is rare, by a good part of how rare it is."""
    counts = np.asarray([sum(example.label == label for example in examples) for label in labels], np.float32)
    lift = (counts.max() / counts) ** 0.7
    return lift[[labels.index(example.label) for example in examples]]


def packed(name: str, labels: Labels, model: Fitted) -> dict[str, NDArray[Any]]:
    """Return a model as arrays to store: words in 8 bits, the rest in 16."""
    found: dict[str, NDArray[Any]] = {
        f"{name}.labels": np.asarray(labels),
        f"{name}.scale": np.asarray(1.0, np.float32),
        f"{name}.rest": model.rest.astype(np.float16),
        f"{name}.bias": model.bias,
    }
    if model.words is not None:
        scale = float(np.abs(model.words).max() / 127) or 1.0
        found[f"{name}.scale"] = np.asarray(scale, np.float32)
        found[f"{name}.words"] = np.rint(model.words[:BUCKETS] / scale).astype(np.int8)
    return found


def main() -> int:
    """Train, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    embedder = TableEmbedder()
    stored: dict[str, NDArray[Any]] = {"embedder": np.asarray(embedder.name)}
    names: list[str] = []

    examples, held = intent_examples(options.data_set)
    labels = sorted({example.label for example in examples})
    data = measure(examples, embedder)
    truth = np.asarray([labels.index(example.label) for example in examples])
    weights = balance(examples, labels)
    for name, words in (("intent", True), ("intent_any", False)):
        how = How(words=words, epochs=7, decay=(2e-6, 1e-5))
        learned, left = np.flatnonzero(~np.asarray(held)), np.flatnonzero(held)
        model = fit(data.take(learned), truth[learned], weights[learned], len(labels), how)
        own = data.take(left)
        own.rest = own.rest if words else _without_english(own.rest)
        table = Table(labels)
        for row, guess in zip(left, model.scores(own).argmax(axis=1), strict=True):
            table.add(labels[truth[row]], labels[guess])
        sys.stdout.write(f"--- {name}, held out\n" + "\n".join(table.lines()) + "\n")
        # What was held out stays so: the bench measures it too.
        stored |= packed(name, labels, model)
        names.append(name)

    for name in ("sentiment", "emotion"):
        examples = feeling_examples(options.data_set, name)
        labels = sorted({example.label for example in examples})
        data = measure(examples, embedder)
        truth = np.asarray([labels.index(example.label) for example in examples])
        weights = np.asarray([example.weight for example in examples], np.float32) * balance(examples, labels)
        for head, words in ((name, True), (f"{name}_any", False)):
            how = How(words=words, epochs=40, decay=(1e-2, 1e-2))
            cross_validate(head, examples, data, labels, how)
            model = fit(data, truth, weights, len(labels), how)
            stored |= packed(head, labels, model)
            names.append(head)
    assert data.rest.shape[1] == len(DENSE_NAMES) + VECTOR
    if options.write:
        np.savez_compressed(TARGET, allow_pickle=False, names=np.asarray(names), **stored)
        sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
