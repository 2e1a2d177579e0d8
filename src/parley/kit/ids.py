"""Identifiers: a kind prefix and a time-ordered random part, safe in URLs."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case: no i, l, o, u to misread


def _base32(value: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        value, rest = divmod(value, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def new_id(kind: str) -> str:
    """Return an id such as `bot_06f3k2x9...`: 48 bits of milliseconds, then 80 random bits.

    Ids of one kind sort by the millisecond they were made in (the layout of ULID, https://github.com/ulid/spec).
    """
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10))
    return f"{kind}_{_base32(value, 26)}"
