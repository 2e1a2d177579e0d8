"""What a text may be in disguise: readings of it that undo encodings, ciphers and arrangements of letters.

A reading is again a text. Those that turn any text into letters at random (a cipher, first letters) are marked as
arbitrary: what is found in them must be longer to count.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_OPAQUE = re.compile(r"(?:[A-Za-z0-9+/_-]{4,}[ \t]*\r?\n[ \t]*)*[A-Za-z0-9+/_-]{8,}={0,3}")
_BASE32 = re.compile(r"\b[A-Z2-7]{8,}={0,6}|\b[a-z2-7]{16,}={0,6}")
_ASCII85 = re.compile(r"<~(.+?)~>", re.DOTALL)
_HEX = re.compile(r"(?:(?:\\x|0x|%|#|\b)?[0-9A-Fa-f]{2}[\s,:;\-]*){4,}")
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_BINARY = re.compile(r"(?:[01]{7,8}[\s,;\-]*){3,}")
_DECIMAL = re.compile(r"(?:\b\d{1,3}\b[\s,;:./|\-]*){4,}")
_ESCAPES = re.compile(r"\\u\{?[0-9A-Fa-f]{4,6}\}?|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|U\+[0-9A-Fa-f]{4,6}")
_MORSE = re.compile(r"(?:[.·•\-–—−_]{1,6}[ /|]+){3,}[.·•\-–—−_]{1,6}")
_MORSE_SIGNS = """
.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. -----
.---- ..--- ...-- ....- ..... -.... --... ---.. ----.
"""
_MORSE_CODES: dict[str, str] = dict(zip(_MORSE_SIGNS.split(), "abcdefghijklmnopqrstuvwxyz0123456789", strict=True))
_NATO_WORDS = """
alpha alfa bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar papa quebec
romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu
"""
_NATO = frozenset(_NATO_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_PRINTABLE_SHARE = 0.85
_FEW_LETTERS = 4
_LONGEST_DECODED = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says in a disguise of this name. `picked`: whole words, taken out of their order."""

    text: str
    disguise: str
    arbitrary: bool = False
    picked: bool = False


def readings(text: str) -> Iterator[Reading]:
    """Yield the text and everything that it may be in disguise, encodings within encodings to the third."""
    yield Reading(text, "plain")
    yield from arrangements(text)
    yield Reading(_rot47(text), "rot47", arbitrary=True)
    seen = {text}
    layer = [text]
    for _ in range(3):
        following: list[str] = []
        for name, decode in _DECODERS.items():
            for inner in (found for source in layer for found in decode(source)):
                if inner not in seen and len(inner) <= _LONGEST_DECODED:
                    seen.add(inner)
                    following.append(inner)
                    yield Reading(inner, name)
                    yield Reading(inner[::-1], name, arbitrary=True)
        layer = following


def arrangements(text: str) -> Iterator[Reading]:
    """Yield readings that put the letters of a text in another order, or take some of them."""
    yield Reading(text[::-1], "reversed", arbitrary=True)
    yield Reading(_LATIN_WORD.sub(lambda match: match.group()[::-1], text), "words reversed", arbitrary=True)
    found = _WORD.findall(text)
    lines = [words for line in text.splitlines() if (words := _WORD.findall(line))]
    sentences = [words for part in re.split(r"[.!?।。]\s+|\n", text) if (words := _WORD.findall(part))]
    picked = {
        "first letters": "".join(word[0] for word in found),
        "last letters": "".join(word[-1] for word in found),
        "first letters of lines": "".join(words[0][0] for words in lines),
        "last letters of lines": "".join(words[-1][-1] for words in lines),
        "first letters of sentences": "".join(words[0][0] for words in sentences),
        "every other letter": "".join(char for char in text if not char.isspace())[::2],
        "capitals": "".join(char for char in text if char.isupper()),
        "numbered letters": "".join(_numbered(text)),
        "spelled": "".join(word[0] for word in found if word.lower() in _NATO),
    }
    chosen = {
        "first words of lines": [words[0] for words in lines],
        "last words of lines": [words[-1] for words in lines],
        "every other word": found[::2],
        "every other word, from the second": found[1::2],
        "every third word": found[::3],
    }
    for name, told in chosen.items():
        if len(told) > 3:
            yield Reading(" ".join(told), name, arbitrary=True, picked=True)
    for name, arranged in picked.items():
        if len(arranged) > 3:
            yield Reading(arranged, name, arbitrary=True)
            if "letters" in name:
                yield Reading(arranged[::-1], name, arbitrary=True)
    pigs = sum(len(word) > 3 and word.lower().endswith("ay") for word in found)
    for moved in range(4 if pigs > 1 else 0):
        yield Reading(" ".join(_unpig(word, moved) for word in found), "pig latin", arbitrary=True)
    if sum(not char.isascii() and char.isalpha() for char in text) > _FEW_LETTERS:
        yield Reading("".join(map(_by_name, text)), "other script", arbitrary=True, picked=True)


def _numbered(text: str) -> Iterator[str]:
    """Yield letters written as their place in the alphabet, where several stand in a row: 19-5-3."""
    for run in _DECIMAL.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", run.group())]
        if all(1 <= number <= 26 for number in numbers):
            yield from (chr(96 + number) for number in numbers)


def _unpig(word: str, moved: int) -> str:
    """Undo pig latin where so many letters were moved to the end of a word: "ubmarinesay" is "submarine"."""
    lower = word.lower()
    if len(lower) < 4 or not lower.endswith("ay"):
        return word
    body = lower[:-3] if moved == 0 else lower[:-2]
    return body[-moved:] + body[:-moved] if moved else body


def _by_name(char: str) -> str:
    """Return the Latin letters that Unicode's name of a letter of another script speaks of: Х is "h"."""
    if char.isascii() or not char.isalpha():
        return char
    name = unicodedata.name(char, "").rpartition(" ")[2]
    consonants = name.strip("AEIOUY")
    return (consonants[:1] or name[:1]).lower() if name.isalpha() else ""


def _printable(data: bytes) -> str | None:
    """Return bytes as text where they are one."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        good = sum(char.isalnum() or char.isspace() or char in ".,;:!?'\"()-–—/%&€$£@#+*=_[]{}<>|" for char in text)
        if encoding != "utf-8" and not text.isascii():
            continue
        if len(text) >= 3 and good >= _PRINTABLE_SHARE * len(text) and sum(c.isalpha() for c in text) * 2 >= len(text):
            return text
    return None


def _base64(text: str) -> Iterator[str]:
    for match in _OPAQUE.finditer(text):
        run = re.sub(r"\s", "", match.group()).rstrip("=").replace("-", "+").replace("_", "/")
        for skipped in range(4 if len(run) < 400 else 1):
            piece = run[skipped:]
            piece = piece[: len(piece) - (len(piece) % 4 == 1)]
            try:
                decoded = _printable(base64.b64decode(piece + "=" * (-len(piece) % 4)))
            except binascii.Error:
                continue
            if decoded is not None:
                yield decoded


def _base32(text: str) -> Iterator[str]:
    for match in _BASE32.finditer(text):
        run = match.group().rstrip("=").upper()
        try:
            decoded = _printable(base64.b32decode(run + "=" * (-len(run) % 8)))
        except binascii.Error:
            continue
        if decoded is not None:
            yield decoded


def _ascii85(text: str) -> Iterator[str]:
    for match in _ASCII85.finditer(text):
        try:
            decoded = _printable(base64.a85decode(match[1]))
        except ValueError:
            continue
        if decoded is not None:
            yield decoded


def _hexadecimal(text: str) -> Iterator[str]:
    for match in _HEX.finditer(text):
        run = re.sub(r"\\x|0x|[%#]", " ", match.group())
        pairs = _HEX_PAIR.findall(run)
        decoded = _printable(bytes(int(pair, 16) for pair in pairs))
        if decoded is not None:
            yield decoded


def _binary(text: str) -> Iterator[str]:
    for match in _BINARY.finditer(text):
        groups = re.findall(r"[01]{7,8}", match.group())
        decoded = _printable(bytes(int(group, 2) for group in groups))
        if decoded is not None:
            yield decoded


def _character_codes(text: str) -> Iterator[str]:
    for match in _DECIMAL.finditer(text):
        numbers = re.findall(r"\d+", match.group())
        for base in (10, 8):
            try:
                codes = [int(number, base) for number in numbers]
            except ValueError:
                continue
            if all(32 <= code < 256 for code in codes):
                decoded = _printable(bytes(codes))
                if decoded is not None:
                    yield decoded


def _escapes(text: str) -> Iterator[str]:
    def char(match: re.Match[str]) -> str:
        code = match.group()
        digits = code.lstrip("\\uUx+{").rstrip("}")
        number = int(digits, 8 if re.fullmatch(r"\\[0-7]{3}", code) else 16)
        return chr(number) if number < 0x110000 else ""

    decoded = _ESCAPES.sub(char, text)
    if decoded != text:
        yield decoded


def _entities(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)


def _percent(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text)


def _quoted_printable(text: str) -> Iterator[str]:
    if re.search(r"(?:=[0-9A-F]{2}){2}", text):
        yield codecs.decode(text.encode("ascii", "ignore"), "quopri").decode("utf-8", "replace")


def _morse(text: str) -> Iterator[str]:
    for match in _MORSE.finditer(text):
        plain = re.sub(r"[·•]", ".", re.sub(r"[–—−_]", "-", match.group()))
        yield "".join(_MORSE_CODES.get(code, " ") for code in re.split(r"[ /|]+", plain))


def _braille(text: str) -> Iterator[str]:
    if re.search(r"[\u2801-\u283f]{2}", text):
        yield "".join(_BRAILLE.get(char, " " if char == "\u2800" else char) for char in text)


def _rot47(text: str) -> str:
    return "".join(chr(33 + (ord(char) + 14) % 94) if "!" <= char <= "~" else char for char in text)


_BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
_DECODERS: dict[str, Callable[[str], Iterator[str]]] = {
    "base64": _base64,
    "base32": _base32,
    "ascii85": _ascii85,
    "hexadecimal": _hexadecimal,
    "binary": _binary,
    "character codes": _character_codes,
    "escapes": _escapes,
    "entities": _entities,
    "percent": _percent,
    "quoted-printable": _quoted_printable,
    "morse": _morse,
    "braille": _braille,
}
