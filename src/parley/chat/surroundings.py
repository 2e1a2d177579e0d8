"""What stands around passages, with its headings and lists: read where somebody asks how a thing is done."""

from collections.abc import Sequence

from parley.chat.passages import PassageRepository
from parley.chat.quoting.steps import Mark, Surroundings
from parley.knowledge.tables import DocumentRange
from parley.retrieval.schemas import Hit
from parley.store.engine import Store

# How far instructions may begin before the passage that was found, and go on behind it.
CHARS_AROUND = 6000
# A page of nothing but lists has some hundred of them.
_MOST_RANGES = 1000
_KINDS = ("heading", "list_item")


class SurroundingsRepository(PassageRepository):
    """Reads stretches of documents with the ranges in them."""

    async def around(self, hits: Sequence[Hit], places: Sequence[int]) -> list[Surroundings]:
        """Return one stretch for each run of hits that stand close together, and the beginning of each document.

        Args:
            places: of the hits to look around.
        """
        found: list[Surroundings] = []
        for place, start, end in _stretches(hits, places):
            hit = hits[place]
            version = hit.document.version_id
            columns = (DocumentRange.kind, DocumentRange.start, DocumentRange.end, DocumentRange.level)
            query = self.select(*columns).where(
                DocumentRange.version_id == version,
                DocumentRange.kind.in_(_KINDS),
                DocumentRange.start >= start,
                DocumentRange.end <= end,
            )
            rows = (await self.session.execute(query.order_by(DocumentRange.start).limit(_MOST_RANGES))).all()
            marks = {kind: tuple(Mark(*row[1:]) for row in rows if row[0] == kind) for kind in _KINDS}
            text = await self.text(version, start, end)
            headings, items = marks["heading"], marks["list_item"]
            title, above = hit.document.title, tuple(hit.heading)
            found.append(Surroundings(place, title, above, hit.start, start, text, headings, items))
        return found


def _stretches(hits: Sequence[Hit], wanted: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the stretches to read: the best hit of each by its place, first character, the one behind the last."""
    found: list[tuple[int, int, int]] = []
    by_version: dict[str, list[int]] = {}
    for place in wanted:
        by_version.setdefault(hits[place].document.version_id, []).append(place)
    for places in by_version.values():
        around = [(max(0, hits[place].start - CHARS_AROUND), hits[place].end + CHARS_AROUND, place) for place in places]
        around.append((0, CHARS_AROUND, places[0]))
        first, last, best = min(around)
        for start, end, place in sorted(around)[1:]:
            if start <= last:
                last, best = max(last, end), min(best, place)
            else:
                found.append((best, first, last))
                first, last, best = start, end, place
        found.append((best, first, last))
    return sorted(found)


async def surroundings_of(
    store: Store, workspace_id: str, hits: Sequence[Hit], places: Sequence[int]
) -> list[Surroundings]:
    """Return what stands around some of the hits; see `SurroundingsRepository.around`."""
    if not places:
        return []
    async with store.read() as session:
        return await SurroundingsRepository(session, workspace_id).around(hits, places)
