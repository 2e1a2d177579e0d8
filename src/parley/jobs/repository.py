"""Every query on job rows and on the processes that run them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from parley.jobs.tables import JobRow, ProcessRow
from parley.store.scope import ScopedRepository, SystemRepository

LIVE = ("queued", "running")


class JobRepository(ScopedRepository):
    """The jobs of one workspace."""

    async def find(self, job_id: str) -> JobRow | None:
        """Return a job of this workspace."""
        return await self.get(JobRow, job_id)

    async def latest(self, kind: str, target_id: str) -> JobRow | None:
        """Return the last attempt at this work."""
        query = self.select(JobRow).where(JobRow.kind == kind, JobRow.target_id == target_id)
        return (await self.session.execute(query.order_by(JobRow.attempt.desc()).limit(1))).scalar_one_or_none()

    async def live(self, kind: str) -> set[str]:
        """Return the targets that have a queued or running job of this kind."""
        query = self.select(JobRow.target_id).where(JobRow.kind == kind, JobRow.status.in_(LIVE))
        return set((await self.session.execute(query)).scalars().all())

    async def latest_of(self, kind: str, target_ids: Sequence[str]) -> dict[str, str]:
        """Return target → id of its last job of this kind; targets without one are left out."""
        query = self.select(JobRow.target_id, JobRow.id).where(JobRow.kind == kind, JobRow.target_id.in_(target_ids))
        rows = (await self.session.execute(query.order_by(JobRow.attempt))).all()
        return {row[0]: row[1] for row in rows}

    async def create(self, kind: str, target_id: str, attempt: int, now: datetime) -> str:
        """Write a queued job, unless another process wrote the same attempt first; return its id either way."""
        job_id = f"{kind}:{target_id}:{attempt}"
        row = {
            "id": job_id,
            "kind": kind,
            "target_id": target_id,
            "attempt": attempt,
            "status": "queued",
            "done": 0,
            "total": 0,
            "failed": 0,
            "created_at": now,
            "updated_at": now,
        }
        await self.insert_new(JobRow, [row])
        return job_id

    async def change(self, job_id: str, now: datetime, **values: Any) -> None:
        """Set columns of a job."""
        await self.session.execute(self.update(JobRow).where(JobRow.id == job_id).values(updated_at=now, **values))

    async def ended_of(self, target_id: str, but: str) -> Sequence[str]:
        """Return the jobs of a target that have ended, of whatever kind."""
        query = self.select(JobRow.id).where(JobRow.target_id == target_id, JobRow.id != but)
        return (await self.session.execute(query.where(JobRow.status.not_in(LIVE)))).scalars().all()

    async def delete_jobs(self, job_ids: Sequence[str]) -> None:
        """Delete jobs."""
        await self.session.execute(self.delete(JobRow).where(JobRow.id.in_(job_ids)))

    async def count_live(self) -> dict[str, int]:
        """Return how many jobs are queued and running."""
        query = self.select(JobRow.status).where(JobRow.status.in_(LIVE))
        statuses = (await self.session.execute(query)).scalars().all()
        return {status: statuses.count(status) for status in LIVE}


class ProcessRepository(SystemRepository):
    """Living processes, and jobs looked up by the process that runs them."""

    async def beat(self, executor_id: str, now: datetime, lease_until: datetime) -> None:
        """Prolong the lease of a process, or write its first one."""
        statement = (
            self.update(ProcessRow)
            .where(ProcessRow.executor_id == executor_id)
            .values(lease_until=lease_until)
            .returning(ProcessRow.executor_id)
        )
        if (await self.session.execute(statement)).scalar_one_or_none() is None:
            self.session.add(ProcessRow(executor_id=executor_id, started_at=now, lease_until=lease_until))

    async def leave(self, executor_id: str) -> None:
        """Forget a process that ends in order."""
        await self.session.execute(self.delete(ProcessRow).where(ProcessRow.executor_id == executor_id))

    async def bury(self, now: datetime, *, all_but: str | None) -> None:
        """Forget the processes whose lease ran out; with `all_but`, every process but that one."""
        dead = ProcessRow.executor_id != all_but if all_but is not None else ProcessRow.lease_until < now
        await self.session.execute(self.delete(ProcessRow).where(dead))

    async def orphans(self) -> Sequence[JobRow]:
        """Return live jobs that no living process runs: queued ones, and those whose process is gone."""
        living = self.select(ProcessRow.executor_id)
        query = self.select(JobRow).where(
            JobRow.status.in_(LIVE), JobRow.executor_id.is_(None) | JobRow.executor_id.not_in(living)
        )
        return (await self.session.execute(query.order_by(JobRow.created_at))).scalars().all()

    async def find(self, job_id: str) -> JobRow | None:
        """Return a job of whatever workspace."""
        return (await self.session.execute(self.select(JobRow).where(JobRow.id == job_id))).scalar_one_or_none()

    async def claim(self, job_id: str, executor_id: str, now: datetime) -> bool:
        """Mark a queued job, or one whose process is gone, as run by this process; False if it must not run."""
        living = self.select(ProcessRow.executor_id).where(ProcessRow.executor_id != executor_id)
        statement = (
            self.update(JobRow)
            .where(JobRow.id == job_id, JobRow.status.in_(LIVE))
            .where(JobRow.executor_id.is_(None) | JobRow.executor_id.not_in(living))
            .values(status="running", executor_id=executor_id, updated_at=now)
            .returning(JobRow.id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none() is not None
