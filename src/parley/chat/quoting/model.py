"""The trained coefficients and how they score: two small feed-forward nets over named features."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Network:
    """Standardise, then tanh layers, then one linear output. No hidden layer makes it a linear model."""

    features: tuple[str, ...]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]

    def score(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return one number a row, on a log-odds scale; rows are (n, features)."""
        values = (rows - self.mean) / self.scale
        for weights, bias in self.layers[:-1]:
            values = np.tanh(values @ weights + bias)
        weights, bias = self.layers[-1]
        return (values @ weights + bias)[:, 0]


@dataclass(frozen=True, slots=True)
class Profile:
    """The nets for one kind of text. `threshold`: least confidence at which an answer is given."""

    ranking: Network
    abstention: Network
    threshold: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What `tools/train_quoting.py` wrote. `others`: for other languages; `foreign`: from one language to another."""

    version: str
    english: Profile
    others: Profile
    foreign: Profile


def read_network(data: Mapping[str, Any], expected: Sequence[str]) -> Network:
    """Build a network from its JSON form.

    Raises:
        ValueError: if it was trained on other features than `expected`, so code and file do not belong together.
    """
    if list(data["features"]) != list(expected):
        raise ValueError("The quoting coefficients were trained on other features. Run tools/train_quoting.py.")
    layers = tuple((np.asarray(w, np.float32), np.asarray(b, np.float32)) for w, b in data["layers"])
    return Network(tuple(expected), np.asarray(data["mean"], np.float32), np.asarray(data["scale"], np.float32), layers)


@cache
def load_coefficients(ranking_features: tuple[str, ...], abstention_features: tuple[str, ...]) -> Coefficients:
    """Read the coefficients that ship with the package, once per process."""
    data = json.loads(files("parley.chat.quoting").joinpath("coefficients.json").read_text("utf-8"))
    if data["format"] != FORMAT:
        raise ValueError("The quoting coefficients are of another format. Run tools/train_quoting.py.")

    def profile(name: str) -> Profile:
        part = data[name]
        return Profile(
            read_network(part["ranking"], ranking_features),
            read_network(part["abstention"], abstention_features),
            float(part["threshold"]),
        )

    return Coefficients(data["version"], profile("english"), profile("others"), profile("foreign"))
