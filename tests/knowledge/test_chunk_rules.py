"""Every way to cut: exact spans, nothing lost, within the limit; and what is special about each."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import InvalidInput
from parley.knowledge.chunk_rule import STRATEGIES, ChunkRule, Strategy
from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.parsed import ChunkSpan, Part
from parley.knowledge.parsers.blocks import Block, build_parts, heading
from parley.knowledge.rules import checked_rule
from parley.knowledge.schemas import Chunking
from tests.knowledge.test_chunker import any_blocks, count_tokens, texts
from tests.support.reading import read_bytes

SENTENCES = " ".join(f"Pump {number} runs all night." for number in range(40))
RULES = st.builds(
    ChunkRule,
    strategy=st.sampled_from(STRATEGIES),
    size=st.sampled_from([20, 40, 90]),
    overlap=st.sampled_from([None, 0, 6, 20]),
)


def cut(parts: list[Part], rule: ChunkRule) -> list[ChunkSpan]:
    chunker, state = Chunker(count_tokens, 40).under(rule), ChunkState()
    return [chunk for part in parts for chunk in chunker.chunk(part, state)]


def cut_blocks(*blocks: Block, strategy: Strategy = "structure", size: int = 40, overlap: int = 0) -> list[str]:
    parts = list(build_parts(blocks))
    return texts("".join(part.text for part in parts), cut(parts, ChunkRule(strategy, size, overlap)))


class TestEveryRule:
    @settings(max_examples=200, deadline=None)
    @given(any_blocks(), RULES)
    def test_chunks_are_spans_that_hold_all_text_within_the_limit(self, blocks: list[Block], rule: ChunkRule) -> None:
        parts = list(build_parts(blocks))
        text = "".join(part.text for part in parts)
        chunks = cut(parts, rule)
        pieces = texts(text, chunks)
        assert all(piece and piece == piece.strip() for piece in pieces)
        assert all(count <= (rule.size or 40) for count in count_tokens(pieces))
        assert all(chunk.tokens <= (rule.size or 40) for chunk in chunks)
        assert all(one.start < other.start and one.end < other.end for one, other in pairwise(chunks))
        held = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
        assert all(at in held for at, char in enumerate(text) if not char.isspace())
        if rule.overlap_tokens(40) == 0:
            assert len(held) == sum(chunk.end - chunk.start for chunk in chunks)

    def test_equal_rules_have_equal_keys_that_fit_their_column(self) -> None:
        rules = [ChunkRule(), ChunkRule(size=100), ChunkRule(overlap=0), ChunkRule("structure", 4096, 2048)]
        assert len({rule.key for rule in rules}) == len(rules)
        assert max(len(rule.key) for rule in rules) <= 40

    def test_an_overlap_of_more_than_half_is_refused(self) -> None:
        assert checked_rule(Chunking(size=100, overlap=50), 220).overlap == 50
        with pytest.raises(InvalidInput, match="Choose at most 110"):
            checked_rule(Chunking(overlap=111), 220)


class TestOverlap:
    def test_the_next_chunk_repeats_whole_sentences(self) -> None:
        pieces = cut_blocks(Block("paragraph", SENTENCES), size=60, overlap=20)
        for one, other in pairwise(pieces):
            assert other.startswith("Pump ")
            assert other.split(". ")[0] + "." in one

    def test_it_ends_at_a_heading(self) -> None:
        pieces = cut_blocks(heading("A", 1), Block("paragraph", "One."), heading("B", 1), Block("paragraph", "Two."))
        assert (
            cut_blocks(
                heading("A", 1), Block("paragraph", "One."), heading("B", 1), Block("paragraph", "Two."), overlap=20
            )
            == pieces
        )

    def test_rows_are_not_repeated(self) -> None:
        rows = "\n".join(["Part | Price", *(f"Valve {number} | {number}" for number in range(30))])
        assert cut_blocks(Block("table", rows, 1), overlap=20) == cut_blocks(Block("table", rows, 1))

    def test_a_chunk_that_begins_on_the_page_before_has_that_page(self) -> None:
        blocks = [Block("page", "", 1), Block("paragraph", SENTENCES + " And"), Block("page", "", 2)]
        parts = list(build_parts([*blocks, Block("paragraph", "so on. " + SENTENCES)]))
        border = next(item.start for item in parts[0].ranges if item.kind == "page" and item.level == 2)
        for chunk in cut(parts, ChunkRule("structure", 60, 25)):
            assert chunk.page == (1 if chunk.start < border else 2)


class TestFixed:
    def test_windows_are_of_equal_size_whatever_stands_in_them(self) -> None:
        blocks = [heading("Pumps", 1), Block("paragraph", SENTENCES), heading("Valves", 1)]
        parts = list(build_parts([*blocks, Block("paragraph", SENTENCES)]))
        chunks = cut(parts, ChunkRule("fixed", 60, 0))
        assert all(chunk.tokens > 50 for chunk in chunks[:-1])
        assert [chunk.heading for chunk in chunks[:1] + chunks[-1:]] == [("Pumps",), ("Valves",)]

    def test_a_tenth_is_repeated_unless_told_otherwise(self) -> None:
        parts = list(build_parts([Block("paragraph", SENTENCES)]))
        chunks = cut(parts, ChunkRule("fixed", 100))
        repeated = [one.end - other.start for one, other in pairwise(chunks)]
        assert all(0 < chars < 60 for chars in repeated)


class TestPage:
    def test_a_slide_is_a_chunk(self) -> None:
        slides = [part for number in (1, 2, 3) for part in (Block("slide", "", number), heading(f"Slide {number}", 2))]
        slides.insert(2, Block("paragraph", "It runs and"))
        pieces = cut_blocks(*slides, strategy="page", size=200)
        assert pieces == ["Slide 1\n\nIt runs and", "Slide 2", "Slide 3"]

    def test_sheets_are_kept_apart_and_have_no_page(self) -> None:
        blocks = [Block("sheet", "", 1), heading("May", 2), Block("table", "A | B\n1 | 2", 1)]
        parts = list(
            build_parts([*blocks, Block("sheet", "", 2), heading("June", 2), Block("table", "A | B\n3 | 4", 1)])
        )
        chunks = cut(parts, ChunkRule("page", 200))
        assert [(chunk.heading, chunk.page) for chunk in chunks] == [(("May",), None), (("June",), None)]

    def test_a_message_is_one(self, tmp_path: Path) -> None:
        mail = b"From: a@example.org\nSubject: Pumps\n\nThe first.\n\nThe second.\n\n> What was asked.\n"
        document = read_bytes(tmp_path, "a.eml", mail)
        assert len(cut(document.parts, ChunkRule("page"))) == 1

    def test_one_that_is_too_long_is_cut_within(self) -> None:
        blocks = [Block("page", "", 1), Block("paragraph", SENTENCES), Block("page", "", 2), Block("paragraph", "End.")]
        chunks = cut(list(build_parts(blocks)), ChunkRule("page", 60))
        assert [chunk.page for chunk in chunks] == [1] * (len(chunks) - 1) + [2]


class TestRow:
    def test_each_row_is_a_chunk_under_its_header(self) -> None:
        rows = ["Part | Price", "Valve | 1", "Pump | 2", "Hose | 3"]
        parts = list(build_parts([Block("paragraph", "Prices of today."), Block("table", "\n".join(rows), 1)]))
        chunks = cut(parts, ChunkRule("row"))
        text = "".join(part.text for part in parts)
        assert texts(text, chunks) == ["Prices of today.", "Part | Price\nValve | 1", "Pump | 2", "Hose | 3"]
        assert [chunk.heading for chunk in chunks[2:]] == [("Part | Price",)] * 2

    def test_a_comma_separated_file_gives_a_chunk_a_row(self, tmp_path: Path) -> None:
        lines = ["name,price", *(f"valve {number},{number}" for number in range(900))]
        document = read_bytes(tmp_path, "a.csv", "\n".join(lines).encode())
        chunks = cut(document.parts, ChunkRule("row"))
        assert len(chunks) == 900
        assert {chunk.heading for chunk in chunks[1:]} == {("name | price",)}


PYTHON = '''"""A module."""

import os
import sys

LIMIT = 3


@cached
def first(value: int) -> int:
    """Tell.

no indentation here
    """
    return value


# Says what it is.
class Pump:
    """A pump."""

    def start(self) -> None:
        self.running = True
        self.speed = 1

    def stop(self) -> None:
        self.running = False
        self.speed = 0
'''
JAVASCRIPT = """import { a } from "b";

/**
 * Adds.
 */
export function add(one, other)
{
    return one + other;
}

const twice = (value) => {
    return value * 2;
};

if (ready) {
    start();
}
"""


class TestCode:
    def test_each_definition_is_a_chunk_with_what_stands_above_it(self) -> None:
        pieces = cut_blocks(Block("code", PYTHON), strategy="code", size=400)
        assert [piece.split("\n")[0] for piece in pieces] == ['"""A module."""', "@cached", "# Says what it is."]
        assert pieces[1].endswith("return value")
        assert pieces[2].endswith("self.speed = 0")

    def test_braces_may_stand_on_their_own_line(self) -> None:
        pieces = cut_blocks(Block("code", JAVASCRIPT), strategy="code", size=400)
        assert [piece.split("\n")[0] for piece in pieces] == [
            'import { a } from "b";',
            "/**",
            "const twice = (value) => {",
            "if (ready) {",
        ]

    def test_a_long_class_is_cut_between_its_methods_which_know_the_class(self) -> None:
        parts = list(build_parts([Block("code", PYTHON)]))
        text = "".join(part.text for part in parts)
        for strategy in ("code", "structure"):
            chunks = cut(parts, ChunkRule(strategy, 40))
            stop = next(chunk for chunk in chunks if "def stop" in text[chunk.start : chunk.end])
            assert stop.heading[:1] == ("class Pump:",)
            assert text[stop.start : stop.end].startswith("def stop")

    def test_prose_beside_code_follows_its_structure(self) -> None:
        blocks = [heading("A", 1), Block("paragraph", "Run this:"), Block("code", "pip install x")]
        assert cut_blocks(*blocks, strategy="code") == ["A\n\nRun this:\n\npip install x"]

    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["def a():", "    x = 1", "}", "{", '"""', "/*", "*/", "", "@b", "\tc(", "  )", "else:"])
        )
    )
    def test_whatever_the_lines_nothing_is_lost(self, lines: list[str]) -> None:
        text = "\n".join(lines)
        for strategy in ("code", "structure"):
            pieces = cut_blocks(Block("code", text), strategy=strategy, size=20)
            assert "".join("".join(pieces).split()) == "".join(text.split())
