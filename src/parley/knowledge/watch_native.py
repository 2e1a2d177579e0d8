"""The operating system's own notices of changes below a folder, by watchfiles, in a thread of ours."""

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# Its own `watch` begins to listen when it is first asked what changed: what was saved just before was missed.
# https://watchfiles.helpmanual.io/api/rust_backend/
from watchfiles._rust_notify import RustNotify

from parley.errors import SourceUnavailable
from parley.knowledge.file_filter import GITIGNORE

STEP_MS = 20
# How often the root itself is looked at: the system tells nothing when a folder is moved away and another put there.
TICK_MS = 500
# No debugging, no polling (and how often that would be), folders below, and those that may not be read are left out.
_LISTENING = (False, False, 300, True, True)


class FolderReplaced(Exception):
    """The folder was taken away, or another was put in its place: what listens must begin anew."""


@dataclass(slots=True)
class Batch:
    """What was seen to change: paths relative to the root, or `everything` where that cannot be told."""

    paths: set[str] = field(default_factory=set[str])
    everything: bool = False


class NativeWatch:
    """Follows one folder. `next` gives what changed since it was last asked."""

    def __init__(self, root: Path, debounce_ms: int) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._debounce_ms = debounce_ms
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._batch = Batch()
        self._failure: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parley-watch", daemon=True)
        self._started = asyncio.Event()

    @classmethod
    async def open(cls, root: Path, debounce_ms: int) -> "NativeWatch":
        """Begin to listen.

        Raises:
            SourceUnavailable: the folder is not there.
            OSError: the system cannot watch it (too large for its limits, or a file system that tells nothing).
        """
        opened = await asyncio.to_thread(_identity, root)
        if opened is None:
            raise SourceUnavailable(f"The folder {root} is not there. What was read from it is kept.")
        new = cls(root, debounce_ms)
        new._thread.start()
        await new._started.wait()
        if new._failure is not None:
            await new.close()
            raise new._failure
        return new

    async def next(self, seconds: float) -> Batch:
        """Return what changed since the last call; `everything` if nothing was seen for so long.

        Raises:
            FolderReplaced: the folder was taken away, or replaced by another.
            OSError: the system stopped telling.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return Batch(everything=True)
        if self._failure is not None:
            raise self._failure
        self._arrived.clear()
        batch, self._batch = self._batch, Batch()
        return batch

    async def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            identity = _identity(self._root)
            with RustNotify([str(self._root)], *_LISTENING) as listener:
                self._call(self._started.set)
                while not self._stop.is_set():
                    found = listener.watch(self._debounce_ms, STEP_MS, TICK_MS, self._stop)
                    if self._stop.is_set():
                        return
                    if _identity(self._root) != identity:
                        raise FolderReplaced
                    # Else a word: that nothing changed, or that somebody interrupts.
                    if isinstance(found, set):
                        self._pass_on({name for _, name in found})
        except (OSError, RuntimeError, FolderReplaced) as error:
            failure = OSError(str(error)) if isinstance(error, RuntimeError) else error
            self._call(lambda: self._fail(failure))

    def _pass_on(self, names: set[str]) -> None:
        batch = Batch()
        for name in names:
            path = self._relative(name)
            if path is None or path.rpartition("/")[2] == GITIGNORE:
                batch.everything = True
            elif path not in ("", "."):
                batch.paths.add(path)
        if batch.paths or batch.everything:
            self._call(lambda: self._receive(batch))

    def _relative(self, name: str) -> str | None:
        path = Path(name)
        for root in (self._root, self._real_root):
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return None

    def _receive(self, batch: Batch) -> None:
        self._batch.paths |= batch.paths
        self._batch.everything |= batch.everything
        self._arrived.set()

    def _fail(self, failure: Exception) -> None:
        self._failure = failure
        self._started.set()
        self._arrived.set()

    def _call(self, function: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)


def _identity(root: Path) -> tuple[int, int] | None:
    """What tells a folder from another put in its place."""
    try:
        found = os.stat(root)
    except OSError:
        return None
    return found.st_dev, found.st_ino
