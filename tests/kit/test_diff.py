"""What changed between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from parley.kit.diff import changed_words, diff_texts, differing_blocks


def patched(old: list[str], new: list[str]) -> list[str]:
    """Put the second sequence together from the first and the blocks that differ."""
    result, at = list[str](), 0
    for start, end, other_start, other_end in differing_blocks(old, new):
        result += old[at:start] + new[other_start:other_end]
        at = end
    return result + old[at:]


class TestDifferingBlocks:
    @given(st.lists(st.sampled_from("abcde")), st.lists(st.sampled_from("abcdef")))
    def test_turn_the_first_into_the_second(self, old: list[str], new: list[str]) -> None:
        assert patched(old, new) == new

    def test_equal_sequences_differ_nowhere(self) -> None:
        assert list(differing_blocks("abcabc", "abcabc")) == []

    def test_one_change_in_a_long_text_is_one_block(self) -> None:
        old = [f"line {number}" for number in range(50_000)]
        new = [*old[:20_000], "another", *old[20_001:]]
        assert list(differing_blocks(old, new)) == [(20_000, 20_001, 20_000, 20_001)]

    def test_repeated_lines_without_anchor_are_replaced_at_once(self) -> None:
        old, new = ["a", "b"] * 5_000, ["b", "c"] * 5_000
        assert patched(old, new) == new


class TestDiffTexts:
    def test_hunks_have_lines_around_them_and_numbers(self) -> None:
        old = "\n".join(f"line {number}" for number in range(1, 21))
        new = old.replace("line 10", "line ten").replace("line 20", "line 20\nline 21")
        diff = diff_texts(old, new, context=1)
        shown = [[(line.kind[0], line.text, line.before, line.after) for line in hunk] for hunk in diff.hunks]
        assert shown == [
            [
                ("s", "line 9", 9, 9),
                ("r", "line 10", 10, None),
                ("a", "line ten", None, 10),
                ("s", "line 11", 11, 11),
            ],
            [("s", "line 20", 20, 20), ("a", "line 21", None, 21)],
        ]
        assert (diff.added, diff.removed, diff.cut) == (2, 1, False)

    def test_near_changes_share_a_hunk(self) -> None:
        assert len(diff_texts("a\nb\nc\nd\ne", "A\nb\nc\nd\nE", context=2).hunks) == 1

    def test_many_changes_are_cut_and_still_counted(self) -> None:
        old = "\n".join(f"line {number}" for number in range(1000))
        diff = diff_texts(old, old.upper(), max_lines=100)
        assert (sum(map(len, diff.hunks)), diff.added, diff.cut) == (100, 1000, True)


class TestChangedWords:
    def test_whole_words_are_marked(self) -> None:
        old, new = "The keeper climbs 199 steps.", "The keeper climbs 201 steep steps."
        before, after = changed_words(old, new)
        assert [old[start:end] for start, end in before] == ["199"]
        assert "".join(new[start:end] for start, end in after) == "201 steep"

    def test_lines_without_anything_in_common_are_not_compared(self) -> None:
        assert changed_words("alpha beta gamma", "0 1 2") == ([], [])
