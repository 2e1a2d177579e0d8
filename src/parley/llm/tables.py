"""Connected chat models and embedders."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class Tried:
    """How a connected model did when it was last tried: all None before that, and after a change."""

    last_test_ok: Mapped[bool | None]
    last_test_message: Mapped[str | None] = mapped_column(String(1000))
    last_test_ms: Mapped[float | None]
    last_test_at: Mapped[datetime | None]


class ChatModelRow(Tried, Scoped, Base):
    """A model that can answer. The key is encrypted, or named by an environment variable, never both."""

    __tablename__ = "chat_models"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    base_url: Mapped[str] = mapped_column(String(2000))
    model: Mapped[str] = mapped_column(String(300))
    key_env: Mapped[str | None] = mapped_column(String(200))
    key_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class EmbedderRow(Tried, Scoped, Base):
    """A connected embedder. `kind`: a protocol of `embedding.wire`, or sentence-transformers.

    `dims` is the length of vectors that is asked for, `dim` the one that came. Address, model, dims and prefixes never
    change: vectors depend on them.
    """

    __tablename__ = "embedders"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    base_url: Mapped[str | None] = mapped_column(String(2000))
    model: Mapped[str] = mapped_column(String(300))
    dims: Mapped[int | None]
    dim: Mapped[int | None]
    query_prefix: Mapped[str] = mapped_column(String(1000))
    document_prefix: Mapped[str] = mapped_column(String(1000))
    requests_per_minute: Mapped[int | None]
    tokens_per_minute: Mapped[int | None]
    usd_per_million_tokens: Mapped[float | None]
    key_env: Mapped[str | None] = mapped_column(String(200))
    key_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
