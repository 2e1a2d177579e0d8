"""Write small PDFs with a text layer, without a library: one line of Helvetica after another.

What stands between `SYMBOLS` and `LETTERS` is set in TeX's font of symbols, what stands between `DOTS` and `LETTERS` in
a font of dots (Type 3) as dvips makes them, in which a code stands for itself and has no name. A line that begins with
`ONE_BY_ONE` has an object for each letter, and lets an `f` reach over the letter after it. What follows `NOTE` is drawn
after the line, in the margin to its left.
"""

from collections.abc import Sequence
from itertools import accumulate

SYMBOLS, LETTERS, ONE_BY_ONE, NOTE, DOTS = "\x0e", "\x0f", "\x10", "\x11", "\x12"
LINE_POINTS, TOP, LEFT, SIZE = 18, 780, 72, 12
LETTER_POINTS = 6.7
MARGIN_POINTS = 60
_NAMES = " ".join(f"/a{code}" for code in range(128))


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _shown(line: str) -> str:
    runs = f"({_escape(line)}) Tj"
    for mark, font in ((SYMBOLS, "F2"), (DOTS, "F3"), (LETTERS, "F1")):
        runs = runs.replace(mark, f") Tj /{font} {SIZE} Tf (")
    return runs


def _placed(line: str, left: float, top: float, f_points: float) -> str:
    if line.startswith(ONE_BY_ONE):
        letters = line.removeprefix(ONE_BY_ONE)
        lefts = accumulate((f_points if letter == "f" else LETTER_POINTS for letter in letters), initial=left)
        return "\n".join(_placed(letter, at, top, f_points) for letter, at in zip(letters, lefts, strict=False))
    line, _, note = line.partition(NOTE)
    beside = [_placed(note, left - MARGIN_POINTS, top, f_points)] if note else []
    return "\n".join([f"1 0 0 1 {left} {top} Tm {_shown(line)}", *beside])


def _content(lines: Sequence[str], f_points: float) -> bytes:
    shown = [_placed(line, LEFT, TOP - LINE_POINTS * i, f_points) for i, line in enumerate(lines)]
    return "\n".join([f"BT /F1 {SIZE} Tf", *shown, "ET"]).encode("latin-1")


def make_pdf(pages: Sequence[Sequence[str]], f_points: float = 1.3) -> bytes:
    """Return an A4 document whose pages show these lines (Latin-1), top to bottom.

    `f_points`: how far from an `f` that is an object of its own the next letter stands.
    """
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    dots = b"500 0 0 0 400 700 d1 0 0 400 700 re f"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 0 "
        f"/LastChar 127 /Widths [{'500 ' * 128}] /Encoding << /Differences [0 {_NAMES}] >> "
        f"/CharProcs << {' '.join(f'{name} 5 0 R' for name in _NAMES.split())} >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(dots), dots),
    ]
    for number, lines in enumerate(pages):
        content = _content(lines, f_points)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 1 + 2 * number} 0 R "
            f"/Resources << /Font << /F1 3 0 R /F2 << /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+CMSY10 >> "
            f"/F3 4 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
