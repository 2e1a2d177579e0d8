"""Which language a text is in: by its script where that decides, by its function words, and by a model for the rest."""

import re
import string
import threading
from collections import Counter
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from parley.kit import languages
from parley.kit.function_words import FUNCTION_WORDS
from parley.kit.language_model import open_identifier

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CANDIDATES = (
    "af bg bs ca cs cy da de el en es et eu fi fr ga gl hr hu id is it lt lv mk nb nl nn no pl pt ro ru sk sl sq sr sv "
    "sw tl tr uk vi be kk mn ar fa ur ps hi mr ne"
)
_SAMPLE_CHARS = 600
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_MARKS = '_<>{}[]()=+*/\\|#$%^&~`"'
_NOISE = re.compile(rf"[\d{re.escape(_MARKS)}]+")
_PLAIN_NOISE = str.maketrans(dict.fromkeys(_MARKS + string.digits, " "))
_NOT_LETTERS = dict.fromkeys(code for code in range(128) if not chr(code).isalpha())
_CYRILLIC_LANGUAGES = frozenset({"bg", "mk", "ru", "sr", "uk", "be", "kk", "mn"})
_ARABIC_LANGUAGES = frozenset({"ar", "fa", "ur", "ps"})
_DEVANAGARI_LANGUAGES = frozenset({"hi", "mr", "ne"})
_LATIN_LANGUAGES = frozenset(_CANDIDATES.split()) - _CYRILLIC_LANGUAGES - _ARABIC_LANGUAGES - _DEVANAGARI_LANGUAGES
_SURE_LETTERS = 60
# Function words that no other candidate language writes the same: a fifth of English prose, and next to nothing of any
# other's.
_ENGLISH_WORDS = (
    "the and that which this these those with from they their there would should could been were what when where your "
    "you into only other such than then between through each because about after its has have how"
)
_ONLY_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_MIN_ENGLISH_WORDS = 3
_ENGLISH_SHARE = 0.03
_identifier_lock = threading.Lock()


@cache
def _identifier() -> "LanguageIdentifier":
    return open_identifier(_CANDIDATES.split())


def prepare_detection() -> None:
    """Read the language model now, in whichever thread this is, rather than with the first text that needs it."""
    with _identifier_lock:
        _identifier()


def _sample(text: str) -> str:
    """Return up to three windows of the text without what has no language: addresses, digits, markup."""
    if len(text) > 4 * _SAMPLE_CHARS:
        middle = len(text) // 2
        windows = (text[:_SAMPLE_CHARS], text[middle : middle + _SAMPLE_CHARS], text[-_SAMPLE_CHARS:])
        text = "\n".join(windows)
    if "@" in text or "://" in text:
        text = _ADDRESS.sub(" ", text)
    return " ".join((text.translate(_PLAIN_NOISE) if text.isascii() else _NOISE.sub(" ", text)).split())


def detect_language(text: str) -> str:
    """Return the language of a text (ISO 639-1), `und` when it cannot be told.

    Looks at a sample of at most 2,400 characters. The script decides where it can; otherwise a naive Bayes model
    (py3langid), which for a short text must agree with the text's function words or be very sure.
    """
    sample = _sample(text)
    scripts = _scripts(sample)
    if not scripts:
        return "und"
    letters = scripts.total()
    if scripts[languages.KANA] >= 0.05 * letters:
        return "ja"
    script, count = scripts.most_common(1)[0]
    if script != languages.LATIN:
        if count < 0.5 * letters:
            return "und"
    else:  # one that is much of the text rules it: names, brands and code are Latin in any language
        del scripts[languages.LATIN]
        script = next((other for other, count in scripts.most_common(1) if count * 3 > letters), script)
    if script == languages.LATIN and _is_plainly_english(sample, letters):
        return "en"
    rivals = _rivals(script)
    return _among(sample, letters, rivals) if rivals else languages.language_of_script(script)


def _scripts(sample: str) -> Counter[str]:
    """Count the letters of each script."""
    if sample.isascii():
        letters = len(sample.translate(_NOT_LETTERS))
        return Counter({languages.LATIN: letters} if letters else {})
    scripts: Counter[str] = Counter()
    for char, number in Counter(sample).items():  # few distinct characters, so that each is looked up once
        scripts[languages.script_of(char)] += number
    scripts.pop(languages.OTHER, None)
    return scripts


# Of lines in fourteen languages the model alone names one in forty as a language that hardly anybody writes here.
_PRIOR = {
    "en": 2.0,
    **dict.fromkeys(("de", "es", "fr", "it", "nl", "pt", "tr", "ru", "ar", "hi"), 1.0),
    **dict.fromkeys(("cs", "da", "fi", "hu", "id", "nb", "nn", "no", "pl", "ro", "sv", "uk", "vi", "fa"), 0.1),
}
_RARE = 0.02
_SURE, _LIKELY = 0.9, 0.4
_ENOUGH_LETTERS = 20


def _rivals(script: str) -> frozenset[str]:
    """Return the languages that share a script and must be told apart; none where the script decides."""
    known = {
        languages.CYRILLIC: _CYRILLIC_LANGUAGES,
        languages.ARABIC: _ARABIC_LANGUAGES,
        "devanagari": _DEVANAGARI_LANGUAGES,
        languages.LATIN: _LATIN_LANGUAGES,
    }
    return known.get(script, frozenset())


def _is_plainly_english(sample: str, letters: int) -> bool:
    """Whether words that only English has are so many that the model need not be asked (nor its 5 MB be read)."""
    if letters < _SURE_LETTERS:
        return False
    words = sample.lower().split()
    english = sum(map(_ONLY_ENGLISH.__contains__, words))
    if english < max(_MIN_ENGLISH_WORDS, _ENGLISH_SHARE * len(words)):
        return False
    return english > sum(map(_not_english().__contains__, words))


@cache
def _not_english() -> frozenset[str]:
    """Return the function words of other languages; single letters are left out, for any code is full of them."""
    every = chain.from_iterable(FUNCTION_WORDS.values())
    return frozenset(word for word in every if len(word) > 1) - FUNCTION_WORDS["en"]


@cache
def _languages_of_function_words() -> dict[str, list[str]]:
    """Return, for each function word, the languages that have it."""
    found: dict[str, list[str]] = {}
    for language, words in FUNCTION_WORDS.items():
        for word in words:
            found.setdefault(word, []).append(language)
    return found


def _among(sample: str, letters: int, rivals: frozenset[str]) -> str:
    with _identifier_lock:
        ranked = [(language, float(p)) for language, p in _identifier().rank(sample) if language in rivals]
    if letters < _SURE_LETTERS:
        ranked = [(name, p * _PRIOR.get(name, _RARE)) for name, p in ranked]
        ranked.sort(key=itemgetter(1), reverse=True)
    best, probability = ranked[0]
    total = sum(p for _, p in ranked) or 1.0
    best = "no" if best in ("nb", "nn") else best
    if letters >= _SURE_LETTERS:
        return best
    guess = _short(sample, best, probability / total)
    return guess if guess in rivals else _only_language(rivals)


def _only_language(rivals: frozenset[str]) -> str:
    """Return what a few words in a script are taken for: its most common language, but nothing for Latin."""
    return next((language for language in ("ru", "ar", "hi") if language in rivals), "und")


def _short(sample: str, best: str, probability: float) -> str:
    """Decide for a few words: the function words have the first say, unless the model is sure."""
    words = sample.lower().split()
    spoken = _languages_of_function_words()
    votes = Counter(chain.from_iterable(spoken.get(word.strip(".,;:!?¿¡'’«»„“”"), ()) for word in words))
    most = max(votes.values(), default=0)
    leaders = [language for language, count in votes.items() if count == most]
    if most and (best in leaders or (len(leaders) == 1 and probability < _SURE)):
        return best if best in leaders else leaders[0]
    return best if probability > (_LIKELY if len(sample) >= _ENOUGH_LETTERS else _SURE) else "und"
