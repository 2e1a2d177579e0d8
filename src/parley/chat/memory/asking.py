"""Whether a question is about what the person said earlier, or about the person, in many languages, without a model."""

import re
from functools import cache
from typing import Literal

from parley.chat.memory.patterns import compiled, tables

About = Literal["", "self", "said", "asked"]
"""said: what the person told; asked: what the person asked; self: something of the person's own (my, I)."""


@cache
def _compiled(table: str, language: str) -> re.Pattern[str] | None:
    form = tables()["asking"][table].get(language)
    return compiled(form) if form else None


def about(question: str, language: str) -> About:
    """Return what a question asks of memory. English phrases are known in every language, for short lines mislead."""
    spoken = dict.fromkeys((language, "en"))
    kinds: tuple[About, ...] = ("asked", "said", "self")
    for kind in kinds:
        for one in spoken:
            form = _compiled(kind, one)
            if form is not None and form.search(question):
                return kind
    return ""


def matter(question: str, language: str) -> str:
    """Return what is left of such a question without the words that only ask for memory."""
    form = _compiled("frame", language) or _compiled("frame", "en")
    return " ".join(form.sub(" ", question).split()).strip(" ?？؟¿!.,") if form else question
