"""JSON and JSON lines, written out as indented `key: value` lines with their text unescaped."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.text import text_pieces

# A larger file is read as plain text: as Python objects it would need some ten times its size.
MAX_TREE_BYTES = 32_000_000
MAX_DEPTH = 200


def parse(file: SourceFile) -> Parsed:
    if file.extension in (".jsonl", ".ndjson") or _is_lines(file):
        return Parsed(_records(file))
    if file.size > MAX_TREE_BYTES:
        return Parsed(Block("verbatim", piece) for piece in text_pieces(file))
    try:
        value = json.loads(file.text())
    except ValueError:
        # Comments, trailing commas, a cut end: still text that a person can read.
        return Parsed(Block("verbatim", piece) for piece in text_pieces(file))
    title = value.get("title", "") if isinstance(value, dict) else ""
    return Parsed(_blocks(value), title if isinstance(title, str) else "")


def _is_lines(file: SourceFile) -> bool:
    """Whether the first two lines are values by themselves."""
    lines = [line for line in file.head_text.split("\n", 3)[:2] if line.strip()]
    try:
        return len(lines) == 2 and all(isinstance(json.loads(line), dict) for line in lines)
    except ValueError:
        return False


def _records(file: SourceFile) -> Iterator[Block]:
    rest = ""
    for block in chain(file.text_blocks(), ("\n",)):
        lines = (rest + block).split("\n")
        rest = lines.pop()
        for line in lines:
            if line.strip():
                yield Block("paragraph", _record(line))


def _record(line: str) -> str:
    """One record; a broken line stays as it is."""
    try:
        return "\n".join(_lines(json.loads(line), 0))
    except (ValueError, RecursionError):
        return line


def _blocks(value: Any) -> Iterator[Block]:
    """Each entry of the outermost list or object as a paragraph of its own; small entries share one."""
    entries: Iterator[Any] = iter((value,))
    if isinstance(value, list):
        entries = iter(value)
    elif isinstance(value, dict):
        entries = ({key: item} for key, item in value.items())
    held: list[str] = []
    for entry in entries:
        lines = list(_lines(entry, 0))
        if len(lines) > 1 and held:
            yield Block("paragraph", "\n".join(held))
            held = []
        held += lines
        if len(lines) > 1 or len(held) >= 100:
            yield Block("paragraph", "\n".join(held))
            held = []
    if held:
        yield Block("paragraph", "\n".join(held))


def _lines(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * min(depth, 20)
    if depth > MAX_DEPTH:
        yield f"{indent}…"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{key}:", item, depth)
    elif isinstance(value, list):
        if all(not isinstance(item, (dict, list)) for item in value) and len(value) <= 12:
            yield indent + ", ".join(_scalar(item) for item in value)
        else:
            for item in value:
                yield from _entry(f"{indent}-", item, depth)
    else:
        yield indent + _scalar(value)


def _entry(label: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, (dict, list)):
        lines = list(_lines(item, depth + 1))
        if len(lines) == 1:
            yield f"{label} {lines[0].strip()}"
        else:
            yield label
            yield from lines
    else:
        yield f"{label} {_scalar(item)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
