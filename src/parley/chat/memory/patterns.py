"""How people speak of themselves, in several languages: the patterns that facts are found by without a model.

They stand in `phrases.toml`. Each begins with the words that make the speaker the one it is about.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

MemoryKind = Literal[
    "name", "home", "work", "preference", "relation", "possession", "date", "health", "plan", "note", "entity"
]
ABOUT_THE_PERSON: frozenset[MemoryKind] = frozenset(
    {"name", "home", "work", "preference", "relation", "date", "health", "note"}
)
"""Who somebody is, and what is to be noted: not what they own or plan, of which customers tell when they want help."""
# Scripts that write no blanks, or where a word's border is no border of \w.
_UNSPACED = frozenset({"zh", "ja", "hi", "ar"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """`once`: the name of what there is only once of a person; else what it is about tells facts of a kind apart."""

    kind: MemoryKind
    confidence: float
    form: re.Pattern[str]
    once: str | None = None


@cache
def tables() -> dict[str, Any]:
    """Return the tables as they stand in the file."""
    return tomllib.loads(files(__package__ or "").joinpath("phrases.toml").read_text("utf-8"))


@cache
def languages() -> frozenset[str]:
    """Return the languages in which facts are found."""
    return frozenset(tables()["facts"])


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """Return the patterns of a language; none for one that has no table."""
    border = "" if language in _UNSPACED else r"(?<![\w'’])"
    return tuple(
        Pattern(row["kind"], row["confidence"], compiled(row["form"], border), row["once"] or None)
        for row in tables()["facts"].get(language, [])
    )


@cache
def lifetimes() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return (days, words): for how long a statement with such words holds."""
    return tuple((row["days"], compiled(row["form"], r"(?<!\w)", r"(?!\w)")) for row in tables()["lifetimes"])


def compiled(form: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """Return an expression of the tables, ready for use."""
    spaced = form.replace(" ", r"\s+")
    return re.compile(f"{before}(?:{spaced}){after}", re.IGNORECASE)
