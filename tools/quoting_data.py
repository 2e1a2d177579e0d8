"""Labelled questions and small collections to train quoted answers on: squad_en, xquad, intent, helpcentre.

All of these may be shipped in trained form (CC BY-SA 4.0, CC BY 3.0 and 4.0). The non-commercial sets are not read.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.kit.analysis import analyse, is_function_word
from parley.kit.file_names import path_words
from parley.kit.sentences import split_sentences
from parley.llm.embedding.table import TableEmbedder

OTHER_LANGUAGES = ("es", "hi", "de", "ar", "zh")
XQUAD_LANGUAGES = ("en", *OTHER_LANGUAGES)


@dataclass(frozen=True, slots=True)
class Document:
    """Where a passage stands."""

    title: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as search would return it. `article`: what is held back together."""

    id: str
    article: str
    text: str
    language: str
    document: Document
    heading: list[str] = field(default_factory=list[str])
    start: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `answers` is empty where only its passage is known.

    `answered_in`: the language of the passages, where that is another than its own.
    """

    text: str
    article: str
    language: str
    passage_id: str
    answers: tuple[str, ...]
    answered_in: str = ""


Collection = tuple[list[Passage], list[Asked]]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def read_squad(data_set: Path) -> Collection:
    """Return the passages and answerable questions of squad_en."""
    folder = data_set / "squad_en"
    passages = [
        Passage(row["id"], row["title"], row["text"], "en", Document(row["title"].replace("_", " ")))
        for row in _lines(folder / "passages.jsonl")
    ]
    article = {passage.id: passage.article for passage in passages}
    questions = [
        Asked(row["question"], article[row["passage_id"]], "en", row["passage_id"], tuple(row["answers"]))
        for row in _lines(folder / "questions.jsonl")
        if row["answerable"]
    ]
    return passages, questions


_DEFINES = re.compile(
    r"(?P<article>(?:The|A|An) )?(?P<thing>[\w'’-]+(?: [\w'’-]+){0,2}?) (?:\([^)]*\) |, [^,.]{1,60}, )?"
    r"(?:is|are|was|were|refers to|means) (?:also |often |usually )?(?:an?|the|one of|any|another|some)\b"
)
_ASKS_WHAT = {
    "en": ("What is {}?", "what is {}", "What's {}?", "What does {} mean?", "Define {}", "what is meant by {}?"),
    "es": ("¿Qué es {}?", "¿Qué significa {}?"),
    "de": ("Was ist {}?", "Was bedeutet {}?"),
    "hi": ("{} क्या है?",),
    "ar": ("ما هو {}؟",),
    "zh": ("什么是{}?", "{}是什么?"),
}


def read_definitions(passages: Iterable[Passage], language: str = "en") -> list[Asked]:
    """Ask what a thing is for each that a sentence of English passages begins with, saying "X is a ...".

    In other languages things keep their English names.
    """
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for passage in passages:
        for start, end in split_sentences(passage.text, "en"):
            match = _DEFINES.match(passage.text, start, end)
            if match is None or any(is_function_word(term, "en") for term in analyse(match["thing"], "en")):
                continue
            named = (match["article"] or "").lower() + match["thing"] if language == "en" else match["thing"]
            found.setdefault((passage.id, match["thing"]), (named, []))[1].append(passage.text[start:end])
    article = {passage.id: passage.article for passage in passages}
    ways, answered_in = _ASKS_WHAT[language], "" if language == "en" else "en"
    return [
        Asked(
            ways[place % len(ways)].format(named), article[passage_id], language, passage_id, tuple(said), answered_in
        )
        for place, ((passage_id, _), (named, said)) in enumerate(sorted(found.items()))
    ]


def read_xquad(data_set: Path, language: str) -> Collection:
    """Return the passages and questions of one language of xquad. Its passages have no title."""
    folder = data_set / "xquad"
    passages = [
        Passage(row["id"], row["para"].split("#")[0], row["text"], language, Document(""))
        for row in _lines(folder / "passages.jsonl")
        if row["lang"] == language
    ]
    article = {passage.id: passage.article for passage in passages}
    questions = [
        Asked(row["question"], article[row["passage_id"]], language, row["passage_id"], tuple(row["answers"]))
        for row in _lines(folder / "questions.jsonl")
        if row["lang"] == language
    ]
    return passages, questions


def read_foreign(data_set: Path, asked_in: str, language: str) -> Collection:
    """Return the passages of one language of xquad and the questions of another, with the answers of the passages'."""
    passages, questions = read_xquad(data_set, language)
    rows = _lines(data_set / "xquad" / "questions.jsonl")
    text_of = {row["qid"]: row["question"] for row in rows if row["lang"] == asked_in}
    numbers = [row["qid"] for row in rows if row["lang"] == language]
    asked = [
        replace(question, text=text_of[number], language=asked_in, answered_in=language)
        for number, question in zip(numbers, questions, strict=True)
        if number in text_of
    ]
    return passages, asked


def read_help_centre(data_set: Path) -> Collection:
    """Return a help centre cut at its headings; each article's title is a question, and is left out of its text."""
    passages: list[Passage] = []
    questions: list[Asked] = []
    for row in _lines(data_set / "helpcentre" / "arduino.jsonl"):
        body = re.sub(r"\A---.*?---\s*", "", row["markdown"], flags=re.DOTALL)
        body = re.sub(r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)", "", body, flags=re.DOTALL)
        body = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", body)
        questions.append(Asked(row["title"], row["path"], "en", row["path"], ()))
        for place, part in enumerate(re.split(r"\n(?=#+ )", body)):
            heading = re.match(r"#+ (.*)\n?", part)
            text = part[heading.end() :] if heading else part
            if len(text.strip()) > 20:
                headings = [heading[1]] if heading else []
                passages.append(Passage(f"{row['path']}#{place}", row["path"], text, "en", Document(""), headings))
    return passages, questions


def read_off_topic(data_set: Path) -> list[Asked]:
    """Return what people say to assistants and banks: nothing that an encyclopedia or a help centre answers."""
    rows = _lines(data_set / "intent" / "clinc150.jsonl") + _lines(data_set / "intent" / "banking77.jsonl")
    return [Asked(row["text"], "", "en", "", ()) for row in rows]


_PROJECT_NAMES = (
    "Abernathy|Alder Court|Amberley|Arkwright & Co|Ashdown|Atlas|Balthazar|Beacon Hill|Birchfield|Brightwater|Calloway|"
    "Cedar Grove|Clearwater|Copperfield|Corbusier|Dahlgren|Delft Quay|Dovetail|Eastgate|Elderberry|Engström|Fairhaven|"
    "Falcon|Ferrand|Foxglove|Gantry|Gilmour|Granary Lane|Halvorsen|Hawthorne|Helios|Hollybrook|Ironbridge|Ivory Tower|"
    "Jasper|Juniper|Kestrel|Kingsmead|Lachlan|Larkspur|Linden 4|Lindqvist|Magnolia|Marlowe|Meridian|Millstone|Montague|"
    "Neptune|Norwood|Oakhurst|Odyssey|Orchard Park|Parnell|Pemberton|Phoenix|Quarry Road|Quillon|Redwood|Rosenthal|"
    "Saffron|Salamander|Silverton|Stonegate|Tamarind|Thackeray|Titan|Underhill|Valencia|Verdant|Wexford|Whitmore|"
    "Windermere|Wolfram|Yarrow|Zephyr|Zimmermann"
)
PROJECTS = tuple(_PROJECT_NAMES.split("|"))
_FORMS = (
    "{question} in the {name} project?",
    "{question} for {name}?",
    "{question} at {name}?",
    "{name}: {question}?",
    "In {name}, {lower}?",
    "{lower} {name}",
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: (?:of |de |the )?[A-Z][\w'’-]+)*")


def of_project(asked: Asked, name: str, form: int) -> Asked:
    """Ask a question of one project, in one of the ways people do."""
    question = asked.text.strip().rstrip("?").rstrip()
    lower = question[:1].lower() + question[1:]
    return replace(asked, text=_FORMS[form % len(_FORMS)].format(question=question, lower=lower, name=name))


def with_another_name(asked: Asked, name: str) -> Asked | None:
    """Put a name in the place of the first that a question holds; None where it holds none."""
    text, count = _NAME.subn(name, asked.text, count=1)
    return replace(asked, text=text) if count else None


def holds(sentence: str, asked: Asked) -> bool:
    """Tell whether a sentence holds one of the gold answers, by words without articles; by characters in Chinese."""
    language = asked.answered_in or asked.language
    if language == "zh":
        packed = sentence.replace(" ", "").lower()
        return any(answer.replace(" ", "").lower() in packed for answer in asked.answers)
    text = f" {_plain(sentence)} "
    if language == "en":
        return any(f" {_plain(answer)} " in text for answer in asked.answers)
    return any(_plain(answer) in text for answer in asked.answers)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", re.sub(r"[^\w\u0900-\u097f ]", " ", text.lower())).split())


class Index:
    """BM25 fused with static vectors as the product does it, over a list of passages: a stand-in for search."""

    def __init__(self, passages: Sequence[Passage], embedder: TableEmbedder) -> None:
        self.passages = list(passages)
        self._embedder = embedder
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths: list[int] = []
        for place, passage in enumerate(self.passages):
            called = [passage.document.title, path_words(passage.document.path), *passage.heading]
            terms = analyse("\n".join([*called, passage.text]), passage.language)
            lengths.append(len(terms))
            for term, count in Counter(terms).items():
                self._postings[term].append((place, count))
        self._lengths = np.asarray(lengths, np.float32) / max(1.0, float(np.mean(lengths)))
        self._vectors = embedder.embed_documents([passage.text for passage in self.passages])

    @property
    def chunk_count(self) -> int:
        """Passages in all."""
        return len(self.passages)

    def chunk_frequency(self, term: str) -> int:
        """Passages that hold a term."""
        return len(self._postings.get(term, ()))

    def shows(self, term: str) -> bool:
        """Whether a passage holds a term."""
        return term in self._postings

    def search(self, query: str, language: str, limit: int = 10) -> list[Passage]:
        """Return the best passages, best first."""
        scores = self._bm25(analyse(query, self.passages[0].language))
        scores /= scores.max(initial=0.0) or 1.0
        cosine = self._vectors @ self._embedder.embed_queries([query])[0]
        spread = float(np.ptp(cosine)) or 1.0
        weight = self._embedder.fusion_weight(language)
        scores = (1 - weight) * scores + weight * (cosine - cosine.min()) / spread
        best = np.argsort(-scores, kind="stable")[:limit]
        return [self.passages[int(place)] for place in best if scores[place] > 0]

    def _bm25(self, terms: Iterable[str]) -> NDArray[np.float32]:
        scores = np.zeros(len(self.passages), np.float32)
        for term in set(terms):
            postings = self._postings.get(term, ())
            idf = math.log(1 + (self.chunk_count - len(postings) + 0.5) / (len(postings) + 0.5))
            for place, count in postings:
                scores[place] += idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * float(self._lengths[place])))
        return scores
