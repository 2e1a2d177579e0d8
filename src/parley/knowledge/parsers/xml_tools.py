"""XML read safely: no external entities, no network, no expansion; names without their namespace."""

from collections.abc import Iterator, Mapping
from io import RawIOBase
from typing import IO, Any, Protocol, cast


class Element(Protocol):
    """What is used of lxml's elements, which are untyped. `tag` is no text for comments and entities."""

    tag: Any
    text: str | None
    tail: str | None

    @property
    def attrib(self) -> Mapping[Any, Any]: ...
    def __iter__(self) -> Iterator["Element"]: ...
    def __reversed__(self) -> Iterator["Element"]: ...
    def __len__(self) -> int: ...
    def __delitem__(self, index: int) -> None: ...
    def iter(self, *tags: str) -> Iterator["Element"]: ...
    def itertext(self) -> Iterator[Any]: ...
    def getparent(self) -> "Element | None": ...
    def getprevious(self) -> "Element | None": ...
    def clear(self, keep_tail: bool = False) -> None: ...


_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True}


def parse_xml(content: bytes) -> Element:
    """The root of a whole document; libxml2's own limits on depth and size hold."""
    from lxml.etree import XMLParser, fromstring

    return fromstring(content, XMLParser(remove_pis=True, **_SAFE))


def children_at(stream: RawIOBase, depth: int) -> Iterator[Element]:
    """Each element at a depth (the root is 1) once it is complete; it is emptied afterwards, so memory is bounded."""
    from lxml.etree import iterparse

    level = 0
    for event, element in iterparse(cast(IO[bytes], stream), events=("start", "end"), remove_pis=True, **_SAFE):
        if event == "start":
            level += 1
            continue
        if level == depth:
            yield element
            element.clear(keep_tail=False)
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
        level -= 1


def local(element: Element) -> str:
    """An element's name without namespace; empty for what is not an element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace; empty if there is none."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def child(element: Element, *path: str) -> Element | None:
    """The first descendant along a path of names without namespaces."""
    found: Element | None = element
    for name in path:
        found = next((item for item in found if local(item) == name), None) if found is not None else None
    return found


def text_of(element: Element) -> str:
    """All text within, white space as it stands."""
    return "".join(str(piece) for piece in element.itertext())
