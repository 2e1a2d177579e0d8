"""Labelled collections of the data folder, as documents, questions and which documents answer them."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "hi", "de", "ar", "zh")
CROSS = ("es", "hi", "de", "ar", "zh")


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A document: title (may be empty) and text, which may be Markdown."""

    title: str
    text: str
    markdown: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in which language, and which documents answer it."""

    text: str
    language: str
    relevant: frozenset[str]


@dataclass(slots=True)
class Collection:
    """Documents by id, and questions about them. `language` is that of the documents."""

    name: str
    language: str
    documents: dict[str, TextDocument] = field(default_factory=dict[str, TextDocument])
    questions: list[Question] = field(default_factory=list[Question])


def read_lines(path: Path) -> list[Any]:
    """Return the objects of a JSON lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def squad(folder: Path) -> Collection:
    """Passages of encyclopedia articles; answerable questions only."""
    found = Collection("squad_en", "en")
    for passage in read_lines(folder / "squad_en" / "passages.jsonl"):
        found.documents[passage["id"]] = TextDocument(passage["title"].replace("_", " "), passage["text"])
    for item in read_lines(folder / "squad_en" / "questions.jsonl"):
        if item["answerable"]:
            found.questions.append(Question(item["question"], "en", frozenset([item["passage_id"]])))
    return found


def judged(folder: Path, name: str) -> Collection:
    """Abstracts with queries and judgements: cranfield (grade -1 is not relevant) and cisi."""
    found = Collection(name, "en")
    for item in read_lines(folder / name / "corpus.jsonl"):
        if item["text"].strip():
            found.documents[item["id"]] = TextDocument(item.get("title") or "", item["text"])
    relevant: dict[str, set[str]] = defaultdict(set)
    for item in read_lines(folder / name / "qrels.jsonl"):
        if item["grade"] >= 1:
            relevant[item["query_id"]].add(item["doc_id"])
    for item in read_lines(folder / name / "queries.jsonl"):
        if relevant[item["id"]]:
            found.questions.append(Question(item["query"], "en", frozenset(relevant[item["id"]])))
    return found


def xquad(folder: Path, asked: str, written: str) -> Collection:
    """Questions in one language about passages in another, or the same."""
    name = f"xquad_{asked}" if asked == written else f"xquad_{asked}_to_{written}"
    found = Collection(name, written)
    for passage in read_lines(folder / "xquad" / "passages.jsonl"):
        if passage["lang"] == written:
            found.documents[passage["para"]] = TextDocument("", passage["text"])
    for item in read_lines(folder / "xquad" / "questions.jsonl"):
        if item["lang"] == asked:
            passage_id = item["passage_id"].split(":", 1)[-1]
            found.questions.append(Question(item["question"], asked, frozenset([passage_id])))
    return found


def helpcentre(folder: Path) -> Collection:
    """Articles of a help centre; each title asks for its article, whose own heading is taken away."""
    found = Collection("helpcentre", "en")
    for item in read_lines(folder / "helpcentre" / "arduino.jsonl"):
        _, _, text = item["markdown"].partition("\n---\n")
        found.documents[item["path"]] = TextDocument("", text.strip(), markdown=True)
        found.questions.append(Question(item["title"], "en", frozenset([item["path"]])))
    return found


def mtrag(folder: Path) -> Collection:
    """Last turns of conversations, as they stand, over the passages of all conversations."""
    found = Collection("mtrag_un", "en")
    for item in read_lines(folder / "mtrag_un" / "passages.jsonl"):
        found.documents[item["id"]] = TextDocument(item["title"], item["text"].strip())
    for item in read_lines(folder / "mtrag_un" / "tasks.jsonl"):
        relevant = frozenset(item["gold_passages"]) & found.documents.keys()
        if relevant:
            found.questions.append(Question(item["turns"][-1]["text"], "en", relevant))
    return found


def more_collections(folder: Path) -> Iterator[Collection]:
    """Yield the collections that fusion is looked at on besides `text_collections`."""
    for name, read in (("helpcentre", helpcentre), ("mtrag_un", mtrag)):
        if (folder / name).is_dir():
            yield read(folder)


def text_collections(folder: Path) -> Iterator[Collection]:
    """Yield every collection of plain texts that the folder holds."""
    if (folder / "squad_en").is_dir():
        yield squad(folder)
    for name in ("cranfield", "cisi"):
        if (folder / name).is_dir():
            yield judged(folder, name)
    if (folder / "xquad").is_dir():
        yield from (xquad(folder, language, language) for language in LANGUAGES)
        yield from (xquad(folder, language, "en") for language in CROSS)
