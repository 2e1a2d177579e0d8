"""Follow-ups: what the last turn finds alone, with what our method adds from before it, and rewritten by a person.

MTRAG-UN says which passages answer; its pool is small, so other passages are put beside it. The human rewrites
(mtrag_rewrite) come without passages that answer: there, what the rewrite finds first among all passages is what is to
be found. BM25 is bench.quality.bm25 with weighed terms; fused is Parley's own search.
"""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.quality.bm25 import Bm25
from bench.quality.collections import TextDocument, read_lines, squad
from bench.quality.library import Library, open_library, write_files
from parley.chat.followup import earlier_texts, standalone_query
from parley.chat.quoting import classify_intent
from parley.retrieval.query import analyse_query

DEPTH = 10
PSEUDO_RELEVANT = 3
_PASSAGES = 40

Earlier = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A last turn, what came before it (questions, newest first; the last answer), and what is to be found."""

    question: str
    previous: Sequence[str]
    answer: str | None
    relevant: frozenset[str]
    rewrite: str | None = None


Asking = tuple[str, Earlier]
METHODS: Mapping[str, Callable[[FollowUp], Asking]] = {
    "last turn": lambda item: (item.question, ()),
    "ours, one query": lambda item: (standalone_query(item.question, item.previous, "en"), ()),
    "ours": lambda item: (item.question, earlier_texts(item.question, item.previous, item.answer, "en")),
}


def human(item: FollowUp) -> Asking:
    """Return what a person made of the question."""
    return item.rewrite or item.question, ()


def read_mtrag_un(folder: Path) -> list[FollowUp]:
    """Turns that are not the first and that some passage answers."""
    found: list[FollowUp] = []
    for task in read_lines(folder / "mtrag_un" / "tasks.jsonl"):
        turns = task["turns"]
        if len(turns) > 1 and task["gold_passages"]:
            before = list(reversed(turns[:-1]))
            asked = [turn["text"] for turn in before if turn["speaker"] == "user"]
            said = [turn["text"] for turn in before if turn["speaker"] != "user"]
            found.append(
                FollowUp(turns[-1]["text"], _questions(asked), said[0] if said else None,
                         frozenset(task["gold_passages"]))
            )  # fmt: skip
    return found


def read_rewrites(folder: Path) -> list[FollowUp]:
    """Turns that are not the first, with the question as a person wrote it out."""
    found: list[FollowUp] = []
    for item in read_lines(folder / "mtrag_rewrite" / "pairs.jsonl"):
        turns = [turn.strip() for turn in item["history_and_question"].split("|user|:") if turn.strip()]
        if len(turns) > 1:
            rewrite = item["standalone_rewrite"].replace("|user|:", "").strip()
            found.append(FollowUp(turns[-1], _questions(list(reversed(turns[:-1]))), None, frozenset(), rewrite))
    return found


def _questions(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if classify_intent(text) == "question"]


def gain(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    """Return nDCG@10."""
    best = sum(1 / math.log2(place + 2) for place in range(min(DEPTH, len(relevant))))
    return sum(1 / math.log2(place + 2) for place, name in enumerate(ranking[:DEPTH]) if name in relevant) / best


class WeighedBm25:
    """BM25 over documents, with weights on the words of a query."""

    def __init__(self, documents: Mapping[str, TextDocument]) -> None:
        texts = [f"{document.title} {document.text}" for document in documents.values()]
        self._names = list(documents)
        self._index = Bm25(texts, ["en"] * len(texts))

    def search(self, asking: Asking) -> list[str]:
        """Return the names of the best documents."""
        scores = np.zeros(len(self._names))
        for word in analyse_query(asking[0], ["en"], asking[1]).words:
            for term in word.terms:
                scores += word.weight * self._index.scores_of(term)
        return [self._names[place] for place in np.argsort(-scores, kind="stable")[:DEPTH] if scores[place] > 0]


async def fused(library: Library, names: Mapping[str, str], asking: Asking) -> list[str]:
    """Return the documents that Parley's search finds."""
    hits = await library.search(asking[0], _PASSAGES, "en", asking[1])
    return list(dict.fromkeys(names[Path(hit.document.path).name] for hit in hits))[:DEPTH]


async def measure_follow_ups(folder: Path) -> list[str]:
    """Return the lines of the report."""
    documents = {item["id"]: TextDocument(item["title"], item["text"])
                 for item in read_lines(folder / "mtrag_un" / "passages.jsonl")}  # fmt: skip
    documents |= squad(folder).documents
    words = WeighedBm25(documents)
    lines = [f"{len(documents)} passages", f"{'':34s}{'BM25':>8s}{'':9s}{'fused':>8s}   nDCG@10"]
    with tempfile.TemporaryDirectory() as temporary:
        names = write_files(documents, Path(temporary))
        async with open_library(Path(temporary)) as library:
            items = read_mtrag_un(folder)
            lines += await _compare("mtrag_un", items, METHODS, words, library, names)
            rewrites = read_rewrites(folder)
            lines += await _compare("mtrag_rewrite", rewrites, {**METHODS, "human": human}, words, library, names)
    return lines


async def _compare(
    name: str,
    items: Sequence[FollowUp],
    methods: Mapping[str, Callable[[FollowUp], Asking]],
    words: WeighedBm25,
    library: Library,
    names: Mapping[str, str],
) -> list[str]:
    lines = [f"{name}, {len(items)} questions"]
    first: tuple[float, float] | None = None
    wanted = [item.relevant for item in items], [item.relevant for item in items]
    if any(not item.relevant for item in items):
        wanted = (
            [frozenset(words.search(human(item))[:PSEUDO_RELEVANT]) for item in items],
            [frozenset((await fused(library, names, human(item)))[:PSEUDO_RELEVANT]) for item in items],
        )
    for method, ask in methods.items():
        by_words = [gain(words.search(ask(item)), found) for item, found in zip(items, wanted[0], strict=True) if found]
        by_both = [
            gain(await fused(library, names, ask(item)), found)
            for item, found in zip(items, wanted[1], strict=True)
            if found
        ]
        figures = float(np.mean(by_words)), float(np.mean(by_both))
        first = first or figures
        lines.append(
            f"  {method:32s}{figures[0]:8.4f} {figures[0] - first[0]:+.4f} {figures[1]:9.4f} "
            f"{figures[1] - first[1]:+.4f}"
        )
    return lines
