"""Build a tree of real documentation from Debian's documentation packages, and seeded samples of it.

usage: python -m bench.corpus [--into .bench/corpus] [--package NAME ...]

Packages are downloaded and unpacked, not installed; `.gz` files are unpacked as well. Run `apt-get update` before.
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
    parser.add_argument("--into", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--package", action="append", dest="packages")
    arguments = parser.parse_args()
    build(arguments.packages or DEFAULT_PACKAGES, arguments.into)
    print(describe(arguments.into))


if __name__ == "__main__":
    main()
