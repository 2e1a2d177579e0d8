"""What the server tells the process that fetches a repository, and what that one says, as lines of JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

MAX_LINE_BYTES = 1 << 25


class KnownFile(BaseModel):
    """A file that was read before: its Git object, and where its content lies if it was kept."""

    oid: str | None = None
    content: str | None = None


class GitTask(BaseModel):
    """Fetch one branch and tell what is different. `folder` is empty and belongs to the process."""

    url: str
    branch: str | None = None
    username: str | None = None
    token: str | None = None
    folder: str
    since: str | None = Field(default=None, description="The commit that `known` is of.")
    known: dict[str, KnownFile] = Field(default_factory=dict[str, KnownFile])
    trees: dict[str, str] = Field(
        default_factory=dict[str, str], description="Folder, with a slash at its end, to its object in that commit."
    )
    include: list[str] = Field(default_factory=list[str])
    exclude: list[str] = Field(default_factory=list[str])
    max_file_bytes: int
    max_bytes: int
    user_agent: str
    ports: list[int]
    opened_networks: list[str]
    only_look: bool = Field(default=False, description="Only list branches.")


class Looked(BaseModel):
    """The branches that there are, and the one that is read."""

    type: Literal["looked"] = "looked"
    branch: str
    commit: str
    branches: list[str]


class FileSaid(BaseModel):
    """A file that is new or has changed. `content` is its name in the task's folder."""

    type: Literal["file"] = "file"
    path: str
    oid: str
    content: str
    moved_from: str | None = None


class MovedSaid(BaseModel):
    """A file with the same content under another path."""

    type: Literal["moved"] = "moved"
    path: str
    oid: str
    moved_from: str


class SkippedSaid(BaseModel):
    """A file that is not read, and why."""

    type: Literal["skipped"] = "skipped"
    path: str
    oid: str
    code: str
    message: str


class Finished(BaseModel):
    """All was told. `same` counts and `gone` lists paths of `known`; `trees` are the folders as they are now."""

    type: Literal["finished"] = "finished"
    commit: str
    branch: str
    same: int
    gone: list[str]
    trees: dict[str, str] = Field(default_factory=dict[str, str])


class Failure(BaseModel):
    """It came to nothing."""

    type: Literal["failure"] = "failure"
    code: str
    message: str
    kind: Literal["refused", "unreachable", "gone", "denied", "oversized", "failed"]


Said = Annotated[Looked | FileSaid | MovedSaid | SkippedSaid | Finished | Failure, Field(discriminator="type")]
SAID = TypeAdapter[Said](Said)
