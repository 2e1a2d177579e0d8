"""One process owns a data folder. Others find it through a file that only the owner can read."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from parley.errors import DataFolderBusy


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the process that owns a data folder listens, and the token that stands for the owner."""

    url: str
    token: str
    pid: int


def _file(data: Path) -> Path:
    return data / "server.json"


def new_token() -> str:
    """Return a token for the owner on this machine; it lives as long as the process."""
    return secrets.token_urlsafe(32)


class DataFolderLock:
    """Ownership of a data folder while the process lives; the operating system lets go of it when the process dies."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = FileLock(data / "server.lock", is_singleton=False, thread_local=False)

    def acquire(self) -> None:
        """Take the folder.

        Raises:
            DataFolderBusy: another process owns it.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            address = read_address(self._data)
            where = f" at {address.url}" if address else ""
            raise DataFolderBusy(
                f"Parley already runs on this data folder{where}. Use that one, stop it, or choose another "
                "folder with --data."
            ) from error

    def publish(self, address: ServerAddress) -> None:
        """Write down where this process listens, readable by its user alone."""
        path = _file(self._data)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"url": address.url, "token": address.token, "pid": address.pid}, file)
        temporary.replace(path)

    def release(self) -> None:
        """Let go of the folder."""
        _file(self._data).unlink(missing_ok=True)
        self._lock.release()


def read_address(data: Path) -> ServerAddress | None:
    """Return what the owning process wrote down; None if nothing, or if it cannot be read."""
    try:
        found = json.loads(_file(data).read_text("utf-8"))
        return ServerAddress(found["url"], found["token"], found["pid"])
    except (OSError, ValueError, KeyError):
        return None
