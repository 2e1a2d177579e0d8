"""Numbers, dates and amounts in running text, brought to values that compare: 1,200 = 1200 = "twelve hundred"."""

import math
import re
import unicodedata
from dataclasses import dataclass

from parley.chat.check.measures import read_unit, unit_of

_DIGITS = r"\d+(?:[.,'’\u00a0\u202f ](?=\d{3}(?!\d))\d{3})*(?:[.,]\d+)?|\d+[.,]\d+"
_TOKEN = re.compile(
    rf"(?P<currency>[$€£¥₹])?\s?(?P<number>{_DIGITS})(?P<fraction>[½¼¾⅓⅔])?(?P<ordinal>st|nd|rd|th)?(?P<glued>[A-Za-z%٪％°]+)?"
    r"|(?P<lone>[½¼¾⅓⅔])|(?P<word>[^\W\d_]+)",
)
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
# Per language, for what counts in one is a plain word in another ("once", "due").
_UNITS_LISTS = {
    "en": """zero:0 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13
        fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fifty:50
        sixty:60 seventy:70 eighty:80 ninety:90""",
    "es": """cero:0 dos:2 tres:3 cuatro:4 cinco:5 seis:6 siete:7 ocho:8 nueve:9 diez:10 once:11 doce:12 quince:15
        veinte:20 treinta:30 cuarenta:40 cincuenta:50 sesenta:60 setenta:70 ochenta:80 noventa:90""",
    "de": """null:0 zwei:2 drei:3 vier:4 fünf:5 sechs:6 sieben:7 acht:8 neun:9 zehn:10 elf:11 zwölf:12 zwanzig:20
        dreißig:30 vierzig:40 fünfzig:50 sechzig:60 siebzig:70 achtzig:80 neunzig:90""",
    "fr": """zéro:0 deux:2 trois:3 quatre:4 cinq:5 six:6 sept:7 huit:8 neuf:9 dix:10 onze:11 douze:12 vingt:20
        trente:30 quarante:40 cinquante:50 soixante:60""",
    "it": "zero:0 due:2 tre:3 quattro:4 cinque:5 sei:6 sette:7 otto:8 nove:9 dieci:10 venti:20 trenta:30 cinquanta:50",
    "pt": "zero:0 dois:2 duas:2 três:3 quatro:4 cinco:5 seis:6 sete:7 oito:8 nove:9 dez:10 vinte:20 trinta:30",
    "hi": "शून्य:0 दो:2 तीन:3 चार:4 पांच:5 पाँच:5 छह:6 सात:7 आठ:8 नौ:9 दस:10 बीस:20 तीस:30 चालीस:40 पचास:50",
}
_SCALES_LISTS = {
    "en": "hundred:2 thousand:3 million:6 millions:6 billion:9 billions:9 trillion:12 mn:6 bn:9",
    "es": "ciento:2 cien:2 mil:3 millón:6 millones:6",
    "de": "hundert:2 tausend:3 million:6 millionen:6 milliarde:9 milliarden:9",
    "fr": "cent:2 mille:3 million:6 millions:6 milliard:9 milliards:9",
    "it": "cento:2 mille:3 mila:3 milione:6 milioni:6 miliardo:9 miliardi:9",
    "pt": "cem:2 cento:2 mil:3 milhão:6 milhões:6 bilhão:9 bilhões:9",
    "hi": "सौ:2 हजार:3 हज़ार:3 लाख:5 करोड़:7 मिलियन:6",
    "ar": "مائة:2 ألف:3 مليون:6 مليار:9",
}
_ORDINALS_LIST = """
third:3 fourth:4 fifth:5 sixth:6 seventh:7 eighth:8 ninth:9 tenth:10 eleventh:11 twelfth:12 thirteenth:13 fourteenth:14
fifteenth:15 sixteenth:16 seventeenth:17 eighteenth:18 nineteenth:19 twentieth:20
"""
_MONTHS_LIST = """
january:1 february:2 march:3 april:4 may:5 june:6 july:7 august:8 september:9 october:10 november:11 december:12 jan:1
feb:2 mar:3 apr:4 jun:6 jul:7 aug:8 sep:9 sept:9 oct:10 nov:11 dec:12 enero:1 febrero:2 marzo:3 abril:4 mayo:5 junio:6
julio:7 agosto:8 septiembre:9 octubre:10 noviembre:11 diciembre:12 januar:1 februar:2 märz:3 mai:5 juni:6 juli:7
oktober:10 dezember:12 janvier:1 février:2 mars:3 avril:4 juin:6 juillet:7 août:8 septembre:9 octobre:10 novembre:11
décembre:12 जनवरी:1 फरवरी:2 मार्च:3 अप्रैल:4 मई:5 जून:6 जुलाई:7 अगस्त:8 सितंबर:9 अक्टूबर:10 नवंबर:11 दिसंबर:12
monday:21 tuesday:22 wednesday:23 thursday:24 friday:25 saturday:26 sunday:27
"""
# Words that are months or units only beside a number or with a capital: "may", "march", "second".
_CAPITAL_ONLY = frozenset({"may", "march", "mar", "mars", "dec", "jan", "sat", "sun", "august", "sept", "sep", "mai"})
_VAGUE = re.compile(
    r"\b(?:about|around|approximately|nearly|almost|over|roughly|some|circa|ca|etwa|unos|environ)\b", re.I
)


def _table(text: str) -> dict[str, str]:
    return dict(entry.rsplit(":", 1) for entry in text.split())


_UNITS = {
    language: {word: float(value) for word, value in _table(text).items()} for language, text in _UNITS_LISTS.items()
}
_SCALES = {
    language: {word: 10.0 ** int(power) for word, power in _table(text).items()}
    for language, text in _SCALES_LISTS.items()
}
_ORDINALS = {word: float(value) for word, value in _table(_ORDINALS_LIST).items()}
_MONTHS = {word: int(value) for word, value in _table(_MONTHS_LIST).items()}
_GLUED_SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9}


@dataclass(frozen=True, slots=True)
class _Rules:
    """How a language writes numbers."""

    decimal_comma: bool
    units: dict[str, float]
    scales: dict[str, float]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a month in text. `unit`: a canonical unit, "month" for months and weekdays, or None.

    `digits`: significant digits as written, so that a rounded number can be told from a wrong one.
    """

    value: float
    unit: str | None
    start: int
    end: int
    digits: int
    text: str

    @property
    def spelled(self) -> bool:
        """Whether it is written in letters."""
        return not any(char.isdigit() for char in self.text)


def find_quantities(text: str, language: str = "und") -> list[Quantity]:
    """Return the quantities of a text in order. The lone word "one" is no quantity: it is mostly a pronoun."""
    rules = _Rules(
        language in ("de", "es", "fr", "it", "pt", "nl", "ru", "pl", "tr", "da", "sv", "nb", "cs", "fi"),
        _UNITS.get(language, _UNITS["en"]),
        _SCALES.get(language, _SCALES["en"]),
    )
    matches = list(_TOKEN.finditer(text))
    found: list[Quantity] = []
    place = 0
    while place < len(matches):
        quantity, used = _read(text, matches, place, rules)
        if quantity is not None:
            found.append(quantity)
        place += used
    return found


def _read(text: str, matches: list[re.Match[str]], place: int, rules: _Rules) -> tuple[Quantity | None, int]:
    match = matches[place]
    word = match["word"]
    if word is None:
        value, digits = _figure(match, rules.decimal_comma)
        glued = (match["glued"] or "").lower()
        if glued in _GLUED_SCALES and (match["currency"] or glued != "m"):
            value, glued = value * _GLUED_SCALES[glued], ""
        return _with_unit(text, matches, place, 1, rules, (value, digits, unit_of([glued])))
    lower = word.lower()
    if lower in _MONTHS and (lower not in _CAPITAL_ONLY or word[0].isupper()):
        return Quantity(_MONTHS[lower], "month", match.start(), match.end(), 2, word), 1
    if lower in _ORDINALS:
        return _with_unit(text, matches, place, 1, rules, (_ORDINALS[lower], 2, None))
    spelled = _spelled(text, matches, place, rules)
    if spelled is None:
        return None, 1
    value, used = spelled
    return _with_unit(text, matches, place, used, rules, (value, 2, None))


def _figure(match: re.Match[str], decimal_comma: bool) -> tuple[float, int]:
    if match["lone"]:
        return _FRACTIONS[match["lone"]], 2
    raw = "".join(str(unicodedata.digit(char, char)) if char.isdigit() else char for char in match["number"])
    raw = re.sub(r"['’\u00a0\u202f ]", "", raw)
    grouping, point = (".", ",") if decimal_comma else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(?:\{grouping}\d{{3}})+(?:\{point}\d+)?", raw):
        raw = raw.replace(grouping, "").replace(point, ".")
    else:
        last = max(raw.rfind(","), raw.rfind("."))
        raw = raw if last < 0 else raw[:last].replace(",", "").replace(".", "") + "." + raw[last + 1 :]
    digits = len(raw.replace(".", "").strip("0")) or 1
    return float(raw) + _FRACTIONS.get(match["fraction"] or "", 0.0), digits


def _spelled(text: str, matches: list[re.Match[str]], place: int, rules: _Rules) -> tuple[float, int] | None:
    """Read a number in words ("two hundred and twenty-five thousand"); None where none stands."""
    total, current, used, known = 0.0, 0.0, 0, False
    while place + used < len(matches):
        if used and text[matches[place + used - 1].end() : matches[place + used].start()].strip(" -\n\u00a0"):
            break
        word = (matches[place + used]["word"] or "").lower()
        if known and word in ("and", "y", "und", "et", "e") and _continues(matches, place + used + 1, rules):
            used += 1
        elif word in rules.units or (word == "one" and known):
            current += rules.units.get(word, 1.0)
            known, used = True, used + 1
        elif word in rules.scales and (known or rules.scales[word] >= 100):
            scale = rules.scales[word]
            current = (current or 1.0) * scale
            if scale >= 1000:
                total, current = total + current, 0.0
            known, used = True, used + 1
        else:
            break
    return (total + current, used) if known else None


def _continues(matches: list[re.Match[str]], place: int, rules: _Rules) -> bool:
    word = (matches[place]["word"] or "").lower() if place < len(matches) else ""
    return word in rules.units


def _with_unit(
    text: str, matches: list[re.Match[str]], place: int, used: int, rules: _Rules, figure: tuple[float, int, str | None]
) -> tuple[Quantity, int]:
    """Take in the scale word and the unit that follow, and the currency sign before."""
    value, digits, unit = figure
    first, last = matches[place], matches[place + used - 1]
    unit = unit or (first["currency"] if first["word"] is None else None)
    end = last.end()
    for _ in range(2):
        follower = matches[place + used] if place + used < len(matches) else None
        if follower is None or follower["word"] is None or text[end : follower.start()].strip(" -\u00a0\n\t"):
            break
        word = follower["word"].lower()
        if word in rules.scales:
            value *= rules.scales[word]
            end, used = follower.end(), used + 1
            continue
        following = matches[place + used + 1] if place + used + 1 < len(matches) else None
        second = (following["word"] or "").lower() if following is not None else ""
        named, words = read_unit([word, second] if second else [word])
        if named is None:
            break
        unit = unit or named
        end, used = matches[place + used + words - 1].end(), used + words
    sign = re.match(r"\s?([%٪％‰]|km²|mi²|m²|ft²)", text[end:]) if unit is None else None
    if sign is not None:
        unit = unit_of([sign[1]])
    return Quantity(value, unit, first.start(), end, digits, text[first.start() : end].strip()), used


def same_quantity(claimed: Quantity, evidence: Quantity, vague: bool = False, *, exact: bool = False) -> bool:
    """Tell whether a claim's quantity is the evidence's: equal, or rounded to fewer digits; units must not differ.

    Args:
        vague: the claim hedges, so that small numbers may be rounded too; `exact`: no rounding at all.
    """
    if claimed.unit != evidence.unit and claimed.unit is not None and evidence.unit is not None:
        return False
    if math.isclose(claimed.value, evidence.value, rel_tol=1e-9):
        return True
    if exact or evidence.value == 0 or claimed.digits >= evidence.digits or not (vague or claimed.value >= 1e4):
        return False
    step = 10 ** (math.floor(math.log10(abs(claimed.value))) - claimed.digits + 1) if claimed.value else 1
    return abs(claimed.value - evidence.value) <= step / 2


def is_vague(text: str) -> bool:
    """Tell whether a text hedges its numbers ("about", "nearly")."""
    return _VAGUE.search(text) is not None
