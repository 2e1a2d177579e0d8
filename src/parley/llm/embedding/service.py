"""The embedders that a workspace can choose from: connect them, keep their keys safe, try them, open them."""

import asyncio
from pathlib import Path

import numpy as np

from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.kit.ids import new_id
from parley.llm.embedding.base import Embedder
from parley.llm.embedding.hosted import HostedEmbedder, HostedModel
from parley.llm.embedding.models import BUILT_IN, STATIC
from parley.llm.embedding.pool import EmbedderPool
from parley.llm.embedding.registry import ModelRegistry
from parley.llm.embedding.sentence_transformers import SentenceTransformerEmbedder
from parley.llm.embedding.wire import WIRES
from parley.llm.keys import read_key, two_keys
from parley.llm.prices import embedding_price
from parley.llm.repository import EmbedderRepository
from parley.llm.schemas import EmbedderIn, EmbedderPatch, EmbedderView, ModelTest
from parley.llm.tables import EmbedderRow
from parley.llm.trial import last_test, remember, try_out
from parley.store.engine import Store

SENTENCE_TRANSFORMERS = "sentence-transformers"
_TEST_QUESTION = "How do I reset my password?"
_TEST_TEXTS = ("Changing a forgotten password is done on the account page.", "The glacier retreated by forty metres.")


class EmbedderService:
    """Built-in, local and connected embedders. `pool` opens them.

    Args:
        secrets: encrypts keys; its key lies outside the database.
        timeout_seconds: longest time a provider may take for one call.
        question_seconds: the same for a question, for which somebody waits.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        secrets: SecretBox,
        models_folder: Path,
        timeout_seconds: float = 60.0,
        question_seconds: float = 10.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self._local = ModelRegistry(models_folder)
        self._timeout_seconds = timeout_seconds
        self._question_seconds = question_seconds
        self.pool = EmbedderPool(models_folder, self.open)

    async def all(self, workspace_id: str) -> list[EmbedderView]:
        """Return the built-in embedder, then local models, then connected ones."""
        local = await asyncio.to_thread(self._local.names)
        async with self._store.read() as session:
            rows = await EmbedderRepository(session, workspace_id).all()
        here = [
            EmbedderView(id=name, name=name, kind="local" if name != STATIC else STATIC) for name in (STATIC, *local)
        ]
        return here + [_view(row) for row in rows]

    async def spec(self, workspace_id: str, name: str) -> str:
        """Return what generations name an embedder by, given that or the name people gave it.

        Raises:
            NotFound: there is no such embedder.
        """
        if name in BUILT_IN:
            return name
        views = await self.all(workspace_id)
        for view in views:
            if name in (view.id, view.name):
                return view.id
        known = ", ".join(view.name for view in views)
        raise NotFound(f"There is no embedder called {name}. Known: {known}", code="embedder_not_found")

    async def create(self, workspace_id: str, wanted: EmbedderIn) -> EmbedderView:
        """Connect an embedder; it is not called yet.

        Raises:
            Conflict: the name is taken.
            InvalidInput: both a key and a variable are given.
        """
        if wanted.key is not None and wanted.key_env is not None:
            raise two_keys()
        await self._refuse_taken(workspace_id, wanted.name)
        base_url = str(wanted.base_url).rstrip("/") if wanted.base_url else None
        if base_url is None and wanted.kind in WIRES:
            base_url = WIRES[wanted.kind].base_url
        price = wanted.usd_per_million_tokens
        if price is None and base_url is not None:
            price = await asyncio.to_thread(embedding_price, base_url, wanted.model)
        async with self._store.write() as session:
            row = EmbedderRepository(session, workspace_id).add(
                EmbedderRow(
                    id=new_id("emb"),
                    key_encrypted=self._secrets.encrypt(wanted.key.get_secret_value()) if wanted.key else None,
                    base_url=base_url,
                    usd_per_million_tokens=price,
                    created_at=self._clock.now(),
                    **wanted.model_dump(exclude={"key", "base_url", "usd_per_million_tokens"}),
                )
            )
        return _view(row)

    async def change(self, workspace_id: str, embedder_id: str, patch: EmbedderPatch) -> EmbedderView:
        """Change what the patch names; the last test no longer counts.

        Raises:
            NotFound: the workspace has no such embedder.
            Conflict: the name is taken.
            InvalidInput: both a key and a variable are given.
        """
        named = patch.model_fields_set
        if patch.key is not None and patch.key_env is not None:
            raise two_keys()
        async with self._store.write() as session:
            row = await _existing(EmbedderRepository(session, workspace_id), embedder_id)
            if patch.name is not None and patch.name != row.name:
                await self._refuse_taken(workspace_id, patch.name)
                row.name = patch.name
            if "key" in named:
                row.key_encrypted = self._secrets.encrypt(patch.key.get_secret_value()) if patch.key else None
                row.key_env = None if patch.key else row.key_env
            if "key_env" in named:
                row.key_env = patch.key_env
                row.key_encrypted = None if patch.key_env else row.key_encrypted
            for limit in ("requests_per_minute", "tokens_per_minute", "usd_per_million_tokens"):
                if limit in named:
                    setattr(row, limit, getattr(patch, limit))
            remember(row, None)
        self.pool.forget(workspace_id, embedder_id)
        return _view(row)

    async def remove(self, workspace_id: str, embedder_id: str) -> None:
        """Remove an embedder that no generation needs.

        Raises:
            NotFound: the workspace has no such embedder.
        """
        async with self._store.write() as session:
            if not await EmbedderRepository(session, workspace_id).remove(embedder_id):
                raise _no_embedder()
        self.pool.forget(workspace_id, embedder_id)

    async def open(self, workspace_id: str, embedder_id: str) -> Embedder:
        """Return an embedder ready to be called; one whose length of vectors is not known yet is called once.

        Raises:
            NotFound: the workspace has no such embedder.
            InvalidInput: its key cannot be read, or its package is not installed.
            ProviderError: it does not tell the length of its vectors.
        """
        async with self._store.read() as session:
            row = await _existing(EmbedderRepository(session, workspace_id), embedder_id)
        embedder = await asyncio.to_thread(self._open, row)
        if row.dim != embedder.dim:
            async with self._store.write() as session:
                stored = await _existing(EmbedderRepository(session, workspace_id), embedder_id)
                stored.dim = embedder.dim
        return embedder

    async def test(self, workspace_id: str, spec: str) -> ModelTest:
        """Embed a question and two passages, and say how that went.

        Raises:
            NotFound: there is no such embedder.
        """

        async def embedding() -> tuple[bool, str]:
            self.pool.forget(workspace_id, spec)
            return await asyncio.to_thread(_try_out, await self.pool.open(workspace_id, spec))

        result = await try_out(embedding, self._clock)
        async with self._store.write() as session:
            row = await EmbedderRepository(session, workspace_id).get(EmbedderRow, spec)
            if row is not None:
                remember(row, result)
        return result

    def _open(self, row: EmbedderRow) -> Embedder:
        if row.kind == SENTENCE_TRANSFORMERS:
            return SentenceTransformerEmbedder(row.model, row.query_prefix, row.document_prefix)
        if row.kind not in WIRES or row.base_url is None:
            raise InvalidInput(f"This version of Parley does not know embedders of the kind {row.kind}.")
        model = HostedModel(
            kind=row.kind,
            base_url=row.base_url,
            model=row.model,
            key=read_key(self._secrets, row.name, row.key_env, row.key_encrypted),
            dims=row.dims,
            query_prefix=row.query_prefix,
            document_prefix=row.document_prefix,
            requests_per_minute=row.requests_per_minute,
            tokens_per_minute=row.tokens_per_minute,
            usd_per_million_tokens=row.usd_per_million_tokens,
            timeout_seconds=self._timeout_seconds,
        )
        return HostedEmbedder(model, WIRES[row.kind], row.dim, self._question_seconds)

    async def _refuse_taken(self, workspace_id: str, name: str) -> None:
        taken = {view.name for view in await self.all(workspace_id)} | BUILT_IN
        if name in taken:
            raise Conflict(f"An embedder is called {name} already.", code="embedder_name_taken")


def _try_out(embedder: Embedder) -> tuple[bool, str]:
    question = embedder.embed_queries([_TEST_QUESTION])
    texts = embedder.embed_documents(_TEST_TEXTS)
    near, far = (texts @ question[0]).tolist()
    if not np.isfinite(texts).all() or near <= far:
        return False, "The embedder answered, but does not tell related sentences from others."
    return True, f"{embedder.dim} dimensions"


async def _existing(embedders: EmbedderRepository, embedder_id: str) -> EmbedderRow:
    row = await embedders.get(EmbedderRow, embedder_id)
    if row is None:
        raise _no_embedder()
    return row


def _view(row: EmbedderRow) -> EmbedderView:
    return EmbedderView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        model=row.model,
        base_url=row.base_url,
        dim=row.dim or row.dims,
        query_prefix=row.query_prefix,
        document_prefix=row.document_prefix,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
        usd_per_million_tokens=row.usd_per_million_tokens,
        has_key=row.key_encrypted is not None,
        key_env=row.key_env,
        last_test=last_test(row),
    )


def _no_embedder() -> NotFound:
    return NotFound("There is no such embedder. See the list with: parley models list", code="embedder_not_found")
