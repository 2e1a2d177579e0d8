"""Changes below a folder by looking again and again: for network drives and whatever else tells nothing."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from parley.knowledge.watch_native import Batch

State = dict[str, tuple[int, int]]
"""Path → size and time of the last change."""
# Looking at a folder takes at most this share of the time.
BUSY_SHARE = 0.1
_REMOTE = frozenset(
    {
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "afpfs",
        "ncpfs",
        "ceph",
        "glusterfs",
        "webdav",
    }
    | {"davfs", "davfs2", "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "drvfs", "lustre", "gpfs", "beegfs", "macfuse"}
)


class PollingWatch:
    """Looks at a folder every so often and tells the difference.

    Args:
        look: returns the files as they are now.
    """

    def __init__(self, look: Callable[[], Awaitable[State]], seconds: float) -> None:
        self._look = look
        self._seconds = seconds
        self._state: State = {}

    async def begin(self) -> None:
        """Take the first look, which later ones are compared with.

        Raises:
            SourceUnavailable: the folder is not there.
        """
        self._state = await self._look()

    async def next(self, seconds: float) -> Batch:
        """Return what changed since the last call; `everything` if that was nothing for so long.

        Raises:
            SourceUnavailable: the folder is not there.
        """
        started, took = time.monotonic(), 0.0
        while time.monotonic() - started < seconds:
            await asyncio.sleep(max(self._seconds, took / BUSY_SHARE))
            before = time.monotonic()
            state = await self._look()
            took = time.monotonic() - before
            known, self._state = self._state, state
            paths = {path for path in known.keys() | state.keys() if known.get(path) != state.get(path)}
            if paths:
                return Batch(paths)
        return Batch(everything=True)

    async def close(self) -> None:
        """Nothing is held."""


def is_remote(root: Path) -> bool:
    """Tell whether a folder lies on a file system that does not tell what others change; blocking."""
    name = str(root.resolve())
    if name.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        return _is_remote_drive(name)
    best, kind = "", ""
    for part in psutil.disk_partitions(all=True):
        mount = part.mountpoint
        if len(mount) > len(best) and Path(name).is_relative_to(mount):
            best, kind = mount, part.fstype.lower()
    return kind in _REMOTE or (kind.startswith("fuse.") and kind not in ("fuse.ext2", "fuse.ntfs-3g"))


def _is_remote_drive(name: str) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    drive_remote = 4
    return ctypes.windll.kernel32.GetDriveTypeW(name[:3]) == drive_remote
