"""The model that tells languages apart (py3langid), unpacked once for a user and mapped by every process since.

Unpacking takes half a second of processor time, which each worker spent at its start, and 70 MB that each held.
"""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parley.kit.cache_folder import cache_folder

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_FORMAT = 1
_ARRAYS = ("scores", "priors", "languages", "moves", "rows", "features")

Arrays = dict[str, NDArray[Any]]


def open_identifier(languages: Sequence[str]) -> "LanguageIdentifier":
    """Return an identifier of those of the languages that the model knows, with probabilities.

    Where the cache folder cannot be written, the model is unpacked into memory.
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    packed = Path(MODEL_DIR) / MODEL_FILE
    key = blake2b(f"{_FORMAT} {packed.stat().st_size} {' '.join(languages)}".encode(), digest_size=8).hexdigest()
    arrays: Arrays | None = None
    with suppress(OSError, RuntimeError):  # nowhere to write, or nobody's home
        folder = cache_folder() / f"languages-{key}"
        arrays = _mapped(folder)
        if arrays is None:
            arrays = _unpacked(packed, languages)
            _keep(folder, arrays)
    if arrays is None:
        arrays = _unpacked(packed, languages)
    # Asked for one number after the other, which an array of numpy answers slowly.
    moves: Any = np.ascontiguousarray(arrays["moves"])
    return LanguageIdentifier(
        arrays["scores"],
        np.array(arrays["priors"]),
        arrays["languages"].tolist(),
        memoryview(moves),
        arrays["features"].tolist(),
        norm_probs=True,
        tk_row=arrays["rows"].tolist(),
    )


def _mapped(folder: Path) -> Arrays | None:
    """Return what was kept; None where there is nothing, or it cannot be read."""
    try:
        return {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    except (OSError, ValueError, EOFError):
        return None


def _unpacked(packed: Path, languages: Sequence[str]) -> Arrays:
    from py3langid.langid import LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(packed)
    wanted = frozenset(languages)
    chosen = [number for number, name in enumerate(whole.nb_classes) if name in wanted]
    return {
        "scores": np.ascontiguousarray(whole.nb_ptc[:, chosen]),
        "priors": whole.nb_pc[chosen],
        "languages": np.array([whole.nb_classes[number] for number in chosen]),
        "moves": np.array(whole.tk_nextmove, np.uint32),
        "rows": np.array(whole.tk_row, np.uint16),
        "features": np.array(whole.tk_output, np.int32),
    }


def _keep(folder: Path, arrays: Arrays) -> None:
    """Write the arrays beside, then put them in place at once: processes that start together do not meet."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="languages-", dir=folder.parent))
    try:
        for name, values in arrays.items():
            np.save(made / f"{name}.npy", values)
        shutil.rmtree(folder, ignore_errors=True)  # one that could not be read
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
