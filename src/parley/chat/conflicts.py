"""Sources that contradict each other, found while an answer is made."""

from collections.abc import Sequence

from parley.chat.check import CheckPassage, SupportChecker, SupportSpan
from parley.kit.file_names import title_and_place
from parley.retrieval.schemas import Hit


def check_passage(hit: Hit) -> CheckPassage:
    """Return a hit as the support check takes it."""
    context = "\n".join([title_and_place(hit.document.title, hit.document.path), *hit.heading])
    return CheckPassage(text=hit.text, start=hit.start, language=hit.language, context=context)


def overlaps(hit: Hit, span: SupportSpan, cited: Sequence[tuple[str, int, int]]) -> bool:
    """Tell whether a span of a hit shares characters with one of these (version, start, end)."""
    return any(
        hit.document.version_id == version and span.start < end and start < span.end for version, start, end in cited
    )


def find_conflict(
    checker: SupportChecker,
    sentence: str,
    language: str,
    hits: Sequence[Hit],
    cited: Sequence[tuple[str, int, int]],
) -> tuple[int, SupportSpan] | None:
    """Return the first hit (by index, with the span) that contradicts a sentence which its own source supports.

    Only other documents contradict it: what one says elsewhere it says of something else, of another year or case.

    Args:
        cited: (version, start, end) of what the sentence cites.
    """
    own = {version for version, _, _ in cited}
    for index, hit in enumerate(hits):
        if hit.document.version_id in own:
            continue
        span = checker.contradicts(sentence, check_passage(hit), language)
        if span is not None:
            return index, span
    return None
