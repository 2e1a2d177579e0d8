"""When two sources that say nearly the same contradict each other."""

from itertools import pairwise

from parley.chat.check.edit_rules import EditJudge
from parley.chat.check.edits import Comparison, Edit

# So many words must agree before a name that differs: what differs at once is the subject, mostly of another matter.
_LEAST_BEFORE = 3
# Behind a subject that differs, a number and so many words tell that the same event is spoken of.
_LEAST_BEHIND = 6


def differs_in_one(judge: EditJudge) -> bool:
    """Tell whether a claim differs from its evidence in one number, one name, or in that one of them denies."""
    numbers, denied = judge.numbers(), judge.denial() or judge.opposites()
    names = [*judge.names(), *judge.roles()]
    if judge.words() and not names:
        return False
    kinds = [numbers, denied, names]
    if sum(bool(kind) for kind in kinds) != 1 or len(numbers) > 1:
        return False
    return not names or _one_name(judge.comparison)


def _one_name(comparison: Comparison) -> bool:
    """Tell whether names differ in one place alone, with enough that agrees to speak of the same event."""
    changed = [edit for edit in comparison.edits if edit.c_start < edit.c_end and edit.e_start < edit.e_end]
    if not changed or not all(_adjacent(*pair) for pair in pairwise(changed)):
        return False
    agreeing = [token for token, partner in zip(comparison.claim, comparison.alignment.partner, strict=True)
                if partner >= 0 and token.content]  # fmt: skip
    if changed[0].place == "lead" or _agreeing_before(comparison, changed[0]) < _LEAST_BEFORE:
        return len(agreeing) >= _LEAST_BEHIND and any(token.number for token in agreeing)
    return True


def _adjacent(earlier: Edit, later: Edit) -> bool:
    return later.c_start - earlier.c_end <= 1


def _agreeing_before(comparison: Comparison, edit: Edit) -> int:
    partner = comparison.alignment.partner
    return sum(partner[place] >= 0 and comparison.claim[place].content for place in range(edit.c_start))
