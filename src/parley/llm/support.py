"""Support models from a local folder: does a passage say what a sentence says? On onnxruntime; no torch, no network.

Two kinds: a cross-encoder for natural-language inference, which gives a score for each label of a pair, and a token
classifier, which gives one for each token of the sentence.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parley.errors import InvalidInput
from parley.llm.embedding.manifest import MANIFEST, file_hash

if TYPE_CHECKING:
    pass

KINDS = ("support-nli", "support-tokens")
Label = Literal["entailment", "neutral", "contradiction", "supported", "unsupported"]
_SELF_TEST = (
    ("The ferry leaves at nine every morning.", "The ferry leaves at nine every morning."),
    ("The ferry leaves at nine every morning.", "The ferry never leaves."),
)


class SupportManifest(BaseModel):
    """How to use an ONNX support model: `parley-model.json` in its folder."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["support-nli", "support-tokens"]
    model: str = Field(default="model.onnx", description="The ONNX file, relative to the folder.")
    tokenizer: str = Field(default="tokenizer.json", description="The tokenizer, relative to the folder.")
    labels: list[Label] = Field(min_length=2, max_length=3, description="What each output stands for, in order.")
    max_tokens: int = Field(default=512, ge=16, le=8192, description="Longest input: passage and sentence together.")
    languages: list[str] = Field(default=["en"], description="Languages it knows, * for all.")
    hashes: dict[str, str] = Field(default_factory=dict[str, str], description="SHA-256 of files, to be checked.")


@dataclass(frozen=True, slots=True)
class SupportScores:
    """Probabilities, 0 to 1. A model that does not know contradiction gives zero for it."""

    supported: float
    contradicted: float


def is_support_model(folder: Path) -> bool:
    """Tell whether a folder's manifest names a support model."""
    try:
        text = (folder / MANIFEST).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(f'"{kind}"' in text for kind in KINDS)


class LocalSupportModel:
    """Judges pairs of passage and sentence. Synchronous; onnxruntime lets go of the interpreter while it works.

    Args:
        folder: the ONNX model, its tokenizer, and a manifest.

    Raises:
        InvalidInput: the folder does not hold a support model that can be used.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.manifest = read_support_manifest(folder)
        self.name = folder.name
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / self.manifest.model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / self.manifest.tokenizer))
        except Exception as error:  # broad: both libraries raise exceptions of no common or importable type
            raise InvalidInput(f"The model in {folder} cannot be opened: {error}", code="invalid_model") from error
        self._tokenizer.enable_truncation(self.manifest.max_tokens, strategy="only_first")
        self._inputs = {item.name for item in self._session.get_inputs()}

    def knows(self, language: str) -> bool:
        """Tell whether it was made for a language."""
        return "*" in self.manifest.languages or language in self.manifest.languages

    def scores(self, passage: str, sentence: str) -> SupportScores:
        """Judge one sentence against one passage, which is cut where both are too long.

        Raises:
            InvalidInput: the model's output does not fit its manifest.
        """
        encoding = self._tokenizer.encode(passage, sentence)
        rows = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.asarray([row], np.int64) for name, row in rows.items() if name in self._inputs}
        output = np.asarray(self._session.run(None, feed)[0], np.float32)
        if self.manifest.kind == "support-tokens":
            own = [place for place, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
            return self._of_tokens(output, own)
        if output.shape != (1, len(self.manifest.labels)):
            raise self._misfit(output)
        return self._read(_softmax(output[0]))

    def self_test(self) -> None:
        """Raise InvalidInput unless a sentence is held by itself more than by its denial."""
        same, denied = (self.scores(*pair).supported for pair in _SELF_TEST)
        if not same > denied:
            raise InvalidInput(
                "The support model does not tell a sentence from its denial. Is the order of labels right?",
                code="invalid_model",
            )

    def _of_tokens(self, output: NDArray[np.float32], own: list[int]) -> SupportScores:
        """The least supported token of the sentence decides."""
        if output.ndim != 3 or output.shape[2] != len(self.manifest.labels) or not own:
            raise self._misfit(output)
        scores = [self._read(_softmax(output[0][place])) for place in own]
        return min(scores, key=lambda one: one.supported)

    def _read(self, probabilities: NDArray[np.float32]) -> SupportScores:
        by_label = dict(zip(self.manifest.labels, (float(one) for one in probabilities), strict=True))
        supported = by_label.get("entailment", 0.0) + by_label.get("supported", 0.0)
        return SupportScores(supported, by_label.get("contradiction", 0.0))

    def _misfit(self, output: NDArray[np.float32]) -> InvalidInput:
        labels = len(self.manifest.labels)
        return InvalidInput(
            f"The support model gives {output.shape}, which does not fit {labels} labels.", code="invalid_model"
        )


def read_support_manifest(folder: Path) -> SupportManifest:
    """Return a support model's manifest; hashes that it does not state are filled in.

    Raises:
        InvalidInput: there is none, or it is wrong.
    """
    path = folder / MANIFEST
    try:
        manifest = SupportManifest.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise InvalidInput(f"The manifest {path} is not valid: {error}", code="invalid_manifest") from error
    for name in (manifest.model, manifest.tokenizer):
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            raise InvalidInput(f"The model folder {folder} has no file {name}.", code="invalid_model")
        found = file_hash(file)
        if manifest.hashes.setdefault(name, found).lower() != found:
            raise InvalidInput(f"The file {name} of the model is not the one its manifest names.", code="hash_mismatch")
    return manifest


def register_support_model(source: Path, models: Path, name: str | None = None) -> LocalSupportModel:
    """Copy a support model into the models folder, after it has passed its test.

    Raises:
        InvalidInput: the folder holds no support model that works, or the name cannot be used.
    """
    name = name or source.resolve().name
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.startswith("."):
        raise InvalidInput(f"{name} cannot be the name of a model: use letters, digits, - and _.")
    manifest = read_support_manifest(source)
    LocalSupportModel(source).self_test()
    target = models / name
    if target.exists() and target.resolve() != source.resolve():
        shutil.rmtree(target)
    target.mkdir(parents=True, exist_ok=True)
    for file in (manifest.model, manifest.tokenizer):
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        if (target / file).resolve() != (source / file).resolve():
            shutil.copyfile(source / file, target / file)
    for extra in source.glob("*.onnx_data"):  # weights of a model too large for one file
        shutil.copyfile(extra, target / extra.name)
    (target / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")
    return LocalSupportModel(target)


def _softmax(row: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(row - row.max())
    return powers / powers.sum()
