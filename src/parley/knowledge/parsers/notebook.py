"""Jupyter notebooks: Markdown cells as text, code cells and their printed output as code."""

import json
from collections.abc import Iterator
from typing import Any

from parley.errors import DamagedDocument
from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.markdown import MarkdownReader
from parley.knowledge.parsers.source_file import Parsed, SourceFile

MAX_OUTPUT_CHARS = 20_000


def parse(file: SourceFile) -> Parsed:
    notebook = json.loads(file.text())
    if not isinstance(notebook, dict):
        raise DamagedDocument("The notebook is damaged and could not be read. Save it again and add the new copy.")
    cells = notebook.get("cells")
    if cells is None:
        # Format 3 kept cells in worksheets.
        cells = [cell for sheet in notebook.get("worksheets", []) for cell in sheet.get("cells", [])]
    title = notebook.get("metadata", {}).get("title", "")
    return Parsed(_blocks(cells), title if isinstance(title, str) else "")


def _blocks(cells: list[dict[str, Any]]) -> Iterator[Block]:
    for cell in cells:
        kind = cell.get("cell_type")
        source = _joined(cell.get("source", cell.get("input", "")))
        if kind == "markdown":
            reader = MarkdownReader()
            yield from reader.read(source)
            yield from reader.finish()
        elif kind == "heading":
            yield Block("heading", source.strip(), int(cell.get("level", 1)))
        elif kind == "code":
            yield Block("code", source)
            yield from _outputs(cell.get("outputs", []))
        else:
            yield Block("paragraph", source)


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[Block]:
    for output in outputs:
        data = output.get("data", output)
        text = _joined(output.get("text") or data.get("text/plain") or data.get("text/markdown") or "")
        if text.strip():
            yield Block("code", text[:MAX_OUTPUT_CHARS])


def _joined(source: object) -> str:
    return "".join(str(piece) for piece in source) if isinstance(source, list) else str(source)
