"""File names: such as every system takes, and the words of those that there are."""

import re
from collections.abc import Container

MOST_CHARACTERS = 80

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
# Not what follows the number of a chapter: "2.1 Notes".
_ENDING = re.compile(r"\.[^\W\d_]\w{0,9}$")


def free_name(title: str, suffix: str, taken: Container[str] = ()) -> str:
    """Return a file name made from a title: letters, digits, blanks and hyphens, numbered until it is free.

    Args:
        suffix: without the dot.
        taken: names that are in use, case folded (file systems differ in whether they tell cases apart).
    """
    words = "".join(char if char.isalnum() or char == "-" else " " for char in title).split()
    stem = " ".join(words)[:MOST_CHARACTERS].strip() or "untitled"
    name, number = f"{stem}.{suffix}", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} {number}.{suffix}"
    return name


def path_words(path: str) -> str:
    """Return the words of folders and file names, or of an address: "Boeing/10K_2022.pdf" gives "Boeing 10K 2022"."""
    return " ".join(_WORD.findall(_ENDING.sub("", _ADDRESS.sub("", path))))


def title_and_place(title: str, path: str) -> str:
    """Return what a document is called, by its title and by where it lies: its own text may not name its subject."""
    return f"{title}\n{path_words(path)}"
