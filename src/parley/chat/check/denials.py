"""Words that deny: how many a stretch of text holds, and which words deny each other."""

from collections.abc import Iterable, Sequence

from parley.chat.check.tokens import Token

_PLAIN_LIST = """
not no never none neither nor without cannot nobody nothing nowhere hardly barely scarcely rarely seldom unable fail
fails failed failing lack lacks lacked lacking refuse refuses refused decline declines declined deny denies denied
cease ceases ceased false untrue wrong incorrect wrongly falsely contrary myth unlikely doubtful impossible except
excluding absent
nunca sin ningún ninguna ninguno jamás tampoco nicht kein keine keinen keinem keiner nie niemals ohne weder kaum falsch
ne pas jamais sans aucun aucune faux non mai senza nessun nessuna não nem sem nenhum nenhuma falso falsa
नहीं न मत बिना لا لم لن ليس ليست بدون غير 不 没 沒 无 無 非 未 否
"""
_PLAIN = frozenset(_PLAIN_LIST.split())
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "mis", "de", "anti", "a")
_SHORTEST_ROOT = 4
_NOT_ONLY = frozenset({"only", "just", "merely", "solely", "solo", "nur", "seulement"})


def denials(tokens: Sequence[Token]) -> int:
    """Count what denies; "not only" does not, and "no longer" counts once."""
    count = 0
    for place, token in enumerate(tokens):
        following = tokens[place + 1].form if place + 1 < len(tokens) else ""
        count += token.form in _PLAIN and following not in _NOT_ONLY
    return count


def deny_each_other(left: str, right: str) -> bool:
    """Tell whether one word is the other with a denying prefix or suffix: "likely" and "unlikely"."""
    shorter, longer = sorted((left, right), key=len)
    if len(shorter) >= _SHORTEST_ROOT and any(longer == prefix + shorter for prefix in _PREFIXES):
        return True
    return left.removesuffix("less") == right.removesuffix("ful") != left or (
        right.removesuffix("less") == left.removesuffix("ful") != right
    )


def denying_pair(left: Iterable[Token], right: Iterable[Token]) -> str | None:
    """Return the first word of the left side that denies one of the right side."""
    others = [token.form for token in right if token.content]
    for token in left:
        if token.content and any(deny_each_other(token.form, other) for other in others):
            return token.form
    return None
