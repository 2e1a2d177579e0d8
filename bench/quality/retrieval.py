"""How well search finds what answers a question, beside a correct BM25 on the same terms.

usage: python -m bench.quality.retrieval --data-set FOLDER [--only NAME]... [--embedder static] [--json]

Every collection is read by the real Parley, file by file, and asked through its searcher. Recall@5 and nDCG@10 count
documents: a document stands where its first passage does. BM25 scores whole documents (k1 1.2, b 0.75).
"""

import argparse
import asyncio
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.quality.bm25 import Bm25
from bench.quality.collections import Collection, Question, text_collections
from bench.quality.library import Library, open_library, write_files
from bench.quality.pages import measure_pages

_PASSAGES = 40
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over the questions."""

    recall_at_5: float
    ndcg_at_10: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One collection, both ways."""

    name: str
    documents: int
    questions: int
    parley: Quality
    bm25: Quality


def measure(rankings: Sequence[Sequence[str]], questions: Sequence[Question]) -> Quality:
    """Return recall@5 and nDCG@10 (Järvelin and Kekäläinen 2002, relevant or not)."""
    recall = gain = 0.0
    for ranking, question in zip(rankings, questions, strict=True):
        hits = [document in question.relevant for document in ranking[:_DEPTH]]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(_DEPTH, len(question.relevant))))
        recall += sum(hits[:5]) / len(question.relevant)
        gain += sum(1 / math.log2(place + 2) for place, hit in enumerate(hits) if hit) / ideal
    return Quality(round(recall / len(questions), 4), round(gain / len(questions), 4))


async def ask(library: Library, collection: Collection, names: dict[str, str]) -> list[list[str]]:
    """Return the documents that Parley finds for each question, in order."""
    rankings: list[list[str]] = []
    for question in collection.questions:
        hits = await library.search(question.text, _PASSAGES)
        rankings.append(list(dict.fromkeys(names[Path(hit.document.path).name] for hit in hits)))
    return rankings


def ask_bm25(collection: Collection) -> list[list[str]]:
    """Return what BM25 finds for each question."""
    ids = list(collection.documents)
    texts = [f"{document.title} {document.text}" for document in collection.documents.values()]
    index = Bm25(texts, [collection.language] * len(texts))
    return [[ids[n] for n in index.search(q.text, q.language, _DEPTH)] for q in collection.questions]


async def compare(collection: Collection, embedder: str, data: Path | None) -> Comparison:
    """Read a collection and ask its questions, both ways."""
    with tempfile.TemporaryDirectory() as folder:
        names = write_files(collection.documents, Path(folder))
        async with open_library(Path(folder), data, embedder) as library:
            rankings = await ask(library, collection, names)
    return Comparison(
        collection.name,
        len(collection.documents),
        len(collection.questions),
        measure(rankings, collection.questions),
        measure(ask_bm25(collection), collection.questions),
    )


def show(found: Comparison) -> None:
    """Print one line of the table."""
    ours, theirs = found.parley, found.bm25
    print(
        f"{found.name:20s} {found.documents:6d} {found.questions:6d}   "
        f"{ours.recall_at_5:.4f} {theirs.recall_at_5:.4f} {ours.recall_at_5 - theirs.recall_at_5:+.4f}   "
        f"{ours.ndcg_at_10:.4f} {theirs.ndcg_at_10:.4f} {ours.ndcg_at_10 - theirs.ndcg_at_10:+.4f}",
        flush=True,
    )


async def run(arguments: argparse.Namespace) -> None:
    """Measure what the command line asks for."""
    if not arguments.json:
        print(f"{'collection':20s} {'docs':>6s} {'asked':>6s}   {'R@5':6s} {'BM25':6s} {'':7s}   {'nDCG10':6s} BM25")
    for collection in text_collections(arguments.data_set):
        if arguments.only and collection.name not in arguments.only:
            continue
        found = await compare(collection, arguments.embedder, arguments.data)
        if arguments.json:
            print(json.dumps(asdict(found)), flush=True)
        else:
            show(found)
    if (arguments.data_set / "financebench").is_dir() and (not arguments.only or "financebench" in arguments.only):
        pages = await measure_pages(arguments.data_set / "financebench", arguments.embedder, arguments.data)
        print(json.dumps(asdict(pages)) if arguments.json else pages.describe(), flush=True)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True, help="the folder with the labelled collections")
    parser.add_argument("--only", action="append", help="names of collections, e.g. squad_en, xquad_de, financebench")
    parser.add_argument("--embedder", default="static")
    parser.add_argument("--data", type=Path, help="a data folder with registered models; documents stay in it")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not arguments.data_set.is_dir():
        sys.exit(f"There is no folder {arguments.data_set}.")
    arguments.data_set = arguments.data_set.resolve()
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
