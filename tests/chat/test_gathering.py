"""Which passages a question gets."""

import pytest

from parley.chat.gathering import without_copies
from parley.retrieval.schemas import DocumentRef, Hit, HitScores
from tests.chat.desk import FERRY, Desk

TOLD = "The harbour is open from April to October. A berth costs 14 euros a night, water and power included."


def hit(rank: int, text: str) -> Hit:
    document = DocumentRef(id=f"doc_{rank}", title="T", path="t.md", version=1, version_id=f"ver_{rank}")
    scores = HitScores(lexical=1.0)
    return Hit(rank=rank, score=1.0, scores=scores, chunk_id=rank, text=text, heading=[], document=document,
               source_id="src_1", citable=True, page=None, start=0, end=len(text), language="en")  # fmt: skip


class TestCopies:
    @pytest.mark.parametrize(
        "copy",
        [TOLD, TOLD.upper(), f"**{TOLD}**", TOLD.replace(" ", "\n"), TOLD[:70]],
        ids=["same", "capitals", "marked up", "laid out otherwise", "its beginning"],
    )
    def test_are_given_once(self, copy: str) -> None:
        assert [one.rank for one in without_copies([hit(1, f"Harbour\n\n{TOLD}"), hit(2, copy)])] == [1]

    @pytest.mark.parametrize(
        "other",
        [TOLD.replace("14", "15"), TOLD.replace("is open", "is not open"), f"{TOLD} Dogs are welcome.", "The harbour"],
        ids=["another figure", "a negation", "more", "a few words"],
    )
    def test_what_says_something_else_or_more_is_none(self, other: str) -> None:
        assert [one.rank for one in without_copies([hit(1, TOLD), hit(2, other)])] == [1, 2]

    async def test_do_not_crowd_out_what_else_there_is(self, desk: Desk) -> None:
        source = await desk.library.source(desk.bot_id)
        for number in range(4):
            await desk.library.document(source, f"copy {number}.md", FERRY.replace(". ", f".{' ' * number}\n"))
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("When does the ferry leave, and what do tickets cost?")
        events = await desk.follow(turn.id)
        passages = next(event for event in events if event["type"] == "retrieved")["passages"]
        assert [passage["document"]["title"] for passage in passages] == ["Boats", "Trains"]
