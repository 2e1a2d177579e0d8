"""Decides how much of a model's text may be told already."""

import re

from parley.chat.privacy import Leak
from parley.chat.privacy.letters import letters
from parley.chat.vetting import LEAST_RULES_RUN, Vetting

HELD_LETTERS = 60
"""While learn-only text is about, so many letters must follow before a sentence is told: a copy is known by then."""
_TAIL = 600
# What looks encoded is held until it has ended and could be decoded.
_OPAQUE_END = re.compile(r"[A-Za-z0-9+/=_%\\-]{16,}\Z")


class LeakFound(Exception):
    """The model's text gives something away; none of that part has been told."""

    def __init__(self, leak: Leak) -> None:
        super().__init__(leak.kind)
        self.leak = leak


class Dam:
    """Holds text back. `by_sentence`: nothing is told before its sentence was checked."""

    def __init__(self, vetting: Vetting, *, by_sentence: bool) -> None:
        self.by_sentence = by_sentence
        self._rules = vetting.rules
        self._watching = vetting.guard is not None

    def open_to(self, text: str) -> int:
        """Return up to where a text may be told while it is being written: not into the beginning of a copy.

        Raises:
            LeakFound: it has become one.
        """
        tail = max(0, len(text) - _TAIL)
        held = self._rules.copy_begins(text[tail:])
        if held is not None and len(letters(text[tail + held :])) >= LEAST_RULES_RUN:
            raise LeakFound(Leak("rules", "plain"))
        opaque = _OPAQUE_END.search(text, tail)
        ends = [len(text)] if held is None else [tail + held]
        return min(ends + ([opaque.start()] if opaque else []))

    def is_settled(self, following: str) -> bool:
        """Tell whether enough has been written behind a sentence, and vetted with it."""
        if not self._watching:
            return True
        return sum(not char.isspace() for char in following) >= HELD_LETTERS
