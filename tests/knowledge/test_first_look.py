"""A large source is skimmed before it is read, and what somebody asks about is read first."""

import asyncio
import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from parley.kit.analysis import analyse
from parley.knowledge.parsed import ParseLimits
from parley.knowledge.skimming import Skimmer, word_keys
from parley.knowledge.unread import MOST_AT_ONCE, UnreadWords

WORKSPACE, SOURCE = "wsp_1", "src_1"


def skim(path: Path, content: str | bytes) -> set[int]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return set(Skimmer(ParseLimits()).skim(path, path.name).tolist())


def holds(found: set[int], *words: str) -> bool:
    return set(word_keys(words)) <= found


class TestSkimming:
    def test_text_gives_its_words_whatever_their_form(self, tmp_path: Path) -> None:
        found = skim(tmp_path / "a.txt", "The pumps were running; see parser.feed() and naïve Äpfel.")
        assert holds(found, "pump", "runs", "parser.feed", "feed", "naive", "äpfel")
        assert not holds(found, "valve")

    def test_html_gives_what_is_shown(self, tmp_path: Path) -> None:
        page = "<html><head><style>p{colour:red}</style></head><body class='wide'><p>caf&eacute; <b>open</b></p>" * 3
        found = skim(tmp_path / "a.html", page + "<script>var hidden = 1;</script></body></html>")
        assert holds(found, "café", "open")
        assert not holds(found, "colour")
        assert not holds(found, "hidden")
        assert not holds(found, "wide")

    def test_text_without_spaces_gives_pairs_of_characters(self, tmp_path: Path) -> None:
        assert holds(skim(tmp_path / "a.txt", "鉄道の駅。"), "鉄道")

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7 pump", gzip.compress(b"pump"), b"\x00\x01\x02pump\xff" * 40])
    def test_what_is_no_text_gives_nothing(self, tmp_path: Path, content: bytes) -> None:
        assert skim(tmp_path / "a", content) == set()

    def test_a_file_that_takes_longer_to_read_than_anybody_waits_gives_nothing(self, tmp_path: Path) -> None:
        line = "the pump runs at night\n"
        assert holds(skim(tmp_path / "a.txt", line * 170_000), "pump")
        assert skim(tmp_path / "b.txt", line * 190_000) == set()

    def test_a_file_that_is_gone_gives_nothing(self, tmp_path: Path) -> None:
        assert len(Skimmer(ParseLimits()).skim(tmp_path / "gone.txt", "gone.txt")) == 0

    def test_keys_ascend_and_stand_once(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("pump valve pump " * 20)
        keys = Skimmer(ParseLimits()).skim(tmp_path / "a.txt", "a.txt")
        assert keys.tolist() == sorted(word_keys(["pump", "valve"]))

    def test_a_compound_is_asked_for_as_a_whole(self) -> None:
        assert len(word_keys(["foo.bar", "..."])) == 1
        assert analyse("foo.bar", "en")[0] == "foo.bar"


def unread(files: dict[str, list[str]]) -> UnreadWords:
    words = UnreadWords()
    words.begin(WORKSPACE, SOURCE)
    words.add(WORKSPACE, SOURCE, [(name, np.array(sorted(word_keys(held)), np.uint32)) for name, held in files.items()])
    return words


@asynccontextmanager
async def reading(words: UnreadWords, seen: list[list[str]]) -> AsyncGenerator[None]:
    """Read what is asked for, as ingestion does."""

    async def read() -> None:
        while asked := await words.next_asked(WORKSPACE, SOURCE):
            seen.append(asked)
            words.is_read(WORKSPACE, SOURCE, asked)

    task = asyncio.create_task(read())
    yield
    words.end(WORKSPACE, SOURCE)
    await task


class TestReadingFirst:
    async def test_files_that_hold_most_of_the_words_are_asked_for(self) -> None:
        words = unread({"one": ["pump"], "two": ["pump", "valve"], "three": ["ferry"]})
        seen: list[list[str]] = []
        async with reading(words, seen):
            assert await words.read_first(WORKSPACE, [SOURCE], word_keys(["pump", "valve"]), 5)
        assert seen == [["two", "one"]]

    async def test_no_more_than_a_few_at_once(self) -> None:
        words = unread({f"file {number}": ["pump"] for number in range(20)})
        seen: list[list[str]] = []
        async with reading(words, seen):
            assert await words.read_first(WORKSPACE, [SOURCE], word_keys(["pump"]), 5)
        assert len(seen[0]) == MOST_AT_ONCE

    async def test_nobody_waits_for_words_that_no_file_holds(self) -> None:
        words = unread({"one": ["pump"]})
        assert not await words.read_first(WORKSPACE, [SOURCE], word_keys(["ferry"]), 60)

    async def test_who_asks_for_a_file_that_was_just_read_is_told_to_look_again(self) -> None:
        words = unread({"one": ["pump"]})
        words.is_read(WORKSPACE, SOURCE, ["one"])
        assert words.count(WORKSPACE) == 0
        assert await words.read_first(WORKSPACE, [SOURCE], word_keys(["pump"]), 60)

    async def test_other_sources_and_workspaces_are_not_looked_at(self) -> None:
        words = unread({"one": ["pump"]})
        assert not await words.read_first(WORKSPACE, ["src_2"], word_keys(["pump"]), 60)
        assert not await words.read_first("wsp_2", [SOURCE], word_keys(["pump"]), 60)
        assert words.count("wsp_2") == 0

    async def test_waiting_ends_with_the_time_and_with_the_source(self) -> None:
        words = unread({"one": ["pump"]})
        assert not await words.read_first(WORKSPACE, [SOURCE], word_keys(["pump"]), 0.01)
        waiting = asyncio.create_task(words.read_first(WORKSPACE, [SOURCE], word_keys(["pump"]), 60))
        await asyncio.sleep(0)
        words.end(WORKSPACE, SOURCE)
        assert await waiting
        assert await words.next_asked(WORKSPACE, SOURCE) == []

    async def test_files_come_in_several_deliveries(self) -> None:
        words = unread({"one": ["pump"]})
        words.add(
            WORKSPACE, SOURCE, [("two", np.array(word_keys(["pump"]), np.uint32)), ("three", np.zeros(0, np.uint32))]
        )
        words.add(WORKSPACE, SOURCE, [])
        assert words.count(WORKSPACE) == 2
        seen: list[list[str]] = []
        async with reading(words, seen):
            assert await words.read_first(WORKSPACE, [SOURCE], word_keys(["pump"]), 5)
        assert seen == [["one", "two"]]
