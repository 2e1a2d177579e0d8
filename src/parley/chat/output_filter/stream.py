"""The filter over text that is still being written: it lets go of text as soon as nothing can become a link of it."""

import re

from parley.chat.output_filter.addresses import AllowedAddresses
from parley.chat.output_filter.markdown import TAG, clean, destination, fences

_LONGEST_LABEL = 400
_LONGEST_TAG = 1000
_LONGEST_TARGET = 4000
_OPEN_TAG = re.compile(r"<(?:[A-Za-z/!?][^<>]*)?\Z")
_LAST_RUN = re.compile(r"\S+\Z")
_SUSPICIOUS = re.compile(r"[:/.@\\&%#?_~\u00ad\u200b-\u200f\u2060-\u2064\ufeff\uff00-\uffef!\]]")
_BEGINS = re.compile(
    r"(?<!\w)(?:h(?:t(?:t(?:ps?)?)?)?|w(?:ww?)?|mail(?:to?)?|data?|java(?:script)?|ftps?)\Z", re.IGNORECASE
)
_LABEL_ENDS = re.compile(r"\[(?:[^\[\]\\]|\\.)*\](?P<after>.?)", re.DOTALL)


class OutputFilter:
    """Feed it what a model writes; it gives back what may be told of it.

    Pictures, active HTML and addresses that no source has are taken out in whatever form. Held back is no more than the
    word, the link or the tag that is not complete.
    """

    def __init__(self, allowed: AllowedAddresses) -> None:
        self._allowed = allowed
        self._held = ""
        self._line = ""
        self._fenced = False

    def feed(self, delta: str) -> str:
        """Take in what comes next and return what may be told now."""
        self._held += delta
        return self._release(self._safe_end())

    def finish(self) -> str:
        """Return the rest."""
        return self._release(len(self._held))

    def _release(self, end: int) -> str:
        if not end:
            return ""
        piece, self._held = self._held[:end], self._held[end:]
        told = clean(piece, self._allowed, self._line, fenced=self._fenced)
        self._fenced = (self._fenced + fences(self._line + told) - fences(self._line)) % 2 == 1
        self._line = (self._line + told).rpartition("\n")[2][-200:]
        return told

    def _safe_end(self) -> int:
        """Return up to where nothing can become part of a link, a picture or a tag when more text comes."""
        held = self._held
        ends = [len(held), _before_bracket(held), _before_target(held)]
        tag = _OPEN_TAG.search(held, max(0, len(held) - _LONGEST_TAG))
        ends.append(tag.start() if tag else len(held))
        run = _LAST_RUN.search(held)
        waits = run is not None and (_SUSPICIOUS.search(run.group()) or _BEGINS.search(run.group()))
        if run is not None and waits and len(run.group()) < _LONGEST_TARGET:
            ends.append(run.start())
        return _outside(held, min(ends))


def _outside(text: str, end: int) -> int:
    """Move a cut to before the tag, label or target that it would go through."""
    for tag in TAG.finditer(text):
        if tag.start() < end < tag.end():
            end = tag.start()
    for match in re.finditer(r"\[", text[max(0, end - _LONGEST_LABEL) : end]):
        place = max(0, end - _LONGEST_LABEL) + match.start()
        label = _LABEL_ENDS.match(text, place)
        closed = label.end("after") if label else len(text)
        if label and label["after"] == "(":
            target = destination(text, label.end())
            closed = target[1] if target else closed
        if place < end < closed and "\n\n" not in text[place:end]:
            return _with_mark(text, place)
    return end


def _before_bracket(text: str) -> int:
    """Return where a label begins that may yet be followed by a target; the end where there is none."""
    start = max(0, len(text) - _LONGEST_LABEL)
    for match in re.finditer(r"\[", text[start:]):
        place = start + match.start()
        if "\n\n" in text[place:]:
            continue
        label = _LABEL_ENDS.match(text, place)
        if label is None and not re.search(r"\[", text[place + 1 :]):
            return _with_mark(text, place)
        if label is not None and label["after"] == "":
            return _with_mark(text, place)
        if label is not None and label["after"] == ":" and not _line_is_complete(text, label.end()):
            return _with_mark(text, place)
        if label is not None and label["after"] == "(" and destination(text, label.end()) is None:
            return _with_mark(text, place)
        if label is None:
            return _with_mark(text, place)
    return len(text)


def _before_target(text: str) -> int:
    """Return where a target begins that is not complete, whatever its label was."""
    place = text.rfind("](", max(0, len(text) - _LONGEST_TARGET))
    if place >= 0 and destination(text, place + 2) is None and "\n\n" not in text[place:]:
        return place
    return len(text) - 1 if text.endswith("]") else len(text)


def _line_is_complete(text: str, at: int) -> bool:
    """Tell whether what follows the colon of a definition has a target and an end."""
    return re.match(r"[ \t]*\n?[ \t]*\S+\s", text[at:]) is not None


def _with_mark(text: str, place: int) -> int:
    return place - 1 if place and text[place - 1] == "!" else place
