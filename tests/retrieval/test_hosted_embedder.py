"""A workspace that is searched by a provider's embedder: built, paid for, asked in time, done without."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from parley.errors import Conflict
from parley.kit.clock import FixedClock
from parley.llm.embedding import hosted
from parley.llm.embedding.fake import HashEmbedder
from parley.llm.embedding.hosted import HostedEmbedder, HostedModel
from parley.llm.embedding.wire import WIRES
from parley.retrieval import filling, questions
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from tests.retrieval.library import Library
from tests.retrieval.room import Room, Shelf, open_room
from tests.retrieval.test_keeper import fill
from tests.support.databases import add_workspace
from tests.support.embedding_provider import KEY, OWN_DIM, EmbeddingProvider, Fault, embedding_provider


@pytest.fixture
def provider() -> Generator[EmbeddingProvider]:
    with embedding_provider() as running:
        yield running


@pytest.fixture
def embedder(provider: EmbeddingProvider, monkeypatch: pytest.MonkeyPatch) -> Generator[HostedEmbedder]:
    """A provider's embedder at a tenth of a dollar a million tokens, that hardly waits between tries."""
    monkeypatch.setattr(hosted, "FIRST_BACK_OFF_SECONDS", 0.001)
    monkeypatch.setattr(filling, "_FIRST_WAIT_SECONDS", 0.001)
    model = HostedModel("openai", provider.base_url("openai"), "m-1", KEY, usd_per_million_tokens=100_000.0)
    opened = HostedEmbedder(model, WIRES["openai"], OWN_DIM)
    yield opened
    opened.close()


@pytest.fixture
async def room(store: Store, clock: FixedClock, tmp_path: Path, embedder: HostedEmbedder) -> AsyncGenerator[Room]:
    """A workspace of 24 passages that can be searched by the provider."""
    library = Library(store, clock, await add_workspace(store, clock), HashEmbedder(64, "static-1"))
    await fill(library, 12)
    async with open_room(store, tmp_path, library.workspace_id, Shelf(hosted=embedder)) as opened:
        yield opened


async def change(room: Room) -> str:
    """Search by the provider from here on; return the generation."""
    ended = await room.ended((await room.generations.start(room.workspace_id, "hosted")).id)
    assert ended.status == "active"
    return ended.id


class TestBuilding:
    async def test_each_passage_is_sent_once_and_counted(self, room: Room, provider: EmbeddingProvider) -> None:
        estimate = await room.generations.estimate(room.workspace_id, "hosted")
        assert provider.requests == []
        assert estimate.cost_usd == pytest.approx(estimate.tokens / 10)
        assert estimate.seconds is None
        generation = await room.generations.get(room.workspace_id, await change(room))
        assert len(provider.texts) == 24
        counted = sum(len(text.split()) for text in provider.texts)
        assert (generation.tokens, generation.cost_usd) == (counted, pytest.approx(counted / 10))
        assert estimate.tokens == pytest.approx(counted, rel=1.5)

    async def test_trouble_shows_and_passes(self, room: Room, provider: EmbeddingProvider) -> None:
        provider.then(*[Fault("status", 503)] * hosted.TRIES)
        await change(room)
        events = await room.events.read(room.workspace_id, 0)
        assert "provider_error" in {event.code for event in events}
        assert (await room.generations.all(room.workspace_id))[0].error is None

    async def test_a_refused_key_ends_it(self, room: Room, provider: EmbeddingProvider) -> None:
        provider.then(Fault("status", 401))
        ended = await room.ended((await room.generations.start(room.workspace_id, "hosted")).id)
        assert ended.error is not None
        assert (ended.status, ended.error.code) == ("failed", "provider_key_refused")

    async def test_it_cannot_be_removed_while_it_is_needed(self, room: Room) -> None:
        await change(room)
        with pytest.raises(Conflict):
            await room.generations.require_unused(room.workspace_id, "hosted")
        await room.generations.require_unused(room.workspace_id, "other")


class TestQuestions:
    async def test_are_sent_once_and_remembered(self, room: Room, provider: EmbeddingProvider) -> None:
        await change(room)
        provider.requests.clear()
        for _ in range(3):
            result = await room.search("glacier in summer")
            assert result.hits[0].scores.dense is not None
        assert provider.texts == ["glacier in summer"]

    async def test_that_take_too_long_go_by_words_and_are_there_the_next_time(
        self, room: Room, provider: EmbeddingProvider
    ) -> None:
        await change(room)
        asked = questions.Questions(room.embedders, seconds=0.05)
        space = await room.embedders.active(room.workspace_id)
        provider.then(Fault("silent"))
        late = await asked.prepare(room.workspace_id, space, "slow glacier")
        assert (late.embedder, late.trouble) == (None, questions.TIMED_OUT)
        resting = await asked.prepare(room.workspace_id, space, "another")
        assert resting.trouble == questions.TIMED_OUT
        provider.gate.set()
        async with asyncio.timeout(10):
            while True:
                if (await asked.prepare(room.workspace_id, space, "slow glacier")).made is not None:
                    break
                await asyncio.sleep(0.01)
        asked.close()

    async def test_that_fail_are_said_to_go_by_words_alone(self, room: Room, provider: EmbeddingProvider) -> None:
        await change(room)
        provider.then(Fault("status", 500))
        result = await room.search("mark7")
        assert result.hits[0].text.endswith("mark7.")
        assert result.hits[0].scores.dense is None
        assert result.explanation["words_alone_because"] == "provider_error"
        assert result.explanation["dense_weight"] == 0
        asked = len(provider.requests)
        assert (await room.search("mark8")).hits[0].text.endswith("mark8.")  # nobody waits for one in trouble
        assert len(provider.requests) == asked

    def test_are_waited_for_a_second_and_a_half(self) -> None:
        assert RetrievalSettings().question_seconds == 1.5
