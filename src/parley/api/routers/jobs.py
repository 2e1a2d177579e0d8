"""Background jobs."""

from fastapi import APIRouter

from parley.api.deps import CallerDep, ContainerDep
from parley.jobs.schemas import JobOut

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("/{job_id}")
async def get_job(job_id: str, caller: CallerDep, container: ContainerDep) -> JobOut:
    """Return how far a job is, and how it ended."""
    return await container.jobs.get(caller.workspace_id, job_id)
