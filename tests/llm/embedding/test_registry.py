"""Local model folders: registered, refused, fetched from a server on this machine."""

import shutil
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from parley.errors import InvalidInput, NotFound, Unavailable
from parley.llm.embedding.manifest import MANIFEST, ModelManifest, file_hash, read_manifest
from parley.llm.embedding.models import open_embedder
from parley.llm.embedding.registry import ModelRegistry, PublishedModel

TINY = Path(__file__).parent / "tiny"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the tiny model."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The models folder."""
    return tmp_path / "models"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(source: Path) -> Generator[str]:
    """The address of a server that offers the tiny model."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(source))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def published(address: str, tokenizer_hash: str | None = None) -> dict[str, PublishedModel]:
    """Return a catalogue with the tiny model at an address."""
    names = ("model.onnx", "tokenizer.json")
    hashes = {name: file_hash(TINY / name) for name in names}
    hashes["tokenizer.json"] = tokenizer_hash or hashes["tokenizer.json"]
    manifest = ModelManifest(model="model.onnx", hashes=hashes)
    return {"tiny": PublishedModel(address, {name: name for name in names}, 1, manifest)}


class TestRegistering:
    def test_a_folder_without_a_manifest_is_worked_out(self, source: Path, models: Path) -> None:
        registered = ModelRegistry(models).register(source)
        opened = open_embedder("tiny", models)
        assert opened.name == registered.name
        assert ModelRegistry(models).names() == ["tiny"]

    def test_a_second_folder_of_the_same_name_replaces_the_first(self, source: Path, models: Path) -> None:
        registry = ModelRegistry(models)
        first = registry.register(source)
        manifest = read_manifest(source).model_copy(update={"query_prefix": "question "})
        (source / MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
        assert registry.register(source).name != first.name

    def test_a_file_that_is_not_the_one_named_is_refused(self, source: Path, models: Path) -> None:
        manifest = read_manifest(source).model_copy(update={"hashes": {"model.onnx": "0" * 64}})
        (source / MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
        with pytest.raises(InvalidInput) as refused:
            ModelRegistry(models).register(source)
        assert refused.value.stable_code == "hash_mismatch"
        assert ModelRegistry(models).names() == []

    def test_a_manifest_cannot_reach_out_of_its_folder(self, source: Path, models: Path) -> None:
        (source / MANIFEST).write_text('{"model": "../secret.onnx"}', "utf-8")
        with pytest.raises(InvalidInput, match="outside"):
            ModelRegistry(models).register(source)

    def test_a_broken_model_is_refused(self, source: Path, models: Path) -> None:
        (source / "model.onnx").write_bytes(b"not a model")
        with pytest.raises(InvalidInput) as refused:
            ModelRegistry(models).register(source)
        assert refused.value.stable_code == "invalid_model"

    def test_a_folder_without_a_model_is_refused(self, tmp_path: Path, models: Path) -> None:
        with pytest.raises(InvalidInput, match="no ONNX model"):
            ModelRegistry(models).register(tmp_path)

    @pytest.mark.parametrize("name", ["static", "..", "a/b", ".hidden"])
    def test_a_name_that_would_confuse_is_refused(self, source: Path, models: Path, name: str) -> None:
        with pytest.raises(InvalidInput):
            ModelRegistry(models).register(source, name)


class TestFetching:
    def test_a_pinned_model_is_fetched_and_opened(self, hub: str, models: Path) -> None:
        seen: list[int] = []
        ModelRegistry(models, published(hub)).fetch("tiny", lambda _file, count: seen.append(count))
        assert open_embedder("tiny", models).dim == 16
        assert sum(seen) == sum((TINY / name).stat().st_size for name in ("model.onnx", "tokenizer.json"))

    def test_other_bytes_than_the_pinned_ones_are_refused(self, hub: str, models: Path) -> None:
        with pytest.raises(InvalidInput) as refused:
            ModelRegistry(models, published(hub, "0" * 64)).fetch("tiny")
        assert refused.value.stable_code == "hash_mismatch"
        assert list(models.glob("*")) == []

    def test_without_a_network_the_message_says_what_to_do(self, models: Path) -> None:
        with pytest.raises(Unavailable, match="models get FOLDER"):
            ModelRegistry(models, published("http://127.0.0.1:9")).fetch("tiny")

    def test_an_unknown_name_is_not_found(self, models: Path) -> None:
        with pytest.raises(NotFound, match="e5-small"):
            ModelRegistry(models).fetch("e6-tiny")
        with pytest.raises(NotFound):
            open_embedder("e6-tiny", models)
