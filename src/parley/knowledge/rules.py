"""The chunk rule of a source: what people may ask for, and what its columns say."""

from typing import Any, cast

from parley.errors import InvalidInput
from parley.knowledge.chunk_rule import ChunkRule, Strategy
from parley.knowledge.schemas import Chunking
from parley.knowledge.tables import Source


def rule_of(source: Source) -> ChunkRule:
    """Return how a source's documents are to be cut."""
    return ChunkRule(cast(Strategy, source.chunk_strategy or "structure"), source.chunk_tokens, source.chunk_overlap)


def checked_rule(wanted: Chunking, usual: int) -> ChunkRule:
    """Return what was asked for as a rule.

    Args:
        usual: the size where none is named.

    Raises:
        InvalidInput: chunks would repeat more than half of each other.
    """
    rule = ChunkRule(wanted.strategy, wanted.size, wanted.overlap)
    most = rule.tokens(usual) // 2
    if rule.overlap_tokens(usual) > most:
        raise InvalidInput(
            f"An overlap of {wanted.overlap} tokens is more than half of a chunk of {rule.tokens(usual)}. "
            f"Choose at most {most}, or a larger size.",
            code="invalid_chunking",
        )
    return rule


def begin_rule(source: Source, wanted: Chunking | None, usual: int) -> Source:
    """Return a source that is about to be added, to be cut as was asked for.

    Raises:
        InvalidInput: there can be no such chunks.
    """
    if wanted is not None:
        rule = checked_rule(wanted, usual)
        source.chunk_strategy, source.chunk_tokens, source.chunk_overlap = rule.strategy, rule.size, rule.overlap
    return source


def rule_columns(source: Source, wanted: Chunking | None, usual: int) -> dict[str, Any]:
    """Return the columns to set of a source that is to be cut as was asked for; none where nothing was.

    Raises:
        InvalidInput: there can be no such chunks.
    """
    if wanted is None:
        return {}
    rule = checked_rule(wanted, usual)
    columns = {"chunk_strategy": rule.strategy, "chunk_tokens": rule.size, "chunk_overlap": rule.overlap}
    return columns | ({"chunking_due": True} if rule != rule_of(source) else {})
