"""From a page's lines to headings, paragraphs, list items and tables, by place and size."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median_low

from parley.knowledge.parsers.blocks import Block
from parley.knowledge.parsers.pdf_page import PageLine

# Larger than the text around it by this factor is a heading; the higher the factor, the higher its level.
_HEADING_FACTORS = ((1.7, 1), (1.3, 2), (1.1, 3))
MAX_HEADING_CHARS = 160
MAX_HEADING_LINES = 3
# A line further below than so many usual distances begins a paragraph.
GAP_FACTOR = 1.22

_BULLET = re.compile(r"[•▪◦●○■□➢➤❖✓\uf0b7\uf0a7‣⁃∙·]\s*|[-–—*]\s+(?=\S)")
_NUMBERED = re.compile(r"(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\([A-Z]\))\s+\S")
_NUMBER = re.compile(r"(?<!\S)[($€£¥+\-–—]*\d[\d.,]*[)%*x]*(?!\S)|(?<!\S)[—–-](?!\S)")
_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S")
_ITEM = re.compile(r"(?:part\s+[ivx]+|item\s+\d+[a-c]?|chapter\s+\w+|appendix\s+\w+)\b", re.IGNORECASE)
_LEADERS = re.compile(r"(?:\. ?){4,}")
_SENTENCE_ENDS = tuple(".!?:;。！？।")


class PageLayout:
    """Groups lines; remembers the size of the running text over the pages of one document."""

    def __init__(self) -> None:
        self._sizes: Counter[float] = Counter()

    def blocks(self, lines: Sequence[PageLine], is_bold: Callable[[int], bool]) -> Iterator[Block]:
        """The page's blocks in order; every line is in exactly one."""
        for line in lines:
            self._sizes[_rounded(line.size)] += len(line.text)
        if not lines:
            return
        body = self._sizes.most_common(1)[0][0]
        rows = _join_rows(lines)
        pitch = _usual_pitch(rows)
        for group, is_table in _tables(rows):
            if is_table:
                yield Block("table", "\n".join(line.text for line in group))
            else:
                for paragraph in _paragraphs(group, pitch):
                    yield _block(paragraph, body, is_bold)


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _join_rows(lines: Sequence[PageLine]) -> list[PageLine]:
    """Lines that stand side by side, which are the cells of a row, put together."""
    rows: list[PageLine] = []
    for line in lines:
        before = rows[-1] if rows else None
        if (
            before
            and not before.is_note
            and abs(before.last_bottom - line.bottom) < 0.3 * max(line.size, 1)
            and line.left >= before.right - 1
        ):
            before.text = f"{before.text}  {line.text}"
            before.right, before.last_bottom, before.last = line.right, line.last_bottom, line.last
        else:
            rows.append(line)
    return rows


def _usual_pitch(lines: Sequence[PageLine]) -> float:
    """The most usual distance between the base lines of neighbours; infinite where there are none."""
    pitches = [
        distance
        for before, line in pairwise(lines)
        if 0.5 * line.size < (distance := before.last_bottom - line.bottom) < 3 * max(line.size, 1)
    ]
    return median_low(pitches) if pitches else math.inf


def _is_row(line: PageLine) -> bool:
    """Whether a line has at least two numbers standing alone and hardly any words after the first of them."""
    text = line.text
    if len(text) > 240 or text.endswith(_SENTENCE_ENDS):
        return False
    numbers = list(_NUMBER.finditer(text))
    if len(numbers) < 2:
        return False
    rest = text[numbers[0].start() :]
    return sum(1 for word in rest.split() if word[0].isalpha()) <= len(numbers)


def _tables(lines: list[PageLine]) -> Iterator[tuple[list[PageLine], bool]]:
    """Runs of lines that are tables and those that are not. Short lines between rows belong to the table."""
    is_row = [_is_row(line) for line in lines]
    position = 0
    while position < len(lines):
        end = _table_end(lines, is_row, position) if is_row[position] else position
        if sum(is_row[position:end]) >= 3:
            yield lines[position:end], True
            position = end
            continue
        start = position
        position = max(end, position + 1)
        while position < len(lines) and not is_row[position]:
            position += 1
        yield lines[start:position], False


def _table_end(lines: list[PageLine], is_row: list[bool], start: int) -> int:
    end = position = start
    while position < len(lines) and position - end <= 2:
        line = lines[position]
        if is_row[position]:
            end = position + 1
        elif len(line.text) > 110 or line.text.endswith((".", ";")):
            break
        position += 1
    return end


def _paragraphs(lines: Sequence[PageLine], pitch: float) -> Iterator[list[PageLine]]:
    held: list[PageLine] = []
    for line in lines:
        if held and _begins(held, line, pitch):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _begins(held: list[PageLine], line: PageLine, pitch: float) -> bool:
    """Whether a line begins a paragraph of its own after those held."""
    before = held[-1]
    if before.is_note or line.is_note:
        return True
    ended = before.text.endswith(_SENTENCE_ENDS)
    size = max(before.size, line.size, 1)
    if _BULLET.match(line.text) or (_NUMBERED.match(line.text) and ended):
        return True
    if abs(before.size - line.size) > 0.08 * size and (len(line.text) > 3 or line.size > before.size):
        return True
    distance = before.last_bottom - line.bottom
    if distance < -0.3 * size:
        # Upwards: the next column. A sentence that goes on keeps its paragraph.
        return ended or not line.text[0].islower()
    if distance > GAP_FACTOR * pitch:
        return True
    return ended and line.left - before.left > 0.8 * size and line.left - held[0].left > -0.5 * size


def _block(lines: list[PageLine], body: float, is_bold: Callable[[int], bool]) -> Block:
    text = "\n".join(line.text for line in lines)
    if level := _heading_level(lines, text, body, is_bold):
        # Not through `heading()`: the text must stay as the page has it, line ends included.
        return Block("heading", text, level)
    if _BULLET.match(text):
        return Block("list_item", text, 1)
    return Block("paragraph", text)


def _heading_level(lines: list[PageLine], text: str, body: float, is_bold: Callable[[int], bool]) -> int:
    """1 to 6 for a heading, 0 for anything else."""
    if len(lines) > MAX_HEADING_LINES or len(text) > MAX_HEADING_CHARS or sum(map(str.isalpha, text)) < 3:
        return 0
    if (text.endswith((".", ",", ";", "-")) and not _SECTION.match(text)) or _LEADERS.search(text):
        return 0
    size = _rounded(lines[0].size)
    level = next((level for factor, level in _HEADING_FACTORS if size >= factor * body), 0)
    if not level and size >= 0.95 * body and is_bold(lines[0].first) and is_bold(lines[-1].last):
        level = 4
    if level and (match := _SECTION.match(text)):
        return min(match.group(1).count(".") + 1, 6) if level > 1 else level
    if level and _ITEM.match(text):
        return min(level, 2)
    return level
