"""The process that reads pages of PDFs with another library: `python -m parley.knowledge.page_check_child`.

A PDF is somebody else's data: its objects may refer to each other without end, its streams may be bombs. So pages are
read here, in a process that can be killed. Each line asks, as JSON: `path` of a file, and `quotes` with the number of
the page, what we read on it, and the quote. Each line answers, in order: true, false or null for each quote.
"""

import contextlib
import json
import re
import sys
import unicodedata
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from pypdf import PdfReader

# Of the words that we read on a page, the other library finds so many, or what it reads tells nothing of the page.
_MUCH = 0.7
_WORD = re.compile(r"[^\W\d_]{4,}")
_KEPT_PAGES = 64
_MOST_BYTES = 1_000_000_000
_HANDED_DOWN = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DEEPEST = 50


def main() -> int:
    """Answer until nobody asks any more."""
    _limit_memory()
    pages = _Pages()
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(pages.look(json.loads(line))) + "\n")
        sys.stdout.flush()
    return 0


class _Pages:
    """What the other library reads on pages, the last ones remembered."""

    def __init__(self) -> None:
        self._read: OrderedDict[tuple[str, int], str] = OrderedDict()

    def look(self, question: dict[str, Any]) -> list[bool | None]:
        """Tell of each quote whether it stands on its page, or on that and the next; None where that cannot be told."""
        from pypdf.errors import PyPdfError

        try:
            with Path(question["path"]).open("rb") as file:
                document = _Document(question["path"], file)
                return [self._stands(document, *quote) for quote in question["quotes"]]
        except (PyPdfError, OSError):
            return [None] * len(question["quotes"])

    def _stands(self, document: "_Document", page: int, shown: str, quote: str) -> bool | None:
        own, wanted = self._page(document, page), bare(quote)
        if wanted in own or wanted in own + self._page(document, page + 1):
            return True
        words = {bare(word) for word in _WORD.findall(shown)}
        return False if words and sum(word in own for word in words) >= _MUCH * len(words) else None

    def _page(self, document: "_Document", number: int) -> str:
        key = (document.path, number)
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = bare(_text(document.reader, number))
            while len(self._read) > _KEPT_PAGES:
                self._read.popitem(last=False)
        return found


class _Document:
    """A file that is open, read when a page of it is not remembered."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self.path, self._file = path, file

    @cached_property
    def reader(self) -> "PdfReader":
        from pypdf import PdfReader

        return PdfReader(self._file)


def bare(text: str) -> str:
    """Return the characters of a text without white space, ligatures as their letters."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\xad", "").split())


def _text(reader: "PdfReader", number: int) -> str:
    """Return the text of a page, found by going down the tree: pypdf reads the objects of all pages for the first.

    The keys that a page has from above: PDF 32000-1:2008, 7.7.3.4.
    """
    from pypdf import PageObject
    from pypdf.generic import NameObject

    node: Any = reader.root_object["/Pages"]
    before, handed_down = number - 1, dict[str, Any]()
    for _ in range(_DEEPEST):
        handed_down |= {key: node[key] for key in _HANDED_DOWN if key in node}
        for child in node["/Kids"]:
            kid = child.get_object()
            pages = kid.get("/Count", 0) if "/Kids" in kid else 1
            if before < pages:
                break
            before -= pages
        else:
            return ""
        if "/Kids" in kid:
            node = kid
            continue
        page = PageObject(reader, child)
        page.update({NameObject(key): value for key, value in {**handed_down, **kid}.items()})
        return page.extract_text()
    return ""


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the time is bounded there too
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some limits
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


if __name__ == "__main__":
    sys.exit(main())
