"""Documents as people read them: lists, canonical text, chunks, the original file."""

import asyncio
import hashlib
from dataclasses import asdict
from pathlib import Path

from parley.bots.tables import Bot
from parley.errors import Conflict, InvalidInput, NotFound
from parley.jobs.schemas import ErrorOut
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.knowledge.parsed import TextRange
from parley.knowledge.rectangles import passage_rectangles
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.schemas import ChunkOut, DocumentOut, DocumentText, RangeOut, RectanglesOut, VersionFile
from parley.knowledge.tables import Chunk, Document, DocumentVersion
from parley.store.blobs import BlobStore
from parley.store.engine import Store

PDF = "application/pdf"
MAX_PASSAGE_CHARS = 100_000
# A text file may hold a gigabyte; what is asked for at once is held in memory.
MAX_TEXT_CHARS = 20_000_000


class DocumentService:
    """Reads documents and their versions."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def page(
        self,
        workspace_id: str,
        bot_id: str,
        *,
        source_id: str | None = None,
        status: str | None = None,
        text: str | None = None,
        no_documents: bool | None = None,
        cursor: str | None = None,
        limit: int = 50,
        citable_only: bool = False,
    ) -> Page[DocumentOut]:
        """Return a bot's documents in the order they were found; `citable_only` leaves learn-only ones out.

        Raises:
            NotFound: there is no such bot.
        """
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            if await documents.get(Bot, bot_id) is None:
                raise NotFound("There is no such bot.", code="bot_not_found")
            rows = await documents.of_bot(
                bot_id, source_id, status, text, after, limit + 1, no_documents=no_documents, citable_only=citable_only
            )
        return page_of([document_view(*row) for row in rows], limit, lambda document: encode_cursor(document.id))

    async def get(self, workspace_id: str, document_id: str) -> DocumentOut:
        """Return a document.

        Raises:
            NotFound: there is no such document.
        """
        async with self._store.read() as session:
            return document_view(*await _require(DocumentRepository(session, workspace_id), document_id))

    async def text(
        self, workspace_id: str, document_id: str, number: int | None, start: int | None, end: int | None
    ) -> DocumentText:
        """Return canonical text of a version; the newest, whole, unless told otherwise. A span is cut to the text.

        Raises:
            NotFound: there is no such document or version.
            InvalidInput: the span ends before it starts, or is longer than can be sent at once.
        """
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            version = await require_version(documents, document_id, number)
            first, last = _span(version, start, end)
            if last - first > MAX_TEXT_CHARS:
                raise InvalidInput(
                    f"The text has {last - first} characters. Ask for at most {MAX_TEXT_CHARS} with start and end.",
                    code="text_too_long",
                )
            segments = await documents.segments(version.id, first, last)
            ranges = await documents.ranges(version.id, first, last)
        text = "".join(segment for _, segment in segments)
        offset = segments[0][0] if segments else 0
        return DocumentText(
            document_id=document_id,
            version=version.number,
            version_id=version.id,
            chars=version.chars,
            start=first,
            end=last,
            text=text[first - offset : last - offset],
            ranges=[RangeOut(kind=r.kind, start=r.start, end=r.end, level=r.level) for r in ranges],
        )

    async def chunks(
        self, workspace_id: str, document_id: str, number: int | None, cursor: str | None, limit: int
    ) -> Page[ChunkOut]:
        """Return the chunks of a version in the order of the text.

        Raises:
            NotFound: there is no such document or version.
        """
        after = int(decode_cursor(cursor)[0]) if cursor else -1
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            version = await require_version(documents, document_id, number)
            rows = await documents.chunks(version.id, after, limit + 1)
            segments = await documents.segments(version.id, rows[0].start, rows[-1].end) if rows else []
        offset = segments[0][0] if segments else 0
        text = "".join(segment for _, segment in segments)
        items = [_chunk(row, text[row.start - offset : row.end - offset]) for row in rows]
        return page_of(items, limit, lambda chunk: encode_cursor(chunk.ordinal))

    async def rectangles(
        self, workspace_id: str, document_id: str, number: int | None, start: int, end: int
    ) -> RectanglesOut:
        """Return where a span of a PDF's text lies on its pages; no pages for other kinds.

        Raises:
            NotFound: there is no such document or version, or its file is gone.
            InvalidInput: the span is longer than a passage that anybody would look at.
        """
        if end - start > MAX_PASSAGE_CHARS:
            raise InvalidInput(f"Ask for at most {MAX_PASSAGE_CHARS} characters at once.", code="invalid_span")
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            version = await require_version(documents, document_id, number)
            if version.media_type != PDF or version.blob_key is None or end <= start:
                return RectanglesOut(pages=[])
            pages, offset, text = await documents.text_of_pages(version.id, start, end)
            if not pages:
                return RectanglesOut(pages=[])
        ranges = [TextRange("page", first, last, level) for level, first, last in pages]
        path = self._blobs.path(workspace_id, version.blob_key)
        found = await asyncio.to_thread(passage_rectangles, path, text, offset, start, end, ranges)
        return RectanglesOut.model_validate({"pages": [asdict(page) for page in found]})

    async def file(self, workspace_id: str, document_id: str, number: int | None) -> VersionFile:
        """Return where the original of a version lies.

        Raises:
            NotFound: there is no such document or version, or its file is gone.
            Conflict: the local file has changed since, and its kind is not kept.
        """
        async with self._store.read() as session:
            documents = DocumentRepository(session, workspace_id)
            document, _ = await _require(documents, document_id)
            version = await require_version(documents, document_id, number)
            source = await SourceRepository(session, workspace_id).find(document.source_id)
        name = document.path.rsplit("/", 1)[-1]
        if version.blob_key is not None:
            path = self._blobs.path(workspace_id, version.blob_key)
        else:
            path = Path(source.root, document.path) if source and source.root else Path(document.path)
        return VersionFile(str(path), name, version.media_type, None if version.blob_key else version.content_hash)


def check_unchanged(file: VersionFile) -> None:
    """Make sure that a file served from where it lies still is what was read; blocking.

    Raises:
        NotFound: it is gone.
        Conflict: it has changed.
    """
    try:
        if file.content_hash is None:
            Path(file.path).stat()
            return
        with Path(file.path).open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise NotFound("The original file is gone; its text is still here.", code="file_gone") from error
    if found != file.content_hash:
        raise Conflict("The file has changed since this version was read; its text is still here.", code="file_changed")


async def _require(documents: DocumentRepository, document_id: str) -> tuple[Document, DocumentVersion | None]:
    found = await documents.find(document_id)
    if found is None:
        raise NotFound("There is no such document.", code="document_not_found")
    return found


async def require_version(documents: DocumentRepository, document_id: str, number: int | None) -> DocumentVersion:
    """Return a version of a document: the one with this number, or the current one.

    Raises:
        NotFound: there is none.
    """
    document, current = await _require(documents, document_id)
    if number is None and current is not None:
        return current
    version = await documents.version(document.id, number)
    if version is None:
        what = "This document has not been read yet." if number is None else f"This document has no version {number}."
        raise NotFound(what, code="version_not_found")
    return version


def _span(version: DocumentVersion, start: int | None, end: int | None) -> tuple[int, int]:
    first = min(start or 0, version.chars)
    last = version.chars if end is None else min(end, version.chars)
    if first < 0 or last < first:
        raise InvalidInput("The span must not end before it starts.", code="invalid_span")
    return first, last


def _chunk(row: Chunk, text: str) -> ChunkOut:
    return ChunkOut(
        id=row.id,
        ordinal=row.ordinal,
        start=row.start,
        end=row.end,
        page=row.page,
        heading=row.heading.split("\n") if row.heading else [],
        kind=row.kind,
        tokens=row.tokens,
        language=row.language,
        text=text,
    )


def document_view(document: Document, version: DocumentVersion | None) -> DocumentOut:
    """Return a document as it is shown."""
    error = document.error_code and ErrorOut(code=document.error_code, message=document.error_message or "")
    return DocumentOut.model_validate(
        {
            "id": document.id,
            "source_id": document.source_id,
            "title": document.title,
            "path": document.path,
            "url": document.url,
            "version": version.number if version else None,
            "version_id": version.id if version else None,
            "pages": version.pages if version else None,
            "chars": version.chars if version else 0,
            "bytes": version.bytes if version else document.seen_bytes,
            "media_type": version.media_type if version else None,
            "language": version.language if version else None,
            "status": document.status,
            "error": error or None,
            "chunks": version.chunks if version else 0,
            "updated_at": document.updated_at,
            "rolled_back_at": document.rolled_back_at,
        }
    )
