"""Original files, kept by the SHA-256 of their content, a folder per workspace.

Docs: docs/decisions/0003-blobs.md tells which files are kept and which stay where they are.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import LocalStore

from parley.errors import OversizedDocument
from parley.kit.ids import new_id

READ_BYTES = 1 << 20
BUFFER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class StagedBlob:
    """A file that was received whole and has no reference yet. `key` is its SHA-256 in hexadecimal."""

    key: str
    size: int
    staging: str


class BlobStore:
    """Content-addressed files in one folder; workspaces share nothing, so that erasing one is complete.

    A blob is put in place, and taken away, under `lock()` together with the rows that refer to it: otherwise a file
    that arrives while its last other reference is deleted would lose its content.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._store = LocalStore(folder, automatic_cleanup=True)
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Hold while blobs are put in place or removed and their rows are committed."""
        async with self._lock:
            yield

    def writer(self, max_bytes: int) -> "StagingWriter":
        """Return a writer that takes a file in pieces, hashing it on the way; memory stays bounded."""
        return StagingWriter(self._store, max_bytes)

    async def stage_file(self, path: Path, max_bytes: int) -> StagedBlob:
        """Copy a local file to disk while hashing it.

        Raises:
            OversizedDocument: the file is longer than `max_bytes`.
            OSError: the file cannot be read.
        """
        writer = self.writer(max_bytes)
        try:
            async for chunk in _read(path):
                await writer.write(chunk)
        except BaseException:
            await writer.abandon()
            raise
        return await writer.finish()

    async def place(self, workspace_id: str, staged: StagedBlob) -> str:
        """Give a staged file its place and return its key; call it under `lock`."""
        await obstore.rename_async(self._store, staged.staging, _key_path(workspace_id, staged.key), overwrite=True)
        return staged.key

    async def discard(self, staged: StagedBlob) -> None:
        """Remove a staged file that is not wanted after all."""
        await _delete(self._store, staged.staging)

    def path(self, workspace_id: str, key: str) -> Path:
        """Return where a blob lies on disk."""
        return self.folder / _key_path(workspace_id, key)

    async def delete(self, workspace_id: str, key: str) -> None:
        """Remove a blob; one that is gone already is fine. Call it under `lock`."""
        await _delete(self._store, _key_path(workspace_id, key))

    async def sweep_staging(self) -> None:
        """Remove what a crash left half received; at start, before anything is staged."""
        listed = await obstore.list(self._store, "staging").collect_async()
        for item in listed:
            await _delete(self._store, item["path"])


class StagingWriter:
    """Takes one file in pieces. Either `finish` or `abandon` must be called at the end."""

    def __init__(self, store: LocalStore, max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self._size = 0
        self._path = f"staging/{new_id('blob')}"
        self._writer = obstore.open_writer_async(store, self._path, buffer_size=BUFFER_BYTES)

    async def write(self, data: bytes) -> None:
        """Add a piece.

        Raises:
            OversizedDocument: the file became longer than it may be.
        """
        self._size += len(data)
        if self._size > self._max_bytes:
            raise OversizedDocument(oversized_message(self._max_bytes))
        self._digest.update(data)
        await self._writer.write(data)

    async def finish(self) -> StagedBlob:
        """Return the whole file."""
        await self._writer.close()
        return StagedBlob(self._digest.hexdigest(), self._size, self._path)

    async def abandon(self) -> None:
        """Remove what was written."""
        if not await self._writer.closed():
            await self._writer.close()
        await _delete(self._store, self._path)


def oversized_message(max_bytes: int) -> str:
    """Say which limit a file is over, and where it is set."""
    size = f"{max_bytes / 1e9:.3g} GB" if max_bytes >= 1e9 else f"{max_bytes / 1e6:.3g} MB"
    return f"The file is larger than {size}, the limit set in knowledge.max_file_bytes. Split it or raise the limit."


def _key_path(workspace_id: str, key: str) -> str:
    return f"{workspace_id}/{key[:2]}/{key}"


async def _delete(store: LocalStore, path: str) -> None:
    try:
        await obstore.delete_async(store, path)
    except FileNotFoundError:
        return


async def _read(path: Path) -> AsyncIterator[bytes]:
    descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        while chunk := await asyncio.to_thread(os.read, descriptor, READ_BYTES):
            yield chunk
    finally:
        os.close(descriptor)
