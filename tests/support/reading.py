"""Read small files through the register of formats, as ingestion does."""

from dataclasses import dataclass
from pathlib import Path

from parley.knowledge.parsed import DocumentInfo, ParseLimits, Part, TextRange
from parley.knowledge.parsers import open_document


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A whole document: what it is, its parts, and its text joined."""

    info: DocumentInfo
    parts: list[Part]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    def ranges(self, kind: str) -> list[TextRange]:
        return [item for part in self.parts for item in part.ranges if item.kind == kind]

    def marked(self, kind: str) -> list[str]:
        """The text of every range of a kind, in order."""
        return [self.text[item.start : item.end] for item in self.ranges(kind)]


def read_file(path: Path, name: str = "", limits: ParseLimits | None = None) -> ReadDocument:
    """Read a file; `name` stands in for its own."""
    info, parts = open_document(path, name or path.name, limits or ParseLimits())
    return ReadDocument(info, list(parts))


def read_bytes(folder: Path, name: str, content: bytes, limits: ParseLimits | None = None) -> ReadDocument:
    """Write content to a file of this name and read it."""
    path = folder / Path(name).name
    path.write_bytes(content)
    return read_file(path, name, limits)
