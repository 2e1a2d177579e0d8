"""Sentence transformers from a local folder, run by onnxruntime on the CPU; no torch, no network."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parley.errors import InvalidInput
from parley.llm.embedding.base import Vectors, unit_rows
from parley.llm.embedding.manifest import ModelManifest, read_manifest

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_TOKENS_PER_BATCH = 1024  # measured: 512 and 1,024 are alike, 4,096 takes a sixth more time as it leaves the cache
_MULTILINGUAL_VOCABULARY = 60_000
_SELF_TEST = (
    "How do I reset my password?",
    "Changing a forgotten password is done on the account page.",
    "The glacier retreated by forty metres that summer.",
)


class OnnxEmbedder:
    """Embeds with the ONNX model of a folder; see `manifest` for what the folder holds.

    Texts are sorted by length, so that little is padded, and batched by tokens rather than by number; a model that
    takes no mask gets texts of one length at a time. Each batch runs on one core and batches run side by side: cores
    that share a batch wait for each other at every layer.

    Args:
        folder: `tokenizer.json`, an ONNX model, and a manifest where their use cannot be worked out.
        threads: cores to use; all that this process may use when not given.

    Raises:
        InvalidInput: the folder does not hold a model that can be used.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.manifest: ModelManifest = read_manifest(folder)
        self.name = f"{folder.name[:80]}/{self.manifest.fingerprint}"
        self.max_tokens = self.manifest.max_tokens
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / self.manifest.model),
                options,
                providers=["CPUExecutionProvider"],
                # Joined to one operation, adding and normalising take four times as long as apart (onnxruntime 1.31).
                disabled_optimizers=["SkipLayerNormFusion"],
            )
            self._counter: Tokenizer = _tokenizer(folder / self.manifest.tokenizer)
            self._cutter: Tokenizer = _tokenizer(folder / self.manifest.tokenizer, self.max_tokens)
        except Exception as error:  # broad: both libraries raise exceptions of no common or importable type
            raise InvalidInput(f"The model in {folder} cannot be opened: {error}", code="invalid_model") from error
        self._threads = threads or len(_own_cores())
        self._inputs = [item.name for item in self._session.get_inputs()]
        self._can_pad = any("mask" in name for name in self._inputs)
        self._output, self._pooling = self._choose_output()
        self.dim = int(self._run([[self._known_token()]]).shape[1])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self.manifest.document_prefix + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self.manifest.query_prefix + text for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encoded]

    def fusion_weight(self, language: str) -> float:
        if self.manifest.languages is None:
            known = language == "en" or self._counter.get_vocab_size() >= _MULTILINGUAL_VOCABULARY
        else:
            known = language in self.manifest.languages or "*" in self.manifest.languages
        return self.manifest.weight if known else 0.0

    def self_test(self) -> None:
        """Embed a few sentences and look whether the result can be meant.

        Raises:
            InvalidInput: vectors are not finite, depend on what else is in the batch, or tell nothing apart.
        """
        together = self.embed_documents(_SELF_TEST)
        alone = np.concatenate([self.embed_documents([text]) for text in _SELF_TEST])
        near, far = float(together[0] @ together[1]), float(together[0] @ together[2])
        if not np.isfinite(together).all() or not np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3):
            raise InvalidInput("The model's vectors are not numbers.", code="model_self_test_failed")
        if float((together * alone).sum(axis=1).min()) < 0.98:
            raise InvalidInput("The model's vectors depend on the batch.", code="model_self_test_failed")
        if near <= far:
            raise InvalidInput("The model does not tell related sentences from others.", code="model_self_test_failed")

    def _embed(self, texts: list[str]) -> Vectors:
        ids = [encoding.ids for encoding in self._cutter.encode_batch_fast(texts)]
        rows = np.zeros((len(texts), self.dim), np.float32)
        batches = list(_batches([len(tokens) for tokens in ids], can_pad=self._can_pad))

        def run(batch: list[int]) -> None:
            rows[batch] = self._run([ids[number] for number in batch])

        if self._threads > 1 and len(batches) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, batches))
        else:
            for batch in batches:
                run(batch)
        return unit_rows(rows)

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        """Return one vector a row, not yet of unit length."""
        longest = max(map(len, ids))
        tokens = np.zeros((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for row, known in enumerate(ids):
            tokens[row, : len(known)] = known
            mask[row, : len(known)] = 1
        feeds = {name: mask if "mask" in name else tokens for name in self._inputs}
        feeds |= {name: np.zeros_like(tokens) for name in self._inputs if "type" in name}
        (raw,) = self._session.run([self._output], feeds)
        output: NDArray[np.float32] = np.asarray(raw, np.float32)
        if self._pooling == "none":
            return output
        if self._pooling == "cls":
            return output[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        return (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)

    def _choose_output(self) -> tuple[str, str]:
        """Return the output to read and how to pool it: a vector per text where the model gives one."""
        outputs: list[Any] = list(self._session.get_outputs())
        named = [item for item in outputs if self.manifest.output in (None, item.name)]
        if not named:
            raise InvalidInput(f"The model has no output {self.manifest.output}.", code="invalid_model")
        pooled = [item for item in named if len(item.shape) == 2]
        if self.manifest.pooling is None and pooled:
            return pooled[0].name, "none"
        pooling = self.manifest.pooling or "mean"
        wanted = [item for item in named if len(item.shape) == (2 if pooling == "none" else 3)]
        if not wanted:
            raise InvalidInput(f"The model has no output that suits the pooling {pooling}.", code="invalid_model")
        return wanted[0].name, pooling

    def _known_token(self) -> int:
        encoding = self._counter.encode("a")
        return encoding.ids[0] if encoding.ids else 0


def _own_cores() -> list[int]:
    """Return the cores that this process may use, where the system tells; else all."""
    affinity = getattr(os, "sched_getaffinity", None)
    return list(affinity(0)) if affinity else list(range(os.cpu_count() or 1))


def _tokenizer(path: Path, max_tokens: int | None = None) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _batches(lengths: list[int], *, can_pad: bool) -> Iterator[list[int]]:
    """Yield positions, longest texts first, so many at once that no batch holds more than its share of tokens."""
    batch: list[int] = []
    longest = 0
    for number in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        length = lengths[number]
        if length == 0:
            continue
        is_full = longest * (len(batch) + 1) > _TOKENS_PER_BATCH
        if batch and (is_full or (length < longest and not can_pad)):
            yield batch
            batch = []
        if not batch:
            longest = length
        batch.append(number)
    if batch:
        yield batch
