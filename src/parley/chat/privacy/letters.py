"""Text brought to plain letters: capitals, accents, look-alikes, invisible characters and spacing hide nothing."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Cyrillic, Greek and other letters that look like Latin ones (a part of Unicode's confusables that words are made of).
_LOOK_ALIKES = """
аa вb еe кk мm нh оo рp сc тt уy хx іi јj ѕs ԁd ɡg һh ӏl ԛq ԝw ьb пn гr ґr әe αa βb γy εe ηn ιi κk νv οo ρp τt υu χx
ωw ոo սu ցg օo հh ɑa ɩi ıi łl øo đd ħh ŧt ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz ꓮa
"""
_ALIKE = str.maketrans({pair[0]: pair[1] for pair in _LOOK_ALIKES.split()})
_NAMED = re.compile(
    r"(?:LATIN|NEGATIVE|SQUARED|CIRCLED|REGIONAL INDICATOR)[A-Z ]*?(?:LETTER|SYMBOL LETTER)"
    r"(?: (?:SMALL|CAPITAL|TURNED|REVERSED|SIDEWAYS|INVERTED|OPEN|SCRIPT|BLACKLETTER|DOTLESS|INSULAR))* ([A-Z])\b"
)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
LEAST_SPELLED = 3


def _leet_table() -> dict[int, str]:
    """Return digit and sign → the letter that it stands for; i and l become one, for 1 may be either."""
    pairs = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "6": "g", "2": "z"}
    signs = {"@": "a", "$": "s", "!": "i", "|": "i", "+": "t", "€": "e", "£": "i", "(": "c", "l": "i"}
    return str.maketrans(pairs | signs)


_LEET = _leet_table()


@lru_cache(maxsize=20_000)
def fold_char(char: str) -> str:
    """Return what a character is compared as: letters and digits in plain lower case, white space for the rest.

    Invisible and combining characters vanish. A Chinese or Japanese character counts for three letters.
    """
    if char.isascii():
        return char.lower() if char.isalnum() else " "
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or char in "\u115f\u1160\u3164\uffa0\u2800":
        return ""
    named = _NAMED.match(unicodedata.name(char, ""))
    if named:
        return named[1].lower()
    plain = unicodedata.normalize("NFKD", char).casefold()
    plain = "".join(part for part in plain if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
    plain = "".join(part if part.isalnum() else " " for part in plain.translate(_ALIKE))
    return plain * 3 if _WIDE.fullmatch(plain) else _ascii_digits(plain)


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char, char)) if char.isdigit() else char for char in text)


def fold(text: str) -> str:
    """Return the folded text: words of plain letters and digits, with white space between."""
    return "".join(map(fold_char, text))


def words(text: str) -> list[str]:
    """Return the folded words; letters written one by one, or two by two, make further words together."""
    found = fold(text).split()
    return [*found, *_put_together(found, 1), *_put_together(found, 2)]


def _put_together(found: list[str], longest: int) -> Iterator[str]:
    """Yield runs of at least three words of at most so many letters as one word each."""
    run: list[str] = []
    for word in [*found, ""]:
        if 0 < len(word) <= longest:
            run.append(word)
            continue
        if len(run) >= LEAST_SPELLED:
            yield "".join(run)
        run = []


def letters(text: str) -> str:
    """Return the folded letters and digits alone."""
    return "".join(fold(text).split())


def letters_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded letters and, for each, the offset of the character that it comes from."""
    found: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in fold_char(char):
            if letter != " ":
                found.append(letter)
                places.append(place)
    return "".join(found), places


def unleet(text: str) -> str:
    """Return the letters of a text in which digits and signs stand for letters; i and l become one."""
    return "".join("".join(map(fold_char, text.translate(_LEET))).split()).translate(_LEET)
