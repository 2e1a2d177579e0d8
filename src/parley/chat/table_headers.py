"""The headers of rows that are quoted: what a row means stands above it, perhaps far above."""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.passages import PassageRepository
from parley.chat.quoting import QuotedSentence
from parley.chat.quoting.tables import is_row
from parley.knowledge.parsed import BETWEEN_CELLS
from parley.knowledge.tables import DocumentRange
from parley.retrieval.schemas import Hit
from parley.store.engine import Store

# A longer one is no help above a row.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The header of a table, an exact span of the document."""

    start: int
    end: int
    text: str


class _HeaderRepository(PassageRepository):
    """Reads the header rows of documents."""

    async def above(self, version_id: str, offset: int) -> TableHeader | None:
        """Return the nearest header row that ends before an offset."""
        query = self.select(DocumentRange.start, DocumentRange.end).where(
            DocumentRange.version_id == version_id, DocumentRange.kind == "table_row", DocumentRange.start < offset
        )
        row = (await self.session.execute(query.order_by(DocumentRange.start.desc()).limit(1))).one_or_none()
        if row is None or row[1] > offset or row[1] - row[0] > _LONGEST:
            return None
        return TableHeader(row[0], row[1], await self.text(version_id, row[0], row[1]))


async def headers_of_rows(
    store: Store, workspace_id: str, hits: Sequence[Hit], quotes: Sequence[QuotedSentence]
) -> list[TableHeader | None]:
    """Return for each quote that is a row the header of its table, None for all others and where there is none.

    A header has as many cells, and stands in the same passage or is the innermost heading of it.
    """
    rows = [number for number, quote in enumerate(quotes) if is_row(quote.text)]
    found: list[TableHeader | None] = [None] * len(quotes)
    if not rows:
        return found
    async with store.read() as session:
        repository = _HeaderRepository(session, workspace_id)
        for number in rows:
            quote, hit = quotes[number], hits[quotes[number].hit]
            header = await repository.above(hit.document.version_id, quote.start)
            if header is not None and _is_of(header, quote, hit):
                found[number] = header
    return found


def _is_of(header: TableHeader, quote: QuotedSentence, hit: Hit) -> bool:
    if header.text.count(BETWEEN_CELLS) != quote.text.count(BETWEEN_CELLS):
        return False
    if header.start < hit.start:
        return bool(hit.heading) and header.text.startswith(hit.heading[-1])
    between = hit.text[header.end - hit.start : quote.start - hit.start].strip("\n")
    return all(is_row(line) for line in between.split("\n") if line)
