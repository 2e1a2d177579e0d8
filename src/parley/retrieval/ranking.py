"""From candidates to a ranking: what the keyword index and the vectors found, weighed against each other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

K1 = 1.2
B = 0.75


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk under consideration. `lexical` is 0 to 1, `dense` a cosine; None where a retriever did not see it."""

    chunk_id: int
    score: float
    lexical: float | None
    dense: float | None


def idf(chunks: int, frequency: int) -> float:
    """Return the weight of a term by its rarity, as Lucene's BM25 has it; never negative."""
    return math.log(1 + (chunks - min(frequency, chunks) + 0.5) / (min(frequency, chunks) + 0.5))


def fuse(lexical: Mapping[int, float], dense: Mapping[int, float], dense_weight: float) -> list[Candidate]:
    """Weigh both scores, each scaled to 0 to 1 over the candidates (Bruch, Gai, Ingber, TOIS 2023), best first."""
    scaled_lexical, scaled_dense = _scale(lexical), _scale(dense)
    fused = [
        Candidate(
            chunk_id,
            (1 - dense_weight) * scaled_lexical.get(chunk_id, 0.0) + dense_weight * scaled_dense.get(chunk_id, 0.0),
            lexical.get(chunk_id),
            dense.get(chunk_id),
        )
        for chunk_id in {**lexical, **dense}
    ]
    return sorted(fused, key=lambda candidate: (-candidate.score, candidate.chunk_id))


def _scale(scores: Mapping[int, float]) -> dict[int, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}


def ceiling(idfs: Sequence[float]) -> float:
    """Return the score that BM25 cannot exceed for terms of these weights."""
    return sum(idfs) * (K1 + 1)
