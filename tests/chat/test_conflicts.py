"""What a passage counts for, beside its words."""

import pytest

from parley.chat.check import SupportChecker
from parley.chat.conflicts import check_passage
from parley.llm.embedding.static import StaticEmbedder
from parley.retrieval.schemas import DocumentRef, Hit, HitScores


def verdict(sentence: str, path: str) -> str:
    """Return what becomes of a sentence that cites a contract which does not say whose it is."""
    text = "Invoices are payable within 30 days of receipt. Late payments bear interest of 5 percent."
    document = DocumentRef(id="doc", title="Contract", path=path, version=1, version_id="ver")
    hit = Hit(
        rank=1, score=1.0, scores=HitScores(), chunk_id=1, text=text, heading=["Payment"], document=document,
        source_id="src", citable=True, page=None, start=0, end=len(text), language="en",
    )  # fmt: skip
    return SupportChecker(StaticEmbedder()).check(sentence, [check_passage(hit)], "en").verdict


@pytest.mark.parametrize(
    "sentence",
    [
        "In the Acme project, invoices are payable within 30 days of receipt.",
        "Acme's invoices are payable within 30 days of receipt.",
        "Invoices for Acme must be paid within 30 days of receipt.",
    ],
)
def test_whose_a_document_is_may_be_told_by_its_folder_alone(sentence: str) -> None:
    assert verdict(sentence, "Projects/Acme/contract.md") == "supported"
    assert verdict(sentence, "Projects/Globex/contract.md") == "unsupported"
    assert verdict(sentence, "contract.md") == "unsupported"


def test_a_folder_makes_no_figure_true() -> None:
    wrong = "In the Acme project, invoices are payable within 45 days of receipt."
    assert verdict(wrong, "Projects/Acme/contract.md") != "supported"
