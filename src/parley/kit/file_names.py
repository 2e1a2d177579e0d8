"""File names that every system takes."""

from collections.abc import Container

MOST_CHARACTERS = 80


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
