"""Citation markers in streamed text."""

from hypothesis import given
from hypothesis import strategies as st

from parley.chat.markers import Marker, MarkerStripper

WRITTEN = "[1]|[1, 2]|[1][3]|[2-4]|[source 1]|【1†a】|[12]|[x]|[|]| |word|. |`a[1]`|(http://x)|[^1]|é|[100]|~|`|1|- "
PIECES = st.sampled_from([*WRITTEN.split("|"), "|", "\n", "\n\n", "```\nb[1]\n```\n"])


def strip(*deltas: str) -> tuple[str, list[tuple[int, tuple[int, ...], bool]]]:
    """Return the text without markers, and each marker with its place."""
    stripper = MarkerStripper()
    text, markers = "", list[tuple[int, tuple[int, ...], bool]]()
    pieces = [piece for delta in deltas for piece in stripper.feed(delta)] + stripper.finish()
    for piece in pieces:
        if isinstance(piece, Marker):
            markers.append((len(text), piece.numbers, piece.leading))
        else:
            text += piece
    return text, markers


class TestTakingMarkersOut:
    def test_takes_the_blanks_before_them_too(self) -> None:
        assert strip("It is blue [1]. Green [2] too.") == (
            "It is blue. Green too.",
            [(10, (1,), False), (17, (2,), False)],
        )

    def test_reads_lists_ranges_and_other_spellings(self) -> None:
        for written, numbers in [
            ("[1, 2]", (1, 2)),
            ("[1;3]", (1, 3)),
            ("[2-4]", (2, 3, 4)),
            ("[source 1]", (1,)),
            ("[Sources 1 and 2]", (1, 2)),
            ("【7†boats.md】", (7,)),
            ("[^2]", (2,)),
        ]:
            assert strip(f"Blue {written}.") == ("Blue.", [(4, numbers, False)])

    def test_keeps_a_blank_between_words(self) -> None:
        assert strip("Blue [1]and green")[0] == "Blue and green"

    def test_knows_a_marker_at_the_beginning_of_a_line(self) -> None:
        assert strip("- [1] Blue\n- Green [2]") == ("- Blue\n- Green", [(2, (1,), True), (14, (2,), False)])

    def test_gives_a_marker_alone_on_its_line_to_what_came_before(self) -> None:
        assert strip("Blue.\n[1]\nGreen.") == ("Blue.\n\nGreen.", [(6, (1,), False)])

    def test_leaves_code_links_and_other_brackets_alone(self) -> None:
        for text in ["`a[1]` b", "```\na[1]\n```\nb", "See [1](http://x) b", "[x] b", "[100] b", "a [ 1", "[ ] b"]:
            assert strip(text) == (text, [])

    def test_goes_on_after_code(self) -> None:
        assert strip("```\na[1]\n```\nBlue [1].") == ("```\na[1]\n```\nBlue.", [(17, (1,), False)])


class TestStreaming:
    @given(st.lists(PIECES, max_size=14), st.sets(st.integers(0, 80), max_size=5))
    def test_it_does_not_matter_where_the_stream_is_cut(self, pieces: list[str], places: set[int]) -> None:
        text = "".join(pieces)
        cuts = sorted(min(place, len(text)) for place in places)
        deltas = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert strip(*deltas) == strip(text)
        assert strip(*text) == strip(text)

    def test_holds_back_only_what_may_be_a_marker(self) -> None:
        stripper = MarkerStripper()
        assert stripper.feed("Blue is") == ["Blue", " is"]
        assert stripper.feed(" [") == []
        assert stripper.feed("nice") == [" [", "nice"]
        assert stripper.feed(" [1") == []
        assert stripper.feed("].") == [Marker((1,), leading=False), "."]
