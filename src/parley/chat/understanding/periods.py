"""Years and quarters that questions and titles name: which of several alike documents is meant."""

import re

_YEAR = re.compile(r"(?<!\d)(?:fy\s?)?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_QUARTER = re.compile(r"(?<![a-z0-9])q([1-4])|(?<=\d)q([1-4])(?!\d)|(?<![a-z\d])([1-4])q(?![a-z])", re.IGNORECASE)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4"}
_IN_WORDS = re.compile(rf"\b({'|'.join(_ORDINALS)})\s+quarters?\b", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"\b(?:10-?[qk]s?|fy|reports?|filings?|minutes|budgets?|statements?|editions?|versions?|newsletters?|plans?|"
    r"fiscal|annual|informes?|rapports?|berichte?s?|relatórios?|relazion[ei]|verslag(?:en)?|отч[её]т\w*)\b|\bfy\s?\d",
    re.IGNORECASE,
)


def periods_of(text: str) -> frozenset[str]:
    """Return the years ("2022") and quarters ("q3") that a text names."""
    quarters = {f"q{match[1] or match[2] or match[3]}" for match in _QUARTER.finditer(text)}
    quarters |= {f"q{_ORDINALS[match[1].lower()]}" for match in _IN_WORDS.finditer(text)}
    return frozenset({match[1] for match in _YEAR.finditer(text)} | quarters)


def names_period(question: str) -> bool:
    """Tell whether a question seems to mean documents of a period: a quarter, or a year and a kind of document."""
    periods = periods_of(question)
    quarter = any(period.startswith("q") for period in periods)
    return bool(periods) and (quarter or _DOCUMENT.search(question) is not None)


def is_of_period(title: str, question: str) -> bool:
    """Tell whether the period in a title is one that the question names; a year with its quarter counts as a whole."""
    own = periods_of(title)
    return bool(own) and own <= periods_of(question)
