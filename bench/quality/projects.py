"""Questions about one of many alike projects, through the whole product, without a model.

    python -m bench.quality.projects

Thirty folders hold a contract, minutes, a specification and a budget each, in the same words with other figures; only
the folders say whose they are, as on people's disks. Printed, of questions that name a project: how often its document
is first and among ten in search, and which project the answer is led by. Beside it BM25 over text and title. Further:
questions about projects that are not there (to be declined), questions that go on ("And at the Oak Clinic?"), and
comparisons of two projects (to be led by both).
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.quality.bm25 import Bm25
from bench.quality.library import Library, open_library
from bench.quality.planted import Asker
from parley.chat.schemas import TurnView

_NAMES = (
    "Acme|Globex|Initech|Hooli|Vandelay|Wayne Enterprises|Stark Industries|Tyrell|Cyberdyne|Soylent|Massive Dynamic|"
    "Northwind|Contoso|Fabrikam|Harbour Bridge|Willow Park|Station Road 12|Sankt Martin|Lakeside Clinic|Oakwood School|"
    "Riverside Tower|Bergmann|Kowalski|O'Brien & Sons|Da Silva|Müller Logistik|City Library|Green Valley|Blue Ocean|"
    "Umbrella"
)
_ABSENT_NAMES = "Zorglub|Pinewood|Aperture|Oscorp|Sunnydale|Weyland|Monarch|Castle Rock|Nordhaus|Quick & Flupke"
PROJECTS, ABSENT = tuple(_NAMES.split("|")), tuple(_ABSENT_NAMES.split("|"))
QUESTIONS = (
    ("Contract.md", "Within how many days are invoices payable in the {} project?"),
    ("Contract.md", "What interest do late payments bear for {}?"),
    ("Contract.md", "{}: how can the contract be ended?"),
    ("Minutes.md", "When is the handover of the keys for {}?"),
    ("Minutes.md", "Which material does {} want for the facade?"),
    ("Specification.txt", "How many persons does the lift at {} carry?"),
    ("Specification.txt", "How warm may the server room of {} get?"),
    ("Budget.csv", "What does the roof cost in {}?"),
)
GOING_ON = (("Minutes.md", "When is the handover of the keys at {}?", "And at {}?"),
            ("Contract.md", "Within how many days are invoices of {} payable?", "What about {}?"),
            ("Specification.txt", "How many persons does the lift at {} carry?", "And in {}?"))  # fmt: skip
COMPARED = ("Compare the payment terms of {} and {}", "When are the keys handed over at {} and at {}?",
            "Which facade do {} and {} want?")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the document that answers it."""

    text: str
    path: str


def write_projects(folder: Path, seed: int = 7) -> None:
    """Write the folders."""
    dice = random.Random(seed)
    for name in PROJECTS:
        for file, text in _documents(dice).items():
            path = folder / "Projects" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def _documents(dice: random.Random) -> dict[str, str]:
    month = dice.choice(["January", "March", "May", "June", "August", "October", "December"])
    cost = dice.randint(20, 900) * 1000
    days, interest = dice.choice([14, 21, 30, 45, 60, 75, 90]), dice.choice([2, 3, 5, 8, 10, 12])
    notice = dice.choice(["one", "two", "three", "six"])
    return {
        "Contract.md": f"# Contract\n\n## Payment\n\nInvoices are payable within {days} days of receipt. Late payments "
        f"bear interest of {interest} percent a year.\n\n## Termination\n\nEither party may end this contract with "
        f"{notice} months' notice, given in writing.\n\n## Liability\n\nLiability is limited to the yearly fees.\n",
        "Minutes.md": "# Minutes\n\nPresent: the client, the architect, the site manager.\n\nHandover of the keys was "
        f"moved to {month} {dice.randint(1, 28)}. The crane stays until the roof is closed.\n\nThe client wants "
        f"{dice.choice(['oak', 'larch', 'steel', 'aluminium', 'slate'])} for the facade.\n",
        "Specification.txt": f"Specification\n\nThe heating keeps temperatures below {dice.randint(28, 60)} degrees."
        f" The lift carries {dice.randint(3, 40)} persons. Windows have triple glazing.\n\nThe server room is cooled "
        f"to {dice.randint(16, 24)} degrees.\n",
        "Budget.csv": f"item,cost\nFoundation,{cost}\nRoof,{cost // 3}\nWindows,{cost // 5}\n",
    }


def path_of(name: str, file: str) -> str:
    """Return where a project's document lies."""
    return f"Projects/{name}/{file}"


def project_of(path: str) -> str:
    """Return whose a document is."""
    return path.split("/")[1]


def questions() -> Iterator[Question]:
    """Yield the questions that name a project."""
    for name in PROJECTS:
        for file, text in QUESTIONS:
            yield Question(text.format(name), path_of(name, file))


def leading(turn: TurnView) -> str | None:
    """Return the path of the document that leads an answer."""
    return None if turn.abstained or not turn.citations else turn.citations[0].document.path


def projects_of(turn: TurnView) -> set[str]:
    """Return whose documents an answer cites."""
    return set() if turn.abstained else {project_of(citation.document.path) for citation in turn.citations}


async def search_table(library: Library) -> Iterator[str]:
    """Return how often the right document is found, beside BM25."""
    container = library.container
    texts, paths = [], []
    page = await container.documents.page(container.owner.workspace_id, library.bot_id, limit=1000)
    for document in page.items:
        text = await container.documents.text(container.owner.workspace_id, document.id, None, None, None)
        texts.append(f"{document.title} {text.text}")
        paths.append(document.path)
    index = Bm25(texts, ["en"] * len(texts))
    asked = list(questions())
    found: Counter[str] = Counter()
    for question in asked:
        ours = [hit.document.path for hit in await library.search(question.text, 10)]
        theirs = [paths[number] for number in index.search(question.text, "en", 10)]
        for name, ranking in (("Parley", ours), ("BM25", theirs)):
            found[f"{name} first"] += ranking[:1] == [question.path]
            found[f"{name} ten"] += question.path in ranking
    return (
        f"search, {name:6s} {len(asked)} questions: right document first {found[f'{name} first'] / len(asked):.1%}, "
        f"in ten {found[f'{name} ten'] / len(asked):.1%}"
        for name in ("Parley", "BM25")
    )


def describe(title: str, outcomes: Sequence[str]) -> str:
    """Return one line: what share ended how."""
    counts = Counter(outcomes)
    shares = ", ".join(f"{outcome} {count / len(outcomes):.1%}" for outcome, count in sorted(counts.items()))
    return f"{title} {len(outcomes)} questions: {shares}"


def outcome_of(turn: TurnView, path: str) -> str:
    """Tell what an answer is led by."""
    found = leading(turn)
    if found is None:
        return "declined"
    if found == path:
        return "led by the right document"
    return "by another of its project" if project_of(found) == project_of(path) else "by another project"


async def run(folder: Path) -> None:
    """Ask, and print what came of it."""
    write_projects(folder)
    async with open_library(folder) as library:
        for line in await search_table(library):
            print(line)
        container = library.container
        asker = await Asker.of(container, container.owner.workspace_id, library.bot_id)
        turns = [(question, await asker.ask(question.text)) for question in questions()]
        print(describe("answers,      ", [outcome_of(turn, question.path) for question, turn in turns]))
        given = [(question, turn) for question, turn in turns if not turn.abstained]
        clean = [projects_of(turn) == {project_of(question.path)} for question, turn in given]
        print(f"answers given, {len(given)}: cite nothing of other projects {sum(clean) / len(given):.1%}")
        absent = [text.format(name) for name in ABSENT for _, text in QUESTIONS]
        declined = [(await asker.ask(text)).abstained for text in absent]
        print(f"not there,     {len(absent)} questions: declined {sum(declined) / len(absent):.1%}")
        outcomes = []
        for number, name in enumerate(PROJECTS):
            file, first, then = GOING_ON[number % len(GOING_ON)]
            turn = await asker.ask(first.format(PROJECTS[number - 1]), then.format(name))
            outcomes.append(outcome_of(turn, path_of(name, file)))
        print(describe("going on,     ", outcomes))
        outcomes = []
        for number, name in enumerate(PROJECTS):
            other = PROJECTS[number - 1]
            turn = await asker.ask(COMPARED[number % len(COMPARED)].format(name, other))
            cited = projects_of(turn)
            told = "declined" if turn.abstained else f"cites {len(cited & {name, other})} of the two"
            outcomes.append(told + (", and others" if cited - {name, other} else ""))
        print(describe("comparing,    ", outcomes))


def main() -> int:
    """Run with a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        asyncio.run(run(Path(temporary)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
