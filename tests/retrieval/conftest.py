"""A searcher over a real store, with index folders of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from parley.kit.clock import FixedClock
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from tests.retrieval.library import Library
from tests.support.databases import add_workspace


@pytest.fixture
def embedder() -> HashEmbedder:
    """An embedder that needs no model."""
    return HashEmbedder(64)


@pytest.fixture
async def library(store: Store, clock: FixedClock, embedder: HashEmbedder) -> Library:
    """A workspace to put documents into."""
    return Library(store, clock, await add_workspace(store, clock), embedder)


@pytest.fixture
async def keeper(store: Store, data_folder: Path, embedder: HashEmbedder) -> AsyncGenerator[IndexKeeper]:
    """The derived indexes."""
    opened = IndexKeeper(store, data_folder / "indexes", OneEmbedder(embedder))
    yield opened
    await opened.close()


@pytest.fixture
def searcher(store: Store, keeper: IndexKeeper) -> Searcher:
    """Search over the store."""
    return Searcher(store, RetrievalSettings(), keeper)
