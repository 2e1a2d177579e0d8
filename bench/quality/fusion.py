"""What each way of putting words and meaning together finds: one table over all labelled collections.

usage: python -m bench.quality.fusion --data-set FOLDER [--model FOLDER] [--rescore] [--only NAME]... [--cache FOLDER]

Single retrievers: BM25, the built-in static vectors, and those of a local ONNX model (`--model`). Fused over whole
documents, each from the fifty best of both: `sum` weighs scores as shares of the best one by the embedder's own weight,
`minmax` is the mean of min-max normalised scores, `rrf` is reciprocal rank fusion (k 60). `parley` is the product as
it ships, read file by file and asked through its searcher; with a model also `parley+`: with the model as embedder, or
as rescorer (`--rescore`). A document's vector is that of its best window of 1,200 characters. Vectors are
kept in the cache folder, where one is given.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from shutil import copytree

import numpy as np
from numpy.typing import NDArray

from bench.quality.bm25 import Bm25
from bench.quality.collections import Collection, Question, TextDocument, more_collections, text_collections
from bench.quality.library import open_library, write_files
from bench.quality.retrieval import Quality, ask, measure
from parley.llm.embedding import Embedder
from parley.llm.embedding.models import STATIC, open_embedder
from parley.llm.embedding.onnx import OnnxEmbedder

_WINDOW_CHARS, _STEP_CHARS = 1200, 1000
_CANDIDATES = 50
_SHOWN = 10
_RRF_K = 60
_AT_ONCE = 256

Scores = NDArray[np.float64]
Fuse = Callable[[Scores, Scores, float], Scores]


def _default() -> Embedder:
    return open_embedder(STATIC, Path())


def normalised_sum(words: Scores, meaning: Scores, weight: float) -> Scores:
    """Weigh both scores, each as a share of the best."""
    best_words, best_meaning = words.max(initial=0.0) or 1.0, meaning.max(initial=0.0) or 1.0
    return (1 - weight) * words / best_words + weight * np.maximum(meaning, 0) / best_meaning


def minmax_mean(words: Scores, meaning: Scores, _weight: float) -> Scores:
    """Return the mean of both scores, stretched to 0 to 1."""
    return (_stretched(words) + _stretched(meaning)) / 2


def reciprocal_ranks(words: Scores, meaning: Scores, _weight: float) -> Scores:
    """Sum up 1 / (60 + rank) (Cormack, Clarke and Büttcher, SIGIR 2009)."""
    ranks = [np.argsort(np.argsort(-scores, kind="stable")) for scores in (words, meaning)]
    return 1 / (_RRF_K + 1 + ranks[0]) + 1 / (_RRF_K + 1 + ranks[1])


def _stretched(scores: Scores) -> Scores:
    low, high = scores.min(initial=0.0), scores.max(initial=0.0)
    return (scores - low) / ((high - low) or 1.0)


FUSIONS: dict[str, Fuse] = {"sum": normalised_sum, "minmax": minmax_mean, "rrf": reciprocal_ranks}


def _best(scores: Scores, limit: int) -> NDArray[np.intp]:
    order = np.argsort(-scores, kind="stable")[:limit]
    return order[scores[order] > 0]


def fused(words: Scores, meaning: Scores, fuse: Fuse, weight: float) -> list[int]:
    """Return the best documents among the candidates of both."""
    numbers = np.union1d(_best(words, _CANDIDATES), _best(meaning, _CANDIDATES))
    scores = fuse(words[numbers], meaning[numbers], weight)
    return numbers[np.argsort(-scores, kind="stable")[:_SHOWN]].tolist()


class Meaning:
    """Cosines of questions and documents by an embedder, its vectors kept in a folder."""

    def __init__(self, embedder: Embedder, cache: Path | None) -> None:
        self.embedder = embedder
        self._cache = cache

    def cosines(self, collection: Collection) -> Iterator[Scores]:
        """Yield, for each question, the cosine of every document's best window."""
        windows = [list(_windows(document)) for document in collection.documents.values()]
        texts = [window for document in windows for window in document]
        starts = np.cumsum([0, *map(len, windows)])[:-1]
        vectors = self._embedded(texts, self.embedder.embed_documents)
        questions = self._embedded([question.text for question in collection.questions], self.embedder.embed_queries)
        for question in questions:
            yield np.maximum.reduceat((vectors @ question).astype(float), starts)

    def _embedded(self, texts: list[str], embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> NDArray[np.float32]:
        key = blake2b(f"{self.embedder.name}\0{embed.__name__}\0{json.dumps(texts)}".encode(), digest_size=12)
        path = self._cache / f"{key.hexdigest()}.npy" if self._cache else None
        if path is not None and path.is_file():
            return np.load(path)
        vectors = np.concatenate([embed(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)])
        if path is not None:
            np.save(path, vectors)
        return vectors


def _windows(document: TextDocument) -> Iterator[str]:
    for start in range(0, max(1, len(document.text) - (_WINDOW_CHARS - _STEP_CHARS)), _STEP_CHARS):
        yield f"{document.title}\n{document.text[start : start + _WINDOW_CHARS]}".strip()


def in_memory(collection: Collection, embedders: dict[str, Meaning]) -> dict[str, Quality]:
    """Return what BM25, each embedder and each fusion of the two find."""
    ids, questions = list(collection.documents), collection.questions
    texts = [f"{document.title} {document.text}" for document in collection.documents.values()]
    index = Bm25(texts, [collection.language] * len(texts))
    words = [index.scores(question.text, question.language) for question in questions]
    rankings = {"bm25": [_best(scores, _SHOWN).tolist() for scores in words]}
    for name, meaning in embedders.items():
        near = list(meaning.cosines(collection))
        rankings[name] = [_best(scores, _SHOWN).tolist() for scores in near]
        for label, fuse in FUSIONS.items():
            rankings[f"{name} {label}"] = [
                fused(a, b, fuse, meaning.embedder.fusion_weight(question.language))
                for a, b, question in zip(words, near, questions, strict=True)
            ]
    return {name: _quality(found, ids, questions) for name, found in rankings.items()}


def _quality(found: Sequence[Sequence[int]], ids: Sequence[str], questions: Sequence[Question]) -> Quality:
    return measure([[ids[number] for number in numbers] for numbers in found], questions)


async def by_parley(collection: Collection, models: Path | None, embedder: str, rescorer: str | None) -> Quality:
    """Return what the product finds, with a model registered where one is given."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as data:
        if models is not None:
            copytree(models, Path(data) / "models" / models.name)
        names = write_files(collection.documents, Path(folder))
        async with open_library(Path(folder), Path(data), embedder, rescorer) as library:
            return measure(await ask(library, collection, names), collection.questions)


@dataclass(frozen=True, slots=True)
class Row:
    """One collection: what each way finds."""

    collection: str
    found: dict[str, Quality]


def show(rows: Sequence[Row], figure: str, read: Callable[[Quality], float]) -> None:
    """Print one figure as a table with the means below."""
    names = list(rows[0].found)
    print(f"\n{figure:18s}" + "".join(f"{name:>15s}" for name in names))
    for row in rows:
        print(f"{row.collection:18s}" + "".join(f"{read(row.found[name]):15.3f}" for name in names))
    means = [float(np.mean([read(row.found[name]) for row in rows])) for name in names]
    print(f"{'mean':18s}" + "".join(f"{mean:15.3f}" for mean in means), flush=True)


def judge(rows: Sequence[Row], shipped: str, singles: Sequence[str]) -> None:
    """Say how the shipped ranking stands beside the best single retriever."""
    gaps = {
        row.collection: row.found[shipped].ndcg_at_10 - max(row.found[name].ndcg_at_10 for name in singles)
        for row in rows
    }
    mean = float(np.mean([row.found[shipped].ndcg_at_10 for row in rows]))
    best = max(float(np.mean([row.found[name].ndcg_at_10 for row in rows])) for name in singles)
    worst = min(gaps, key=lambda name: gaps[name])
    print(
        f"{shipped}: mean nDCG@10 {mean:.3f}, best single of {', '.join(singles)} {best:.3f} ({mean - best:+.3f}); "
        f"furthest below its best single: {worst} {gaps[worst]:+.3f}",
        flush=True,
    )


async def run(arguments: argparse.Namespace) -> None:
    """Measure and print."""
    embedders = {"static": Meaning(_default(), arguments.cache)}
    if arguments.model is not None:
        embedders["model"] = Meaning(OnnxEmbedder(arguments.model), arguments.cache)
    rows: list[Row] = []
    for collection in [*text_collections(arguments.data_set), *more_collections(arguments.data_set)]:
        if arguments.only and collection.name not in arguments.only:
            continue
        found = await asyncio.to_thread(in_memory, collection, embedders)
        found["parley"] = await by_parley(collection, None, "static", None)
        if arguments.model is not None:
            name = arguments.model.name
            roles = ("static", name) if arguments.rescore else (name, None)
            found["parley+"] = await by_parley(collection, arguments.model, *roles)
        rows.append(Row(collection.name, found))
        print(json.dumps({collection.name: {k: [q.recall_at_5, q.ndcg_at_10] for k, q in found.items()}}), flush=True)
    show(rows, "nDCG@10", lambda quality: quality.ndcg_at_10)
    show(rows, "recall@5", lambda quality: quality.recall_at_5)
    judge(rows, "parley", ["bm25", "static"])
    if arguments.model is not None:
        judge(rows, "parley+", ["bm25", "static", "model"])


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True, help="the folder with the labelled collections")
    parser.add_argument("--model", type=Path, help="an ONNX folder with a manifest")
    parser.add_argument("--rescore", action="store_true", help="use the model as rescorer, not as embedder")
    parser.add_argument("--only", action="append", help="names of collections, e.g. squad_en, xquad_es_to_en")
    parser.add_argument("--cache", type=Path, help="a folder to keep vectors in between runs")
    arguments = parser.parse_args()
    for folder in (arguments.data_set, arguments.cache, arguments.model):
        if folder is not None and not folder.is_dir():
            parser.error(f"There is no folder {folder}.")
    if arguments.model is not None:
        arguments.model = arguments.model.resolve()
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
