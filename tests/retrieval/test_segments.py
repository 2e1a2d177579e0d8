"""A span of a text is read from the segments that hold it, wherever it stands, on both databases."""

import random

from parley.chat.passages import PassageRepository
from parley.kit.clock import FixedClock
from parley.knowledge.repository import DocumentRepository
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.repository import RetrievalRepository
from parley.store.engine import Store
from tests.retrieval.library import Library
from tests.support.databases import add_workspace

PASSAGES = [f"Passage {number} tells of the harbour, of its cranes and of berth {number}." for number in range(30)]


async def test_every_span_is_read_as_it_stands(any_store: Store, clock: FixedClock) -> None:
    library = Library(any_store, clock, await add_workspace(any_store, clock), HashEmbedder(64))
    source = await library.source()
    await library.document(source, "before.txt", "Another text, which has the same places.")
    version = await library.document(source, "long.txt", *PASSAGES)
    text = "\n\n".join(PASSAGES)
    dice = random.Random(3)
    spans = [(0, 1), (0, len(text)), (49, 51), (50, 100), (len(text) - 1, len(text))]
    spans += [(start := dice.randrange(len(text)), dice.randint(start + 1, len(text))) for _ in range(40)]
    async with any_store.read() as session:
        for start, end in spans:
            assert await PassageRepository(session, library.workspace_id).text(version, start, end) == text[start:end]
            assert await RetrievalRepository(session, library.workspace_id).text(version, start, end) == text[start:end]
            segments = await DocumentRepository(session, library.workspace_id).segments(version, start, end)
            assert [begin for begin, _ in segments] == list(range(start // 50 * 50, end, 50))
            assert "".join(piece for _, piece in segments)[start % 50 :][: end - start] == text[start:end]


async def test_a_span_of_a_text_that_another_workspace_has_is_empty(any_store: Store, clock: FixedClock) -> None:
    library = Library(any_store, clock, await add_workspace(any_store, clock, "one"), HashEmbedder(64))
    version = await library.document(await library.source(), "long.txt", *PASSAGES)
    other = await add_workspace(any_store, clock, "two")
    async with any_store.read() as session:
        assert await DocumentRepository(session, other).segments(version, 0, 10) == []
        assert await PassageRepository(session, other).text(version, 0, 10) == ""
