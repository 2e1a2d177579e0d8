"""Secrets at rest, under a key that lies in a file outside the database."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class SecretLost(ValueError):
    """A secret cannot be read: it was encrypted under another key."""


class SecretBox:
    """Encrypts short secrets (Fernet: AES-128-CBC with HMAC-SHA256). The key file is made when first needed.

    The file is readable by its user alone. Without it the secrets in the database are worth nothing, so a copy of the
    database alone does not give them away; losing it loses them.
    """

    def __init__(self, key_file: Path) -> None:
        self._file = key_file

    def encrypt(self, secret: str) -> bytes:
        """Return a token that only this key opens."""
        return self._fernet().encrypt(secret.encode())

    def decrypt(self, token: bytes) -> str:
        """Return the secret.

        Raises:
            SecretLost: the key file is another one, or the token is damaged.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(token).decode()
        except InvalidToken as error:
            raise SecretLost("the key file does not open this secret") from error

    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        return Fernet(self._read() or self._make())

    def _read(self) -> bytes:
        try:
            return self._file.read_bytes().strip()
        except FileNotFoundError:
            return b""

    def _make(self) -> bytes:
        """Write a new key, unless another process was faster: then that one counts."""
        from cryptography.fernet import Fernet

        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, self._file)
        except OSError:  # a file system without hard links
            temporary.replace(self._file)
        temporary.unlink(missing_ok=True)
        return self._read()
