"""One text file of 1 GB and one PDF of 2,000 pages: do they stream through in bounded memory, and how fast?

usage: python -m bench.large_files [--gigabytes 1.0] [--pages 2000] [--corpus .bench/corpus] [--only text|pdf] [--json]

The text is the corpus's own, file after file and again from the start, each line with a running number so that no two
stretches are equal. The PDF is put together from pages of the corpus's PDFs. Each is read by a Parley of its own on a
fresh data folder, with searches going on.
"""

import argparse
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pypdfium2

from bench.corpus import DEFAULT_FOLDER, TEXT, files_in
from bench.ingest import ingest
from bench.measuring import report

PARAGRAPH_LINES = 12


def _lines(corpus: Path) -> Iterator[str]:
    for path in cycle(files_in(corpus, {".txt", ".rst"} & TEXT)):
        for line in path.read_text("utf-8", errors="replace").splitlines():
            if line.strip():
                yield line.strip()


def make_text(corpus: Path, into: Path, size: int) -> None:
    """Write a text file of exactly `size` bytes."""
    written = 0
    with into.open("wb") as file:
        for number, line in enumerate(_lines(corpus)):
            end = "\n\n" if number % PARAGRAPH_LINES == 0 else "\n"
            piece = f"{number} {line}{end}".encode()[: size - written]
            file.write(piece)
            written += len(piece)
            if written >= size:
                return


def make_pdf(corpus: Path, into: Path, pages: int) -> None:
    """Write a PDF of exactly `pages` pages."""
    book = pypdfium2.PdfDocument.new()
    for path in files_in(corpus, {".pdf"}):
        wanted = pages - len(book)
        if wanted <= 0:
            break
        try:
            source = pypdfium2.PdfDocument(path)
            book.import_pages(source, list(range(min(len(source), wanted))))
        except pypdfium2.PdfiumError:
            continue
        source.close()
    book.save(into)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--corpus", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--only", choices=("text", "pdf"))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    corpus = arguments.corpus.resolve()
    for kind in ("text", "pdf"):
        if arguments.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory(prefix="bench-", dir=corpus.parent) as folder:
            if kind == "text":
                make_text(corpus, Path(folder) / "large.txt", int(arguments.gigabytes * 1e9))
            else:
                make_pdf(corpus, Path(folder) / "large.pdf", arguments.pages)
            title = f"{arguments.gigabytes:g} GB of text" if kind == "text" else f"PDF of {arguments.pages} pages"
            report(f"{title} in one file", ingest(Path(folder)), as_json=arguments.json)


if __name__ == "__main__":
    main()
