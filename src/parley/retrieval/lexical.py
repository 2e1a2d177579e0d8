"""The keyword index: Tantivy over terms that we make ourselves, one index per workspace.

One searched field holds title, heading path and text of a chunk, so that Tantivy can skip blocks that cannot reach the
top; what the ranking looks at closely (which field, how near) comes from the forward index.
Of the binding: only text and signed fields delete by term, documents are made with the schema (`from_dict`).
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tantivy import DocAddress, Document, Index, IndexWriter, Occur, Query, Schema, SchemaBuilder, Searcher

from parley.kit.analysis import ANALYSIS_VERSION

_FORMAT = f"2.{ANALYSIS_VERSION}"
_META = "meta"
_HEAP_BYTES = 50_000_000
_ADDRESSES_AT_ONCE = 2_000
_LANGUAGES_LOOKED_FOR = ("en", "de", "es", "fr", "it", "pt", "nl", "ru", "hi", "ar", "zh", "ja", "ko", "pl", "tr", "sv")


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """A chunk to index; the texts are terms joined by spaces."""

    chunk_id: int
    version_id: str
    source_id: str
    language: str
    title: str
    heading: str
    body: str


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("meta", stored=True)
    for name in ("version", "source", "language", "kind"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("chunk", stored=False, indexed=False, fast=True)
    return builder.build()


class LexicalSnapshot:
    """A reader that stays as it is while the index goes on changing."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        self._schema = schema
        self._searcher = searcher

    @property
    def chunks(self) -> int:
        """How many chunks can be found."""
        return max(0, self._searcher.num_docs - 1)  # one document tells how far the index has come

    def document_frequency(self, term: str) -> int:
        """Return in how many chunks a term occurs; chunks deleted since the last merge still count."""
        return self._searcher.doc_freq("terms", term)

    def search(
        self,
        terms: Sequence[str],
        source_ids: Iterable[str] | None,
        limit: int,
        version_ids: Iterable[str] | None = None,
    ) -> list[int]:
        """Return the chunks that hold any of the terms and score best by BM25 over all their terms, best first.

        Args:
            terms: index terms, each once.
            source_ids: only chunks of these sources; None for all.
            limit: how many at most; ties at the cut are decided by the index's own order.
            version_ids: only chunks of these versions; None for all.
        """
        if not terms:
            return []
        query = Query.boolean_query([(Occur.Should, self._term("terms", term)) for term in terms])
        for field, allowed in (("source", source_ids), ("version", version_ids)):
            if allowed is not None:
                query = Query.boolean_query([(Occur.Must, query), (Occur.Must, self._one_of(field, allowed))])
        found = self._searcher.fast_field_values("chunk", [address for _, address in self._hits(query, limit)])
        return [int(chunk_id) for chunk_id in found if chunk_id is not None]

    def holds_any(self, version_ids: Iterable[str], source_ids: Iterable[str] | None) -> bool:
        """Say whether one of these versions has a chunk in one of these sources; None for any source."""
        query = self._one_of("version", version_ids)
        if source_ids is not None:
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, self._one_of("source", source_ids))])
        return bool(self._hits(query, 1))

    def _one_of(self, field: str, values: Iterable[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self._schema, field, list(values)), 0.0)

    @cached_property
    def languages(self) -> dict[str, int]:
        """How many chunks are in each of the languages that queries are read by."""
        return {language: self._searcher.doc_freq("language", language) for language in _LANGUAGES_LOOKED_FOR}

    def _hits(self, query: Query, limit: int) -> list[tuple[float, DocAddress]]:
        return self._searcher.search(query, limit, count=False).hits

    def applied_seq(self) -> int:
        """Return the number of the last change in this index; -1 when it was never built, or in an older format."""
        hits = self._hits(self._term("kind", _META), 1)
        if not hits:
            return -1
        meta = json.loads(bytes(self._searcher.doc(hits[0][1])["meta"][0]))
        return int(meta["seq"]) if meta["format"] == _FORMAT else -1

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, "freq" if field == "terms" else "basic")


class LexicalIndex:
    """A workspace's keyword index in a folder. One thread at a time may change it; snapshots may be used meanwhile.

    How far it has come is a document of the index itself, so that it is committed with what it speaks of.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = _schema()
        self._index = self._open()
        self._writer: IndexWriter | None = None

    def snapshot(self) -> LexicalSnapshot:
        """Return a reader of the last commit."""
        self._index.reload()
        return LexicalSnapshot(self._schema, self._index.searcher())

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        """Add chunks; they are found after `commit`."""
        writer = self._open_writer()
        for entry in entries:
            values = {
                "terms": [f"{entry.title} {entry.heading} {entry.body}"],
                "version": [entry.version_id],
                "source": [entry.source_id],
                "language": [entry.language],
                "chunk": [entry.chunk_id],
            }
            writer.add_document(Document.from_dict(values, self._schema))

    def remove_version(self, version_id: str) -> None:
        """Delete the chunks of a version."""
        self._open_writer().delete_documents_by_term("version", version_id)

    def commit(self, seq: int) -> None:
        """Make all changes since the last commit visible at once, together with the number of the last one."""
        writer = self._open_writer()
        writer.delete_documents_by_term("kind", _META)
        meta = json.dumps({"format": _FORMAT, "seq": seq}).encode()
        writer.add_document(Document.from_dict({"kind": [_META], "meta": [meta], "chunk": [-1]}, self._schema))
        writer.commit()

    def chunks_beside_removed(self, living: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the living chunks whose segments also hold chunks that are gone, for all that was committed.

        A segment's dictionary keeps every word until the last of its chunks is removed. A removed copy of a chunk that
        lives on elsewhere says nothing that must not be said.

        Args:
            living: all chunks that count.
        """
        self._settle()
        segments = json.loads((self._folder / "meta.json").read_text("utf-8"))["segments"]
        self._index.reload()
        searcher = self._index.searcher()
        found = [np.zeros(0, np.int64)]
        for number, segment in enumerate(segments):
            if segment["deletes"] is None:
                continue
            chunks = _chunks_of(searcher, number, int(segment["max_doc"]))
            is_living = np.isin(chunks, living)
            if not is_living.all():
                found.append(chunks[is_living])
        return np.unique(np.concatenate(found))

    def drop_unused_files(self) -> None:
        """Delete the files of segments that no longer count, also those that a merge under way still reads."""
        self._settle()
        self._open_writer().garbage_collect_files()

    def _settle(self) -> None:
        """Wait until nothing is merged any more; nothing may be waiting for a commit."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    def clear(self) -> None:
        """Delete everything; gone after `commit`."""
        self._open_writer().delete_all_documents()

    def rollback(self) -> None:
        """Forget what was not committed."""
        if self._writer is not None:
            self._writer.rollback()

    def close(self) -> None:
        """Let go of the folder; what was not committed is lost."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.rollback()
            writer.wait_merging_threads()

    def _open(self) -> Index:
        """Open the index, or begin an empty one where there is none or it cannot be read: it can be made again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return Index(self._schema, path=str(self._folder), reuse=True)
        except ValueError:
            shutil.rmtree(self._folder)
            self._folder.mkdir()
            return Index(self._schema, path=str(self._folder), reuse=True)

    def _open_writer(self) -> IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_HEAP_BYTES, 1)
        return self._writer


def _chunks_of(searcher: Searcher, segment: int, documents: int) -> NDArray[np.int64]:
    """Return the chunks of a segment, removed ones too; it also holds what tells how far the index has come."""
    chunks = np.full(documents, -1, np.int64)
    for start in range(0, documents, _ADDRESSES_AT_ONCE):
        addresses = [DocAddress(segment, at) for at in range(start, min(start + _ADDRESSES_AT_ONCE, documents))]
        values = searcher.fast_field_values("chunk", addresses)
        chunks[start : start + len(values)] = [-1 if value is None else value for value in values]
    return chunks[chunks >= 0]
