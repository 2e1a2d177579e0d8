"""Compound questions: what taking them apart finds, before and after, and how often single ones are taken apart.

sec10q: which of the wanted documents are among those of the ten passages, and which numbers of the answer stand in
them. Elsewhere a question has one place that answers it, so splitting can only harm: the same measures, both ways.
"""

import fnmatch
import math
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.quality.collections import LANGUAGES, Collection, judged, read_lines, squad, xquad
from bench.quality.library import Library, open_library, write_files
from parley.chat.gathering import gather_passages
from parley.chat.turn import Turn
from parley.chat.understanding.decomposition import asks_each_document, decompose
from parley.chat.understanding.periods import names_period
from parley.retrieval.schemas import Hit, SearchRequest

PASSAGES = 10
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Found:
    """Passages without and with taking a question apart, and the seconds of processor time of each."""

    before: Sequence[Hit]
    after: Sequence[Hit]
    parts: int
    spread: bool
    seconds: tuple[float, float]


async def measure_parts(folder: Path) -> list[str]:
    """Return the lines of the report."""
    lines = [*_rates(folder), ""]
    lines += await _sec10q(folder)
    lines += await _financebench(folder)
    for collection in (squad(folder), judged(folder, "cranfield")):
        lines += await _single(collection)
    return lines


def _rates(folder: Path) -> list[str]:
    asked = {"squad_en": [(item["question"], "en") for item in read_lines(folder / "squad_en" / "questions.jsonl")]}
    for language in LANGUAGES:
        questions = xquad(folder, language, language).questions
        asked[f"xquad_{language}"] = [(question.text, language) for question in questions]
    for name in ("cranfield", "cisi"):
        asked[name] = [(item["query"], "en") for item in read_lines(folder / name / "queries.jsonl")]
    for name in ("financebench", "sec10q"):
        asked[name] = [(item["question"], "en") for item in read_lines(folder / name / "questions.jsonl")]
    lines = ["questions, taken apart, asked of each of several documents, asked of documents of a period"]
    for name, questions in asked.items():
        split = sum(bool(decompose(text, language)) for text, language in questions)
        spread = sum(asks_each_document(text) for text, _ in questions)
        dated = sum(names_period(text) for text, _ in questions)
        shares = " ".join(f"{count / len(questions):8.4f}" for count in (split, spread, dated))
        lines.append(f"  {name:14s}{len(questions):6d} {shares}")
    return lines


async def ask(library: Library, question: str, language: str = "en", limit: int = PASSAGES) -> Found:
    """Ask both ways; a question with neither parts nor documents is searched for once."""
    workspace_id, searcher = library.container.owner.workspace_id, library.container.searcher
    request = SearchRequest(query=question, limit=limit, bot_id=library.bot_id, language=language)
    began = time.process_time()
    before = (await searcher.search(workspace_id, request)).hits
    took = time.process_time() - began
    turn = Turn(workspace_id, "", "", library.bot_id, "", question, (), (), query=question, language=language)
    turn.parts, turn.spread = decompose(question, language), asks_each_document(question)
    if not turn.parts and not turn.spread and not names_period(question):
        return Found(before, before, 0, False, (took, took))
    began = time.process_time()
    after, _ = await gather_passages(turn, searcher, request)
    return Found(before, after, len(turn.parts), turn.spread, (took, time.process_time() - began))


async def _sec10q(folder: Path) -> list[str]:
    questions = read_lines(folder / "sec10q" / "questions.jsonl")
    names = sorted(path.stem for path in (folder / "sec10q" / "pdfs").iterdir())
    async with open_library(folder / "sec10q" / "pdfs") as library:
        found = [await ask(library, item["question"]) for item in questions]
    lines = [
        f"sec10q, before and after: wanted documents among the first 4 and {PASSAGES} passages, passages of them, "
        "numbers of the answer that stand in them"
    ]
    for kind in dict.fromkeys(item["type"] for item in questions):
        rows = [(item, one) for item, one in zip(questions, found, strict=True) if item["type"] == kind]
        figures: list[str] = []
        for measure in (_covered_by_four, _covered, _own_share, _numbers):
            pairs = [(measure(item, one.before, names), measure(item, one.after, names)) for item, one in rows]
            known = [(before, after) for before, after in pairs if before is not None and after is not None]
            figures.append(f"{_mean([b for b, _ in known]):.3f} {_mean([a for _, a in known]):.3f}")
        changed = sum(one.parts > 0 or one.spread for _, one in rows)
        lines.append(f"  {kind:30s}{len(rows):4d}, {changed:2d} taken apart   " + "   ".join(figures))
    apart = [one for one in found if one.parts or one.spread]
    took = [_mean([one.seconds[way] for one in apart]) * 1000 for way in (0, 1)]
    lines.append(f"  processor time of those taken apart: {took[0]:.1f} ms as one, {took[1]:.1f} ms in parts")
    return [*lines, ""]


def _wanted(item: Mapping[str, str], names: Sequence[str]) -> set[str]:
    return {name for name in names if fnmatch.fnmatch(f"{name}.pdf", item["source_docs"])}


def _covered(item: Mapping[str, str], hits: Sequence[Hit], names: Sequence[str]) -> float | None:
    wanted = _wanted(item, names)
    return len(wanted & {Path(hit.document.path).stem for hit in hits}) / len(wanted)


def _covered_by_four(item: Mapping[str, str], hits: Sequence[Hit], names: Sequence[str]) -> float | None:
    return _covered(item, hits[:4], names)


def _own_share(item: Mapping[str, str], hits: Sequence[Hit], names: Sequence[str]) -> float | None:
    wanted = _wanted(item, names)
    return sum(Path(hit.document.path).stem in wanted for hit in hits) / max(1, len(hits))


def _numbers(item: Mapping[str, str], hits: Sequence[Hit], names: Sequence[str]) -> float | None:
    """Share of the answer's numbers of three digits or more (years left out) that stand in the passages."""
    told = {number for number in _numbers_of(item["answer"]) if not re.fullmatch(r"(?:19|20)\d\d", number)}
    if not told:
        return None
    return len(told & _numbers_of(" ".join(hit.text for hit in hits))) / len(told)


def _numbers_of(text: str) -> set[str]:
    found = (match.group().strip(",.").replace(",", "") for match in _NUMBER.finditer(text))
    return {number for number in found if len(number.replace(".", "")) >= 3}


async def _financebench(folder: Path) -> list[str]:
    questions = read_lines(folder / "financebench" / "questions.jsonl")
    async with open_library((folder / "financebench" / "pdfs").resolve()) as library:
        found = [await ask(library, item["question"]) for item in questions]

    def hit_rate(way: Callable[[Found], Sequence[Hit]]) -> float:
        return _mean([
            float(any(
                (Path(hit.document.path).stem, (hit.page or 0) - 1) == (item["doc"], place["page0"])
                for hit in way(one) for place in item["evidence"]
            ))
            for item, one in zip(questions, found, strict=True)
        ])  # fmt: skip

    apart = sum(one.parts > 0 or one.spread for one in found)
    return [
        f"financebench, {len(questions)} questions, {apart} taken apart: an evidence page among {PASSAGES} passages "
        f"{hit_rate(lambda one: one.before):.4f}, {hit_rate(lambda one: one.after):.4f}", "",
    ]  # fmt: skip


async def _single(collection: Collection) -> list[str]:
    with tempfile.TemporaryDirectory() as temporary:
        names = write_files(collection.documents, Path(temporary))
        async with open_library(Path(temporary)) as library:
            found = [await ask(library, question.text, question.language) for question in collection.questions]
    gains = [
        tuple(
            _gain(list(dict.fromkeys(names[Path(hit.document.path).name] for hit in hits)), question.relevant)
            for hits in (one.before, one.after)
        )
        for question, one in zip(collection.questions, found, strict=True)
    ]
    apart = sum(one.parts > 0 or one.spread for one in found)
    return [
        f"{collection.name}, {len(gains)} questions, {apart} taken apart: nDCG@10 of {PASSAGES} passages "
        f"{_mean([gain[0] for gain in gains]):.4f}, {_mean([gain[1] for gain in gains]):.4f}"
    ]


def _gain(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    best = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
    return sum(1 / math.log2(place + 2) for place, name in enumerate(ranking[:10]) if name in relevant) / best


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
