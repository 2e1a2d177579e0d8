"""Passages to make faults from: encyclopedia, help centre, questions and answers, filings, and other languages."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.quality.collections import read_lines
from bench.quality.pages import page_texts
from parley.chat.check import CheckPassage
from parley.kit.sentences import split_sentences

LANGUAGES = ("es", "de", "hi", "ar", "zh")
_MARKUP = re.compile(r"^(?:---|<!--|\s*[-*>|]|#+|\d+\.|!\[|```|<|\{)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_PARAGRAPHS_A_PASSAGE = 6
_PAGE_STRIDE = 3


@dataclass(frozen=True)
class Source:
    """A passage with the document that it is from: what shares a document shares a topic."""

    collection: str
    document: str
    passage: CheckPassage

    @property
    def held_back(self) -> bool:
        """Whether it belongs to the half that nothing was tuned on. Whole documents fall on one side."""
        return hashlib.sha256(f"{self.collection}/{self.document}".encode()).digest()[0] % 2 == 1

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences that are long enough to claim something, and are prose."""
        text, language = self.passage.text, self.passage.language
        found = [" ".join(text[start:end].split()) for start, end in split_sentences(text, language)]
        least, ends = (12, "。") if language == "zh" else (40, ".।")
        return [one for one in found if least <= len(one) <= 350 and one[-1] in ends and _is_prose(one)]


def _is_prose(sentence: str) -> bool:
    letters = sum(char.isalpha() for char in sentence)
    return letters >= 0.6 * len(sentence) and not re.search(r"\[\d+\]|[|{}<>]", sentence)


def read_sources(folder: Path) -> list[Source]:
    """Return the passages of all collections that the folder holds, in a fixed order."""
    readers = (_squad, _help_centre, _answers, _filings, _xquad)
    return [source for reader in readers for source in reader(folder) if len(source.sentences) >= 2]


def _squad(folder: Path) -> Iterator[Source]:
    for row in read_lines(folder / "squad_en" / "passages.jsonl"):
        title = row["title"].replace("_", " ")
        yield Source("squad_en", row["title"], CheckPassage(row["text"], 0, "en", title))


def _help_centre(folder: Path) -> Iterator[Source]:
    for row in read_lines(folder / "helpcentre" / "arduino.jsonl"):
        lines = [line for line in row["markdown"].split("\n") if not _MARKUP.match(line)]
        paragraphs = [text for text in re.split(r"\n\s*\n", _LINK.sub(r"\1", "\n".join(lines))) if text.strip()]
        for start in range(0, len(paragraphs), _PARAGRAPHS_A_PASSAGE):
            text = "\n\n".join(paragraphs[start : start + _PARAGRAPHS_A_PASSAGE]).replace("**", "").replace("`", "")
            yield Source("helpcentre", row["section"], CheckPassage(text, 0, "en", row["title"]))


def _answers(folder: Path) -> Iterator[Source]:
    for row in read_lines(folder / "mtrag_un" / "passages.jsonl"):
        text = row["text"].strip()[:3000]
        document = row["title"] or row["id"].split("-")[0]
        yield Source("mtrag_un", f"{row['collection']}/{document}", CheckPassage(text, 0, "en", row["title"]))


def _filings(folder: Path) -> Iterator[Source]:
    for name in ("financebench", "sec10q"):
        for pdf in sorted((folder / name / "pdfs").glob("*.pdf")):
            for text in page_texts(pdf)[::_PAGE_STRIDE]:
                plain = text.replace("\r\n", "\n").replace("\ufffe", "-")
                yield Source(name, pdf.stem, CheckPassage(plain, 0, "en", pdf.stem))


def _xquad(folder: Path) -> Iterator[Source]:
    for row in read_lines(folder / "xquad" / "passages.jsonl"):
        if row["lang"] in LANGUAGES:
            yield Source(f"xquad_{row['lang']}", row["para"], CheckPassage(row["text"], 0, row["lang"], ""))


def by_collection(sources: Sequence[Source]) -> dict[str, list[Source]]:
    """Group passages by the collection that they are from."""
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(source.collection, []).append(source)
    return found
