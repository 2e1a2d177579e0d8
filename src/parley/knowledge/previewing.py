"""What the chunks of a document would be under another rule; nothing is stored."""

from collections.abc import Sequence

from parley.errors import ParserCrashed
from parley.kit.pagination import decode_cursor, encode_cursor, page_of
from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.documents import require_version
from parley.knowledge.repository import DocumentRepository
from parley.knowledge.rules import checked_rule
from parley.knowledge.schemas import Chunking, ChunkPreview, PreviewedChunk
from parley.knowledge.stored_text import StoredText
from parley.knowledge.tables import DocumentVersion
from parley.knowledge.worker_messages import ChunkRow, CutText, Items, Piece
from parley.knowledge.workers import INTERACTIVE, WorkerGone, WorkerPool
from parley.store.engine import Store

# So much is cut in some tenths of a second; a preview of more would show nothing new.
PREVIEW_CHARS = 2_000_000


class ChunkPreviews:
    """Cuts stored text in a worker, to be looked at.

    Args:
        usual: the size of chunks where a rule names none.
    """

    def __init__(self, store: Store, workers: WorkerPool, usual: int) -> None:
        self._store = store
        self._workers = workers
        self._usual = usual

    async def page(
        self, workspace_id: str, document_id: str, number: int | None, wanted: Chunking, cursor: str | None, limit: int
    ) -> ChunkPreview:
        """Return the chunks that a version of a document would have, in the order of the text.

        Raises:
            NotFound: there is no such document or version.
            InvalidInput: there can be no such chunks.
            ParserCrashed: the process that cuts died.
        """
        rule = checked_rule(wanted, self._usual)
        after = int(decode_cursor(cursor)[0]) if cursor else -1
        async with self._store.read() as session:
            version = await require_version(DocumentRepository(session, workspace_id), document_id, number)
        rows, text = await self._cut(workspace_id, version, rule)
        items = [_chunk(ordinal, row, text) for ordinal, row in enumerate(rows)]
        page = page_of(items[after + 1 : after + limit + 2], limit, lambda chunk: encode_cursor(chunk.ordinal))
        return ChunkPreview(
            version=version.number,
            strategy=rule.strategy,
            size=rule.tokens(self._usual),
            overlap=rule.overlap_tokens(self._usual),
            total=len(rows),
            average_tokens=round(sum(row[5] for row in rows) / len(rows)) if rows else 0,
            cut_at=len(text) if len(text) < version.chars else None,
            items=list(page.items),
            next_cursor=page.next_cursor,
        )

    async def _cut(
        self, workspace_id: str, version: DocumentVersion, rule: ChunkRule
    ) -> tuple[Sequence[ChunkRow], str]:
        stored = StoredText(self._store, workspace_id, version)
        tasks = [task async for task in stored.tasks(rule, chars=PREVIEW_CHARS)]
        rows: list[ChunkRow] = []
        try:
            async with self._workers.lease(INTERACTIVE) as worker:
                async for message in worker.cut(CutText(tasks, embed=False)):
                    for item in message.items if isinstance(message, Items) else []:
                        rows += item.chunks if isinstance(item, Piece) else []
        except WorkerGone as gone:
            raise ParserCrashed("The preview could not be made. Try again, or with another size.") from gone
        return rows, "".join(task.text for task in tasks)


def _chunk(ordinal: int, row: ChunkRow, text: str) -> PreviewedChunk:
    start, end, page, heading, kind, tokens = row[:6]
    return PreviewedChunk(
        ordinal=ordinal,
        start=start,
        end=end,
        page=page,
        heading=heading.split("\n") if heading else [],
        kind=kind,
        tokens=tokens,
        text=text[start:end],
    )
