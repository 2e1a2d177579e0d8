"""The file that a parser reads: its path, the name it had, its first bytes, and bounded access to its content."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from parley.errors import DamagedDocument, EncryptedDocument, OversizedDocument
from parley.knowledge.parsed import ParseLimits
from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.encodings import SAMPLE_BYTES, decode_blocks, detect_encoding

# Formats that must be held in memory whole (JSON, HTML, mail) are not read beyond this many bytes.
MAX_WHOLE_BYTES = 100_000_000
# Names of programs that make pages; what they send is no source code.
_PAGE_PROGRAMS = frozenset({".php", ".php5", ".phtml", ".asp", ".aspx", ".jsp", ".jspx", ".do", ".cgi", ".pl", ".cfm"})
# No honest office file unpacks a member of over a megabyte to more than this many times its packed size.
MAX_PACKING_RATIO = 1500


class SourceFile:
    """One file to read.

    Args:
        path: where the bytes are.
        name: what the file was called, perhaps with folders; its extension is a hint, no more. A page fetched from
            the web is called by its address.
        limits: bounds that every parser keeps.
    """

    def __init__(self, path: Path, name: str, limits: ParseLimits) -> None:
        self.path = path
        self.is_fetched = name.startswith(("http://", "https://"))
        self.name = _name_in_url(name) if self.is_fetched else PurePosixPath(name.replace("\\", "/")).name
        self.limits = limits

    @property
    def extension(self) -> str:
        """With its dot, in lower case; empty if there is none. Of `guide.rst.txt`, as manuals are published, `.rst`."""
        suffixes = [suffix.lower() for suffix in PurePosixPath(self.name).suffixes[-2:]]
        if len(suffixes) == 2 and suffixes[1] == ".txt" and suffixes[0] in (".rst", ".md", ".adoc"):
            return suffixes[0]
        return suffixes[-1] if suffixes else ""

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem or self.name

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.path.open("rb") as file:
            return file.read(SAMPLE_BYTES)

    @cached_property
    def encoding(self) -> str | None:
        """The codec of a text file, None for a binary one. Judged by the head, whole characters only."""
        return detect_encoding(self.head)

    @cached_property
    def head_text(self) -> str:
        """The decoded head of a text file without mark and leading white space; empty for a binary one."""
        if self.encoding is None:
            return ""
        return self.head.decode(self.encoding, "ignore").lstrip("\ufeff \t\r\n")

    def text_blocks(self) -> Iterator[str]:
        """The decoded text in blocks, for formats that can be read from front to back."""
        return decode_blocks(self.path, self.encoding or "utf-8")

    def text(self) -> str:
        """The whole text, for formats that cannot be read otherwise.

        Raises:
            OversizedDocument: beyond 100 MB.
        """
        self.check_whole()
        return "".join(self.text_blocks()).removeprefix("\ufeff")

    def bytes(self) -> bytes:
        """The whole content; raises as `text` does."""
        self.check_whole()
        return self.path.read_bytes()

    def check_whole(self) -> None:
        if self.size > MAX_WHOLE_BYTES:
            raise OversizedDocument(
                f"Files of this format are read up to {MAX_WHOLE_BYTES // 1_000_000} MB. Split it and add the parts."
            )

    @cached_property
    def zip_names(self) -> frozenset[str]:
        """Names in a zip archive; none where the file is not one or its directory is broken."""
        if not self.head.startswith(b"PK"):
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return frozenset()

    def open_zip(self) -> "BoundedZip":
        """The file as a zip archive whose members cannot unpack to more than the limit, all together."""
        return BoundedZip(self.path, self.limits.max_unpacked_bytes)


class BoundedZip:
    """A zip archive that counts what it really unpacks, since the sizes it declares may lie.

    Raises:
        OversizedDocument: at once when the declared sizes exceed the limit, else while reading.
    """

    def __init__(self, path: Path, max_unpacked_bytes: int) -> None:
        self._left = max_unpacked_bytes
        self._archive = zipfile.ZipFile(path)
        infos = self._archive.infolist()
        if len(infos) > 50_000 or sum(info.file_size for info in infos) > max_unpacked_bytes:
            raise _too_much()
        for info in infos:
            if info.file_size > 1_000_000 and info.file_size > MAX_PACKING_RATIO * max(info.compress_size, 1):
                raise _too_much()

    def __enter__(self) -> "BoundedZip":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def names(self) -> list[str]:
        return self._archive.namelist()

    def read(self, name: str) -> bytes:
        """A member's content, whole.

        Raises:
            DamagedDocument: if the archive has no such member.
            OversizedDocument: if what was unpacked so far exceeds the limit.
        """
        with self.open(name) as member:
            return member.read()

    def open(self, name: str) -> "BoundedMember":
        """A member as a stream; raises as `read` does."""
        try:
            return BoundedMember(self._archive.open(name), self._spend)
        except KeyError as error:
            raise DamagedDocument("A part of the file is missing. Save it again and add the new copy.") from error
        except RuntimeError as error:
            # zipfile's way to say that a member is encrypted.
            raise EncryptedDocument("Protected by a password. Add a copy without one.") from error

    def check(self) -> None:
        """Unpack every member once, keeping nothing: what a library reads from the file afterwards is bounded too."""
        for name in self.names():
            with self.open(name) as member:
                while member.read(1_048_576):
                    pass

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _too_much()


class BoundedMember(io.RawIOBase):
    """A member of an archive that reports each read, so that what it unpacks to is counted."""

    def __init__(self, member: IO[bytes], spend: Callable[[int], None]) -> None:
        super().__init__()
        self._member = member
        self._spend = spend

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size >= 0:
            data = self._member.read(size)
            self._spend(len(data))
            return data
        blocks: list[bytes] = []
        while data := self.read(1_048_576):
            blocks.append(data)
        return b"".join(blocks)

    def close(self) -> None:
        self._member.close()
        super().close()


def _name_in_url(url: str) -> str:
    """The last part of an address, as the name of what it leads to; without the ending of a program."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name.removesuffix(suffix) if (suffix := PurePosixPath(name).suffix).lower() in _PAGE_PROGRAMS else name


def _too_much() -> OversizedDocument:
    return OversizedDocument("The file unpacks to more than the limit. Split it, or raise the limit for unpacked size.")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser returns: the title that the document itself gives, if any, and its blocks, read as taken."""

    blocks: Iterator[Block]
    title: str = ""


Parser = Callable[[SourceFile], Parsed]
