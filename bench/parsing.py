"""How well and how fast files are read: words beside an independent parser's, MB/s of text, pages/s of PDF.

usage: python -m bench.parsing [--data-set FOLDER] [--pdfs FOLDER] [--texts FOLDER] [--json]

`--data-set` holds `parse_truth/sources` and `parse_truth/markdown` (Docling's accepted output). Words are compared, not
marks: recall is the share of its words that we have, precision the share of ours that it has; it is a reference, not an
oracle (it repeats merged cells, we keep speaker's notes and references). Speeds are of one process, cut into chunks
whose tokens the default embedder counts, files already in the system's cache.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.measuring import report
from parley.errors import IngestionError
from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.parsed import ParseLimits, Part
from parley.knowledge.parsers import open_document
from parley.llm.embedding.static import StaticEmbedder

_WORD = re.compile(r"\w+")
# Targets and comments of the reference's Markdown are not text.
_MARKS = re.compile(r"!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|<!--.*?-->|&(?:lt|gt|amp);", re.DOTALL)
CHUNK_TOKENS = 220


def _parts(path: Path) -> Iterator[Part]:
    _, parts = open_document(path, path.name, ParseLimits())
    yield from parts


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def compare_words(folder: Path) -> dict[str, Any]:
    """Mean recall and precision over the files of `parse_truth`, and the files that could not be read."""
    recalls: list[float] = []
    precisions: list[float] = []
    failed: list[str] = []
    for source in sorted((folder / "sources").iterdir()):
        truth = folder / "markdown" / f"{source.name}.md"
        if not truth.exists():
            continue
        expected = _words(_MARKS.sub(" ", truth.read_text(encoding="utf-8")))
        try:
            found = _words("".join(part.text for part in _parts(source)))
        except IngestionError as error:
            failed.append(f"{source.name} ({error.stable_code})")
            found = Counter[str]()
        common = (expected & found).total()
        recalls.append(common / max(expected.total(), 1))
        precisions.append(common / max(found.total(), 1))
    count = max(len(recalls), 1)
    return {
        "files compared": len(recalls),
        "mean word recall": sum(recalls) / count,
        "mean word precision": sum(precisions) / count,
        "not read": ", ".join(failed) or "none",
    }


def measure_speed(paths: Iterable[Path]) -> dict[str, Any]:
    """Read and chunk files one after another; rates by wall clock."""
    chunker = Chunker(StaticEmbedder().count_tokens, CHUNK_TOKENS)
    totals: Counter[str] = Counter()
    started = time.perf_counter()
    for path in paths:
        state = ChunkState()
        try:
            for part in _parts(path):
                totals["characters"] += len(part.text)
                totals["pages"] += sum(item.kind == "page" for item in part.ranges)
                totals["chunks"] += len(chunker.chunk(part, state))
        except IngestionError:
            totals["failed"] += 1
        totals["files"] += 1
        totals["bytes"] += path.stat().st_size
    seconds = max(time.perf_counter() - started, 1e-9)
    return {
        "files": totals["files"],
        "failed": totals["failed"],
        "MB/s": totals["bytes"] / 1e6 / seconds,
        "million characters/s": totals["characters"] / 1e6 / seconds,
        "pages/s": totals["pages"] / seconds,
        "chunks": totals["chunks"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path)
    parser.add_argument("--pdfs", type=Path, help="a folder of PDFs")
    parser.add_argument("--texts", type=Path, help="a folder of any other files")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.data_set:
        report("Words beside Docling's", compare_words(options.data_set / "parse_truth"), as_json=options.json)
    if options.pdfs:
        report("PDF", measure_speed(sorted(options.pdfs.rglob("*.pdf"))), as_json=options.json)
    if options.texts:
        files = (path for path in sorted(options.texts.rglob("*")) if path.is_file() and path.suffix != ".pdf")
        report("Other files", measure_speed(files), as_json=options.json)


if __name__ == "__main__":
    main()
