"""Local models: a folder per model under the data folder, copied from anywhere or fetched once, checked before use."""

import shutil
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from parley.errors import InvalidInput, NotFound, Unavailable
from parley.llm.embedding.manifest import MANIFEST, ModelManifest, check_hashes, read_manifest
from parley.llm.embedding.models import BUILT_IN
from parley.llm.embedding.onnx import OnnxEmbedder

if TYPE_CHECKING:
    from collections.abc import Generator

_BLOCK_BYTES = 1 << 20

Report = Callable[[str, int], None]
"""Called with the name of a file and the bytes that have come since the last call."""


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model on a public hub, pinned: what is fetched has these bytes or is refused."""

    address: str
    files: dict[str, str]
    bytes: int
    manifest: ModelManifest


PUBLISHED = {
    "e5-small": PublishedModel(
        # MIT; multilingual. One revision, so that the vectors of one name never change.
        address="https://huggingface.co/intfloat/multilingual-e5-small/resolve/614241f622f53c4eeff9890bdc4f31cfecc418b3",
        files={"model.onnx": "onnx/model_qint8_avx512_vnni.onnx", "tokenizer.json": "tokenizer.json"},
        bytes=135_429_554,
        manifest=ModelManifest(
            model="model.onnx",
            pooling="mean",
            query_prefix="query: ",
            document_prefix="passage: ",
            max_tokens=512,
            languages=["*"],
            weight=0.5,
            hashes={
                "model.onnx": "dd476dd0c2514e9b9be83aeb3853fac0763e0bdf4a71645407587d77c48a2d88",
                "tokenizer.json": "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
            },
        ),
    )
}


class ModelRegistry:
    """The models folder.

    Args:
        folder: where models live, one folder each, named as settings name them.
        published: models that can be fetched by name.
    """

    def __init__(self, folder: Path, published: dict[str, PublishedModel] | None = None) -> None:
        self._folder = folder
        self._published = PUBLISHED if published is None else published

    def names(self) -> list[str]:
        """Return the registered models."""
        return sorted(path.name for path in self._folder.glob("*") if (path / MANIFEST).is_file())

    def register(self, source: Path, name: str | None = None) -> OnnxEmbedder:
        """Copy a model folder here, after its files were compared with its manifest and it has passed its test.

        Raises:
            InvalidInput: the folder holds no model that works, or the name cannot be used.
        """
        name = _checked_name(name or source.resolve().name)
        manifest = read_manifest(source)
        check_hashes(source, manifest)
        with self._fresh_folder(name) as folder:
            for file in manifest.hashes:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / file, folder / file)
            for extra in source.glob("*.onnx_data"):  # weights of a model too large for one file
                shutil.copyfile(extra, folder / extra.name)
            return self._accept(folder, name, manifest)

    def fetch(self, name: str, report: Report | None = None) -> OnnxEmbedder:
        """Fetch a published model.

        Raises:
            NotFound: no model of this name is known.
            Unavailable: it cannot be reached.
            InvalidInput: what came is not what was pinned.
        """
        model = self._published.get(name)
        if model is None:
            known = ", ".join(sorted(self._published))
            raise NotFound(f"No model is called {name}. Known: {known}; or name a folder that holds an ONNX model.")
        with self._fresh_folder(name) as folder:
            for file, remote in model.files.items():
                _download(f"{model.address}/{remote}", folder / file, report)
            check_hashes(folder, model.manifest)
            return self._accept(folder, name, model.manifest)

    @contextmanager
    def _fresh_folder(self, name: str) -> "Generator[Path]":
        """Yield a folder named as the model will be, since an embedder is called after it; it goes away again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._folder, prefix=".new-", ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary) / name
            folder.mkdir()
            yield folder

    def _accept(self, folder: Path, name: str, manifest: ModelManifest) -> OnnxEmbedder:
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")
        OnnxEmbedder(folder).self_test()
        final = self._folder / name
        if final.exists():
            shutil.rmtree(final)
        shutil.copytree(folder, final)
        return OnnxEmbedder(final)


def _checked_name(name: str) -> str:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.startswith("."):
        raise InvalidInput(f"{name} cannot be the name of a model: use letters, digits, - and _.")
    if name in BUILT_IN:
        raise InvalidInput(f"The name {name} is taken by a built-in embedder.")
    return name


def _download(url: str, target: Path, report: Report | None) -> None:
    import httpx

    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=30) as response:
            response.raise_for_status()
            with target.open("wb") as file:
                for block in response.iter_bytes(_BLOCK_BYTES):
                    file.write(block)
                    if report is not None:
                        report(target.name, len(block))
    except httpx.HTTPError as error:
        raise Unavailable(
            f"{url} cannot be reached ({type(error).__name__}). On a machine without a network, bring a model folder "
            "and name it: parley models get FOLDER",
            code="model_unreachable",
        ) from error
