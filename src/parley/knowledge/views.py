"""Sources as they leave the room."""

import json
from collections.abc import Sequence
from datetime import datetime

from parley.bots.tables import Bot
from parley.errors import NotFound
from parley.jobs.repository import JobRepository
from parley.jobs.schemas import ErrorOut
from parley.knowledge.repository import SourceRepository
from parley.knowledge.rules import rule_of
from parley.knowledge.schemas import ChunkingOut, FileRules, LastSync, SourceOut, WatchOut
from parley.knowledge.tables import Source

INGEST = "ingest"
"""The job that brings a source up to date."""


async def require_source(sources: SourceRepository, source_id: str) -> Source:
    """Return a source that is not deleted.

    Raises:
        NotFound: there is none.
    """
    source = await sources.find(source_id)
    if source is None:
        raise NotFound("There is no such source.", code="source_not_found")
    return source


async def require_bot(sources: SourceRepository, bot_id: str) -> None:
    """Make sure that a bot exists.

    Raises:
        NotFound: it does not.
    """
    if await sources.get(Bot, bot_id) is None:
        raise NotFound("There is no such bot. See the list with: parley bots list", code="bot_not_found")


async def source_views(sources: SourceRepository, rows: Sequence[Source], now: datetime) -> list[SourceOut]:
    """Return sources as they are shown."""
    ids = [row.id for row in rows]
    counts = await sources.counts(ids)
    bots = await sources.bots_of(ids)
    jobs = await JobRepository(sources.session, sources.workspace_id).latest_of(INGEST, ids)
    return [
        SourceOut.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "name": row.name,
                "root": row.root,
                "visibility": row.visibility,
                "status": row.status,
                "conversation_id": row.conversation_id,
                "counts": counts[row.id],
                "error": ErrorOut(code=row.error_code, message=row.error_message or "") if row.error_code else None,
                "job_id": jobs.get(row.id),
                "bots": bots[row.id],
                "created_at": row.created_at,
                "updated_at": row.updated_at,
                "started_at": row.started_at,
                "finished_at": row.finished_at,
                "paused": row.paused,
                "schedule": row.schedule,
                "next_sync_at": row.next_sync_at,
                "last_sync": _last_sync(row),
                "watch": _watch(row, now) if row.kind == "folder" else None,
                "rules": rules_of(row) if row.kind == "folder" else None,
                "chunking": _chunking(row),
                "deleted_at": row.deleted_at,
                "purge_at": row.purge_at,
                "config": json.loads(row.config) if row.config else None,
                "has_token": row.secret is not None,
                "hook_path": f"/api/v1/hooks/git/{row.id}" if row.hook_secret else None,
                "note": row.note,
            }
        )
        for row in rows
    ]


def rules_of(source: Source) -> FileRules:
    """Return which files of a folder are read."""
    return FileRules(
        include=source.include.splitlines(), exclude=source.exclude.splitlines(), gitignore=source.gitignore
    )


def _chunking(source: Source) -> ChunkingOut:
    rule = rule_of(source)
    return ChunkingOut(strategy=rule.strategy, size=rule.size, overlap=rule.overlap, pending=source.chunking_due)


def _last_sync(source: Source) -> LastSync | None:
    if source.last_synced_at is None or source.last_result is None:
        return None
    return LastSync.model_validate(
        {
            "at": source.last_synced_at,
            "result": source.last_result,
            "added": source.last_added,
            "changed": source.last_changed,
            "removed": source.last_removed,
        }
    )


def _watch(source: Source, now: datetime) -> WatchOut:
    active = source.watch_until is not None and source.watch_until > now and not source.paused
    return WatchOut.model_validate({"mode": source.watch, "active": active})
