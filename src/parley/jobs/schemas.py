"""What people and other rooms see of jobs."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel


class ErrorOut(BaseModel):
    """A stable code and a sentence for people."""

    code: str
    message: str


class JobOut(BaseModel):
    """One background job."""

    id: str
    kind: str
    target_id: str
    status: str
    done: int
    total: int
    failed: int
    error: ErrorOut | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Work that is pending: what `Jobs.reconcile` callbacks return."""

    workspace_id: str
    kind: str
    target_id: str
