"""Training of the two small nets of quoted answers with numpy alone: Adam, tanh layers, fixed seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.model import Network

Matrix = NDArray[np.float64]
Gradients = list[tuple[Matrix, Matrix]]


@dataclass(slots=True)
class Net:
    """A feed-forward net in training."""

    layers: list[tuple[Matrix, Matrix]]

    @classmethod
    def fresh(cls, inputs: int, hidden: Sequence[int], seed: int) -> "Net":
        """Make a net with small random weights."""
        dice = np.random.default_rng(seed)
        sizes = [inputs, *hidden, 1]
        return cls(
            [(dice.normal(0, (0.1 if b == 1 else 1) / np.sqrt(a), (a, b)), np.zeros(b)) for a, b in pairwise(sizes)]
        )

    def forward(self, rows: Matrix) -> tuple[Matrix, list[Matrix]]:
        """Return a score a row, and the activations that lead to it."""
        seen = [rows]
        for weights, bias in self.layers[:-1]:
            seen.append(np.tanh(seen[-1] @ weights + bias))
        weights, bias = self.layers[-1]
        return (seen[-1] @ weights + bias)[:, 0], seen

    def backward(self, slope: Matrix, seen: Sequence[Matrix]) -> Gradients:
        """Return the gradients of the layers from that of the scores."""
        found: Gradients = []
        flow = slope[:, None]
        for place in range(len(self.layers) - 1, -1, -1):
            found.append((seen[place].T @ flow, flow.sum(0)))
            if place:
                flow = (flow @ self.layers[place][0].T) * (1 - seen[place] ** 2)
        return found[::-1]


@dataclass(slots=True)
class Adam:
    """Adam with a linearly falling rate and weight decay on the weights."""

    net: Net
    steps: int
    rate: float = 0.01
    decay: float = 0.01
    taken: int = 0
    moments: list[list[Any]] = field(default_factory=list[list[Any]])

    def step(self, gradients: Gradients) -> None:
        """Move the net against its gradients."""
        self.moments = self.moments or [[0.0, 0.0, 0.0, 0.0] for _ in gradients]
        self.taken += 1
        rate = self.rate * (1 - self.taken / (self.steps + 1))
        for place, (own, moments) in enumerate(zip(gradients, self.moments, strict=True)):
            moved: list[Matrix] = []
            for part in (0, 1):
                slope = own[part] + (self.decay * self.net.layers[place][0] if part == 0 else 0.0)
                moments[part] = 0.9 * moments[part] + 0.1 * slope
                moments[2 + part] = 0.999 * moments[2 + part] + 0.001 * slope**2
                mean = moments[part] / (1 - 0.9**self.taken)
                spread = moments[2 + part] / (1 - 0.999**self.taken)
                moved.append(self.net.layers[place][part] - rate * mean / (np.sqrt(spread) + 1e-8))
            self.net.layers[place] = (moved[0], moved[1])


@dataclass(frozen=True, slots=True)
class Question:
    """Candidates of one question. `right`: those that hold the answer; others in `unknown` are left out."""

    rows: NDArray[np.float32]
    right: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def fit_ranking(
    questions: Sequence[Question],
    names: tuple[str, ...],
    hidden: Sequence[int] = (16,),
    epochs: int = 20,
    seed: int = 0,
) -> Network:
    """Train a ranking: the softmax over a question's candidates shall fall on the right ones (ListNet)."""
    usable = [question for question in questions if question.right.any()]
    kept = [~question.unknown for question in usable]
    rows = np.concatenate([q.rows[k] for q, k in zip(usable, kept, strict=True)]).astype(np.float64)
    right = np.concatenate([q.right[k] for q, k in zip(usable, kept, strict=True)])
    lengths = np.asarray([int(k.sum()) for k in kept])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    mean, scale = _standard(rows)
    rows = (rows - mean) / scale
    net = Net.fresh(rows.shape[1], hidden, seed)

    def gradients(batch: NDArray[np.int64]) -> Gradients:
        places = np.concatenate([np.arange(int(offsets[k]), int(offsets[k + 1])) for k in batch.tolist()])
        owner = np.repeat(np.arange(len(batch)), lengths[batch])
        starts = np.concatenate([[0], np.cumsum(lengths[batch])[:-1]])
        scores, seen = net.forward(rows[places])
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        wanted = np.where(right[places], odds, 0.0)
        share = odds / np.add.reduceat(odds, starts)[owner]
        target = wanted / np.add.reduceat(wanted, starts)[owner]
        return net.backward((share - target) / len(batch), seen)

    _descend(net, gradients, len(usable), 64, epochs, seed)
    return _network(net, names, mean, scale)


def fit_classifier(
    rows: Matrix,
    labels: Matrix,
    weights: Matrix,
    names: tuple[str, ...],
    hidden: Sequence[int] = (8,),
    epochs: int = 30,
    seed: int = 0,
) -> Network:
    """Train a logistic classifier on weighted rows."""
    mean, scale = _standard(rows)
    scaled = (rows - mean) / scale
    net = Net.fresh(rows.shape[1], hidden, seed)

    def gradients(batch: NDArray[np.int64]) -> Gradients:
        scores, seen = net.forward(scaled[batch])
        return net.backward((1 / (1 + np.exp(-scores)) - labels[batch]) * weights[batch] / len(batch), seen)

    _descend(net, gradients, len(rows), 256, epochs, seed)
    return _network(net, names, mean, scale)


def _descend(
    net: Net, gradients: Callable[[NDArray[np.int64]], Gradients], count: int, size: int, epochs: int, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    batches = max(1, count // size)
    adam = Adam(net, epochs * batches)
    for _ in range(epochs):
        for batch in np.array_split(dice.permutation(count), batches):
            adam.step(gradients(batch))


def _standard(rows: Matrix) -> tuple[Matrix, Matrix]:
    scale = rows.std(0)
    scale[scale < 1e-3] = 1.0
    return rows.mean(0), scale


def _network(net: Net, names: tuple[str, ...], mean: Matrix, scale: Matrix) -> Network:
    layers = tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in net.layers)
    return Network(names, mean.astype(np.float32), scale.astype(np.float32), layers)
