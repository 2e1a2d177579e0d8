"""Whether quotes stand on their pages for a second reader of the file, an independent one.

pdfium reads a PDF for us; whoever follows a citation looks at the page, or searches it with another reader. Where pypdf
reads a page otherwise, because a note in the margin stands amid the sentence, or a font names its letters wrongly, the
quote may not be what the page shows: better one on which both agree.
"""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from parley.kit.child_process import start_module
from parley.knowledge.documents import PDF
from parley.knowledge.repository import DocumentRepository
from parley.knowledge.tables import DocumentVersion
from parley.store.blobs import BlobStore
from parley.store.engine import Store

log = structlog.get_logger()

IDLE_SECONDS = 60.0
# Many may ask at once. Waiting for the others is not the file's fault, so it may take that many times as long.
_QUEUE = 3
_CHILD = "parley.knowledge.page_check_child"
_MAX_LINE_BYTES = 1_000_000
# TeX's symbols that we read as what they show, and every other reader as letters (decision 0002).
_READ_BY_US_ALONE = frozenset("\u27e8\u27e9")

Span = tuple[str, int, int]
"""A version, and from where to where in its canonical text."""


@dataclass(frozen=True, slots=True)
class _Quote:
    span: Span
    page: int
    shown: str
    text: str


class PageCheck:
    """Asks a process with another PDF library. It starts when first needed and ends when nobody has asked for a minute.

    Args:
        seconds: longest time for the quotes from one file; then they count as they are. None are looked at with 0.
    """

    def __init__(self, store: Store, blobs: BlobStore, seconds: float) -> None:
        self._store, self._blobs, self.seconds = store, blobs, seconds
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None

    async def contradicted(self, workspace_id: str, spans: Sequence[Span]) -> set[Span]:
        """Return the spans of PDFs that the other library does not find on their pages, though it reads those.

        What it cannot read, and what takes too long, contradicts nothing.
        """
        if not spans or self.seconds <= 0:
            return set()
        found: set[Span] = set()
        for path, quotes in (await self._quotes(workspace_id, spans)).items():
            found |= {quote.span for quote in quotes if not _READ_BY_US_ALONE.isdisjoint(quote.text)}
            asked = [quote for quote in quotes if quote.span not in found]
            answers = await self._ask(path, asked) if asked else []
            found |= {quote.span for quote, stands in zip(asked, answers, strict=True) if stands is False}
        return found

    async def close(self) -> None:
        """End the process."""
        if self._rest is not None:
            self._rest.cancel()
        process = self._end()
        if process is not None:
            await process.wait()

    async def _quotes(self, workspace_id: str, spans: Sequence[Span]) -> dict[Path, list[_Quote]]:
        """Return the quotes from PDFs by file, each with its page."""
        found: dict[Path, list[_Quote]] = {}
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            for span in dict.fromkeys(spans):
                version = await documents.get(DocumentVersion, span[0])
                if version is None or version.media_type != PDF or version.blob_key is None:
                    continue
                pages, offset, text = await documents.text_of_pages(*span)
                if not pages:
                    continue
                number, first, last = pages[0]
                shown, quote = text[first - offset : last - offset], text[span[1] - offset : span[2] - offset]
                path = self._blobs.path(workspace_id, version.blob_key)
                found.setdefault(path, []).append(_Quote(span, number, shown, quote))
        return found

    async def _ask(self, path: Path, quotes: Sequence[_Quote]) -> list[bool | None]:
        nothing: list[bool | None] = [None] * len(quotes)
        asked = [(quote.page, quote.shown, quote.text) for quote in quotes]
        line = json.dumps({"path": str(path), "quotes": asked}).encode() + b"\n"
        try:
            async with asyncio.timeout(_QUEUE * self.seconds), self._asking, asyncio.timeout(self.seconds):
                answer = await self._answer(line)
        except TimeoutError:
            log.info("a page was not read in time to check what is quoted from it", seconds=self.seconds)
            return nothing
        if not answer:
            log.info("the process that checks quotes on their pages ended; it is started again when it is needed")
            return nothing
        return json.loads(answer)

    async def _answer(self, line: bytes) -> bytes:
        """Return what the process answers, nothing if it ended."""
        if self._rest is not None:
            self._rest.cancel()
        process = self._process = self._process or await start_module(_CHILD, most_line_bytes=_MAX_LINE_BYTES)
        assert process.stdin is not None
        assert process.stdout is not None
        answer = b""
        try:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(line)
                await process.stdin.drain()
            answer = await process.stdout.readline()
        finally:
            if answer:
                self._rest = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end)
            else:  # what it says to a question that nobody waits for any more must not be taken for another's answer
                self._end()
        return answer

    def _end(self) -> asyncio.subprocess.Process | None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        return process
