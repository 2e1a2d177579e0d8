"""Microsoft's compound files: older Office documents, which are not read, and encrypted newer ones."""

import mmap

from parley.errors import EncryptedDocument, UnsupportedFormat
from parley.knowledge.parsers.signatures import describe_legacy_office, is_encrypted_office
from parley.knowledge.parsers.source_file import Parsed, SourceFile

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse(file: SourceFile) -> Parsed:
    """Never returns: says what the file is and what to do."""
    with file.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if is_encrypted_office(content):
            raise EncryptedDocument("Protected by a password. Add a copy without one.")
        raise UnsupportedFormat(describe_legacy_office(content, file.extension))
