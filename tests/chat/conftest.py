"""A desk: a bot with two documents, and the services in front of it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from parley.kit.clock import SystemClock
from parley.settings import ChatSettings
from parley.store.engine import Store
from tests.chat.desk import Desk, open_desk


@pytest.fixture
def chat_settings() -> ChatSettings:
    """Settings of the room; a test module may give its own."""
    return ChatSettings(max_turn_seconds=20, memory_by_model=True)


@pytest.fixture
async def desk(store: Store, data_folder: Path, chat_settings: ChatSettings) -> AsyncGenerator[Desk]:
    """A desk on SQLite."""
    async with open_desk(store, SystemClock(), data_folder, chat_settings) as opened:
        yield opened


@pytest.fixture
async def any_desk(any_store: Store, tmp_path: Path, chat_settings: ChatSettings) -> AsyncGenerator[Desk]:
    """A desk: the test runs once on each kind of database."""
    async with open_desk(any_store, SystemClock(), tmp_path, chat_settings) as opened:
        yield opened
