"""Connecting embedders: names, keys, prices, tests; and the package that only some have."""

import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from pydantic import ValidationError

from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import FixedClock
from parley.kit.crypto import SecretBox
from parley.llm.embedding import HostedEmbedder
from parley.llm.embedding.service import EmbedderService
from parley.llm.repository import EmbedderRepository
from parley.llm.schemas import EmbedderIn, EmbedderPatch
from parley.store.engine import Store
from tests.support.embedding_provider import KEY, OWN_DIM, EmbeddingProvider, Fault, embedding_provider

STAND_IN = Path(__file__).parents[2] / "support" / "stand_ins"


@pytest.fixture
def provider() -> Generator[EmbeddingProvider]:
    with embedding_provider() as running:
        yield running


@pytest.fixture
async def service(store: Store, clock: FixedClock, tmp_path: Path) -> AsyncGenerator[EmbedderService]:
    opened = EmbedderService(store, clock, SecretBox(tmp_path / "secret.key"), tmp_path / "models")
    yield opened
    await opened.pool.close()


def wanted(provider: EmbeddingProvider, **options: object) -> EmbedderIn:
    fields = {"name": "ada", "kind": "openai", "model": "m-1", "base_url": provider.base_url("openai"), "key": KEY}
    return EmbedderIn.model_validate(fields | options)


class TestConnecting:
    async def test_a_key_is_encrypted_used_and_never_shown(
        self, service: EmbedderService, store: Store, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        view = await service.create(workspace_id, wanted(provider))
        assert (view.has_key, view.dim, KEY in view.model_dump_json()) == (True, None, False)
        async with store.read() as session:
            rows = await EmbedderRepository(session, workspace_id).all()
        assert KEY.encode() not in (rows[0].key_encrypted or b"")
        embedder = await service.pool.open(workspace_id, view.id)
        assert isinstance(embedder, HostedEmbedder)
        assert embedder.embed_documents(["one"]).shape == (1, OWN_DIM)
        assert provider.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert [item.dim for item in await service.all(workspace_id)] == [None, OWN_DIM]

    async def test_it_is_found_by_its_name_and_by_its_id(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        view = await service.create(workspace_id, wanted(provider))
        assert await service.spec(workspace_id, "ada") == await service.spec(workspace_id, view.id) == view.id
        assert await service.spec(workspace_id, "static") == "static"
        with pytest.raises(NotFound):
            await service.spec(workspace_id, "nonesuch")

    async def test_a_name_is_given_once(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        await service.create(workspace_id, wanted(provider))
        for name in ("ada", "static"):
            with pytest.raises(Conflict):
                await service.create(workspace_id, wanted(provider, name=name))

    async def test_known_prices_are_filled_in_and_unknown_ones_stay_unknown(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        body = {"name": "small", "kind": "openai", "model": "text-embedding-3-small"}
        known = await service.create(workspace_id, EmbedderIn.model_validate(body))
        assert (known.base_url, known.usd_per_million_tokens) == ("https://api.openai.com/v1", 0.02)
        assert (await service.create(workspace_id, wanted(provider))).usd_per_million_tokens is None

    async def test_another_key_is_used_from_then_on(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        view = await service.create(workspace_id, wanted(provider, key="sk-old", dims=16))
        assert not (await service.test(workspace_id, view.id)).ok
        await service.change(workspace_id, view.id, EmbedderPatch.model_validate({"key": KEY}))
        result = await service.test(workspace_id, view.id)
        assert (result.ok, result.message) == (True, "16 dimensions")

    def test_a_compatible_server_needs_an_address(self) -> None:
        with pytest.raises(ValidationError):
            EmbedderIn.model_validate({"name": "x", "kind": "compatible", "model": "m"})

    async def test_one_that_is_removed_is_gone(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        view = await service.create(workspace_id, wanted(provider))
        await service.remove(workspace_id, view.id)
        with pytest.raises(NotFound):
            await service.pool.open(workspace_id, view.id)


class TestTesting:
    async def test_says_what_is_wrong(
        self, service: EmbedderService, workspace_id: str, provider: EmbeddingProvider
    ) -> None:
        view = await service.create(workspace_id, wanted(provider, dims=16))
        provider.then(Fault("wrong_dims"))
        result = await service.test(workspace_id, view.id)
        assert not result.ok
        assert "17 dimensions where 16" in result.message
        assert (await service.all(workspace_id))[-1].last_test == result

    async def test_works_for_the_built_in_one_too(self, service: EmbedderService, workspace_id: str) -> None:
        assert (await service.test(workspace_id, "static")).ok


class TestSentenceTransformers:
    async def test_a_missing_package_says_how_to_get_it(
        self, service: EmbedderService, workspace_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        body = {"name": "mini", "kind": "sentence-transformers", "model": "some/model"}
        view = await service.create(workspace_id, EmbedderIn.model_validate(body))
        with pytest.raises(InvalidInput) as missing:
            await service.pool.open(workspace_id, view.id)
        assert missing.value.stable_code == "not_installed"

    async def test_an_installed_one_is_called_with_the_models_own_prompts(
        self, service: EmbedderService, workspace_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(STAND_IN)
        monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
        body = {"name": "mini", "kind": "sentence-transformers", "model": "some/model"}
        view = await service.create(workspace_id, EmbedderIn.model_validate(body))
        embedder = await service.pool.open(workspace_id, view.id)
        assert embedder.dim == 32
        assert not embedder.embed_documents(["  "]).any()
        near, far = embedder.embed_documents(["password reset", "glacier"]) @ embedder.embed_queries(["my password"])[0]
        assert near > far
        sys.modules.pop("sentence_transformers", None)
