"""Identifiers: a kind prefix and a time-ordered random part, safe in URLs."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case: no i, l, o, u to misread


# Two digits at a time: a folder of files takes an id or two for each of them.
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_PAIR_BITS = range(120, -1, -10)


def new_id(kind: str) -> str:
    """Return an id such as `bot_06f3k2x9...`: 48 bits of milliseconds, then 80 random bits.

    Ids of one kind sort by the millisecond they were made in (the layout of ULID, https://github.com/ulid/spec).
    """
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10))
    return f"{kind}_" + "".join([_PAIRS[(value >> bits) & 1023] for bits in _PAIR_BITS])
