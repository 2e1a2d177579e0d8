"""What is embedded of a chunk."""

from parley.knowledge.chunk_input import chunk_input, join_cut_words, text_hash


class TestChunkInput:
    def test_title_and_headings_come_first(self) -> None:
        assert chunk_input(("Setup", "Pump"), "Manual", "It runs.") == "Manual › Setup › Pump\nIt runs."

    def test_a_heading_that_the_text_begins_with_is_not_repeated(self) -> None:
        assert chunk_input(("Setup", "Pump"), "Manual", "Pump\n\nIt runs.") == "Manual › Setup\nPump\n\nIt runs."

    def test_a_long_path_keeps_its_inner_headings(self) -> None:
        embedded = chunk_input(("outer " * 60, "inner"), "", "It runs.")
        assert embedded == "inner\nIt runs."

    def test_text_alone_stays_alone(self) -> None:
        assert chunk_input((), "", "It runs.") == "It runs."

    def test_words_cut_at_line_ends_are_made_whole(self) -> None:
        assert (
            join_cut_words("most avail-\nable styles, North-\nSouth, 3-\n4")
            == "most available styles, North-\nSouth, 3-\n4"
        )


class TestTextHash:
    def test_it_is_sixteen_bytes_and_depends_on_the_whole_input(self) -> None:
        assert len(text_hash("a")) == 16
        assert text_hash("a") == text_hash("a") != text_hash("b")
