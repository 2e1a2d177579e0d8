"""EPUB books: the chapters in the order of the spine, each read as HTML."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from parley.errors import DamagedDocument, EncryptedDocument
from parley.knowledge.parsers.blocks import Block, one_line
from parley.knowledge.parsers.html import parse_html
from parley.knowledge.parsers.source_file import BoundedZip, Parsed, SourceFile
from parley.knowledge.parsers.xml_tools import attribute, child, local, parse_xml, text_of


def parse(file: SourceFile) -> Parsed:
    archive = file.open_zip()
    if "META-INF/rights.xml" in archive.names() or "META-INF/sinf.xml" in archive.names():
        raise EncryptedDocument("Protected against copying (DRM). Add a copy without protection.")
    package = _package_name(archive)
    root = parse_xml(archive.read(package))
    metadata = child(root, "metadata")
    title = next((text_of(item) for item in metadata if local(item) == "title"), "") if metadata is not None else ""
    manifest, spine = child(root, "manifest"), child(root, "spine")
    if manifest is None or spine is None:
        raise DamagedDocument("The book has no table of its chapters. Add a copy that opens.")
    hrefs = {attribute(item, "id"): attribute(item, "href") for item in manifest}
    folder = posixpath.dirname(package)
    chapters = [
        posixpath.normpath(posixpath.join(folder, unquote(hrefs[key])))
        for item in spine
        if (key := attribute(item, "idref")) in hrefs
    ]
    return Parsed(_blocks(archive, chapters), one_line(title))


def _package_name(archive: BoundedZip) -> str:
    container = parse_xml(archive.read("META-INF/container.xml"))
    for item in container.iter("{*}rootfile"):
        return attribute(item, "full-path")
    raise DamagedDocument("The book has no content file. Add a copy that opens.")


def _blocks(archive: BoundedZip, chapters: list[str]) -> Iterator[Block]:
    names = set(archive.names())
    with archive:
        for chapter in chapters:
            if chapter in names and (content := archive.read(chapter)).strip():
                yield from parse_html(content, "utf-8").blocks
