"""Confusion tables with precision, recall and F1."""

from collections import Counter
from collections.abc import Sequence


class Table:
    """Counts what was taken for what."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = list(labels)
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, truth: str, told: str) -> None:
        """Count one."""
        self._counts[truth, told] += 1

    @property
    def accuracy(self) -> float:
        """Share of what was told right."""
        return sum(self._counts[label, label] for label in self._labels) / max(1, self._counts.total())

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the labels that occur."""
        occurring = [label for label in self._labels if self._truths(label)]
        return sum(self.f1(label) for label in occurring) / max(1, len(occurring))

    @property
    def macro_recall(self) -> float:
        """Mean recall over the labels that occur."""
        occurring = [label for label in self._labels if self._truths(label)]
        return sum(self._counts[label, label] / self._truths(label) for label in occurring) / max(1, len(occurring))

    def f1(self, label: str) -> float:
        """F1 of one label."""
        told = sum(count for (_, guess), count in self._counts.items() if guess == label)
        return 2 * self._counts[label, label] / max(1, told + self._truths(label))

    def lines(self) -> list[str]:
        """Return the table, a row for each true label that occurs, and the means below it."""
        told = [label for label in self._told() if label]
        rows = [label for label in self._labels if self._truths(label)]
        head = f"{'true, told as':>14s} " + "".join(f"{label[:9]:>10s}" for label in told) + f"{'F1':>8s}"
        body = [
            f"{label[:14]:>14s} "
            + "".join(f"{self._counts[label, other]:10d}" for other in told)
            + f"{self.f1(label):8.3f}"
            for label in rows
        ]
        means = f"accuracy {self.accuracy:.4f}, macro-F1 {self.macro_f1:.4f}, mean recall {self.macro_recall:.4f}"
        return [head, *body, f"{means}, {self._counts.total()} messages"]

    def _told(self) -> list[str]:
        guesses = {guess for _, guess in self._counts}
        return [*(label for label in self._labels if label in guesses or self._truths(label)),
                *sorted(guesses - set(self._labels))]  # fmt: skip

    def _truths(self, label: str) -> int:
        return sum(count for (truth, _), count in self._counts.items() if truth == label)
