"""What the Office Open XML formats share: core properties, relationships."""

import posixpath

from parley.knowledge.parsers.source_file import BoundedZip
from parley.knowledge.parsers.xml_tools import attribute, local, parse_xml, text_of


def core_title(archive: BoundedZip) -> str:
    """The title in the document's properties; empty if there is none."""
    if "docProps/core.xml" not in archive.names():
        return ""
    root = parse_xml(archive.read("docProps/core.xml"))
    title = next((text_of(item) for item in root if local(item) == "title"), "")
    return (
        ""
        if title.strip().lower() in ("powerpoint presentation", "powerpoint-präsentation", "word document")
        else title
    )


def relationships(archive: BoundedZip, part: str) -> dict[str, tuple[str, str]]:
    """The parts that a part refers to, by relationship id: the last word of the type, and the target's name."""
    folder, name = posixpath.split(part)
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in archive.names():
        return {}
    found: dict[str, tuple[str, str]] = {}
    for item in parse_xml(archive.read(rels)):
        if attribute(item, "TargetMode") != "External":
            target = attribute(item, "Target")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attribute(item, "Id")] = (attribute(item, "Type").rpartition("/")[2], path)
    return found
