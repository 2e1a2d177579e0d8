"""What accounts look like at the border."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Role = Literal["owner", "member"]
Via = Literal["session", "key", "local"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for which workspace. `via` tells how they proved it; `local` is the owner's own machine."""

    workspace_id: str
    user_id: str
    role: str
    via: Via


class UserOut(BaseModel):
    """A person."""

    id: str
    name: str


class WorkspaceOut(BaseModel):
    """A tenant."""

    id: str
    name: str


class ApiKeyOut(BaseModel):
    """A key for programs. `hint` is the end of its secret."""

    id: str
    name: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None


class ApiKeyCreated(ApiKeyOut):
    """A key just made; `key` is shown this once."""

    key: str


class ApiKeyIn(BaseModel):
    """A key to make."""

    name: str = Field(min_length=1, max_length=200)
