"""Build trees of real documentation from Debian's documentation packages, and seeded samples of them.

usage: python -m bench.corpus [--into .bench/corpus] [--package NAME ...]
       python -m bench.corpus --shape text|pdf [--into .bench/shape-text] [--from FOLDER] [--files 7000]
                              [--megabytes 525]

Packages are downloaded and unpacked, not installed; `.gz` files are unpacked as well. Run `apt-get update` before.
With `--shape`, a tree of exactly so many files and about so many bytes is linked together from a seeded choice of all
packages of that shape (or of the files of any folder): the same one each time. `pdf` has four fifths of its bytes in
PDFs.
"""

import argparse
import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path

DEFAULT_PACKAGES = (
    "python3.11-doc",
    "postgresql-doc-15",
    "linux-doc-6.1",
    "sqlite3-doc",
    "git-doc",
    "texlive-latex-base-doc",
    "texlive-latex-extra-doc",
)
DEFAULT_FOLDER = Path(".bench/corpus")
# Packages that only the shapes need lie apart: samples of the default folder stay as they are.
MORE_PACKAGES = Path(".bench/packages")
SHAPES = {
    "text": (
        *("rust-doc", "linux-doc-6.1", "openjdk-17-doc", "libstdc++-12-doc", "postgresql-doc-15", "python3.11-doc"),
        *("sqlite3-doc", "git-doc"),
    ),
    "pdf": ("texlive-latex-extra-doc", "texlive-latex-base-doc", "python3.11-doc", "git-doc", "sqlite3-doc"),
}
PDF_SHARE = 0.8
MAX_SHAPE_FILE = 20_000_000
SHAPE_SEED = 11
READABLE = {
    ".pdf", ".docx", ".pptx", ".xlsx", ".html", ".htm", ".xhtml", ".md", ".rst", ".txt", ".csv", ".json", ".eml",
    ".epub", ".ipynb", ".py", ".c", ".h", ".tex", ".sh", ".yaml", ".yml", ".xml", ".pl", ".sql", ".js",
}  # fmt: skip
TEXT = READABLE - {".pdf", ".docx", ".pptx", ".xlsx", ".epub"}


def download(package: str, into: Path) -> Path:
    """Download a package's archive into a folder and return its path."""
    subprocess.run(["apt-get", "download", "-q", package], cwd=into, check=True, stdout=subprocess.DEVNULL)
    return next(into.glob(f"{package}_*.deb"))


def _gunzip_all(folder: Path) -> None:
    for path in list(folder.rglob("*.gz")):
        if path.is_file() and not path.is_symlink():
            with gzip.open(path, "rb") as packed, path.with_suffix("").open("wb") as plain:
                shutil.copyfileobj(packed, plain)
            path.unlink()


def unpack(archive: Path, into: Path) -> None:
    """Unpack what a package documents: plain files that Parley reads, links and the rest left out."""
    with tempfile.TemporaryDirectory(dir=into.parent) as temporary:
        root = Path(temporary)
        subprocess.run(["dpkg-deb", "-x", str(archive), str(root)], check=True)
        _gunzip_all(root)
        for path in files_in(root, READABLE):
            target = into / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


def build(packages: Sequence[str], into: Path) -> None:
    """Build the tree; a package that is there already is left alone."""
    into.mkdir(parents=True, exist_ok=True)
    for package in packages:
        if (into / package).exists():
            continue
        print(f"{package} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=into.parent) as temporary:
            # apt drops its rights to a user who must be able to write here.
            os.chmod(temporary, 0o777)
            archive = download(package, Path(temporary))
            unpacked = Path(temporary) / "unpacked"
            unpack(archive, unpacked)
            unpacked.replace(into / package)


def files_in(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """Return the plain files with these suffixes, in a fixed order."""
    wanted = set(suffixes)
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in wanted and path.is_file() and not path.is_symlink()
    )


def link_tree(paths: Iterable[Path], root: Path, into: Path) -> int:
    """Put hard links (copies where links cannot be) to the files under `into`; returns their bytes."""
    total = 0
    for path in paths:
        target = into / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except OSError:
            shutil.copyfile(path, target)
        total += path.stat().st_size
    return total


def text_sample(folder: Path, into: Path, megabytes: float, seed: int = 7) -> int:
    """Link a seeded random choice of text files of about this size under `into`; returns their bytes.

    Files of 2 kB to 1 MB, so that no single one decides.
    """
    paths = [path for path in files_in(folder, TEXT) if 2_000 <= path.stat().st_size <= 1_000_000]
    random.Random(seed).shuffle(paths)
    chosen: list[Path] = []
    total = 0
    for path in paths:
        if total >= megabytes * 1e6:
            break
        chosen.append(path)
        total += path.stat().st_size
    return link_tree(chosen, folder, into)


def shaped(paths: Sequence[Path], files: int, total: int, seed: int) -> list[Path]:
    """Return a seeded choice of so many files whose sizes sum up to `total` as nearly as single swaps bring it."""
    order = sorted(paths)
    random.Random(seed).shuffle(order)
    sizes = {path: path.stat().st_size for path in order}
    chosen, spare = order[:files], order[files:]
    excess = sum(sizes[path] for path in chosen) - total
    for at, other in zip(cycle(range(len(chosen))), spare, strict=False):
        change = sizes[other] - sizes[chosen[at]]
        if abs(excess + change) < abs(excess):
            chosen[at] = other
            excess += change
    return chosen


def build_shape(shape: str, roots: Sequence[Path], into: Path, files: int, megabytes: float) -> int:
    """Link a tree of a shape together from the files below `roots`; returns its bytes."""
    total = int(megabytes * 1e6)
    sources = [(path, root) for root in roots for path in files_in(root, READABLE)]
    root_of = {path: root for path, root in sources if 0 < path.stat().st_size <= MAX_SHAPE_FILE}
    pdfs = [path for path in root_of if path.suffix.lower() == ".pdf"]
    texts = [path for path in root_of if path.suffix.lower() in TEXT]
    chosen: list[Path] = []
    if shape == "pdf":
        mean = sum(path.stat().st_size for path in pdfs) / len(pdfs)
        chosen = shaped(pdfs, min(len(pdfs), int(PDF_SHARE * total / mean)), int(PDF_SHARE * total), SHAPE_SEED)
    rest = total - sum(path.stat().st_size for path in chosen)
    chosen += shaped(texts, files - len(chosen), rest, SHAPE_SEED)
    if len(chosen) < files:
        print(f"only {len(chosen)} files are there to choose from", file=sys.stderr)
    return sum(link_tree([path], root_of[path].parent, into) for path in chosen)


def unpacked(package: str) -> Path:
    """Return the folder of an unpacked package, downloaded if it is not there yet."""
    if (DEFAULT_FOLDER / package).exists():
        return DEFAULT_FOLDER / package
    build([package], MORE_PACKAGES)
    return MORE_PACKAGES / package


def describe(folder: Path) -> str:
    """Return counts and sizes by suffix, largest first."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path in files_in(folder, READABLE):
        counts[path.suffix.lower()] += 1
        sizes[path.suffix.lower()] += path.stat().st_size
    rows = [f"{suffix:8} {counts[suffix]:6} files {size / 1e6:8.1f} MB" for suffix, size in sizes.most_common()]
    return "\n".join([*rows, f"{'all':8} {counts.total():6} files {sizes.total() / 1e6:8.1f} MB"])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--package", action="append", dest="packages")
    parser.add_argument("--shape", choices=tuple(SHAPES))
    parser.add_argument("--from", type=Path, dest="folder", help="Choose from this folder rather than from packages.")
    parser.add_argument("--files", type=int, default=7000)
    parser.add_argument("--megabytes", type=float, default=525)
    arguments = parser.parse_args()
    if arguments.shape is None:
        into = arguments.into or DEFAULT_FOLDER
        build(arguments.packages or DEFAULT_PACKAGES, into)
    else:
        into = arguments.into or DEFAULT_FOLDER.parent / f"shape-{arguments.shape}"
        shutil.rmtree(into, ignore_errors=True)
        roots = [arguments.folder] if arguments.folder else [unpacked(name) for name in SHAPES[arguments.shape]]
        build_shape(arguments.shape, roots, into, arguments.files, arguments.megabytes)
    print(describe(into))


if __name__ == "__main__":
    main()
