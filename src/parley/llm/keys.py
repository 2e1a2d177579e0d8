"""The key of a connection: in the database under encryption, or in an environment variable."""

import os

from parley.errors import InvalidInput
from parley.kit.crypto import SecretBox, SecretLost


def read_key(secrets: SecretBox, name: str, key_env: str | None, key_encrypted: bytes | None) -> str | None:
    """Return the key of the connection with this name, None if it has none.

    Raises:
        InvalidInput: it cannot be read.
    """
    if key_env is not None:
        key = os.environ.get(key_env)
        if not key:
            raise InvalidInput(
                f"The environment variable {key_env}, which should hold the key of {name}, is not set. "
                "Set it and start Parley again.",
                code="key_not_set",
            )
        return key
    if key_encrypted is None:
        return None
    try:
        return secrets.decrypt(key_encrypted)
    except SecretLost as error:
        raise InvalidInput(
            f"The key of {name} cannot be read: the file secret.key in the data folder is another one. "
            "Enter the key again.",
            code="key_unreadable",
        ) from error


def two_keys() -> InvalidInput:
    """Return the error of a key that is given twice."""
    return InvalidInput("Give the key itself or the variable that holds it, not both.", code="two_keys")
