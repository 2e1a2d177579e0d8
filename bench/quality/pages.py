"""Questions about long PDFs: is the page with the evidence among the first ten?"""

from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from bench.quality.bm25 import Bm25
from bench.quality.collections import read_lines
from bench.quality.library import Library, open_library

_PASSAGES = 60
_DEPTH = 10

Page = tuple[str, int]
"""File name without suffix, page from 1."""


@dataclass(frozen=True, slots=True)
class PageQuality:
    """Share of questions with an evidence page among the first ten distinct pages."""

    questions: int
    pages: int
    parley: float
    bm25: float

    def describe(self) -> str:
        """Return one line for the table."""
        return (
            f"{'financebench':20s} {self.pages:6d} {self.questions:6d}   evidence page in ten: "
            f"{self.parley:.4f}, BM25 over pages {self.bm25:.4f} {self.parley - self.bm25:+.4f}"
        )


def page_texts(pdf: Path) -> list[str]:
    """Return the text of each page, by an extractor that Parley does not chunk with."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts: list[str] = []
        for number in range(len(document)):
            page = document[number]
            texts.append(page.get_textpage().get_text_range())
            page.close()
        return texts
    finally:
        document.close()


async def first_pages(library: Library, question: str) -> list[Page]:
    """Return the first ten distinct pages that passages found lie on."""
    hits = await library.search(question, _PASSAGES)
    pages = [(Path(hit.document.path).stem, hit.page or 0) for hit in hits]
    return list(dict.fromkeys(pages))[:_DEPTH]


async def measure_pages(folder: Path, embedder: str, data: Path | None) -> PageQuality:
    """Read the PDFs with Parley and ask the questions, both ways."""
    questions = read_lines(folder / "questions.jsonl")
    places: list[Page] = []
    texts: list[str] = []
    for pdf in sorted((folder / "pdfs").glob("*.pdf")):
        for number, text in enumerate(page_texts(pdf), 1):
            places.append((pdf.stem, number))
            texts.append(text)
    index = Bm25(texts, ["en"] * len(texts))
    ours = theirs = 0
    async with open_library(folder / "pdfs", data, embedder) as library:
        for question in questions:
            evidence = {(item["doc"], item["page0"] + 1) for item in question["evidence"]}
            ours += bool(evidence & set(await first_pages(library, question["question"])))
            theirs += bool(evidence & {places[n] for n in index.search(question["question"], "en", _DEPTH)})
    asked = len(questions)
    return PageQuality(asked, len(places), round(ours / asked, 4), round(theirs / asked, 4))
