"""Ways to get a number, a date or a unit wrong."""

import random
import re
from collections.abc import Callable

Change = Callable[[str, random.Random], str | None]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORDS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty",
    "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
VALUES: dict[str, int] = dict(zip(WORDS, (*range(2, 13), 15, *range(20, 100, 10)), strict=True))
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_MONTH = "|".join(MONTHS)
_NUMBER = re.compile(r"(?<![\d.,:/\w-])\d+(?:,\d{3})*(?:\.\d+)?(?![\d\w]|[.,:/-]\d)")
_YEAR = re.compile(r"(?<![\d.,$€£-])\b(?:1[0-9]\d\d|20[0-3]\d)\b(?![,.]\d|%)")
_FULL_DATE = re.compile(rf"\b({_MONTH}) (\d{{1,2}}), (\d{{4}})\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}}) ({_MONTH})\b|\b({_MONTH}) (\d{{1,2}})\b")


def _replace(sentence: str, match: re.Match[str], new: str, group: int = 0) -> str:
    return sentence[: match.start(group)] + new + sentence[match.end(group) :]


def _pick(pattern: re.Pattern[str], sentence: str, dice: random.Random) -> re.Match[str] | None:
    places = list(pattern.finditer(sentence))
    return dice.choice(places) if places else None


def _plain_number(sentence: str, dice: random.Random) -> re.Match[str] | None:
    places = [match for match in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(match.group())]
    return dice.choice(places) if places else None


def other_digit(sentence: str, dice: random.Random) -> str | None:
    """Change one digit."""
    match = _plain_number(sentence, dice)
    if match is None:
        return None
    places = [i for i, char in enumerate(match.group()) if char.isdigit()]
    place = dice.choice(places)
    new = dice.choice([digit for digit in "123456789" if digit != match.group()[place]])
    return _replace(sentence, match, match.group()[:place] + new + match.group()[place + 1 :])


def ten_times(sentence: str, dice: random.Random) -> str | None:
    """Write the number ten times or a thousand times as large, with group separators."""
    match = _plain_number(sentence, dice)
    if match is None or float(match.group().replace(",", "")) == 0:
        return None
    value = float(match.group().replace(",", "")) * dice.choice([10, 1000])
    return _replace(sentence, match, f"{value:,.0f}" if value >= 10 else f"{value:g}")


def one_off(sentence: str, dice: random.Random) -> str | None:
    """Count one more or one less."""
    match = _plain_number(sentence, dice)
    if match is None or "." in match.group():
        return None
    value = int(match.group().replace(",", "")) + dice.choice([-1, 1])
    return _replace(sentence, match, f"{value:,}" if "," in match.group() else str(value)) if value >= 0 else None


def other_numeral(sentence: str, dice: random.Random) -> str | None:
    """Put another number in letters, or in figures, for one in letters."""
    match = _pick(re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE), sentence, dice)
    if match is None:
        return None
    new = dice.choice([word for word in WORDS if word != match.group().lower()])
    written = str(VALUES[new]) if dice.random() < 0.4 else new
    return _replace(sentence, match, written.capitalize() if match.group()[0].isupper() else written)


def in_letters(sentence: str, dice: random.Random) -> str | None:
    """Write a small figure as another number in letters."""
    match = _plain_number(sentence, dice)
    if match is None or not match.group().isdigit() or not 2 <= int(match.group()) <= 12:
        return None
    return _replace(sentence, match, dice.choice([word for word in WORDS[:11] if VALUES[word] != int(match.group())]))


def swapped_numbers(sentence: str, dice: random.Random) -> str | None:
    """Exchange two numbers."""
    places = [match for match in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(match.group())]
    if len({match.group() for match in places}) < 2:
        return None
    left, right = sorted(dice.sample(places, 2), key=lambda match: match.start())
    if left.group() == right.group():
        return None
    return _replace(_replace(sentence, right, left.group()), left, right.group())


def other_ordinal(sentence: str, dice: random.Random) -> str | None:
    """Put another place in an order."""
    match = _pick(re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b(?! half)"), sentence, dice)
    return match and _replace(sentence, match, dice.choice([one for one in ORDINALS if one != match.group()]))


def range_end(sentence: str, dice: random.Random) -> str | None:
    """Let a range end elsewhere."""
    match = _pick(re.compile(r"(?<![\d.-])(\d{1,3})(?: ?[–-] ?| to )(\d{1,3})(?![\d%.-])"), sentence, dice)
    return match and _replace(sentence, match, str(int(match[2]) + dice.choice([5, 10, 20, 50])), 2)


def other_year(sentence: str, dice: random.Random) -> str | None:
    """Shift a year."""
    match = _pick(_YEAR, sentence, dice)
    return match and _replace(sentence, match, str(int(match.group()) + dice.choice([-30, -10, -3, -1, 1, 2, 5, 10])))


def other_month(sentence: str, dice: random.Random) -> str | None:
    """Put another month, abbreviated at times."""
    match = _pick(re.compile(rf"\b(?:{_MONTH})\b"), sentence, dice)
    if match is None:
        return None
    new = dice.choice([month for month in MONTHS if month != match.group()])
    return _replace(sentence, match, new[:3] + "." if dice.random() < 0.2 and new != "May" else new)


def other_day(sentence: str, dice: random.Random) -> str | None:
    """Put another day of the month."""
    match = _pick(_DAY_MONTH, sentence, dice)
    if match is None:
        return None
    group = 1 if match[1] else 4
    return _replace(sentence, match, str((int(match[group]) + dice.randint(1, 26)) % 28 + 1), group)


def other_format(sentence: str, dice: random.Random) -> str | None:
    """Write a date in another format, and wrong."""
    match = _pick(_FULL_DATE, sentence, dice)
    if match is None:
        return None
    month, day, year = MONTHS.index(match[1]) + 1, int(match[2]), int(match[3])
    wrong = dice.choice(["month", "day", "year"])
    month = month % 12 + 1 if wrong == "month" else month
    day = day % 28 + 1 if wrong == "day" else day
    year += wrong == "year"
    written = [f"{day} {MONTHS[month - 1]} {year}", f"{year}-{month:02d}-{day:02d}",
               f"{MONTHS[month - 1][:3]} {day}, {year}", f"the {day}th of {MONTHS[month - 1]} {year}"]  # fmt: skip
    return _replace(sentence, match, dice.choice(written))


def other_weekday(sentence: str, dice: random.Random) -> str | None:
    """Put another day of the week."""
    match = _pick(re.compile(rf"\b(?:{'|'.join(DAYS)})\b"), sentence, dice)
    return match and _replace(sentence, match, dice.choice([day for day in DAYS if day != match.group()]))


def other_century(sentence: str, dice: random.Random) -> str | None:
    """Put another century or decade."""
    match = _pick(re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)(?=(?: and \d+\w+)?[ -]centur)"), sentence, dice)
    if match is not None:
        number = int(match[1]) + dice.choice([-2, -1, 1, 2])
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
        return _replace(sentence, match, f"{number}{ending}") if number > 0 else None
    match = _pick(re.compile(r"\b(1[5-9]|20)(\d)0s\b"), sentence, dice)
    return match and _replace(sentence, match, str((int(match[2]) + dice.randint(1, 8)) % 10), 2)


def other_quarter(sentence: str, dice: random.Random) -> str | None:
    """Put another quarter."""
    match = _pick(re.compile(r"\b(Q)([1-4])\b|\b(first|second|third|fourth)(?= quarter)"), sentence, dice)
    if match is None:
        return None
    if match[1]:
        return _replace(sentence, match, dice.choice([one for one in "1234" if one != match[2]]), 2)
    return _replace(sentence, match, dice.choice([o for o in ("first", "second", "third", "fourth") if o != match[3]]))


def swapped_years(sentence: str, dice: random.Random) -> str | None:
    """Exchange two years."""
    places = list(_YEAR.finditer(sentence))
    if len({match.group() for match in places}) < 2:
        return None
    left, right = places[0], next(match for match in places if match.group() != places[0].group())
    return _replace(_replace(sentence, right, left.group()), left, right.group())


_UNITS = {
    "million": ("billion", "thousand", "trillion"), "billion": ("million", "trillion"), "thousand": ("million",),
    "percent": ("percentage points", "million", "per mille"), "per cent": ("percentage points",),
    "%": (" percentage points", " million", "‰", " dollars"), "kilometres": ("miles", "metres", "km²"),
    "kilometers": ("miles", "meters", "mi"), "miles": ("kilometres", "km", "feet", "yards"), "km": ("miles", "m", "mi"),
    "metres": ("feet", "kilometres", "cm"), "meters": ("feet", "kilometers"), "feet": ("metres", "inches", "m"),
    "ft": ("m", "in"), "m": ("ft", "km", "mm"), "mm": ("cm", "inches"), "cm": ("mm", "inches"),
    "inches": ("feet", "cm"), "years": ("months", "decades", "days"), "year": ("month",), "months": ("years", "weeks"),
    "month": ("year", "week"), "days": ("weeks", "hours", "months"), "weeks": ("days", "months"),
    "hours": ("minutes", "days"), "minutes": ("hours", "seconds"), "seconds": ("minutes", "milliseconds"),
    "ms": ("s", "minutes"), "century": ("decade",), "centuries": ("decades", "years"), "decades": ("centuries",),
    "dollars": ("euros", "pounds"), "tons": ("pounds", "kilograms"), "tonnes": ("kilograms",), "kg": ("lb", "g", "t"),
    "pounds": ("tons", "kilograms"), "grams": ("kilograms", "ounces"), "acres": ("hectares", "square miles"),
    "hectares": ("acres",), "MB": ("GB", "KB"), "GB": ("MB", "TB"), "KB": ("MB",), "kB": ("MB",), "MHz": ("GHz", "kHz"),
    "GHz": ("MHz",), "kHz": ("Hz",), "V": ("mV", "A", "W"), "mA": ("A", "mV"), "A": ("mA", "V"), "mV": ("V",),
    "volts": ("amperes", "watts"), "MW": ("kW", "GW"), "°C": ("°F", " K"), "°F": ("°C",), "baud": ("MHz",),
    "bits": ("bytes",), "bytes": ("bits", "kilobytes"), "square miles": ("square kilometres", "miles"),
    "basis points": ("percent",), "kPa": ("MPa", "psi"), "litres": ("gallons",), "bit": ("byte",),
}  # fmt: skip
_AFTER = "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True))
_IN_LETTERS = "|".join(WORDS)
_WITH_UNIT = re.compile(rf"(?:\d|\b(?:{_IN_LETTERS}))([ -]?)({_AFTER})(?!\w)")
_CURRENCIES = {"$": ("€", "£", "¥"), "€": ("$", "£"), "£": ("$", "€")}


def other_unit(sentence: str, dice: random.Random) -> str | None:
    """Put another unit or another scale behind a number."""
    match = _pick(_WITH_UNIT, sentence, dice)
    return match and _replace(sentence, match, dice.choice(_UNITS[match[2]]), 2)


def other_currency(sentence: str, dice: random.Random) -> str | None:
    """Put the sign of another currency."""
    match = _pick(re.compile(r"[$€£](?=\d)"), sentence, dice)
    return match and _replace(sentence, match, dice.choice(_CURRENCIES[match.group()]))


def no_scale(sentence: str, dice: random.Random) -> str | None:
    """Leave "million" or "%" out, or write it where there was none behind an amount of money."""
    match = _pick(re.compile(r"(?<=\d)(?: (?:million|billion|trillion|thousand|percent)\b| ?%)"), sentence, dice)
    if match is not None:
        return _replace(sentence, match, "")
    match = _pick(re.compile(r"[$€£]\d[\d,.]*\d(?! (?:m|b|tr)illion|\d)"), sentence, dice)
    return match and _replace(sentence, match, f"{match.group()} million")


NUMBERS: tuple[Change, ...] = (
    other_digit, ten_times, one_off, other_numeral, in_letters, swapped_numbers, other_ordinal, range_end,
)  # fmt: skip
DATES: tuple[Change, ...] = (
    other_year, other_month, other_day, other_format, other_weekday, other_century, other_quarter, swapped_years,
)  # fmt: skip
UNITS: tuple[Change, ...] = (other_unit, other_currency, no_scale)
