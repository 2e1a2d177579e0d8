"""Look at local folders and files: what is new, what changed, what is gone."""

import asyncio
from pathlib import Path

from parley.errors import SourceUnavailable
from parley.kit.clock import Clock
from parley.knowledge.ingestion import SCAN_BATCH, remove_documents, write_found
from parley.knowledge.loading import Loaded
from parley.knowledge.repository import DocumentRepository
from parley.knowledge.scan import FoundFile, scan_folder, stat_file
from parley.knowledge.tables import Source
from parley.settings import KnowledgeSettings
from parley.store.engine import Store


class FolderLoader:
    """Compares a folder with the documents that are known."""

    def __init__(self, store: Store, clock: Clock, settings: KnowledgeSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def load(self, source: Source) -> Loaded:
        """Write down what is to be read, and take documents whose file is gone out of search.

        Their versions stay for old citations.

        Raises:
            SourceUnavailable: the folder is not there.
            InvalidInput: it may not be listed.
        """
        assert source.root is not None
        async with self._store.read() as session:
            known = await DocumentRepository(session, source.workspace_id).by_path(source.id)
        found = await asyncio.to_thread(self._list, Path(source.root))
        loaded = await write_found(self._store, self._clock, source, found, known, all_files=True)
        present = {file.path for file in found}
        gone = [entry[0] for path, entry in known.items() if path not in present and entry[3] != "removed"]
        for at in range(0, len(gone), SCAN_BATCH):
            async with self._store.write() as session:
                await remove_documents(session, source.workspace_id, gone[at : at + SCAN_BATCH], self._clock)
        loaded.removed = len(gone)
        return loaded

    def _list(self, root: Path) -> list[FoundFile]:
        if not root.is_dir():
            raise SourceUnavailable(
                f"The folder {root} is not there. What was read from it is kept; it is looked at again once it is back."
            )
        return list(scan_folder(root, self._settings.max_file_bytes))


class FilesLoader:
    """Looks at loose files, each where it was when it was named."""

    def __init__(self, store: Store, clock: Clock, settings: KnowledgeSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def load(self, source: Source) -> Loaded:
        """Write down which of the files are to be read again; one that is gone fails and keeps its last version."""
        async with self._store.read() as session:
            known = await DocumentRepository(session, source.workspace_id).by_path(source.id)
        found = await asyncio.to_thread(self._stat, list(known))
        return await write_found(self._store, self._clock, source, found, known, all_files=True)

    def _stat(self, paths: list[str]) -> list[FoundFile]:
        return [stat_file(Path(path), path, self._settings.max_file_bytes) for path in paths]
