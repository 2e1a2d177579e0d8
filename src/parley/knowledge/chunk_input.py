"""What is embedded and indexed of a chunk: its context and its text, with words cut at line ends made whole."""

import re
from hashlib import blake2b

MAX_TITLE_CHARS = 120
MAX_HEADING_CHARS = 240

_CUT_WORD = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n[ \t]*(?=[^\W\d_A-Z])")


def join_cut_words(text: str) -> str:
    """Text with words that a hyphen cuts at a line end made whole: `exam-`, `ple` gives `example`."""
    # Looking for the plain hyphen first takes a tenth of the time, and few texts have one there.
    return _CUT_WORD.sub("", text) if "-\n" in text or ("\n" in text and not text.isascii()) else text


def chunk_input(heading: tuple[str, ...], title: str, text: str) -> str:
    """Title, heading path and text as one string: what an embedder sees and the text hash covers."""
    return with_context(chunk_context(heading, title, text), join_cut_words(text))


def with_context(context: str, text: str) -> str:
    """Put a chunk's context above its text."""
    return f"{context}\n{text}" if context else text


def chunk_context(heading: tuple[str, ...], title: str, text: str) -> str:
    """The line above a chunk's text: its document's title and its heading path.

    The innermost headings win where the path is long; what the text itself begins with is not repeated.
    """
    context = [title[:MAX_TITLE_CHARS]] if title else []
    if not heading:
        return "".join(context)
    room = MAX_HEADING_CHARS
    first_lines = {line.strip() for line in text[:800].split("\n", 6)[:6]}
    path: list[str] = []
    for name in reversed(heading):
        room -= len(name)
        if room < 0:
            break
        if name != title and name not in first_lines:
            path.append(name)
    context.extend(reversed(path))
    return " › ".join(context)


def text_hash(embedded: str) -> bytes:
    """16 bytes of the BLAKE2b of what is embedded: equal input is embedded once, whatever the embedder."""
    return blake2b(embedded.encode(), digest_size=16).digest()
