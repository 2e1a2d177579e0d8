"""Lay a claim beside its evidence word by word, so that what was changed can be told from what was left out.

A global alignment of the claim (Needleman and Wunsch, 1970) against the evidence, of which any part may be used; the
claim may go on elsewhere in the evidence at a price, as a sentence made of two does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.chat.check.tokens import Token

# What is paid for, in content words that agree. A jump must cost more than half of what a long name brings that stands
# in another place, or names that were exchanged would count as found.
_FUNCTION_WORD = 0.4
_SAME_STEM = 0.8
_REPLACED = 0.6
_ADDED = 0.5
_LEFT_OUT = 0.2
_JUMP = 5.0
_JUMP_AT_JOINT = 2.0
# Words that join two statements, behind which a claim may well go on elsewhere.
_JOINTS_LIST = "and but while whereas also y e und et sowie और तथा و 并 且 而"
JOINTS = frozenset(_JOINTS_LIST.split())

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Alignment:
    """`partner[i]`: the evidence token that claim token i agrees with, or -1; `region[i]`: grows with each jump."""

    partner: tuple[int, ...]
    region: tuple[int, ...]


def align(claim: Sequence[Token], evidence: Sequence[Token]) -> Alignment:
    """Return the best alignment; claim tokens that agree with nothing in their place have no partner."""
    if not claim or not evidence:
        return Alignment((-1,) * len(claim), (0,) * len(claim))
    gains = _gains(claim, evidence)
    prices = [_JUMP_AT_JOINT if place and claim[place - 1].form in JOINTS else _JUMP for place in range(len(claim))]
    jumped, placed, told = _fill(gains, prices)
    return _trace(gains, jumped, placed, told)


def _gains(claim: Sequence[Token], evidence: Sequence[Token]) -> Scores:
    """Return (claim tokens, evidence tokens): what it brings to lay one on the other, below zero where they differ."""
    forms: dict[str, int] = {}
    stems: dict[str, int] = {}
    c_form, e_form = (np.asarray([forms.setdefault(t.form, len(forms)) for t in side]) for side in (claim, evidence))
    c_stem, e_stem = (np.asarray([stems.setdefault(t.stem, len(stems)) for t in side]) for side in (claim, evidence))
    weight = np.asarray([1.0 if token.content else _FUNCTION_WORD for token in claim], np.float32)[:, None]
    words = np.asarray([token.content and not token.number for token in claim])[:, None]
    same = c_form[:, None] == e_form[None, :]
    akin = (c_stem[:, None] == e_stem[None, :]) & words
    return np.where(same, weight, np.where(akin, weight * _SAME_STEM, -_REPLACED)).astype(np.float32)


def _fill(gains: Scores, prices: Sequence[float]) -> tuple[Scores, Scores, Scores]:
    """Return three tables of the best score with i claim tokens used and the evidence read up to j.

    `jumped`: after perhaps a jump, before token i is placed; `placed`: after it was; `told`: after leaving out.
    """
    claims, width = gains.shape
    shape = (claims + 1, width + 1)
    jumped, placed, told = np.empty(shape, np.float32), np.empty(shape, np.float32), np.zeros(shape, np.float32)
    ramp = np.arange(width + 1, dtype=np.float32) * _LEFT_OUT
    for i in range(claims):
        np.maximum(told[i], told[i].max() - prices[i], out=jumped[i])
        placed[i] = jumped[i] - _ADDED
        np.maximum(placed[i, 1:], jumped[i, :-1] + gains[i], out=placed[i, 1:])
        told[i + 1] = np.maximum.accumulate(placed[i] + ramp) - ramp
    return jumped, placed, told


def _trace(gains: Scores, jumped: Scores, placed: Scores, told: Scores) -> Alignment:
    claims = gains.shape[0]
    partner, jumps = [-1] * claims, [False] * claims
    j = int(told[claims].argmax())
    for i in range(claims - 1, -1, -1):
        while j > 0 and told[i + 1, j] > placed[i, j] + 1e-4:
            j -= 1
        if j > 0 and placed[i, j] <= jumped[i, j - 1] + gains[i, j - 1] + 1e-4:
            partner[i] = j - 1 if gains[i, j - 1] > 0 else -1
            j -= 1
        if jumped[i, j] > told[i, j] + 1e-4:
            jumps[i] = True
            j = int(told[i].argmax())
    region = np.cumsum(np.asarray(jumps))
    return Alignment(tuple(partner), tuple(int(number) for number in region))
