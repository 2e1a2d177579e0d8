"""Judge what a claim changed of the evidence that it follows: which changes make it say something else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from parley.chat.check.denials import denials, denying_pair
from parley.chat.check.edits import Comparison, Edit
from parley.chat.check.measures import ORDINAL_WORDS, same_measure
from parley.chat.check.numbers import Quantity, is_vague, same_quantity
from parley.chat.check.opposites import opposite_of
from parley.chat.check.tokens import Token

# So many words in a row that no source holds are a statement of their own.
MOST_UNHELD_IN_A_ROW = 2
MOST_UNHELD_SHARE = 0.3
# A longer stretch that was left out is a clause of its own, whose "not" denies nothing else.
MOST_LEFT_OUT = 3
# Words before or behind a name that are looked at for the name which it replaced.
_REACH = 3
# A name this near to a moved word changed sides with it.
_BESIDE = 4
_BY = frozenset(["by", "von", "durch", "por", "par", "da", "dal", "dai"])
_BEING_LIST = "is are was were be been being wurde wird wurden fue fueron"
_BEING = frozenset(_BEING_LIST.split())
_ARTICLES_LIST = "the a an el la los las un una der die das den dem des ein eine le les"
_ARTICLES = frozenset(_ARTICLES_LIST.split())
_ONE = frozenset(["one", "single", "once", "twice", "half", "zero"])
_PREPOSITIONS_LIST = """
in on at by during after before since until from to with without for under over as near of about against between into
through within en de del a por para con bei mit von aus nach zu seit im am dans par pour avec
"""
PREPOSITIONS = frozenset(_PREPOSITIONS_LIST.split())
_VAGUE_COUNTS_LIST = "several many some numerous dozens hundreds thousands few various multiple"
_VAGUE_COUNTS = frozenset(_VAGUE_COUNTS_LIST.split())
Near = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True)
class EditJudge:
    """Looks at the edits of one claim, kind by kind; each check returns the words that fail it.

    Args:
        text, language: of the claim.
        quantities: of the claim.
        evidence_quantities: (passage, quantity) of all that it cites.
        context: terms of titles and headings.
        near: tells whether a word is near in meaning to one of others.
    """

    text: str
    language: str
    comparison: Comparison
    quantities: Sequence[Quantity]
    evidence_quantities: Sequence[tuple[int, Quantity]]
    context: frozenset[str]
    near: Near

    def numbers(self) -> list[str]:
        """Quantities that the evidence does not give in that place."""
        failed = [quantity.text for quantity in self.quantities if not self._number_holds(quantity)]
        for edit in self.comparison.edits:
            failed += self._wrong_measure(edit) + self._wrong_count(edit)
        return list(dict.fromkeys(failed))

    def denial(self) -> list[str]:
        """Places where the claim denies and the evidence does not, or the other way round."""
        failed: list[str] = []
        for edit in self.comparison.edits:
            added, removed = self._added(edit), self._replaced(edit)
            if edit.place != "inside" and not added:
                continue  # what stands before or goes on may be left out
            if not added and sum(token.content for token in removed) > MOST_LEFT_OUT:
                continue  # so may a whole clause
            if denials(added) % 2 != denials(removed) % 2:
                failed.append(" ".join(token.form for token in (added or removed)))
            elif (pair := denying_pair(added, removed)) is not None:
                failed.append(pair)
        return failed

    def opposites(self) -> list[str]:
        """Words in the place of their opposites."""
        return [
            token.form
            for edit in self.comparison.edits
            for token in self._added(edit)
            for other in self._removed(edit)
            if opposite_of(token.stem, other.stem, self.language)
        ]

    def names(self) -> list[str]:
        """Names that the evidence gives nowhere, or not in that place."""
        return [self._surface(run) for edit, run in self._new_names() if not self._stands_elsewhere(edit, run)]

    def roles(self) -> list[str]:
        """Names that stand in the place of another one, and a doer made the one it was done to."""
        moved = [run for edit, run in self._new_names() if self._stands_elsewhere(edit, run)]
        if self._voice_turned:
            return [] if moved else ["by"]
        failed = [self._surface(run) for run in moved if not self._moved_whole(run)]
        return failed or self._inverted() or self._spliced()

    def words(self) -> list[str]:
        """Words that no source holds, where they are more than a rewording."""
        unheld: list[str] = []
        longest = 0
        for edit in self.comparison.edits:
            mine = [token.form for token in self._added(edit) if token.content and not self._is_held(token, edit)]
            longest = max(longest, len(mine))
            unheld += mine
        content = sum(token.content for token in self.comparison.claim) or 1
        return unheld if longest > MOST_UNHELD_IN_A_ROW or len(unheld) / content > MOST_UNHELD_SHARE else []

    def _added(self, edit: Edit) -> Sequence[Token]:
        return self.comparison.claim[edit.c_start : edit.c_end]

    def _removed(self, edit: Edit) -> Sequence[Token]:
        return self.comparison.evidence.tokens[edit.e_start : edit.e_end]

    # -- numbers

    def _number_holds(self, quantity: Quantity) -> bool:
        places = [place for place, token in enumerate(self.comparison.claim)
                  if token.start < quantity.end and quantity.start < token.end]  # fmt: skip
        if not places or all(place in self.comparison.introduced for place in places):
            return True
        vague = is_vague(self.text)
        window = self._window(places)
        if window is not None:
            beside = self._quantities_in(*window)
            mine = self._beside(places)
            if len(mine) == len(beside) and quantity in mine:
                return self._same(quantity, beside[mine.index(quantity)], vague)
            if beside:
                return any(self._same(quantity, other, vague) for other in beside)
        return any(
            self._same(quantity, other, vague) and self._same_before(places[0], passage, other)
            for passage, other in self.evidence_quantities
        )

    def _same(self, claimed: Quantity, other: Quantity, vague: bool) -> bool:
        return claimed.unit == other.unit and same_quantity(claimed, other, vague, exact=not vague)

    def _window(self, places: Sequence[int]) -> tuple[int, int] | None:
        """Return the evidence tokens (first, last) that stand where these claim tokens do."""
        partner = self.comparison.alignment.partner
        own = [partner[place] for place in places]
        if min(own) >= 0:
            return own[0], own[-1]
        for edit in self.comparison.edits:
            if edit.c_start <= places[-1] and places[0] < edit.c_end and edit.e_start < edit.e_end:
                inside = [one for one in own if one >= 0]
                return min([edit.e_start, *inside]), max([edit.e_end - 1, *inside])
        return None

    def _beside(self, places: Sequence[int]) -> list[Quantity]:
        """Return the claim's quantities in the edit that these tokens belong to: their order counts."""
        claim = self.comparison.claim
        for edit in self.comparison.edits:
            if edit.c_start <= places[0] and places[-1] < edit.c_end:
                start, end = claim[edit.c_start].start, claim[edit.c_end - 1].end
                return [quantity for quantity in self.quantities if quantity.start < end and start < quantity.end]
        return []

    def _quantities_in(self, first: int, last: int) -> list[Quantity]:
        evidence = self.comparison.evidence
        passage = evidence.passage_of[first]
        start, end = evidence.tokens[first].start, evidence.tokens[last].end
        return [q for number, q in self.evidence_quantities if number == passage and q.start < end and start < q.end]

    def _same_before(self, place: int, passage: int, quantity: Quantity) -> bool:
        """Tell whether the same word stands before the number on both sides: it moved with its phrase."""
        evidence = self.comparison.evidence
        places = [p for p, token in enumerate(evidence.tokens)
                  if evidence.passage_of[p] == passage and quantity.start <= token.start < quantity.end]  # fmt: skip
        if not places:
            return False
        before = self.comparison.claim[place - 1].stem if place else ""
        return before == (evidence.tokens[places[0] - 1].stem if places[0] else "")

    def _wrong_measure(self, edit: Edit) -> list[str]:
        """A number is the same, but what it counts or measures is another unit."""
        added, removed = self._added(edit), self._removed(edit)
        after = edit.c_start > 0 and self._is_count(edit.c_start - 1)
        if edit.place == "lead" or not after or not (added and removed):
            return []
        verdict = same_measure([t.form for t in added], [t.form for t in removed])
        return [added[0].form] if verdict is False else []

    def _is_count(self, place: int) -> bool:
        token = self.comparison.claim[place]
        return token.number or any(q.start <= token.start < q.end for q in self.quantities)

    def _wrong_count(self, edit: Edit) -> list[str]:
        """An ordinal became another one, or a number became "one"."""
        added, removed = self._added(edit), self._removed(edit)
        ordinals = [token.form for token in added if token.form in ORDINAL_WORDS]
        others = {token.form for token in removed if token.form in ORDINAL_WORDS}
        if ordinals and others and not set(ordinals) & others:
            return ordinals
        if not removed:
            return []
        counts = [token.form for token in added if token.content or token.form in _ONE]
        if edit.place != "inside" or not counts or set(counts) & _VAGUE_COUNTS:
            return []
        mine = any(claimed.start < added[-1].end and added[0].start < claimed.end for claimed in self.quantities)
        return counts if not mine and self._quantities_in(edit.e_start, edit.e_end - 1) else []

    # -- names

    def _new_names(self) -> list[tuple[Edit, tuple[int, int]]]:
        """Runs of name tokens (first, behind the last) that do not agree with what stands in their place."""
        found: list[tuple[Edit, tuple[int, int]]] = []
        for edit in self.comparison.edits:
            removed = {token.stem for token in self._removed(edit)}
            place = edit.c_start
            while place < edit.c_end:
                end = place
                while end < edit.c_end and self._is_name(end) and self.comparison.claim[end].stem not in removed:
                    end += 1
                if end > place and not self._is_generic(edit, place, end):
                    found.append((edit, (place, end)))
                place = max(end, place + 1)
        return found

    def _is_name(self, place: int) -> bool:
        token = self.comparison.claim[place]
        if token.number or not token.content:
            return False
        return token.name or token.stem in self._names or (token.capital and token.stem not in self._held_stems)

    def _is_generic(self, edit: Edit, start: int, end: int) -> bool:
        """Tell whether a new word is no name after all: lower case in the evidence, or near what it replaces."""
        token = self.comparison.claim[start]
        if end - start > 1 or token.stem in self._names or (token.name and not token.capital):
            return False
        return not token.name and self.near(token.form, [other.form for other in self._removed(edit) if other.content])

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(token.stem for token in self.comparison.evidence.tokens if token.name)

    @cached_property
    def _held_stems(self) -> frozenset[str]:
        return frozenset(token.stem for token in self.comparison.evidence.tokens) | self.context

    @cached_property
    def _touched(self) -> dict[str, list[int]]:
        """Places of each stem in the sentences that the claim follows."""
        found: dict[str, list[int]] = {}
        for _, start, end in self.comparison.touched_sentences():
            for place in range(start, end):
                found.setdefault(self.comparison.evidence.tokens[place].stem, []).append(place)
        return found

    def _surface(self, run: tuple[int, int]) -> str:
        tokens = self.comparison.claim[run[0] : run[1]]
        return self.text[tokens[0].start : tokens[-1].end]

    def _inverted(self) -> list[str]:
        """Words that moved to the other side of a name which itself stayed: "A may use B" for "B may use A"."""
        claim, agreed = self.comparison.claim, set(self.comparison.alignment.partner)
        failed: list[str] = []
        for edit in self.comparison.edits:
            for place in range(edit.c_start, edit.c_end):
                token = claim[place]
                if not token.content or token.number or claim[place - 1].form in PREPOSITIONS:
                    continue
                for other in self._touched.get(token.stem, []):
                    if other not in agreed and self._name_between(place, other):
                        failed.append(token.form)
        return failed

    def _spliced(self) -> list[str]:
        """A subject from one sentence set before what another one says of somebody else, with nothing between."""
        failed: list[str] = []
        for left, right in self.comparison.splices():
            between = self.text[self.comparison.claim[left].end : self.comparison.claim[right].start]
            start = self.comparison.evidence.sentence(self.comparison.alignment.partner[right])[0]
            dropped = self.comparison.evidence.tokens[start : self.comparison.alignment.partner[right]][-_REACH:]
            if right == left + 1 and not between.strip():
                failed += [token.form for token in dropped if token.content and (token.name or token.capital)]
        return failed

    def _name_between(self, place: int, other: int) -> bool:
        """Tell whether a name stands behind one of two places of a word and before the other one."""
        partner = self.comparison.alignment.partner
        return any(
            partner[own] >= 0 and (own < place) != (partner[own] < other) and abs(own - place) <= _BESIDE
            and (token.name or token.stem in self._names)
            for own, token in enumerate(self.comparison.claim)
        )  # fmt: skip

    def _stands_elsewhere(self, edit: Edit, run: tuple[int, int]) -> bool:
        """Tell whether the evidence holds the name. In another's place it must be there, not just in the title."""
        stems = [token.stem for token in self.comparison.claim[run[0] : run[1]]]
        return all(stem in self._held_stems for stem in stems)

    def _moved_whole(self, run: tuple[int, int]) -> bool:
        """Tell whether a name came along with what governs it, or stands for a pronoun or a description."""
        edit = next(edit for edit in self.comparison.edits if edit.c_start <= run[0] < edit.c_end)
        replaced = [token for token in self._replaced(edit) if token.content and (token.capital or token.name)]
        if replaced:
            return False
        places = self._touched.get(self.comparison.claim[run[0]].stem, [])
        return not places or any(self._same_governor(run[0], place) for place in places)

    def _same_governor(self, place: int, other: int) -> bool:
        """Tell whether the same word stands before a name on both sides, articles left out, and came along with it."""
        first = self.comparison.evidence.sentence(other)[0]
        mine = self._governor(self.comparison.claim, place, 0)
        theirs = self._governor(self.comparison.evidence.tokens, other, first)
        if mine is None or theirs is None:
            return mine == theirs
        same = self.comparison.claim[mine].stem == self.comparison.evidence.tokens[theirs].stem
        partner = self.comparison.alignment.partner
        return same and (partner[mine] == theirs or (partner[mine] < 0 and theirs not in partner))

    def _replaced(self, edit: Edit) -> Sequence[Token]:
        """Return what an edit removed, as far as it stands where the claim put something else."""
        removed = self._removed(edit)
        reach = edit.c_end - edit.c_start + _REACH
        return removed[-reach:] if edit.place == "lead" else removed[:reach] if edit.place == "tail" else removed

    @staticmethod
    def _governor(tokens: Sequence[Token], place: int, first: int) -> int | None:
        """Return where the word before a name stands, articles left out; None at the beginning."""
        while place > first and tokens[place - 1].form in _ARTICLES:
            place -= 1
        return place - 1 if place > first else None

    @cached_property
    def _voice_turned(self) -> bool:
        """Tell whether one side says "was founded by" and the other "founded", beside a name."""
        for edit in self.comparison.edits:
            if edit.place == "inside" and edit.e_end - edit.e_start > 2 * _REACH:
                continue
            mine = self._passive(self.comparison.claim, edit.c_start, edit.c_end)
            theirs = self._passive(self.comparison.evidence.tokens, edit.e_start, edit.e_end)
            if mine != theirs:
                return True
        return False

    def _passive(self, tokens: Sequence[Token], start: int, end: int) -> bool:
        """Tell whether "by" and a name stand within, behind a form of "be" at most three words before."""
        for place in range(start, end):
            following = [token for token in tokens[place + 1 : place + 4] if token.content][:1]
            named = following and (following[0].name or following[0].stem in self._names)
            before = {token.form for token in tokens[max(0, place - 3) : place]}
            if tokens[place].form in _BY and named and before & _BEING:
                return True
        return False

    # -- words

    def _is_held(self, token: Token, edit: Edit) -> bool:
        if token.stem in self._held_stems or token.number:
            return True
        return self.near(token.form, [other.form for other in self._removed(edit) if other.content])
