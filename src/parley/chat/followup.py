"""What a question leaves out and the conversation has said before, found without a model.

Two forms: a query that stands by itself, for reading, quoting and display; and, for search, the earlier words apart,
each text with a weight below that of the question's own words. Weighed words find more than a rewritten question does,
and harm less where the topic has changed: `python -m bench.quality.understanding --only followup`.
"""

import re
from collections import Counter
from collections.abc import Sequence

from parley.chat.quoting.answer_types import answer_type_of
from parley.kit.analysis import analyse_spans, is_function_word
from parley.kit.languages import CAPITALS

# Measured on MTRAG-UN: .35 to .6 are within .005 of each other, and so are decays of .5 and .6.
EARLIER_WEIGHT = 0.5
EARLIER_DECAY = 0.5
EARLIER_QUESTIONS = 3
ANSWER_WEIGHT = 0.2
ANSWER_NAMES = 6
STANDING_ALONE = 0.4
BARE_TERMS = 2
_LONGEST_EARLIER = 2000
_CAPITAL = f"[{CAPITALS}]"
_NAME = re.compile(rf"(?<![.!?:\n] )(?<!^)\b{_CAPITAL}[\w'’-]+|\b\d[\d.,]*\d\b", re.MULTILINE)

_NAMED = (
    rf"{_CAPITAL}\w*(?:[.'’-]\w+)*?(?:(?: (?:& |of |de |da |von |van )?)(?:{_CAPITAL}\w*(?:[.'’-]\w+)*?|\d+\b))*"
    r"(?![\w])"
)
_YEAR = r"(?:FY ?)?(?:19|20)\d\d"
_DAY = (
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Q[1-4]|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tags?|Mittwochs?|Januar|Februar|März|Mai|Juni|"
    r"Juli|Oktober|Dezember)"
)
# Of these one may stand for another: "the keys at Acme", "and in Globex?". Others mean what they say.
_LOOSE_WORDS = (
    "in at for of with about en de del para con bei für von mit im pour chez avec di per da em no na voor met van в для"
)
_LOOSE = frozenset(_LOOSE_WORDS.split())
_BEFORE = "|".join(f"{_LOOSE_WORDS} on from by to a zu à au naar к nach aus".split())
_ARTICLE = r"(?:(?i:the|der|die|das|dem|la|el|le|il|lo)\s+)?"
_KINDS = rf"(?:(?P<year>\b{_YEAR}\b)|(?P<day>\b{_DAY}\b)|(?P<name>\b{_NAMED}))"
# "And at the Oak Clinic?", "What about 2021?": the rest is what was asked before.
_SOMETHING_ELSE = re.compile(
    r"[¿¡\s]*(?i:and|or|but|what about|how about|then|y|o|und|oder|was ist mit|et|ou|e|en|и|а)\s+(?:what about\s+)?"
    rf"(?:(?P<before>(?i:{_BEFORE}))\s+)?{_ARTICLE}{_KINDS}\s*[?!.]*\s*"
)
_ASKED_NAME = re.compile(rf"(?<=\S )(?:(?P<before>(?i:{_BEFORE}))\s+{_ARTICLE})?{_KINDS}")

FEW_TERMS = 1
FEW_WORDS = 3
MANY_TERMS = 6
MOST_ADDED = 10

# Words that point back. Left out on purpose: words that mostly do something else (English "that", German "das",
# articles of Romance languages).
_POINTING = {
    "en": "it its itself they them their theirs themselves he him his she her hers this these those there such",
    "es": "él ella ello ellos ellas su sus suyo suya esto eso estos esas esos aquello allí ahí",
    "de": "er ihn ihm ihnen ihre ihrer ihren sein seine seiner seinen dessen deren dies diese dieser dieses diesem "
    "diesen davon dafür damit darin dazu daran dort",
    "fr": "il elle ils elles lui leur leurs son ses cela ça celui celle ceux celles",
    "pt": "ele ela eles elas dele dela deles delas isso isto aquilo esse essa esses essas",
    "it": "esso essa essi esse egli lui lei loro suo sua suoi sue questo questa ciò",
    "ru": "он она оно они его её ее их им ему ей этот эта это эти там",
    "hi": "यह ये वह वे इसका इसकी इसके उसका उसकी उसके इनका उनका इसमें उसमें इसे उसे उन्हें",
    "ar": "هو هي هم هذا هذه ذلك تلك هؤلاء",
}
_PRONOUNS = frozenset(word for words in _POINTING.values() for word in words.split())
_UNSPACED = re.compile(
    "它|他们|她们|[他她](?!人)|这个?|那个?|其[中他它]?|それ|これ|その|この|あれ|あの|彼女?|そこ|ここ"
)
_OPENING = re.compile(
    r"\s*(?:and|but|or|so|then|also|what about|how about|what else|why not|y|pero|¿?y|und|aber|oder|was ist mit|et|"
    r"mais|e|ma|mas|и|а|но|और|लेकिन|و|ماذا عن|那么?|还有|呢|では|それで)\b",
    re.IGNORECASE,
)


def standalone_query(question: str, previous: Sequence[str], language: str) -> str:
    """Return the question, with the content words of earlier ones added where it seems to lean on them.

    It leans on them when it has hardly any word, begins like a continuation, or is short and holds a pronoun. What
    asks for a definition stands by itself however short it is.

    Args:
        previous: earlier questions of the conversation, the newest first.
        language: ISO 639-1 of the question, or "und".
    """
    own = _content_words(question, language)
    if not previous or not _leans_back(question, len(own)):
        return question
    added: dict[str, str] = {}
    for earlier in previous[:3]:
        for term, word in _content_words(earlier, language).items():
            if term not in own and len(added) < MOST_ADDED:
                added.setdefault(term, word)
        if len(added) > 1:
            break
    return " ".join([question, *added.values()])


def asked_of_something_else(question: str, previous: Sequence[str]) -> str | None:
    """Return the question before, asked of what this one names: "And at the Oak Clinic?"; None for all that is no such.

    What follows the same preposition is replaced, else the last name; a year takes the place of a year.

    Args:
        previous: earlier questions of the conversation, the newest first; those that went on so too are followed back.
    """
    match = _SOMETHING_ELSE.fullmatch(question)
    if match is None or not previous:
        return None
    before = asked_of_something_else(previous[0], previous[1:EARLIER_QUESTIONS]) or previous[0]
    kind = match.lastgroup or "name"
    asked = [found for found in _ASKED_NAME.finditer(before[:_LONGEST_EARLIER]) if found[kind]]
    alike = [found for found in asked if found["before"] and found["before"] == match["before"]]
    if not alike and match["before"] and match["before"].lower() not in _LOOSE:
        return None
    alike = alike or [found for found in asked if (found["before"] or "in").lower() in _LOOSE]
    if not alike:
        return None
    start, end = alike[-1].span(kind)
    return f"{before[:start]}{match[kind]}{before[end:]}"


def earlier_texts(question: str, previous: Sequence[str], answer: str | None, language: str) -> list[tuple[str, float]]:
    """Return what was said before and how much it should count in a search beside the question's 1.

    Earlier questions count less the older they are; of the last answer only its names and numbers. All of it counts
    less for a question that seems to stand by itself.

    Args:
        previous: earlier questions of the conversation, the newest first.
        answer: the last answer.
        language: ISO 639-1 of the question, or "und".
    """
    terms = len(_content_words(question, language))
    share = 1.0 if terms <= BARE_TERMS or _leans_back(question, terms) else STANDING_ALONE
    found = [
        (text[:_LONGEST_EARLIER], share * EARLIER_WEIGHT * EARLIER_DECAY**age)
        for age, text in enumerate(previous[:EARLIER_QUESTIONS])
        if text.strip()
    ]
    names = Counter(_NAME.findall(answer or "")).most_common(ANSWER_NAMES)
    if names:
        found.append((" ".join(name for name, _ in names), share * ANSWER_WEIGHT))
    return found


def _leans_back(question: str, terms: int) -> bool:
    if _OPENING.match(question):
        return True
    if terms > MANY_TERMS:
        return False
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", question)]
    if not _PRONOUNS.isdisjoint(words) or _UNSPACED.search(question):
        return True
    short = terms <= FEW_TERMS or (len(words) <= FEW_WORDS and question.isascii())
    return short and answer_type_of(question) != "definition"


def _content_words(text: str, language: str) -> dict[str, str]:
    """Return term → word as written, in order of appearance."""
    found: dict[str, str] = {}
    for term, start, end in analyse_spans(text, language):
        word = text[start:end]
        if not (is_function_word(word.lower(), language) or is_function_word(term, language)):
            found.setdefault(term, word)
    return found
