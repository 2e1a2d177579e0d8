"""What we know of languages: their script, their stemmer, how they write numbers, which accents are letters."""

from bisect import bisect_right

SNOWBALL = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Snowball's algorithm for a language (ISO 639-1)."""

CAPITALS = "A-ZÀ-ÖØ-ÞА-ЯΑ-Ω"
"""The letters that names begin with, in Latin, Cyrillic and Greek, as the inside of a character class."""

LATIN, CYRILLIC, GREEK, ARABIC, HEBREW = "latin", "cyrillic", "greek", "arabic", "hebrew"
HAN, KANA, HANGUL, OTHER = "han", "kana", "hangul", "other"

# First code point of each run of a script; what lies between is OTHER (digits, punctuation, scripts of no concern).
_RUNS: list[tuple[int, str]] = [
    (0x0000, OTHER), (0x0041, LATIN), (0x005B, OTHER), (0x0061, LATIN), (0x007B, OTHER), (0x00AA, LATIN),
    (0x00AB, OTHER), (0x00B5, GREEK), (0x00B6, OTHER), (0x00C0, LATIN), (0x00D7, OTHER), (0x00D8, LATIN),
    (0x00F7, OTHER), (0x00F8, LATIN), (0x02B0, OTHER), (0x0370, GREEK), (0x0400, CYRILLIC), (0x0530, "armenian"),
    (0x0590, HEBREW), (0x0600, ARABIC), (0x0700, OTHER), (0x0750, ARABIC), (0x0780, OTHER), (0x08A0, ARABIC),
    (0x0900, "devanagari"), (0x0980, "bengali"), (0x0A00, "gurmukhi"), (0x0A80, "gujarati"), (0x0B00, "oriya"),
    (0x0B80, "tamil"), (0x0C00, "telugu"), (0x0C80, "kannada"), (0x0D00, "malayalam"), (0x0D80, "sinhala"),
    (0x0E00, "thai"), (0x0E80, "lao"), (0x0F00, "tibetan"), (0x1000, "burmese"), (0x10A0, "georgian"),
    (0x1100, HANGUL), (0x1200, "ethiopic"), (0x13A0, OTHER), (0x1780, "khmer"), (0x1800, OTHER), (0x1C80, CYRILLIC),
    (0x1C90, "georgian"), (0x1CC0, OTHER), (0x1E00, LATIN), (0x1F00, GREEK), (0x2000, OTHER), (0x2C60, LATIN),
    (0x2C80, OTHER), (0x2D00, "georgian"), (0x2D30, OTHER), (0x2DE0, CYRILLIC), (0x2E00, OTHER), (0x2E80, HAN),
    (0x2FE0, OTHER), (0x3005, HAN), (0x3008, OTHER), (0x3021, HAN), (0x302A, OTHER), (0x3041, KANA), (0x3100, HAN),
    (0x3130, HANGUL), (0x3190, HAN), (0x31F0, KANA), (0x3200, OTHER), (0x3400, HAN), (0x4DC0, OTHER), (0x4E00, HAN),
    (0xA000, OTHER), (0xA640, CYRILLIC), (0xA6A0, OTHER), (0xA720, LATIN), (0xA800, OTHER), (0xA8E0, "devanagari"),
    (0xA900, OTHER), (0xA960, HANGUL), (0xA980, OTHER), (0xA9E0, "burmese"), (0xAA00, OTHER), (0xAA60, "burmese"),
    (0xAA80, OTHER), (0xAB30, LATIN), (0xAB70, OTHER), (0xAC00, HANGUL), (0xD800, OTHER), (0xF900, HAN),
    (0xFB00, LATIN), (0xFB13, "armenian"), (0xFB1D, HEBREW), (0xFB50, ARABIC), (0xFE00, OTHER), (0xFE70, ARABIC),
    (0xFF00, OTHER), (0xFF21, LATIN), (0xFF3B, OTHER), (0xFF41, LATIN), (0xFF5B, OTHER), (0xFF66, KANA),
    (0xFFA0, HANGUL), (0xFFE0, OTHER), (0x1AFF0, KANA), (0x1B170, OTHER), (0x20000, HAN), (0x323B0, OTHER),
]  # fmt: skip
_STARTS = [start for start, _ in _RUNS]
_NAMES = [name for _, name in _RUNS]

UNSPACED = frozenset({HAN, KANA, HANGUL, "thai", "lao", "khmer", "burmese", "tibetan"})
"""Scripts that are indexed by pairs of characters: no spaces between words, or, in Korean, particles glued to them."""

_DEFAULT_LANGUAGE = {
    LATIN: "en",
    CYRILLIC: "ru",
    GREEK: "el",
    ARABIC: "ar",
    HEBREW: "he",
    HAN: "zh",
    KANA: "ja",
    HANGUL: "ko",
    "armenian": "hy",
    "georgian": "ka",
    "devanagari": "hi",
    "bengali": "bn",
    "gurmukhi": "pa",
    "gujarati": "gu",
    "oriya": "or",
    "tamil": "ta",
    "telugu": "te",
    "kannada": "kn",
    "malayalam": "ml",
    "sinhala": "si",
    "thai": "th",
    "lao": "lo",
    "tibetan": "bo",
    "burmese": "my",
    "ethiopic": "am",
    "khmer": "km",
}

_SCRIPTS_OF = {
    **{language: frozenset({CYRILLIC}) for language in ("ru", "uk", "be", "bg", "mk", "kk", "mn")},
    **{language: frozenset({ARABIC}) for language in ("ar", "fa", "ur", "ps")},
    "sr": frozenset({CYRILLIC, LATIN}),
    "el": frozenset({GREEK}),
    "he": frozenset({HEBREW}),
    "yi": frozenset({HEBREW}),
    "hy": frozenset({"armenian"}),
    "ka": frozenset({"georgian"}),
    "hi": frozenset({"devanagari"}),
    "mr": frozenset({"devanagari"}),
    "ne": frozenset({"devanagari"}),
    "bn": frozenset({"bengali"}),
    "ta": frozenset({"tamil"}),
    "te": frozenset({"telugu"}),
    "th": frozenset({"thai"}),
    "ja": frozenset({HAN, KANA}),
    "zh": frozenset({HAN}),
    "ko": frozenset({HANGUL}),
}
_LATIN_ONLY = frozenset({LATIN})
_NON_LATIN_LANGUAGES = frozenset(_DEFAULT_LANGUAGE.values()) - {"en"} | frozenset(_SCRIPTS_OF)

_DECIMAL_COMMA = (
    "af be bg bs ca cs da de el es et eu fi fr gl hr hu id is it kk lt lv mk nl no nb nn pl pt ro ru sk sl sq sr sv tr "
    "uk vi"
)
DECIMAL_COMMA = frozenset(_DECIMAL_COMMA.split())
"""Languages that write 1.200,5 or 1 200,5 for 1200.5."""

COMPOUNDING = frozenset({"da", "de", "fi", "hu", "is", "lb", "nb", "nl", "nn", "no", "sv"})
"""Languages that write words as one that others write apart."""

LETTER_ACCENTS = {
    "sv": frozenset("åäö"),
    "fi": frozenset("åäö"),
    "da": frozenset("å"),
    "no": frozenset("å"),
    "et": frozenset("äöüõ"),
    "tr": frozenset("çğöşüı"),
    "hu": frozenset("öüőű"),
    "is": frozenset("áðéíóúýö"),
    "es": frozenset("ñ"),
}
"""Accented letters that are letters of their own and are kept; all others are folded."""

KEEPS_ACCENTS = frozenset({"vi", "yo"})
"""Languages whose accents carry tone: nothing is folded."""


def script_of(char: str) -> str:
    """Return the script of a letter; `other` for what is no letter of a script listed here."""
    return _NAMES[bisect_right(_STARTS, ord(char)) - 1]


def language_of_script(script: str) -> str:
    """Return the language that is meant when nothing but the script is known; `und` for `other`."""
    return _DEFAULT_LANGUAGE.get(script, "und")


def scripts_of(language: str) -> frozenset[str]:
    """Return the scripts a language is written in; Latin where nothing else is known."""
    if language in _SCRIPTS_OF:
        return _SCRIPTS_OF[language]
    if language in _NON_LATIN_LANGUAGES:
        return frozenset(script for script, name in _DEFAULT_LANGUAGE.items() if name == language)
    return _LATIN_ONLY


def language_for(script: str, language: str) -> str:
    """Return the language whose rules apply to a word of `script` inside a text of `language`.

    A Latin word in a Chinese text is treated as English, a Russian one in an English text as Russian; a text whose
    language is unknown is treated as the most common language of its script.
    """
    if language != "und" and script in scripts_of(language):
        return language
    return _DEFAULT_LANGUAGE.get(script, language)
