"""Names that senders give to files, made harmless."""

import re
import unicodedata

MAX_PART = 200
MAX_PATH = 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DRIVE = re.compile(r"^[A-Za-z]:")


def safe_path(name: str) -> str:
    r"""Return a relative path with slashes that stays below its root, whatever the sender wrote.

    `..`, `.`, drive letters, leading slashes, control characters and marks that turn text around are taken out;
    `..\\..\\etc/pass\x00wd` becomes `etc/passwd`. A name of which nothing is left becomes `file`.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    text = _DRIVE.sub("", _CONTROL.sub("", text).replace("\\", "/"))
    parts = [part.strip()[:MAX_PART] for part in text.split("/")]
    kept = [part for part in parts if part.strip(". ")]
    while len("/".join(kept)) > MAX_PATH and len(kept) > 1:
        kept.pop(0)
    return "/".join(kept) or "file"


def distinct_paths(paths: list[str]) -> list[str]:
    """Give repeated paths a number: two files `a.txt` dropped together become `a.txt` and `a (2).txt`."""
    taken: set[str] = set()
    result: list[str] = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        stem, dot, extension = name.rpartition(".") if "." in name[1:] else (name, "", "")
        candidate, number = path, 1
        while candidate in taken:
            number += 1
            renamed = f"{stem} ({number}){dot}{extension}"
            candidate = f"{folder}/{renamed}" if folder else renamed
        taken.add(candidate)
        result.append(candidate)
    return result
