"""Which embedder a name means."""

from pathlib import Path

from parley.errors import NotFound
from parley.llm.embedding.base import Embedder
from parley.llm.embedding.fake import HashEmbedder
from parley.llm.embedding.table import TableEmbedder

STATIC = "static"
HASH = "hash"
BUILT_IN = frozenset({STATIC, HASH})


def open_embedder(name: str, models_folder: Path) -> Embedder:
    """Return the embedder that settings name: `static`, `hash` (for trials), or a model registered in a folder.

    Raises:
        NotFound: no such model is registered.
        InvalidInput: its folder cannot be used.
    """
    if name == STATIC:
        return TableEmbedder()
    if name == HASH:
        return HashEmbedder()
    folder = models_folder / name
    if not folder.is_dir():
        raise NotFound(f"There is no model called {name}. Register one with: parley models get {name}")
    from parley.llm.embedding.onnx import OnnxEmbedder

    return OnnxEmbedder(folder)
