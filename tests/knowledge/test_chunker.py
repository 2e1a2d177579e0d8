"""Chunks: exact, complete, in order, within the limit, along the structure."""

import re
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.knowledge.chunker import Chunker, ChunkState
from parley.knowledge.parsed import ChunkSpan, Part
from parley.knowledge.parsers.blocks import Block, BlockKind, build_parts
from parley.knowledge.token_bound import TokenBound
from parley.llm.embedding.static import StaticEmbedder
from tests.support.pdf import make_pdf
from tests.support.reading import ReadDocument, read_bytes

LIMIT = 40


def count_tokens(texts: list[str]) -> list[int]:
    """A tokenizer for tests: one for every second character of a word, each mark, each line end, and two more."""
    return [2 + sum(1 + len(word) // 2 for word in re.findall(r"\w+|[^\w\s]|\n", text)) for text in texts]


def chunk_parts(parts: list[Part], limit: int = LIMIT) -> list[ChunkSpan]:
    chunker, state = Chunker(count_tokens, limit), ChunkState()
    return [chunk for part in parts for chunk in chunker.chunk(part, state)]


def chunk_blocks(*blocks: Block, limit: int = LIMIT) -> tuple[str, list[ChunkSpan]]:
    parts = list(build_parts(blocks))
    return "".join(part.text for part in parts), chunk_parts(parts, limit)


def texts(text: str, chunks: list[ChunkSpan]) -> list[str]:
    return [text[chunk.start : chunk.end] for chunk in chunks]


WORDS = st.lists(st.sampled_from(["pump", "valve", "é", "水泵运行", "x" * 90, "a.b", "3,5", "run.", "Ü!"]), max_size=60)
TEXTS = st.one_of(WORDS.map(" ".join), st.lists(WORDS.map(" ".join), max_size=8).map("\n".join), st.text(max_size=300))
KINDS = st.sampled_from(["paragraph", "heading", "table", "code", "list_item", "quote", "page", "verbatim"])


@st.composite
def any_blocks(draw: st.DrawFn) -> list[Block]:
    blocks: list[Block] = []
    for number, kind in enumerate(draw(st.lists(KINDS, max_size=12))):
        name: BlockKind = kind  # pyright: ignore[reportAssignmentType]
        text = "" if kind == "page" else draw(TEXTS)
        blocks.append(Block(name, text.replace("\n", " ") if kind == "heading" else text, number + 1))
    return blocks


class TestEveryText:
    @settings(max_examples=150, deadline=None)
    @given(any_blocks())
    def test_chunks_hold_all_text_once_in_order_within_the_limit(self, blocks: list[Block]) -> None:
        text, chunks = chunk_blocks(*blocks)
        pieces = texts(text, chunks)
        assert "".join("".join(pieces).split()) == "".join(text.split())
        assert all(piece and piece == piece.strip() for piece in pieces)
        assert all(one.end <= other.start for one, other in pairwise(chunks))
        assert all(count <= LIMIT for count in count_tokens(pieces))
        assert all(chunk.tokens <= LIMIT for chunk in chunks)

    @settings(max_examples=60, deadline=None)
    @given(any_blocks())
    def test_ranges_lie_in_their_part_in_order(self, blocks: list[Block]) -> None:
        position = 0
        for part in build_parts(blocks):
            assert part.start == position
            position += len(part.text)
            assert all(part.start <= item.start <= item.end <= position for item in part.ranges)
            assert [item.start for item in part.ranges] == sorted(item.start for item in part.ranges)
            assert "\0" not in part.text
            part.text.encode()

    def test_the_default_embedders_tokens_keep_the_limit(self, tmp_path: Path) -> None:
        source = Path(__file__).read_text(encoding="utf-8") + "\n\nСлова и 中文字符没有空格 for good measure.\n" * 20
        embedder = StaticEmbedder()
        chunker, state = Chunker(embedder.count_tokens, 120), ChunkState()
        document = read_bytes(tmp_path, "a.txt", source.encode())
        chunks = [chunk for part in document.parts for chunk in chunker.chunk(part, state)]
        assert max(embedder.count_tokens(texts(document.text, chunks))) <= 120


class TestStructure:
    def test_small_paragraphs_share_a_chunk(self) -> None:
        text, chunks = chunk_blocks(Block("paragraph", "One."), Block("paragraph", "Two."))
        assert texts(text, chunks) == ["One.\n\nTwo."]

    def test_small_sections_share_a_chunk_under_the_headings_they_share(self) -> None:
        text, chunks = chunk_blocks(
            *(Block("heading", "A", 1), Block("heading", "B", 2), Block("paragraph", "One.")),
            *(Block("heading", "C", 2), Block("paragraph", "Two.")),
        )
        assert texts(text, chunks) == ["A\n\nB\n\nOne.\n\nC\n\nTwo."]
        assert [chunk.heading for chunk in chunks] == [("A",)]

    def test_a_section_of_some_size_is_a_chunk_of_its_own(self) -> None:
        text, chunks = chunk_blocks(
            *(Block("heading", "A", 1), Block("paragraph", "pump " * 10)),
            *(Block("heading", "B", 1), Block("paragraph", "Two.")),
        )
        assert [chunk.heading for chunk in chunks] == [("A",), ("B",)]
        assert texts(text, chunks)[1] == "B\n\nTwo."

    def test_a_heading_stands_with_the_text_below_it(self) -> None:
        text, chunks = chunk_blocks(
            Block("heading", "Title", 1), Block("heading", "Part", 2), Block("paragraph", "pump " * 60)
        )
        assert texts(text, chunks)[0].startswith("Title\n\nPart\n\npump")
        assert {chunk.heading for chunk in chunks} == {("Title", "Part")}

    def test_the_heading_path_goes_on_in_the_next_part(self) -> None:
        parts = list(build_parts([Block("heading", "A", 1), *(Block("paragraph", "word " * 300) for _ in range(400))]))
        assert len(parts) > 1
        assert chunk_parts(parts, 400)[-1].heading == ("A",)

    def test_long_prose_is_cut_between_sentences(self) -> None:
        sentences = [f"Mr. Smith of Acme Inc. saw pump number {number} run." for number in range(20)]
        text, chunks = chunk_blocks(Block("paragraph", " ".join(sentences)))
        assert len(chunks) > 3
        assert all(piece.startswith("Mr. Smith") and piece.endswith("run.") for piece in texts(text, chunks))

    def test_table_rows_stay_whole_and_later_chunks_know_the_header(self) -> None:
        rows = ["Part | Price", *(f"Valve {number} | {number}" for number in range(30))]
        text, chunks = chunk_blocks(Block("table", "\n".join(rows), 1))
        assert "\n".join(texts(text, chunks)).split("\n") == rows
        assert [chunk.heading for chunk in chunks] == [(), *[("Part | Price",)] * (len(chunks) - 1)]
        assert {chunk.kind for chunk in chunks} == {"table"}

    def test_a_table_in_several_blocks_keeps_its_header(self) -> None:
        _, chunks = chunk_blocks(
            Block("table", "Part | Price\n" + "Valve | 1\n" * 9, 1), Block("table", "Pump | 2\n" * 9)
        )
        assert chunks[-1].heading == ("Part | Price",)

    def test_code_is_cut_at_blank_lines_first(self) -> None:
        functions = [f"def run_{number}():\n    value = {number}\n    return value" for number in range(6)]
        text, chunks = chunk_blocks(Block("code", "\n\n\n".join(functions)))
        assert all(piece.startswith("def run_") for piece in texts(text, chunks))

    def test_records_are_cut_between_lines(self) -> None:
        lines = [f"2026-01-0{number % 9 + 1} INFO Started. Pump {number}" for number in range(30)]
        text, chunks = chunk_blocks(Block("paragraph", "\n".join(lines)))
        assert all(re.fullmatch(r"(2026-.*\n?)+", piece) for piece in texts(text, chunks))


class TestPages:
    def test_a_chunk_has_the_page_of_its_start(self, tmp_path: Path) -> None:
        document: ReadDocument = read_bytes(tmp_path, "a.pdf", make_pdf([["One ends here."], ["Two ends here."]]))
        chunks = chunk_parts(document.parts)
        assert [chunk.page for chunk in chunks] == [1, 2]

    def test_a_sentence_that_runs_over_stays_whole_where_there_is_room(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.pdf", make_pdf([["The pump runs"], ["all night."]]))
        chunks = chunk_parts(document.parts, 60)
        assert texts(document.text, chunks) == ["The pump runs\n\nall night."]
        assert chunks[0].page == 1

    def test_documents_without_pages_have_none(self) -> None:
        _, chunks = chunk_blocks(Block("paragraph", "One."))
        assert chunks[0].page is None


class TestTokenBound:
    @settings(max_examples=150, deadline=None)
    @given(TEXTS)
    def test_the_bound_is_never_below_the_count(self, text: str) -> None:
        bound = TokenBound(count_tokens)
        assert bound.of(text) + bound.special >= count_tokens([text])[0]

    def test_each_word_is_counted_once(self) -> None:
        asked: list[str] = []

        def count(texts: list[str]) -> list[int]:
            asked.extend(texts)
            return [1] * len(texts)

        bound = TokenBound(count)
        for _ in range(3):
            bound.learn(["pump valve pump"])
        assert sorted(asked) == ["", "pump", "valve"]
