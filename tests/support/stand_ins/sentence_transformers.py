"""Stands in for the package of this name, which brings torch along: the few calls that are made of it."""

from collections.abc import Sequence
from typing import Any

from parley.kit.analysis import analyse
from parley.llm.embedding.fake import HashEmbedder


class _Tokenizer:
    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return list(range(len(analyse(text, "und")) + 2 * add_special_tokens))


class SentenceTransformer:
    """As of version 5: prompts by name, `encode` with a prompt's text."""

    def __init__(self, model_name_or_path: str, device: str | None = None) -> None:
        self._hash = HashEmbedder(32)
        self.tokenizer = _Tokenizer()
        self.max_seq_length = 128
        self.prompts = {"query": "query: ", "document": ""}

    def get_sentence_embedding_dimension(self) -> int:
        return 32

    def encode(
        self,
        sentences: Sequence[str],
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        convert_to_numpy: bool = True,
    ) -> Any:
        return 3 * self._hash.embed_documents([(prompt or "") + sentence for sentence in sentences])
