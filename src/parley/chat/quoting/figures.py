"""Figures of reports: "What was the net income?" is answered by the row called so, "Net income 596 2,371 3,033"."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from parley.chat.quoting.features import Candidate, Passage
from parley.chat.quoting.question import Question
from parley.chat.quoting.tables import is_figures, is_row
from parley.kit.analysis import analyse
from parley.knowledge.parsed import BETWEEN_CELLS

_FIGURE = re.compile(r"\(?[$€£¥]?\s?\(?(?<![\w.,])\d[\d.,']*")
_NUMBER = re.compile(r"\d[\d,.']*\d|\d")
_SHARE = re.compile(r"\d[\d.,]* ?%")
_YEAR = re.compile(r"(?:fy)?(?:19|20)\d\d")
# They ask for a figure, or say of what time, and stand in no label.
_BESIDE_WORDS = (
    "total amount value figure much many spend spent report reported earn earned record recorded generate generated "
    "make made have had get fiscal year years quarter annual end company expense expenses"
)
_BESIDE = frozenset(analyse(_BESIDE_WORDS, "en"))
_TOTAL = re.compile(r"\W*(?:total|consolidated|gesamt|totale?)\b", re.IGNORECASE)
_FEWEST_ROWS = 2
_SEVERAL = 2


class Figure(NamedTuple):
    """The largest figure of a row, shares aside, and whether its label says that it is a total."""

    value: float
    is_total: bool


def figures_asked(question: Question, passages: Sequence[Passage], of_others: Sequence[bool]) -> list[Candidate]:
    """Return the row whose label is what is asked for, that of the whole before those of its parts.

    Of several rows of one label the one with the largest figure comes first: what a company earns in a year is more
    than what a division earns in it, or all of it in a quarter. One that stands in several places comes before one that
    stands in a single one: what might have been is told once. Where it is neither a total nor told twice, the next one
    comes with it.

    Args:
        of_others: for each passage, whether it is of others than the question names.
    """
    wanted = label_wanted(question, frozenset[str]().union(*(passage.context for passage in passages)))
    rows = [
        candidate
        for passage, others in zip(passages, of_others, strict=True)
        if wanted and not others
        for candidate in passage.candidates
        if _label(candidate.text, question.language) == wanted
    ]
    figures = [_figure(row.text) for row in rows]
    best = best_figures(figures)
    is_sure = best and (figures[best[0]].is_total or _counts(figures)[figures[best[0]].value] >= _SEVERAL)
    return [rows[place] for place in best[: 1 if is_sure else 2]]


def _counts(figures: Sequence[Figure]) -> Counter[float]:
    return Counter(figure.value for figure in figures)


def best_figures(figures: Sequence[Figure]) -> list[int]:
    """Return the places of figures: those that stand in several places first, then totals, the largest first."""
    counts = _counts(figures)

    def rank(place: int) -> tuple[bool, bool, float]:
        figure = figures[place]
        return counts[figure.value] < _SEVERAL, not figure.is_total, -figure.value

    return sorted(range(len(figures)), key=rank)


def figure_in(text: str, wanted: set[str], language: str) -> Figure | None:
    """Return the best figure in the rows of a passage that are called what is wanted; None where none is."""
    lines = [line for line in text.split("\n") if any(map(str.isdigit, line))]
    figures = [_figure(line) for line in lines if _label(line, language) == wanted]
    return figures[best_figures(figures)[0]] if figures else None


def label_wanted(question: Question, called: frozenset[str]) -> set[str]:
    """Return the terms that a row must be called by to answer a question.

    None of them where it asks for more than a label says, or names neither a document nor a time nor asks for a number.

    Args:
        called: terms of what documents are called.
    """
    named = {term for term in question.weights if _YEAR.fullmatch(term) or (term in called and term in question.names)}
    wanted = question.weights.keys() - named - _BESIDE
    return wanted if wanted and (named or question.answer_type == "number") else set()


def line_by_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, or its lines where those are rows of figures, which PDFs keep in one paragraph."""
    lines = text[start:end].split("\n")
    in_prose = any(line.rstrip().endswith((".", ",", ";")) for line in lines)
    if len(lines) < _FEWEST_ROWS or in_prose or 2 * sum(map(is_figures, lines)) < len(lines):
        yield start, end
        return
    for line in lines:
        stop = start + len(line)
        if line.strip():
            yield start + len(line) - len(line.lstrip()), stop - len(line) + len(line.rstrip())
        start = stop + 1


def _label(text: str, language: str) -> set[str]:
    """Return the content terms of a row's label; none where it is no row, or has no figures."""
    if is_row(text):
        label, _, rest = text.partition(BETWEEN_CELLS)
        return _content(label, language) if any(map(str.isdigit, rest)) else set()
    found = _FIGURE.search(text) if is_figures(text) else None
    return _content(text[: found.start()], language) if found else set()


def _content(label: str, language: str) -> set[str]:
    return {term for term in analyse(label, language) if term not in _BESIDE and any(map(str.isalpha, term))}


def _figure(row: str) -> Figure:
    figures = [found.replace(",", "").replace("'", "") for found in _NUMBER.findall(_SHARE.sub(" ", row))]
    largest = max((float(figure) for figure in figures if figure.count(".") < 2), default=0.0)
    return Figure(largest, _TOTAL.match(row) is not None)
