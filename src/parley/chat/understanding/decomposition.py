"""Compound questions taken apart, by rules: each part is a question that stands by itself.

When in doubt a question stays whole: one that is split wrongly finds less than before. How often that happens to single
questions, and what splitting gains, is measured by `python -m bench.quality.understanding --only parts`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.followup import standalone_query
from parley.chat.quoting.question import question_terms
from parley.kit.analysis import analyse
from parley.kit.languages import CAPITALS

MOST_PARTS = 4
LONGEST = 600
_LONGEST_THING = 120
_FEWEST_TERMS = 2
_FEWEST_WORDS = 3

_QUESTION_WORDS = (
    "what|who|whom|whose|which|when|where|why|how|qué|quién|quiénes|cuál|cuáles|cuándo|dónde|cómo|cuánto|cuánta|cuántos|"
    "cuántas|por qué|quoi|qui|quel|quelle|quels|quelles|quand|où|pourquoi|comment|combien|was|wer|wen|wem|welche|"
    "welcher|welches|welchen|wann|wo|warum|wie|wieso|quem|qual|quais|quando|onde|como|quanto|quanta|quantos|quantas|"
    "por que|chi|cosa|quale|quali|dove|perché|come|quanti|quante|wat|welke|wanneer|waar|waarom|hoe|hoeveel|что|кто|"
    "какой|какая|какие|когда|где|почему|как|сколько"
)
_AND = r"and|y|et|und|e|ed|en|и|ve"
_ASKED_FIRST = (
    "is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|summari[sz]e|describe|explain|list|tell|"
    "give|show|find"
)
_BEGINS_ASKING = re.compile(
    rf"[¿¡\W]*(?:(?:in|for|during|at|on|from|of) [^,]{{3,60}}, )?(?:{_QUESTION_WORDS}|{_ASKED_FIRST})\b", re.IGNORECASE
)
# "..., and how many ...": from here on something else is asked.
_NEXT_QUESTION = re.compile(rf"(?:,\s*|\s+)(?:{_AND}|و\s?|और)\s+(?=(?:{_QUESTION_WORDS})\b)", re.IGNORECASE)

_PERIOD = (
    r"(?:(?:the\s+)?(?:first|second|third|fourth|1st|2nd|3rd|4th)\s+quarters?(?:\s+of)?(?:\s+(?:fy\s?)?(?:19|20)\d\d)?"
    r"|[qt][1-4](?:\s*(?:of\s+)?[/-]?\s*(?:fy\s?)?(?:19|20)\d\d)?|(?:fy|h[12])\s?(?:19|20)\d\d"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:\s*[qt][1-4])?)"
)
_JOINED = (
    rf"(?:\s*(?:,|;)\s*(?:{_AND}|or)?\s*|\s+(?:{_AND}|or|vs\.?|versus|compared\s+(?:to|with)|und|oder|o|ou|や|と|和|与)"
    r"\s+(?:in\s+|of\s+|for\s+|to\s+)?)"
)
_PERIODS = re.compile(rf"\b{_PERIOD}(?:{_JOINED}{_PERIOD})+\b", re.IGNORECASE)
_ONE_PERIOD = re.compile(rf"\b{_PERIOD}\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
# Two ends of one span of time are no two questions.
_SPAN = re.compile(r"\b(?:between|from|entre|zwischen|von|de|desde|tra|fra|dal|tussen|van|между|с)\s*$", re.IGNORECASE)

_COMPARED = re.compile(
    r"^(?:(?:please|can you|could you|por favor|bitte|i(?:'d| would) like to|i want to)\s+)*(?:compare|comparing|"
    r"comparison (?:of|between)|compara(?:r|me)?|comparez|comparer|vergleiche?n?|confronta(?:re)?|vergelijk(?:en)?|"
    r"compare[mn]?|сравни(?:те|ть)?)\s+"
    rf"(?P<first>.+?)\s+(?:{_AND}|with|to|versus|vs\.?|against|con|com|avec|mit|met|с)\s+(?P<second>.+?)\s*[.?!]*$"
    r"|^.{0,60}?\b(?:differences?|distinctions?|diferencias?|différences?|unterschiede?n?|diferenças?|differenz[ae]|"
    r"verschil(?:len)?|разниц[аы]|различи[ея])\s+(?:between|entre|zwischen|tra|fra|tussen|между)\s+"
    rf"(?P<one>.+?)\s+(?:{_AND})\s+(?P<other>.+?)\s*[.?!]*$"
    r"|^how (?:do|does|did|has|have) (?P<this>.+?) compare[sd]? (?:to|with|against) (?P<that>.+?)\s*[.?!]*$",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"^(?P<head>.*?)\b(?P<first>[\w'’-]+(?: [\w'’-]+){0,2})\s+(?:vs\.?|versus)\s+(?P<second>[^?.!]+)[?.!]*$",
    re.IGNORECASE,
)
# What stands before the things compared, and what stands behind them.
_OF = re.compile(
    r"^(?P<what>(?:(?!\b(?:and|und|et|y)\b).)*?\b(?:of|for|in|by|at|de|del|du|des|von|für|di|van|voor)\s+(?:the\s+)?)"
    r"(?P<thing>\S.*)$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"^(?P<thing>.+?)(?P<tail>\s+(?:in terms of|with (?:regard|respect) to|regarding|in|for|during|at|on|under|"
    r"according to|across|when|by|with)\s+.+)$",
    re.IGNORECASE,
)
_LISTED = re.compile(
    rf"(?P<items>(?:[A-Z][\w'’&.-]*(?: [A-Z][\w'’&.-]*){{0,3}},\s+){{1,5}}[A-Z][\w'’&.-]*(?: [A-Z][\w'’&.-]*){{0,3}},?"
    rf"\s+(?:{_AND})\s+(?:the )?[A-Z][\w'’&.-]*(?: [A-Z][\w'’&.-]*){{0,3}})"
)

_CAPITALISED = rf"[{CAPITALS}][\w'’.-]*\w(?: (?:& |of |de )?(?:[{CAPITALS}][\w'’.-]*\w|\d+\b))*"
_BESIDE = (
    rf"(?:,\s*(?:(?:{_AND}|or)\s+)?|\s+(?:{_AND}|or|und|oder|o|ou|vs\.?|versus)\s+)"
    r"(?:(?:at|in|of|for|by|to|the|en|de|para|bei|für|von|im|chez|pour|di|per)\s+){0,2}"
)
_SIDE_BY_SIDE = re.compile(rf"(?<=\S )(?P<names>{_CAPITALISED}(?:{_BESIDE}{_CAPITALISED})+)")
_BETWEEN_NAMES = re.compile(_BESIDE)

# Asks the same of each of several documents: of every period, report or version.
_SPREAD = re.compile(
    r"\bover (?:time|the (?:years|quarters|months|period|reporting|last|past))\b|\bacross (?:the |these |those |all |"
    r"different |multiple |several |reported )*(?:quarters?|years?|periods?|reports?|documents?|filings?|files?|"
    r"versions?|10-[qk]s?|editions?|months?)\b|\b(?:each|every) (?:reported |reporting |of the )?(?:quarters?|"
    r"periods?|reports?|documents?|filings?|versions?|editions?)\b|\b(?:these|those|all(?: the)?|both|various) "
    r"(?:10-[qk]s?|reports|documents|filings|quarters|periods|files|versions|editions|statements)\b|\breport(?:ed|ing) "
    r"(?:quarters?|periods?|years?)\b|\b(?:previous|prior|preceding|earlier|past) (?:quarters|years|periods|reports|"
    r"filings|versions|months)\b|\b(?:quarter|year|month)[ -](?:by)[ -](?:quarter|year|month)\b|"
    r"\btrends?\b(?=.*\b(?:period|quarter|report)s?\b)"
    r"|\ba lo largo (?:del tiempo|de los)\b|\ben (?:cada|todos los) "
    r"(?:trimestre|año|informe|documento|informes|documentos)\b"
    r"|\bau fil (?:du temps|des)\b|\b(?:dans|pour) (?:chaque|tous les) "
    r"(?:trimestre|année|rapport|rapports|document|documents)\b"
    r"|\bim (?:Lauf|Laufe|Zeitverlauf)\b|\bin (?:jedem|allen|den einzelnen) (?:Quartal|Jahr|Bericht|Berichten|Dokument|"
    r"Dokumenten|Quartalen)\b|\bao longo d[oae]s?\b|\bnel (?:corso del )?tempo\b|\bin (?:ogni|tutti i) (?:trimestre|"
    r"anno|documento|documenti)\b|\bdoor de (?:tijd|jaren) heen\b|\bс течением времени\b|"
    r"\bво всех (?:отчётах|документах)\b|zaman içinde|tüm belgelerde|"
    r"随着时间|历年|各(?:季度|年度|文件|报告)|所有(?:文件|报告|文档)|経時的|"
    r"各(?:四半期|年度|文書)|すべての(?:文書|報告)|시간에 따라|모든 (?:문서|보고서)|각 (?:분기|문서)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions that a compound one is made of. `text`: as it is shown; `query`: it stands by itself."""

    text: str
    query: str


_OF_CHANGE = re.compile(
    r"\b(?:chang(?:e[sd]?|ing)|fluctuat(?:e[sd]?|ions?)|evolv(?:e[sd]?|ing)|develop(?:ed|s)?|trends?|identified|"
    r"significant(?:ly)?|notable|any|compare[sd]?|(?:the )?most recent|latest|previous|list this out|separately|"
    r"reported|disclosed|cambiado|cambios?|évolu[éeé]+|changé|verändert|geändert|entwickelt|mudou|mudado|cambiat[oa]|"
    r"veranderd|изменил(?:ся|ась|ось|ись))\b",
    re.IGNORECASE,
)


def decompose(question: str, language: str) -> list[Part]:
    """Return the questions that a compound one is made of, in order; none where it is a single one.

    Args:
        language: ISO 639-1, or "und".
    """
    text = " ".join(question.split())
    if not text or len(text) > LONGEST:
        return []
    found: list[Part] = []
    for part in _asked_one_by_one(text, language):
        found += [Part(one, one) for one in _of_several_things(part.query, language)] or [part]
    found = list(dict.fromkeys(found))
    return found[:MOST_PARTS] if len(found) > 1 else []


def asked_of_each_document(question: str, names: Sequence[frozenset[str]]) -> list[Part]:
    """Return the question asked of each of several documents that it names side by side; none where it does not.

    "Johnson and Johnson" are one: no document may be called by two of the names.

    Args:
        names: index terms of what documents are called.
    """
    for match in _SIDE_BY_SIDE.finditer(question[:LONGEST]):
        things = [thing for thing in _BETWEEN_NAMES.split(match["names"]) if thing]
        called = [{place for place, name in enumerate(names) if _terms(thing) <= name} for thing in things]
        if 2 <= len(things) <= MOST_PARTS and all(called) and len(set[int]().union(*called)) == sum(map(len, called)):
            start, end = match.span("names")
            texts = [f"{question[:start]}{thing}{question[end:]}" for thing in things]
            return [Part(text, text) for text in texts]
    return []


def _terms(text: str) -> set[str]:
    """Return the index terms of a name, whatever its language: names are hardly inflected."""
    return set(analyse(text, "en"))


def asks_each_document(question: str) -> bool:
    """Tell whether the same is asked of several documents: of each period, report or version."""
    return len(question) <= LONGEST and _SPREAD.search(question) is not None


def without_spread(question: str, language: str) -> str:
    """Return what is asked of each document: without "over time" and words of change, which stand in no document.

    The question itself where hardly anything would be left.
    """
    core = " ".join(_OF_CHANGE.sub(" ", _SPREAD.sub(" ", question)).split())
    return core if len(question_terms(core, language)) >= _FEWEST_TERMS else question


def _asked_one_by_one(text: str, language: str) -> list[Part]:
    """Return what is asked in sentences or clauses of their own, each with what it leaves out."""
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text)]
    asking = [sentence for sentence in sentences if sentence.endswith(_MARKS)]
    if len(asking) < 2:
        asking = [text]
    clauses = [clause for sentence in asking for clause in _clauses(sentence)]
    whole = [Part(text, text)]
    if len(clauses) < 2 or len(question_terms(clauses[0], language)) < _FEWEST_TERMS:
        return whole
    found: list[Part] = []
    for clause in clauses:
        if not question_terms(clause, language):
            return whole
        alone = clause[0].upper() + clause[1:]
        found.append(Part(alone, standalone_query(alone, [found[-1].query] if found else [], language)))
    return found


_MARKS = ("?", "？", "؟")
_SENTENCE = re.compile(r"[^?？؟]+[?？؟]*")


def _clauses(sentence: str) -> list[str]:
    """Return the questions that a sentence joins by "and"; one that cannot stand alone leaves the sentence whole."""
    end = sentence[-1] if sentence.endswith(_MARKS) else ""
    pieces = [piece.strip(" ,") for piece in _NEXT_QUESTION.split(sentence)]
    if len(pieces) < 2 or any(len(piece.split()) < _FEWEST_WORDS for piece in pieces[1:]):
        return [sentence]
    if not _BEGINS_ASKING.match(pieces[0]):
        return [sentence]
    return [piece if piece.endswith(_MARKS) else piece + end for piece in pieces]


def _of_several_things(text: str, language: str) -> list[str]:
    """Return one question for each period, thing compared or thing listed; none where there is but one."""
    return _periods(text) or _comparison(text, language) or _list(text)


def _periods(text: str) -> list[str]:
    match = _PERIODS.search(text)
    if match is None or _SPAN.search(text[: match.start()]):
        return []
    periods = [found.group() for found in _ONE_PERIOD.finditer(match.group())]
    years = [_YEAR.search(period) for period in periods]
    last = next((year.group() for year in reversed(years) if year), None)
    if last is None and not any(char.isdigit() for char in match.group()):
        return []
    named: list[str] = []
    for period, year in zip(periods, years, strict=True):
        named.append(period if year or last is None else f"{period} {last}")
    return [f"{text[: match.start()]}{period}{text[match.end() :]}" for period in named]


def _comparison(text: str, language: str) -> list[str]:
    match = _COMPARED.match(text)
    if match is None:
        match = _VERSUS.match(text)
        return _each(match["first"], match["second"]) if match else []
    first = match["first"] or match["one"] or match["this"]
    second = match["second"] or match["other"] or match["that"]
    if not question_terms(first, language) or asks_each_document(text):
        return []
    if match["this"]:
        period = _ONE_PERIOD.search(first)
        if period and _ONE_PERIOD.fullmatch(second):
            second = f"{first[: period.start()]}{second}{first[period.end() :]}"
        return [first, standalone_query(second, [first], language)]
    return _each(first, second)


def _each(first: str, last: str) -> list[str]:
    """Return the things compared, "a, b" and "c", with what the first has before it and the last behind it."""
    what = tail = ""
    if behind := _TAIL.match(last):
        last, tail = behind["thing"], behind["tail"]
    if (before := _OF.match(first)) and not _OF.match(last):
        what, first = before["what"], before["thing"]
    things = [thing.strip() for thing in [*first.rstrip(", ").split(", "), last]]
    if len(things) > MOST_PARTS or not all(0 < len(thing) <= _LONGEST_THING for thing in things):
        return []
    return [f"{what}{thing}{tail}".strip() for thing in things]


def _list(text: str) -> list[str]:
    match = _LISTED.search(text)
    if match is None or match.start() == 0 or len(text) - match.end() > 1 or _SPAN.search(text[: match.start()]):
        return []
    items = [item for item in re.split(rf",\s+(?:(?:{_AND})\s+)?|\s+(?:{_AND})\s+", match["items"]) if item]
    if not 3 <= len(items) <= MOST_PARTS:
        return []
    return [f"{text[: match.start()]}{item}{text[match.end() :]}" for item in items]


def fair_share(lists: Sequence[Sequence[int]], limit: int) -> list[tuple[int, int]]:
    """Take from ranked lists in turn, each item once, and return (list, item).

    A list that is empty leaves its share to the others.
    """
    chosen: dict[int, int] = {}
    depth = max(map(len, lists), default=0)
    for rank in range(depth):
        for number, items in enumerate(lists):
            if rank < len(items) and len(chosen) < limit:
                chosen.setdefault(items[rank], number)
    return [(number, item) for item, number in chosen.items()]
