"""What a claim changed of the evidence that it closely follows: stretches replaced, added or left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from parley.chat.check.alignment import JOINTS, Alignment, align
from parley.chat.check.introductions import attributes, introduction_ends, opening_introduction
from parley.chat.check.tokens import Token

# The share of a claim's content words, introductions not counted, that must stand in their places in the evidence.
LEAST_FOLLOWED = 0.5
LEAST_WORDS = 3
_WEAK = 2
_LEAST_GIVEN = 3
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class EvidenceText:
    """All cited passages one after the other: each token with its passage and its sentence."""

    tokens: tuple[Token, ...]
    passage_of: tuple[int, ...]
    sentence_of: tuple[int, ...]

    def sentence(self, place: int) -> tuple[int, int]:
        """Return the first token, and the one behind the last, of the sentence that a token is in."""
        number = self.sentence_of[place]
        start, end = place, place + 1
        while start > 0 and self.sentence_of[start - 1] == number:
            start -= 1
        while end < len(self.tokens) and self.sentence_of[end] == number:
            end += 1
        return start, end


@dataclass(frozen=True, slots=True)
class Edit:
    """claim[c_start:c_end] stands where the evidence has evidence[e_start:e_end]; either may be empty.

    `place`: between words that agree, before the first or behind the last of them.
    """

    place: Literal["inside", "lead", "tail"]
    c_start: int
    c_end: int
    e_start: int
    e_end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim laid beside its evidence. `introduced`: claim tokens that only say where it is from."""

    claim: tuple[Token, ...]
    evidence: EvidenceText
    alignment: Alignment
    edits: tuple[Edit, ...]
    introduced: frozenset[int]
    followed: float

    @property
    def close(self) -> bool:
        """Whether the claim follows its evidence so closely that each change of it can be judged."""
        agreeing = sum(p >= 0 and t.content for p, t in zip(self.alignment.partner, self.claim, strict=True))
        return self.followed >= LEAST_FOLLOWED and agreeing >= LEAST_WORDS

    def touched_sentences(self) -> list[tuple[int, int, int]]:
        """Return (passage, first token, token behind the last) of each sentence run that the claim follows.

        A sentence that gives no more than a name or a word to another one's claim is left out.
        """
        held: dict[int, list[int]] = {}
        for place, partner in enumerate(self.alignment.partner):
            if partner >= 0 and self.claim[place].content:
                held.setdefault(self.evidence.sentence_of[partner], []).append(partner)
        most = max((len(places) for places in held.values()), default=0)
        runs: list[tuple[int, int, int]] = []
        for _, places in sorted(held.items()):
            if len(places) < min(most, max(_LEAST_GIVEN, _LEAST_SHARE * most)):
                continue
            start, end = self.evidence.sentence(places[0])
            if runs and runs[-1][2] == start and self.evidence.passage_of[start] == runs[-1][0]:
                runs[-1] = (runs[-1][0], runs[-1][1], end)
            else:
                runs.append((self.evidence.passage_of[start], start, end))
        return runs

    def splices(self) -> list[tuple[int, int]]:
        """Return pairs of agreeing claim tokens between which the claim goes on in another sentence."""
        pairs = [(place, partner) for place, partner in enumerate(self.alignment.partner) if partner >= 0]
        return [
            (left, right)
            for (left, left_e), (right, right_e) in pairwise(pairs)
            if self.evidence.sentence_of[left_e] != self.evidence.sentence_of[right_e]
        ]


def compare(text: str, claim: Sequence[Token], evidence: EvidenceText, context: frozenset[str]) -> Comparison:
    """Lay a claim beside its evidence and name what differs.

    Args:
        context: terms of titles and headings.
    """
    alignment = align(claim, evidence.tokens)
    opening = opening_introduction(text, claim, [partner >= 0 for partner in alignment.partner], context)
    if opening:
        rest = align(claim[opening:], evidence.tokens)
        alignment = Alignment((-1,) * opening + rest.partner, (0,) * opening + rest.region)
    introduced = set(range(opening))
    edits: list[Edit] = []
    for edit in _edits(claim, evidence, alignment, opening):
        introducing = _introducing(text, claim, edit, context)
        introduced.update(introducing)
        start, end = edit.c_start, edit.c_end
        if introducing:
            start, end = (start, introducing.start) if edit.place == "tail" else (introducing.stop, end)
        if start < end or edit.e_start < edit.e_end:
            edits.append(Edit(edit.place, start, end, edit.e_start, edit.e_end))
    own = [place for place, token in enumerate(claim) if token.content and place not in introduced]
    agreeing = sum(alignment.partner[place] >= 0 for place in own)
    followed = agreeing / len(own) if own else 0.0
    return Comparison(tuple(claim), evidence, alignment, tuple(edits), frozenset(introduced), followed)


def _introducing(text: str, claim: Sequence[Token], edit: Edit, context: frozenset[str]) -> range:
    """Return the claim tokens of an edit that only say where the claim is from."""
    piece = claim[edit.c_start : edit.c_end]
    if edit.place == "tail" and attributes(text[piece[0].start :] if piece else "", piece, context):
        return range(edit.c_start, edit.c_end)
    if edit.place == "lead":
        limit = claim[edit.c_end].start if edit.c_end < len(claim) else len(text)
        return range(edit.c_start, edit.c_start + introduction_ends(text, piece, limit, context))
    return range(0)


def _regions(alignment: Alignment) -> list[list[tuple[int, int]]]:
    """Return the agreeing (claim, evidence) pairs of each region, in the order of the claim."""
    regions: dict[int, list[tuple[int, int]]] = {}
    for place, (partner, region) in enumerate(zip(alignment.partner, alignment.region, strict=True)):
        if partner >= 0:
            regions.setdefault(region, []).append((place, partner))
    return list(regions.values())


def _edits(claim: Sequence[Token], evidence: EvidenceText, alignment: Alignment, begin: int) -> Iterator[Edit]:
    """Yield the edits in order. Where the claim goes on in another sentence, one ends and another begins."""
    pairs = _sure(claim, [pair for region in _regions(alignment) for pair in region])
    if not pairs:
        return
    yield _lead(evidence, begin, pairs[0])
    for (left, left_e), (right, right_e) in pairwise(pairs):
        if alignment.region[left] != alignment.region[right] or (
            evidence.sentence_of[left_e] != evidence.sentence_of[right_e]
        ):
            joint = _joint(claim, left + 1, right)
            yield _tail(evidence, left_e, left + 1, left + 1 if joint is None else joint)
            yield _lead(evidence, left + 1 if joint is None else joint + 1, (right, right_e))
        elif right - left > 1 or right_e - left_e > 1:
            yield Edit("inside", left + 1, right, left_e + 1, right_e)
    last, last_e = pairs[-1]
    yield _tail(evidence, last_e, last + 1, len(claim))


def _sure(claim: Sequence[Token], pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out one or two function words that happen to agree, with other words on both sides of them."""
    runs: list[list[tuple[int, int]]] = []
    for place, partner in pairs:
        if runs and (place - 1, partner - 1) == runs[-1][-1]:
            runs[-1].append((place, partner))
        else:
            runs.append([(place, partner)])
    kept = [run for run in runs if len(run) > _WEAK or any(claim[place].content for place, _ in run)]
    return [pair for run in kept for pair in run] if any(len(run) > _WEAK for run in kept) else list(pairs)


def _lead(evidence: EvidenceText, begin: int, first: tuple[int, int]) -> Edit:
    return Edit("lead", begin, first[0], evidence.sentence(first[1])[0], first[1])


def _tail(evidence: EvidenceText, last_e: int, begin: int, end: int) -> Edit:
    return Edit("tail", begin, end, last_e + 1, evidence.sentence(last_e)[1])


def _joint(claim: Sequence[Token], start: int, end: int) -> int | None:
    """Return where the word stands that joins two statements, if there is one."""
    return next((place for place in range(end - 1, start - 1, -1) if claim[place].form in JOINTS), None)
