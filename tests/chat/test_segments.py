"""Sentences of an answer while it is written."""

from hypothesis import given
from hypothesis import strategies as st

from parley.chat.markers import MarkerStripper
from parley.chat.segments import Segment, Segmenter

TEXT = """\
The ferry leaves at 9.40 a.m. [1]. Tickets cost 12 euros [2][3], says Dr. Smith. [1]

- Dogs travel free [4]
- [5] Bicycles do not

| what | cost |
|---|---|
| ticket | 12 [2] |

```py
print(seats[1])
```
[2]

Is that all? Yes [1]."""
EXPECTED = [
    ("The ferry leaves at 9.40 a.m..", (1,)),
    ("Tickets cost 12 euros, says Dr. Smith.", (2, 3, 1)),
    ("Dogs travel free", (4,)),
    ("Bicycles do not", (5,)),
    ("| what | cost |", ()),
    ("| ticket | 12 |", (2,)),
    ("```py\nprint(seats[1])\n```", (2,)),
    ("Is that all?", ()),
    ("Yes.", (1,)),
]


def segments(*deltas: str) -> tuple[str, list[Segment]]:
    stripper, segmenter = MarkerStripper(), Segmenter("en")
    text, found = "", list[Segment]()
    for piece in [piece for delta in deltas for piece in stripper.feed(delta)] + stripper.finish():
        found += segmenter.add(piece)
        text += piece if isinstance(piece, str) else ""
    return text, found + segmenter.finish()


class TestCutting:
    def test_gives_each_sentence_its_markers(self) -> None:
        text, found = segments(TEXT)
        assert [(text[one.start : one.end], one.numbers) for one in found] == EXPECTED

    @given(st.integers(1, 40))
    def test_it_does_not_matter_how_the_text_arrives(self, size: int) -> None:
        text, found = segments(*(TEXT[start : start + size] for start in range(0, len(TEXT), size)))
        assert [(text[one.start : one.end], one.numbers) for one in found] == EXPECTED

    def test_markers_may_stand_before_their_sentences(self) -> None:
        for text in [
            "[1] It is blue. [2] It is green.[3]",
            "- [1] It is blue. [2] It is green [3].",
            "[1]It is blue. [2]It is green. [3]",
        ]:
            told, found = segments(*text)
            numbers = [(told[one.start : one.end], one.numbers) for one in found]
            assert numbers == [("It is blue.", (1,)), ("It is green.", (2, 3))], text

    def test_markers_behind_full_stops_belong_to_what_was_said(self) -> None:
        told, found = segments(*"It is blue. [1] It is green. [2]\n\nIt is red, [3] not grey.[4]")
        assert [(told[one.start : one.end], one.numbers) for one in found] == [
            ("It is blue.", (1,)),
            ("It is green.", (2,)),
            ("It is red, not grey.", (3, 4)),
        ]

    def test_a_sentence_is_told_as_soon_as_the_next_begins(self) -> None:
        segmenter = Segmenter("en")
        assert segmenter.add("The ferry leaves at nine.") == []
        assert segmenter.add(" ") == []
        assert segmenter.add("It") == [Segment(0, 25, (), code=False)]

    def test_code_is_one_piece_however_long(self) -> None:
        text, found = segments("Do this:\n\n~~~\na. b. c.\n\n# d\n~~~\n\nThen rest.")
        assert [(text[one.start : one.end], one.code) for one in found] == [
            ("Do this:", False),
            ("~~~\na. b. c.\n\n# d\n~~~", True),
            ("Then rest.", False),
        ]

    def test_code_that_never_ends_is_still_told(self) -> None:
        text, found = segments("Do this:\n\n```\na = 1")
        assert [text[one.start : one.end] for one in found] == ["Do this:", "```\na = 1"]

    @given(st.text(alphabet="ab .!?\n`|-[1]", max_size=80))
    def test_sentences_never_overlap_and_lie_within_the_text(self, written: str) -> None:
        text, found = segments(*written)
        borders = [border for one in found for border in (one.start, one.end)]
        assert borders == sorted(borders)
        assert all(0 <= border <= len(text) for border in borders)
        assert all(one.start < one.end for one in found)
