"""Chunks that may say what a thing is, told by their terms."""

import pytest

from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from tests.retrieval.library import Library, Passage

MENTIONS = "Extend the LVM volume, then resize the LVM volume group of LVM."


async def found(searcher: Searcher, library: Library, subject: str, *passages: str, language: str = "en") -> list[str]:
    """Return the texts that may define a subject, among passages that mention LVM more often."""
    source = await library.source()
    for number in range(30):
        await library.document(source, f"m{number}.md", f"{MENTIONS} Volume {number}.")
    await library.document(source, "all.md", *passages)
    await searcher.catch_up(library.workspace_id)
    request = SearchRequest(query=f"What is {subject}?", subject=subject, language=language, limit=5)
    return [hit.text for hit in (await searcher.search(library.workspace_id, request)).hits]


class TestSearchForASubject:
    @pytest.mark.parametrize(
        "text",
        [
            "Much later, LVM is a way to join disks.",
            "LVM, the Logical Volume Manager, is another way to join disks.",
            "LVM stands for Logical Volume Manager.",
            "LVM A way to join disks.",
        ],
    )
    async def test_only_passages_in_which_words_of_a_definition_follow_are_found(
        self, searcher: Searcher, library: Library, text: str
    ) -> None:
        assert await found(searcher, library, "LVM", text, "Disks are slow.") == [text]

    async def test_words_of_a_longer_subject_must_stand_beside_each_other(
        self, searcher: Searcher, library: Library
    ) -> None:
        right, wrong = "A volume group is a set of disks.", "This group has a volume which is a set of disks."
        assert await found(searcher, library, "volume group", right, wrong) == [right]

    async def test_what_follows_in_the_next_passage_does_not_count(self, searcher: Searcher, library: Library) -> None:
        assert await found(searcher, library, "LVM", "It is done by LVM", "is a word of the next passage.") == []

    async def test_headings_do_not_count(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.md", Passage("is a line without its subject.", heading=("LVM",)))
        assert await found(searcher, library, "LVM") == []

    async def test_other_languages_have_their_own_verbs(self, searcher: Searcher, library: Library) -> None:
        text = "LVM ist eine Schicht zwischen Platten und Dateisystemen."
        assert await found(searcher, library, "LVM", text, language="de") == [text]

    async def test_a_language_without_a_list_finds_nothing(self, searcher: Searcher, library: Library) -> None:
        assert await found(searcher, library, "LVM", "LVM is a way to join disks.", language="fi") == []
