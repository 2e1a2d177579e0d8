"""Passages for a question: one search, or, for one that has parts, several at once whose results are shared out."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from parley.chat.quoting import asked_to_define, defining_first, with_figures_first
from parley.chat.turn import PassageSearch, Share, Turn
from parley.chat.understanding.decomposition import asked_of_each_document, fair_share, without_spread
from parley.chat.understanding.periods import is_of_period, names_period
from parley.kit.analysis import analyse
from parley.kit.file_names import path_words
from parley.retrieval.schemas import DocumentRef, Hit, SearchRequest

# Of a question about each of several documents so many passages are looked at, to find those documents; of one that
# asks what a thing is, to find those that say so.
_WIDE = 60
_MOST_DOCUMENTS = 6
# A document whose best passage is worth less than this share of the best of all has little to say.
_LEAST_SHARE = 0.5
_LABEL_CHARACTERS = 200
# So many more passages are looked at, in the place of copies.
_COPIES = 5
_BETWEEN = re.compile(r"[^\w<>=%]+|_+")
# A shorter text may stand in another by chance.
_LEAST_COPY = 40


async def gather_passages(turn: Turn, search: PassageSearch, request: SearchRequest) -> tuple[list[Hit], bool]:
    """Return the passages that may be cited, best first, and whether all rankings were kept ones.

    `turn.shares` is told which part each is for.

    Where a question asks what a thing is, passages that say so come first. Where it names several documents ("at the
    Oak Clinic and at the City Library"), it is asked of each.

    Where a question names a quarter or the like, documents whose title names it come first.

    Parts are searched for at the same time, and so is the question as a whole. Each gets passages in turn, as does each
    document where the same is asked of several, so that none is crowded out; what two find counts once.
    """
    dated = names_period(turn.question)
    if not turn.parts and not turn.spread and not dated:
        subject = asked_to_define(turn.query, turn.language)
        if subject:
            return await _gather_definitions(turn, search, request, subject)
        found, kept = await _search(turn, search, request)
        turn.parts = await asyncio.to_thread(asked_of_each_document, turn.query, _names(found))
        if not turn.parts:
            return await _with_figures(turn, search, request, found), kept
    wide = request.model_copy(update={"limit": max(_WIDE, request.limit)}) if turn.spread or dated else request
    parts = [wide.model_copy(update={"query": part.query[:10_000], "earlier": []}) for part in turn.parts]
    if parts:
        parts[0] = parts[0].model_copy(update={"earlier": request.earlier})
    core = [wide.model_copy(update={"query": without_spread(request.query, turn.language)})] if turn.spread else []
    asked = [*core, wide, *parts]
    results = await asyncio.gather(*(_search(turn, search, one) for one in asked))
    found, kept = [hits for hits, _ in results], all(kept for _, kept in results)
    if dated:
        found = [_meant_first(one.query, hits) for one, hits in zip(asked, found, strict=True)]
    if turn.spread:
        shared = _by_document(turn, found, request.limit)
        if shared is not None:
            return shared, kept
    if not turn.parts and not core:
        return await _figures_first(turn, found[0], found[0][: request.limit]), kept
    return _by_part(turn, found[len(core) :], request.limit), kept


async def _with_figures(turn: Turn, search: PassageSearch, request: SearchRequest, found: list[Hit]) -> list[Hit]:
    """Where passages hold a row called what is asked for, look for more of them: the whole may come after its parts."""
    if not await asyncio.to_thread(with_figures_first, turn.query, found, turn.language):
        return found
    hits, _ = await _search(turn, search, request.model_copy(update={"limit": max(_WIDE, request.limit)}))
    return await _figures_first(turn, hits, found)


async def _figures_first(turn: Turn, hits: Sequence[Hit], found: Sequence[Hit]) -> list[Hit]:
    """Give those of the hits that hold a row called what is asked for half of the places, the best figure first."""
    places = await asyncio.to_thread(with_figures_first, turn.query, hits, turn.language)
    return _chosen([[hits[place] for place in places], found], len(found))


async def _search(turn: Turn, search: PassageSearch, request: SearchRequest) -> tuple[list[Hit], bool]:
    more = request.model_copy(update={"limit": request.limit + _COPIES})
    result = await search.search(turn.workspace_id, more)
    hits = without_copies([hit for hit in result.hits if hit.citable])
    return hits[: request.limit], bool(result.explanation.get("cached"))


def _names(hits: Sequence[Hit]) -> list[frozenset[str]]:
    """Return what documents are called."""
    names = {hit.document.id: (path_words(hit.document.path), hit.language) for hit in hits}
    return [frozenset(analyse(words, language)) for words, language in names.values()]


def without_copies(hits: Sequence[Hit]) -> list[Hit]:
    """Leave out passages that say, letter for letter, what is part of a better one, as copies of a file do.

    What differs in a single digit is no copy: it may be a contradiction.
    """
    kept: list[Hit] = []
    said: list[str] = []
    for hit in hits:
        letters = _BETWEEN.sub("", hit.text.casefold())
        if not any(letters == earlier or (letters in earlier and len(letters) >= _LEAST_COPY) for earlier in said):
            kept.append(hit)
            said.append(letters)
    return kept


def _meant_first(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Give documents of the period that a question names as many places as all others together."""
    meant = [hit for hit in hits if is_of_period(f"{hit.document.title} {hit.document.path}", question)]
    return _chosen([meant, hits], len(hits)) if meant else list(hits)


async def _gather_definitions(
    turn: Turn, search: PassageSearch, request: SearchRequest, subject: Mapping[str, str]
) -> tuple[list[Hit], bool]:
    """Give passages that say what a thing is half of the places: many others may speak of it more often."""
    wide = request.model_copy(update={"limit": max(_WIDE, request.limit)})
    meant = wide.model_copy(update={"subject": " ".join(subject.values()), "earlier": []})
    (hits, kept), (likely, likely_kept) = await asyncio.gather(
        _search(turn, search, wide), _search(turn, search, meant)
    )
    looked_at = list({hit.chunk_id: hit for hit in [*likely, *hits]}.values())
    texts = [hit.text for hit in looked_at]
    places = await asyncio.to_thread(defining_first, subject, texts, turn.language)
    return _chosen([[looked_at[place] for place in places], hits], request.limit), kept and likely_kept


def _by_part(turn: Turn, found: Sequence[Sequence[Hit]], limit: int) -> list[Hit]:
    """Share out among the parts; the question as a whole is asked for its share last."""
    whole, *lists = found
    if not lists:
        return _ranked(whole[:limit])
    hits = _chosen([*lists, whole], limit)
    known = {hit.chunk_id for hit in hits}
    turn.shares = [
        Share(part.text, part.query, tuple(hit.chunk_id for hit in own if hit.chunk_id in known))
        for part, own in zip(turn.parts, lists, strict=True)
    ]
    return hits


def _by_document(turn: Turn, found: Sequence[Sequence[Hit]], limit: int) -> list[Hit] | None:
    """Share out among the documents that have something to say; None where that is only one."""
    own: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in _chosen(found, len(found) * _WIDE):
        own[hit.document.id].append(hit)
    best = {document: max(hit.score for hit in hits) for document, hits in own.items()}
    least = _LEAST_SHARE * max(best.values(), default=0.0)
    documents = sorted((name for name in own if best[name] >= least), key=lambda name: -best[name])[:_MOST_DOCUMENTS]
    if len(documents) < 2:
        return None
    hits = _chosen([own[name] for name in documents], limit)
    known = {hit.chunk_id for hit in hits}
    turn.shares = [
        Share(
            _label(own[name][0].document),
            without_spread(turn.question, turn.language),
            tuple(hit.chunk_id for hit in own[name] if hit.chunk_id in known),
        )
        for name in sorted(documents, key=lambda name: own[name][0].document.path)
    ]
    return hits


def _label(document: DocumentRef) -> str:
    """Return what people call a document: its title, or the name of its file where the title is but a number."""
    title = " ".join(document.title.split())[:_LABEL_CHARACTERS]
    return title if any(char.isalpha() for char in title) else PurePosixPath(document.path).stem or title


def _chosen(lists: Sequence[Sequence[Hit]], limit: int) -> list[Hit]:
    by_id = {hit.chunk_id: hit for own in reversed(lists) for hit in own}
    shared = fair_share([[hit.chunk_id for hit in own] for own in lists], limit)
    return _ranked(without_copies([by_id[chunk_id] for _, chunk_id in shared]))


def _ranked(hits: Sequence[Hit]) -> list[Hit]:
    return [hit.model_copy(update={"rank": rank}) for rank, hit in enumerate(hits, 1)]
