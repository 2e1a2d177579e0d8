"""What the server and its worker processes say to each other, and how it travels.

A frame is its length (4 bytes, little endian) and a pickle that may name no class but those below: a worker that a
hostile file took over can send wrong values, not code.
"""

import io
import pickle  # read by `_SafeUnpickler` alone
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from parley.knowledge.chunk_rule import Strategy

MAX_FRAME_BYTES = 1 << 30
FILE_CHANGED = "file_changed"
"""Code of a `Failed` whose file was written while it was read: it may well succeed the next time."""

SegmentRow = tuple[int, int, str]
"""start, end, text."""
RangeRow = tuple[str, int, int, int]
"""kind, start, end, level."""
ChunkRow = tuple[int, int, int | None, str, str, int, str, bytes]
"""start, end, page, heading path (one heading a line), kind, tokens, language, text hash."""
RuleRow = tuple[Strategy, int | None, int | None]
"""How to cut into chunks: the fields of a `ChunkRule`."""
TermRow = tuple[str, str]
"""Index terms of the heading path and of the text, each joined by spaces."""
VectorRow = tuple[bytes, bytes]
"""text hash, int8 vector."""


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """How a worker is set up. `embedder` is `static`, or the name of a model in the models folder."""

    embedder: str
    models_folder: str
    chunk_tokens: int
    max_file_bytes: int
    max_unpacked_bytes: int
    timeout_seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One file to read. `index` names it in all that is said about it.

    Args:
        content_hash: SHA-256 in hexadecimal where it is known already (an upload), else None.
        known: content hash and parser of the document's current version; equal ones need no work.
        rule: how to cut its text.
    """

    index: int
    path: str
    name: str
    content_hash: str | None = None
    known: tuple[str, str] | None = None
    rule: RuleRow = ("structure", None, None)


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """To a worker: read these, one after the other."""

    tasks: list[ReadTask]


@dataclass(frozen=True, slots=True)
class SkimFiles:
    """To a worker: say which words these hold, without reading them properly."""

    tasks: list[ReadTask]


@dataclass(frozen=True, slots=True)
class CutTask:
    """Stored text to cut into chunks: a version's, or a run of one that follows the last task's.

    Args:
        language: of the version.
        start: where the run begins; its ranges lie within it.
        is_last: the version ends with it.
    """

    index: int
    title: str
    language: str
    rule: RuleRow
    start: int
    text: str
    ranges: list[RangeRow]
    is_last: bool


@dataclass(frozen=True, slots=True)
class CutText:
    """To a worker: cut these, in order. `embed`: make vectors and index terms too, as for text that was read."""

    tasks: list[CutTask]
    embed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """To a worker: of the hashes it asked about, these have a vector already."""

    hashes: list[bytes]


@dataclass(frozen=True, slots=True)
class Ready:
    """From a worker: it is set up."""

    embedder: str


@dataclass(frozen=True, slots=True)
class Begin:
    """From a worker: it takes up this file. What happens to the process from now on is this file's doing."""

    index: int


@dataclass(frozen=True, slots=True)
class Ask:
    """From a worker: which of these texts have a vector already?"""

    hashes: list[bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """A document's text follows, in pieces. `title_terms` are the index terms of its title."""

    index: int
    content_hash: str
    size: int
    title: str
    media_type: str
    parser: str
    language: str
    title_terms: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a document: whole chunks, the segments that hold their text, and the vectors that were missing.

    `terms` holds the index terms of each chunk's heading path and text; empty where the document is too large for them
    to be handed over.
    """

    index: int
    segments: list[SegmentRow]
    ranges: list[RangeRow]
    chunks: list[ChunkRow]
    terms: list[TermRow]
    vectors: list[VectorRow] = field(default_factory=list[VectorRow])


@dataclass(frozen=True, slots=True)
class Closed:
    """A document is complete."""

    index: int
    chars: int
    pages: int | None
    chunks: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The content is that of the current version."""

    index: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A file could not be read; what was sent of it does not count."""

    index: int
    code: str
    message: str


Item = Opened | Piece | Closed | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class Items:
    """From a worker: results, in order."""

    items: list[Item]


@dataclass(frozen=True, slots=True)
class Skims:
    """From a worker: (file, the keys of its words as uint32, ascending), of all files of an order."""

    files: list[tuple[int, bytes]]

    def arrays(self) -> list[tuple[int, NDArray[np.uint32]]]:
        """Return the keys as arrays."""
        return [(index, np.frombuffer(keys, np.uint32)) for index, keys in self.files]


@dataclass(frozen=True, slots=True)
class BreakOff:
    """To a worker: somebody waits; leave the rest of the files that are to be read after the one at hand."""


@dataclass(frozen=True, slots=True)
class Idle:
    """From a worker: all files of the last order are done, or it was broken off."""


@dataclass(frozen=True, slots=True)
class Fault:
    """From a worker, its last word: a fault of ours or of a library. `place` is a type and a line, never text."""

    place: str
    out_of_memory: bool


Message = (
    WorkerConfig
    | ReadFiles
    | SkimFiles
    | CutText
    | Known
    | BreakOff
    | Ready
    | Begin
    | Ask
    | Items
    | Skims
    | Idle
    | Fault
)

_CLASSES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(WorkerConfig, ReadTask, ReadFiles, SkimFiles, CutTask, CutText, Known, Ready, Begin, Ask, Items, Skims),
        *(BreakOff, Idle, Fault),
        *(Opened, Piece, Closed, Unchanged, Failed),
    )
}


class _SafeUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == __name__ and global_name in _CLASSES:
            return _CLASSES[global_name]
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not a message")


def send(stream: BinaryIO, message: Message) -> None:
    """Write one frame; blocks while the other side is busy, which is what keeps both small.

    Raises:
        OSError: the other side is gone.
    """
    body = pickle.dumps(message, protocol=5)
    stream.write(struct.pack("<I", len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """Read one frame; None at the end of the stream, or where it breaks off.

    Raises:
        pickle.UnpicklingError: the frame is not a message.
    """
    header = stream.read(4)
    if len(header) < 4:
        return None
    (length,) = struct.unpack("<I", header)
    if length > MAX_FRAME_BYTES:
        raise pickle.UnpicklingError("the frame is too long")
    body = stream.read(length)
    if len(body) < length:
        return None
    return _SafeUnpickler(io.BytesIO(body)).load()
