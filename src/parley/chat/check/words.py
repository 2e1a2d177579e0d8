"""The words of a claim or of evidence, with what the checks need to know of each: term, place, name, negated."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parley.kit.analysis import analyse_spans, is_function_word

_NEGATORS = frozenset(
    """not no never none neither nor without cannot nobody nothing nowhere hardly fails failed unable lacks lacked
    no nunca sin ningún ninguna ninguno jamás tampoco nicht kein keine keinen keinem keiner nie niemals ohne weder
    ne pas jamais sans aucun aucune non mai senza nessun nessuna não nem sem nenhum nenhuma
    नहीं न मत बिना لا لم لن ليس ليست بدون غير""".replace("\n", " ").split(" ")
) - {""}
_NEGATED_SUFFIX = re.compile(r"n['’]t$")
_HAN_NEGATORS = re.compile(r"[不没沒无無非未]")
_NOT_ONLY = re.compile(r"\s*(?:only|just|merely|solo|nur|seulement|solamente|sólo)\b", re.IGNORECASE)
# Words that join sentences or hedge them: they claim nothing that a source must hold.
_JOINERS_LIST = """
additionally however therefore thus overall typically generally usually indeed furthermore moreover instead
consequently accordingly specifically respectively yes well according various certain several including include
includes especially particularly finally firstly secondly lastly meanwhile essentially basically currently due
additional overall summary example note según además también aunque außerdem jedoch zudem également cependant
"""
_JOINERS = frozenset(_JOINERS_LIST.split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CLAUSE_END = re.compile(r"[,;:()。，；]|\b(?:but|although|while|whereas|aber|pero|mais)\b", re.IGNORECASE)
_SCOPE_TERMS = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A content word. `term`: its index term; `name`: written like a name; `negated`: a negator governs it."""

    term: str
    surface: str
    start: int
    end: int
    name: bool
    negated: bool


def content_words(text: str, language: str) -> list[Word]:
    """Return the content words of a text in order; of a compound, the whole alone."""
    found: list[Word] = []
    scopes = _negations(text)
    first = re.search(r"\w", text)
    opening = first.start() if first else 0
    reach = 0
    for term, start, end in analyse_spans(text, language):
        surface = text[start:end]
        if start < reach and not _unspaced(surface):
            continue
        if _is_filler(term, surface.lower(), language):
            continue
        reach = end
        name = surface[0].isupper() and (start != opening or (surface.isupper() and len(surface) > 1))
        found.append(Word(term, surface, start, end, name, negated=False))
    return _mark_negated(text, found, scopes)


def _is_filler(term: str, word: str, language: str) -> bool:
    return word in _JOINERS or is_function_word(word, language) or is_function_word(term, language)


def _unspaced(surface: str) -> bool:
    return bool(re.match(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]", surface))


def _negations(text: str) -> list[int]:
    """Return where negators end; "not only" is none."""
    ends = [match.end() for match in _HAN_NEGATORS.finditer(text)]
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if (word in _NEGATORS or _NEGATED_SUFFIX.search(word)) and not _NOT_ONLY.match(text, match.end()):
            ends.append(match.end())
    return sorted(ends)


def _mark_negated(text: str, words: Sequence[Word], ends: Sequence[int]) -> list[Word]:
    """A negator governs the next content word of its clause."""
    negated: set[int] = set()
    for end in ends:
        following = [place for place, word in enumerate(words) if word.start >= end][:_SCOPE_TERMS]
        border = _CLAUSE_END.search(text, end)
        limit = border.start() if border else len(text)
        negated.update(place for place in following if words[place].start < limit)
    return [
        Word(word.term, word.surface, word.start, word.end, word.name, place in negated)
        for place, word in enumerate(words)
    ]
