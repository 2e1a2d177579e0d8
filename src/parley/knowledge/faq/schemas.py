"""Questions and answers at the border."""

from datetime import datetime

from pydantic import BaseModel, Field, field_validator

Question = Field(min_length=1, max_length=2_000, pattern=r"\S")
Answer = Field(min_length=1, max_length=50_000, pattern=r"\S")


class FaqIn(BaseModel):
    """A question with its answer, in Markdown."""

    question: str = Question
    answer: str = Answer
    category: str = Field(default="", max_length=200)
    tags: list[str] = Field(default_factory=list[str], max_length=50)

    @field_validator("tags")
    @classmethod
    def _plain(cls, tags: list[str]) -> list[str]:
        return list(dict.fromkeys(" ".join(tag.split())[:100] for tag in tags if tag.strip()))


class FaqPatch(BaseModel):
    """What can be changed of an entry."""

    question: str | None = Field(default=None, min_length=1, max_length=2_000, pattern=r"\S")
    answer: str | None = Field(default=None, min_length=1, max_length=50_000, pattern=r"\S")
    category: str | None = Field(default=None, max_length=200)
    tags: list[str] | None = Field(default=None, max_length=50)


class FaqOut(BaseModel):
    """One entry. Its answer is the document that citations lead to."""

    id: str
    source_id: str
    document_id: str
    question: str
    answer: str
    category: str
    tags: list[str]
    created_at: datetime
    updated_at: datetime


class CategoryOut(BaseModel):
    """A category and how many entries are of it; entries of none have the name ""."""

    name: str
    entries: int


class RowProblem(BaseModel):
    """A row of a CSV that was not taken, counted from 1 with the header, and why."""

    row: int
    code: str
    message: str


class ImportOut(BaseModel):
    """What an import did. An entry with the same question is replaced."""

    added: int
    changed: int
    unchanged: int
    problems: list[RowProblem]
