"""Any model that the sentence-transformers package runs, for those who have installed it (it brings torch along)."""

import threading
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from parley.errors import InvalidInput
from parley.llm.embedding.base import Vectors, unit_rows

_WEIGHT = 0.4
_BATCH = 32


class SentenceTransformerEmbedder:
    """Embeds with `sentence_transformers.SentenceTransformer`.

    Args:
        model: a folder, or a name that the package fetches from its hub when it is used for the first time.
        query_prefix, document_prefix: put before each text; a model's own prompts are used where these are empty.

    Raises:
        InvalidInput: the package is not installed, or cannot open the model.
    """

    def __init__(self, model: str, query_prefix: str = "", document_prefix: str = "") -> None:
        try:
            from sentence_transformers import SentenceTransformer  # pyright: ignore  # not one of our dependencies
        except ImportError as error:
            raise InvalidInput(
                "The package sentence-transformers is not installed where Parley runs. Install it there, with: "
                "uv pip install sentence-transformers",
                code="not_installed",
            ) from error
        try:
            self._model: Any = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise InvalidInput(
                f"The model {model} cannot be opened by sentence-transformers.", code="invalid_model"
            ) from error
        self._prefixes = {"query": query_prefix, "document": document_prefix}
        self._lock = threading.Lock()
        self.dim = int(self._model.get_sentence_embedding_dimension())
        self.max_tokens = int(self._model.max_seq_length or 512)
        used = sha256(f"{model}\n{query_prefix}\n{document_prefix}".encode()).hexdigest()[:12]
        self.name = f"sentence-transformers:{model[-60:]}@{self.dim}/{used}"

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, "document")

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, "query")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encode = self._model.tokenizer.encode
        return [len(encode(text, add_special_tokens=False)) for text in texts]

    def fusion_weight(self, language: str) -> float:
        return _WEIGHT

    def _embed(self, texts: Sequence[str], purpose: str) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        present = [number for number, text in enumerate(texts) if text.strip()]
        if not present:
            return rows
        prefix = self._prefixes[purpose]
        prompts = self._model.prompts or {}
        prompt = prefix or prompts.get(purpose) or prompts.get("passage" if purpose == "document" else purpose) or ""
        with self._lock:  # torch takes all cores for one call
            made = self._model.encode(
                [texts[number] for number in present],
                batch_size=_BATCH,
                prompt=prompt or None,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        rows[present] = np.asarray(made, np.float32)
        return unit_rows(rows)
