"""What must be known of a sentence transformer in a folder, read from its manifest or worked out from its files."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parley.errors import InvalidInput

MANIFEST = "parley-model.json"
_MODEL_FILES = (
    "model.onnx",
    "model_int8.onnx",
    "model_quantized.onnx",
    "onnx/model.onnx",
    "onnx/model_int8.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_qint8_avx512_vnni.onnx",
)
_DEFAULT_MAX_TOKENS = 256
_MOST_TOKENS = 8192

Pooling = Literal["mean", "cls", "none"]


class ModelManifest(BaseModel):
    """How to use an ONNX sentence transformer."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(description="The ONNX file, relative to the folder.")
    tokenizer: str = Field(default="tokenizer.json", description="The tokenizer, relative to the folder.")
    output: str | None = Field(default=None, description="Name of the output to read; else the first that fits.")
    pooling: Pooling | None = Field(default=None, description="none: the output is a vector per text already.")
    query_prefix: str = Field(default="", description="Put before each question.")
    document_prefix: str = Field(default="", description="Put before each passage.")
    max_tokens: int = Field(default=_DEFAULT_MAX_TOKENS, ge=8, le=_MOST_TOKENS, description="Longest input.")
    languages: list[str] | None = Field(
        default=None, description="Languages it knows, * for all; judged by its vocabulary when not set."
    )
    weight: float = Field(default=0.4, ge=0, le=1, description="Its share beside keywords.")
    hashes: dict[str, str] = Field(default_factory=dict[str, str], description="SHA-256 of files, to be checked.")

    @property
    def fingerprint(self) -> str:
        """Twelve characters that change with the files and with how they are used."""
        used = self.model_dump_json(exclude={"languages", "weight"})
        return sha256(used.encode()).hexdigest()[:12]


def read_manifest(folder: Path) -> ModelManifest:
    """Return a folder's manifest, worked out from its files where there is none; hashes are filled in, not checked.

    Raises:
        InvalidInput: the folder holds no model that we can use, or its manifest is wrong.
    """
    path = folder / MANIFEST
    if path.is_file():
        try:
            manifest = ModelManifest.model_validate_json(path.read_text("utf-8"))
        except (ValidationError, UnicodeDecodeError) as error:
            raise InvalidInput(f"The manifest {path} is not valid: {error}", code="invalid_manifest") from error
    else:
        manifest = _worked_out(folder)
    for name in (manifest.model, manifest.tokenizer):
        if not _inside(folder, name).is_file():
            raise InvalidInput(f"The model folder {folder} has no file {name}.", code="invalid_model")
        if name not in manifest.hashes:
            manifest.hashes[name] = file_hash(folder / name)
    return manifest


def check_hashes(folder: Path, manifest: ModelManifest) -> None:
    """Compare each file with the SHA-256 that the manifest states.

    Raises:
        InvalidInput: a file is not the one that the manifest speaks of.
    """
    for name, expected in manifest.hashes.items():
        if file_hash(_inside(folder, name)) != expected.lower():
            raise InvalidInput(f"The file {name} of the model is not the one its manifest names.", code="hash_mismatch")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidInput(f"The manifest names a file outside its folder: {name}", code="invalid_manifest")
    return path


def _worked_out(folder: Path) -> ModelManifest:
    """Read what sentence-transformers writes beside a model; nothing of it need be there."""
    model = next((name for name in _MODEL_FILES if (folder / name).is_file()), None)
    model = model or next((path.name for path in sorted(folder.glob("*.onnx"))), None)
    if model is None:
        raise InvalidInput(f"There is no ONNX model in {folder}.", code="invalid_model")
    pooling = _json(folder / "1_Pooling" / "config.json")
    config = _json(folder / "config.json")
    is_e5 = "e5" in f"{folder.name} {config.get('_name_or_path', '')}".lower().replace("_", "-").split("-")
    limits = (
        _json(folder / "sentence_bert_config.json").get("max_seq_length"),
        _json(folder / "tokenizer_config.json").get("model_max_length"),
    )
    known = [limit for limit in limits if isinstance(limit, int) and 8 <= limit <= _MOST_TOKENS]
    return ModelManifest(
        model=model,
        pooling="cls" if pooling.get("pooling_mode_cls_token") else None,
        query_prefix="query: " if is_e5 else "",
        document_prefix="passage: " if is_e5 else "",
        max_tokens=known[0] if known else _DEFAULT_MAX_TOKENS,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
