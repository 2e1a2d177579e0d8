"""A real Parley in this process: files go in as a folder source, questions are asked of its searcher."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.quality.collections import TextDocument
from parley.api.container import Container, open_container
from parley.bots.schemas import BotIn
from parley.knowledge.schemas import SourceCreate
from parley.retrieval.schemas import EarlierText, Hit, SearchRequest
from parley.settings import Settings

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Library:
    """An open Parley with one bot that reads one folder."""

    container: Container
    bot_id: str

    async def search(
        self, query: str, limit: int, language: str | None = None, earlier: Sequence[tuple[str, float]] = ()
    ) -> list[Hit]:
        """Return the hits of a question; `earlier` is what was said before it, with weights."""
        said = [EarlierText(text=text, weight=weight) for text, weight in earlier]
        request = SearchRequest(query=query, limit=limit, bot_id=self.bot_id, language=language, earlier=said)
        return (await self.container.searcher.search(self.container.owner.workspace_id, request)).hits


@asynccontextmanager
async def open_library(
    folder: Path,
    data: Path | None = None,
    embedder: str = "static",
    rescorer: str | None = None,
    *,
    may_fail: bool = False,
) -> AsyncGenerator[Library]:
    """Read a folder into a fresh Parley and wait until all of it can be found.

    Args:
        folder: the files; an absolute path.
        data: a data folder to use; else one that goes away afterwards.
        embedder: name of the embedder; a registered model must be in the data folder.
        rescorer: name of a registered model that looks at the best candidates again.
        may_fail: whether files that cannot be read are left out.

    Raises:
        SystemExit: a file could not be read.
    """
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(data=data or Path(temporary))
        settings.retrieval.embedder = embedder
        settings.retrieval.rescorer = rescorer
        async with open_container(settings) as container:
            workspace_id = container.owner.workspace_id
            bot = await container.bots.create(workspace_id, BotIn(name="Benchmark"))
            wanted = SourceCreate(kind="folder", path=str(await asyncio.to_thread(folder.resolve)))
            source = await container.knowledge.add_local(workspace_id, bot.id, wanted)
            while source.status in ("scanning", "reading"):
                await asyncio.sleep(_POLL_SECONDS)
                source = await container.knowledge.get(workspace_id, source.id)
            if source.status != "ready" or (source.counts.failed and not may_fail):
                raise SystemExit(f"The folder ended as {source.status}, {source.counts.failed} files failed.")
            await container.searcher.catch_up(workspace_id)
            state = await container.searcher.state(workspace_id)
            while state.missing_vectors:
                await asyncio.sleep(_POLL_SECONDS)
                state = await container.searcher.state(workspace_id)
            yield Library(container, bot.id)


def write_files(documents: Mapping[str, TextDocument], folder: Path) -> dict[str, str]:
    """Write documents as files, Markdown where they have a title; return the document that each file is."""
    names: dict[str, str] = {}
    for number, (document_id, document) in enumerate(documents.items()):
        name = f"{number:05d}.{'md' if document.title or document.markdown else 'txt'}"
        text = f"# {document.title}\n\n{document.text}\n" if document.title else f"{document.text}\n"
        (folder / name).write_text(text, "utf-8")
        names[name] = document_id
    return names
