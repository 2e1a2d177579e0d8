"""Ways to deny what a sentence states, and to give one name the place of another."""

import random
import re
from collections.abc import Callable
from itertools import combinations, pairwise

Change = Callable[[str, random.Random], str | None]

_AUXILIARY = re.compile(
    r"\b(is|was|are|were|has|had|have|can|could|will|would|did|does|do|may|must|should)\b(?! not\b|n't|n’t| never\b)"
)
_DENIED = re.compile(r"n['’]t\b|\b(?:no|never|not|nor|neither|without|cannot|none)\b", re.IGNORECASE)
_REGULAR = re.compile(
    r"(?<=[a-z] )(?!need|embed|speed|proceed|indeed|exceed|hundred)([a-z]{2,}[^aeiou\W])ed\b"
    r"(?= (?:the|a|an|to|in|his|her|its|their|over|into|from)\b)"
)
_CONTRACTED = {
    "is": "isn't", "was": "wasn't", "are": "aren't", "were": "weren't", "has": "hasn't", "had": "hadn't",
    "have": "haven't", "can": "can't", "could": "couldn't", "will": "won't", "would": "wouldn't", "did": "didn't",
    "does": "doesn't", "do": "don't", "must": "mustn't", "should": "shouldn't", "may": "may not",
}  # fmt: skip
_QUANTIFIERS = {"all": "none of", "always": "never", "often": "never", "every": "no", "some": "no", "many": "no",
                "with": "without", "most": "no", "several": "no", "each": "no", "usually": "never"}  # fmt: skip
_PREFIXED = {
    "able": "unable", "possible": "impossible", "likely": "unlikely", "necessary": "unnecessary", "known": "unknown",
    "available": "unavailable", "legal": "illegal", "common": "uncommon", "successful": "unsuccessful",
    "important": "unimportant", "related": "unrelated", "complete": "incomplete", "direct": "indirect",
    "dependent": "independent", "correct": "incorrect", "supported": "unsupported", "compatible": "incompatible",
    "used": "unused", "visible": "invisible", "usual": "unusual", "regular": "irregular", "connected": "disconnected",
    "agreed": "disagreed", "official": "unofficial", "affected": "unaffected", "changed": "unchanged",
}  # fmt: skip
_NAME_PART = r"[A-Z][\w’'-]*[a-z0-9][\w’'-]*|[A-Z]{2,}\d*"
_NAME = re.compile(
    rf"(?<=[a-z0-9,;)] )(?:the )?({_NAME_PART})(?: (?:of |the |de |von |van )?(?:{_NAME_PART}|I{{1,3}}|IV|V))*"
)
_FIRST_NAME = re.compile(rf"^(?!The |A |An |In |On |At |As |It |He |She |This |These |Its |If |When |For |To |By )"
                         rf"({_NAME_PART})(?: (?:of )?{_NAME_PART})* (?=[a-z])")  # fmt: skip
_NO_NAMES_LIST = """
January February March April May June July August September October November December Monday Tuesday Wednesday
Thursday Friday Saturday Sunday In The If When But While They This These However Since Although He She It As At For
With And Or Such Some Many Most All Both Each I We You Your My Our His Her Its Their Out On By Under Up No Not
"""
_NO_NAMES = frozenset(_NO_NAMES_LIST.split())


def _replace(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


def _pick(pattern: re.Pattern[str], sentence: str, dice: random.Random) -> re.Match[str] | None:
    places = list(pattern.finditer(sentence))
    return dice.choice(places) if places else None


def _stated_auxiliary(sentence: str, dice: random.Random) -> re.Match[str] | None:
    return None if _DENIED.search(sentence) else _pick(_AUXILIARY, sentence, dice)


def put_not(sentence: str, dice: random.Random) -> str | None:
    """Put "not" behind an auxiliary."""
    match = _stated_auxiliary(sentence, dice)
    return match and _replace(sentence, match, "cannot" if match.group() == "can" else f"{match.group()} not")


def contract(sentence: str, dice: random.Random) -> str | None:
    """Deny an auxiliary by its short form."""
    match = _stated_auxiliary(sentence, dice)
    apostrophe = dice.choice("'’")
    return match and _replace(sentence, match, _CONTRACTED[match.group()].replace("'", apostrophe))


def put_never(sentence: str, dice: random.Random) -> str | None:
    """Put "never", "no longer" or "hardly" behind an auxiliary."""
    match = _stated_auxiliary(sentence, dice)
    return match and _replace(sentence, match, f"{match.group()} {dice.choice(['never', 'no longer', 'hardly'])}")


def take_not(sentence: str, dice: random.Random) -> str | None:
    """Take a denial away."""
    match = _pick(re.compile(r"(?<=[a-z]) (?:not|never|no longer)\b(?! only)|(?<=can)not\b"), sentence, dice)
    if match is not None:
        return _replace(sentence, match, "")
    match = _pick(re.compile(r"\b(is|was|are|were|has|have|did|does|do|could|would)n['’]t\b"), sentence, dice)
    return match and _replace(sentence, match, match[1])


def did_not(sentence: str, dice: random.Random) -> str | None:
    """Deny a regular verb: "did not add", "failed to add", "never added"."""
    match = None if _DENIED.search(sentence) else _pick(_REGULAR, sentence, dice)
    if match is None:
        return None
    stem = match[1]
    bare = stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "sl" else stem + "e" if stem[-1] in "cgsuvz" else stem
    bare = stem[:-1] + "y" if stem.endswith("i") else bare
    return _replace(sentence, match, dice.choice([f"did not {bare}", f"failed to {bare}", f"never {match.group()}",
                                                  f"refused to {bare}"]))  # fmt: skip


def turn_quantifier(sentence: str, dice: random.Random) -> str | None:
    """Put "no", "never" or "without" for its opposite."""
    match = _pick(re.compile(rf"\b(?:{'|'.join(_QUANTIFIERS)})\b", re.IGNORECASE), sentence, dice)
    if match is None or re.match(r" (?:one|as|more|of|time|recent|likely)\b", sentence[match.end() :]):
        return None
    new = _QUANTIFIERS[match.group().lower()]
    return _replace(sentence, match, new.capitalize() if match.group()[0].isupper() else new)


def prefix(sentence: str, dice: random.Random) -> str | None:
    """Put a denying prefix, or take one away."""
    table = _PREFIXED | {new: old for old, new in _PREFIXED.items()}
    match = _pick(re.compile(rf"(?<=[a-z] )\b(?:{'|'.join(table)})\b"), sentence, dice)
    return match and _replace(sentence, match, table[match.group()])


def not_true(sentence: str, dice: random.Random) -> str | None:
    """Deny the sentence as a whole."""
    opening = dice.choice(["It is not true that", "It is false that", "It is not the case that",
                           "Contrary to common belief, it is wrong that", "There is no evidence that"])  # fmt: skip
    return f"{opening} {lower(sentence)}"


def lower(sentence: str) -> str:
    """Begin a sentence in lower case, unless its first word is a name."""
    first = sentence.split(maxsplit=1)[0]
    keeps = first.isupper() or first[1:] != first[1:].lower() or _FIRST_NAME.match(sentence)
    return sentence if keeps and first not in ("A", "I") else sentence[0].lower() + sentence[1:]


def names_in(sentence: str) -> list[tuple[int, int]]:
    """Return where names stand: capitalised runs inside the sentence, and a first word that is likely one."""
    spans = [(match.start(1), match.end()) for match in _NAME.finditer(sentence)]
    first = _FIRST_NAME.match(sentence)
    if first is not None:
        spans.insert(0, (0, first.end() - 1))
    return [span for span in spans if not set(sentence[slice(*span)].split()) & _NO_NAMES]


def _exchange(sentence: str, left: tuple[int, int], right: tuple[int, int]) -> str:
    a, b = sentence[slice(*left)], sentence[slice(*right)]
    return sentence[: left[0]] + b + sentence[left[1] : right[0]] + a + sentence[right[1] :]


def _in_one_list(sentence: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    between = sentence[left[1] : right[0]]
    return not re.search(r"[a-z]", re.sub(r"\b(?:and|or|the|both|as well as|to|between)\b", "", between))


def _distinct(sentence: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    a, b = sentence[slice(*left)].lower(), sentence[slice(*right)].lower()
    return a not in b and b not in a


def swap_neighbours(sentence: str, dice: random.Random) -> str | None:
    """Exchange two names that follow each other, and are no members of one list."""
    names = names_in(sentence)
    pairs = [p for p in pairwise(names) if _distinct(sentence, *p) and not _in_one_list(sentence, *p)]
    return _exchange(sentence, *dice.choice(pairs)) if pairs else None


def swap_distant(sentence: str, dice: random.Random) -> str | None:
    """Exchange any two names that are no members of one list."""
    names = names_in(sentence)
    pairs = [p for p in combinations(names, 2) if _distinct(sentence, *p) and not _in_one_list(sentence, *p)]
    return _exchange(sentence, *dice.choice(pairs)) if pairs else None


def swap_in_list(sentence: str, dice: random.Random) -> str | None:
    """Exchange two members of a list, which says the same unless the order counts."""
    names = names_in(sentence)
    pairs = [p for p in pairwise(names) if _distinct(sentence, *p) and _in_one_list(sentence, *p)]
    return _exchange(sentence, *dice.choice(pairs)) if pairs else None


def swap_owner(sentence: str, dice: random.Random) -> str | None:
    """Make "X of Y" or "Y's X" into "Y of X"."""
    pattern = re.compile(rf"\b({_NAME_PART}) of (?:the )?({_NAME_PART})\b")
    match = _pick(pattern, sentence, dice)
    if match is None or {match[1], match[2]} & _NO_NAMES:
        return None
    return _replace(sentence, match, f"{match[2]} of {match[1]}")


def turn_passive(sentence: str, dice: random.Random) -> str | None:
    """Make the doer the one it was done to: "A founded B" into "A was founded by B", and back."""
    names = set(names_in(sentence))
    places = [m for m in re.finditer(r" ([a-z]+ed) (?:the )?(?=[A-Z])", sentence)
              if any(end == m.start() for _, end in names)]  # fmt: skip
    if places:
        match = dice.choice(places)
        return _replace(sentence, match, f" was {match[1]} by ")
    match = _pick(re.compile(r" (?:was|were) ([a-z]+ed) by (?:the )?(?=[A-Z])"), sentence, dice)
    if match is None or not any(end == match.start() for _, end in names):
        return None
    return _replace(sentence, match, f" {match[1]} ")


NEGATIONS: tuple[Change, ...] = (
    put_not, contract, put_never, take_not, did_not, turn_quantifier, prefix, not_true,
)  # fmt: skip
SWAPS: tuple[Change, ...] = (swap_neighbours, swap_distant, swap_owner, turn_passive)
