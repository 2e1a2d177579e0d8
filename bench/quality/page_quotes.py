"""Whether what answers quote from PDFs stands on the cited page for other readers, with and without our look at it.

    python -m bench.quality.page_quotes [FOLDER] [--files 450] [--questions 200] [--seed 7]

Reads a seeded sample of the PDFs in a folder (`.bench/corpus` by default), makes questions of its headings ("How does
... work?"), and asks them without a model: first with `chat.page_check_seconds` 0, then with 2. A quote is found if it
stands, white space aside and ligatures as letters, on the cited page or runs over to the next. The readers are pypdf,
which Parley itself asks; where Poppler is installed `pdftotext -raw`, and `pdftotext`, which joins words that a line
end cuts; and where the package is pdfminer, which puts columns and rows of tables in an order of its own.
"""

import argparse
import asyncio
import importlib.util
import logging
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from bench.corpus import DEFAULT_FOLDER
from bench.quality.library import open_library
from bench.quality.planted import Asker
from parley.api.container import Container, open_container
from parley.bots.schemas import BotPatch
from parley.knowledge.page_check_child import bare
from parley.knowledge.tables import Chunk
from parley.settings import Settings
from parley.store.scope import ScopedRepository

_FORMS = ("What is said about {}?", "How does {} work?", "What should I know about {}?", "What are {}?")
_HEADING = re.compile(r"(?:[\d.A-Z]+\s+)?([A-Za-z][A-Za-z ,'-]+)")
_MOST_WORDS = 8
_LOOK_SECONDS = 2.0


@dataclass(slots=True)
class Found:
    """What came of one way to answer. `lost`: for each reader, the quotes that it does not find."""

    declined: int = 0
    quotes: int = 0
    lost: dict[str, int] = field(default_factory=dict[str, int])
    nowhere: int = 0
    milliseconds: list[float] = field(default_factory=list[float])


def readers() -> dict[str, Callable[[Path, int], str]]:
    """Return the readers that are here, each with what reads a page and the next."""
    found: dict[str, Callable[[Path, int], str]] = {"pypdf": _by_pypdf}
    if shutil.which("pdftotext"):
        found["pdftotext -raw"] = lambda path, page: _by_poppler(path, page, "-raw")
        found["pdftotext"] = lambda path, page: _by_poppler(path, page)
    if importlib.util.find_spec("pdfminer"):
        found["pdfminer"] = _by_pdfminer
    return found


def _by_pypdf(path: Path, page: int) -> str:
    from pypdf import PdfReader

    pages = PdfReader(path).pages
    return "".join(pages[number].extract_text() for number in (page - 1, page) if number < len(pages))


def _by_poppler(path: Path, page: int, *options: str) -> str:
    command = ["pdftotext", *options, "-f", str(page), "-l", str(page + 1), str(path), "-"]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout


def _by_pdfminer(path: Path, page: int) -> str:
    high_level = importlib.import_module("pdfminer.high_level")
    return str(high_level.extract_text(str(path), page_numbers=[page - 1, page]))


async def questions_of(container: Container, number: int, seed: int) -> list[str]:
    """Make questions of headings of the collection."""
    async with container.store.read() as session:
        repository = ScopedRepository(session, container.owner.workspace_id)
        query = repository.select(Chunk.heading, of=Chunk).where(Chunk.heading != "", Chunk.language == "en").distinct()
        headings = sorted((await session.execute(query)).scalars().all())
    choose = random.Random(seed)
    choose.shuffle(headings)
    names = [_HEADING.fullmatch(heading.split("\n")[-1].strip()) for heading in headings]
    wanted = [name[1].lower() for name in names if name and 1 < len(name[1].split()) <= _MOST_WORDS]
    return [choose.choice(_FORMS).format(name) for name in wanted[:number]]


async def measure(
    asker: Asker, questions: Sequence[str], folder: Path, by: Mapping[str, Callable[[Path, int], str]]
) -> Found:
    """Ask, and look for each quote on its page."""
    found = Found(lost=dict.fromkeys(by, 0))

    @cache
    def shown(reader: str, path: str, page: int) -> str:
        try:
            return bare(by[reader](folder / path, page))
        except Exception as error:  # noqa: BLE001  # broad: a reader may fail with anything on a file of its own
            print(f"{reader} fails on a page of {path}: {type(error).__name__}", file=sys.stderr)
            return ""

    for question in questions:
        began = time.perf_counter()
        turn = await asker.ask(question)
        found.milliseconds.append((time.perf_counter() - began) * 1000)
        found.declined += turn.abstained
        for citation in turn.citations:
            if citation.page is None:
                continue
            quote, path = bare(citation.quote), citation.document.path
            stands = {reader: quote in shown(reader, path, citation.page) for reader in by}
            found.quotes += 1
            found.nowhere += not any(stands.values())
            for reader, is_there in stands.items():
                found.lost[reader] += not is_there
    return found


def copy_sample(options: argparse.Namespace, folder: Path) -> int:
    """Copy the sample into a new folder; return how many files it has."""
    folder.mkdir()
    every = sorted(options.folder.rglob("*.pdf"))
    sample = random.Random(options.seed).sample(every, min(options.files, len(every)))
    for number, path in enumerate(sample):
        shutil.copy(path, folder / f"{number:04d}-{path.name}")
    return len(sample)


def row(name: str, found: Found) -> str:
    """Return a line of the table."""
    lost = "".join(f"{lost:>16}" for lost in found.lost.values())
    p50, p95 = np.percentile(found.milliseconds, [50, 95])
    return f"{name:<6}{found.quotes:>8}{lost}{found.nowhere:>6}{found.declined:>10}{p50:>6.0f}{p95:>6.0f}"


async def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    logging.disable(logging.CRITICAL)  # readers complain about every other file
    by = readers()
    with tempfile.TemporaryDirectory() as temporary:
        folder, data = Path(temporary, "pdf"), Path(temporary, "data")
        files = copy_sample(options, folder)
        async with open_library(folder, data, may_fail=True) as library:
            questions = await questions_of(library.container, options.questions, options.seed)
            bot_id = library.bot_id
        print(f"{files} PDFs, {len(questions)} questions; quotes that do not stand on the page for")
        names = "".join(f"{reader:>16}" for reader in by)
        print(f"{'look':<6}{'quotes':>8}{names}{'any':>6}{'declined':>10}{'p50':>6}{'p95':>6} ms", flush=True)
        for name, seconds in (("no", 0.0), ("yes", _LOOK_SECONDS)):
            settings = Settings(data=data)
            settings.chat.page_check_seconds = seconds
            async with open_container(settings) as container:
                asker = await Asker.of(container, container.owner.workspace_id, bot_id)
                await asker.set(BotPatch(cache_answers=False))
                print(row(name, await measure(asker, questions, folder, by)), flush=True)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--files", type=int, default=450)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
