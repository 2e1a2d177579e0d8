"""Files are dealt out once each, in groups that shrink towards the end."""

from collections.abc import Sequence
from datetime import UTC, datetime

from parley.knowledge.groups import GROUP_BYTES, GROUP_FILES, LAST_GROUP_BYTES, PAGE, Groups
from parley.knowledge.repository import DocumentRow
from parley.knowledge.tables import Document


def pending(number: int, size: int) -> DocumentRow:
    """Return a document that waits to be read."""
    now = datetime.now(UTC)
    return Document(id=f"doc_{number:05}", path=str(number), seen_bytes=size, created_at=now, updated_at=now), None


async def dealt(sizes: Sequence[int], workers: int = 2) -> list[list[int]]:
    """Deal documents of these sizes out; return the numbers of each group."""
    rows = [pending(number, size) for number, size in enumerate(sizes)]

    async def page(after: str) -> Sequence[DocumentRow]:
        return [row for row in rows if row[0].id > after][:PAGE]

    groups, found = Groups(page, workers), list[list[int]]()
    while group := await groups.next():
        found.append([int(row[0].path) for row in group])
    return found


async def test_each_file_is_dealt_out_once_and_in_order() -> None:
    for sizes in ([], [5], [1_000] * (3 * PAGE + 7), [3 * GROUP_BYTES] * 5, [400_000] * PAGE):
        found = await dealt(sizes)
        assert [number for group in found for number in group] == list(range(len(sizes)))
        assert all(0 < len(group) <= GROUP_FILES for group in found)


async def test_a_group_stays_below_its_bytes_unless_one_file_is_larger() -> None:
    sizes = [300_000, 2 * GROUP_BYTES, 300_000, 500_000] * PAGE
    for group in await dealt(sizes):
        assert len(group) == 1 or sum(sizes[number] for number in group) <= GROUP_BYTES


async def test_the_last_groups_are_small_so_that_workers_end_together() -> None:
    sizes = [50_000] * 80
    groups = [sum(sizes[number] for number in group) for group in await dealt(sizes)]
    assert groups == sorted(groups, reverse=True)
    assert groups[0] == GROUP_BYTES
    assert groups[-1] <= LAST_GROUP_BYTES
