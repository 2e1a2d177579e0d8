"""Patterns that leave files out, as git reads them in `.gitignore` (gitignore(5))."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_PATTERN = 1_000


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One pattern. `negated` takes back what an earlier one left out; `folders_only` ended with a slash."""

    pattern: re.Pattern[str]
    negated: bool
    folders_only: bool


class IgnoreRules:
    """The patterns of one file, in order; the last that matches decides.

    Paths are relative to where the patterns stand, with slashes. Like git, a path below a folder that is left out
    cannot be taken back: whoever walks must not enter such a folder, so only the path itself is looked at.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules = [rule for line in lines if (rule := parse_rule(line)) is not None]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Return True if the path is left out, False if it is taken back, None if no pattern speaks of it."""
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return not rule.negated
        return None


def parse_rule(line: str) -> IgnoreRule | None:
    """Read a line; None for an empty one, a comment, or a pattern that can match nothing."""
    text = _without_trailing_spaces(line.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    folders_only = text.endswith("/")
    text = text.rstrip("/") if folders_only else text
    if not text:
        return None
    anchored = "/" in text
    body = _translate(text.removeprefix("/")) if len(text) <= MAX_PATTERN else None
    if body is None:
        return None
    return IgnoreRule(re.compile(body if anchored else f"(?:.*/)?{body}", re.DOTALL), negated, folders_only)


def _without_trailing_spaces(text: str) -> str:
    end = len(text)
    while end and text[end - 1] == " " and not (end > 1 and text[end - 2] == "\\"):
        end -= 1
    return text[:end]


def _translate(glob: str) -> str | None:
    """Turn a pattern into a regular expression; None if it can match nothing.

    What lies between two stars is matched where it comes first and never tried elsewhere (atomic groups): that is
    enough, since the star after it takes the rest, and it keeps a hostile pattern from taking exponential time.
    """
    segments = glob.split("/")
    runs: list[list[str]] = [[]]
    for number, segment in enumerate(segments):
        if segment == "**" and len(segments) > 1:
            if runs[-1] or number == 0:
                runs.append([])
            continue
        body = _segment(segment)
        if body is None:
            return None
        runs[-1].append(body)
    first, *middle = ["/".join(run) for run in runs]
    last = middle.pop() if middle else None
    if last is None:
        return first
    between = "".join(f"(?>(?:[^/]+/)*?{run}/)" for run in middle)
    end = f"(?:.*/)?{last}" if last else ".+"
    return f"{first}/{between}{end}" if first else f"{between}{end}"


def _segment(glob: str) -> str | None:
    """Translate what stands between two slashes; None if it ends in a lone backslash or an open bracket."""
    pieces = [""]
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "*":
            at += len(glob) - at - len(glob[at:].lstrip("*"))
            pieces.append("")
            continue
        if char == "[":
            found = _bracket(glob, at)
            if found is None:
                return None
            expression, at = found
            pieces[-1] += expression
            continue
        if char == "\\":
            at += 1
            if at == len(glob):
                return None
        pieces[-1] += "[^/]" if char == "?" else re.escape(glob[at])
        at += 1
    head, *tail = pieces
    if not tail:
        return head
    return head + "".join(f"(?>[^/]*?{piece})" for piece in tail[:-1]) + f"[^/]*{tail[-1]}"


_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


def _bracket(glob: str, start: int) -> tuple[str, int] | None:
    """Translate a set such as `[a-z]`, `[!0-9]` or `[[:alpha:]]`; it never matches a slash."""
    at = start + 1
    inverted = glob[at : at + 1] in ("!", "^")
    at += inverted
    first, items = at, list[str]()
    while at < len(glob) and (glob[at] != "]" or at == first):
        if glob.startswith("[:", at) and (close := glob.find(":]", at)) > 0:
            if (known := _CLASSES.get(glob[at + 2 : close])) is None:
                return None
            items.append(known)
            at = close + 2
            continue
        if glob[at] == "\\" and at + 1 < len(glob):
            at += 1
            items.append(re.escape(glob[at]))
        else:
            items.append("-" if glob[at] == "-" and _is_range(glob, at, first) else re.escape(glob[at]))
        at += 1
    if at >= len(glob):
        return None
    body = "".join(items)
    expression = f"(?!/)[{'^' if inverted else ''}{body}]"
    try:
        re.compile(expression)
    except re.error:
        return None
    return expression, at + 1


def _is_range(glob: str, at: int, first: int) -> bool:
    return at > first and at + 1 < len(glob) and glob[at + 1] != "]"
