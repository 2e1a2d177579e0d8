"""Answers to "How do I ...?" through the whole product, without a model, over a help centre.

    python -m bench.quality.instructions --data-set FOLDER [--off-topic N]

Titles of articles that number their steps are asked as people ask ("Add members to a space": "How do I add members to a
space?"). An answer is right if its first quote is of that article and begins with the first step of one of its lists;
`in a row` counts those that go on with the second. The off-topic questions ask how something is done too, of a bank.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.quality.answers import Collection
from bench.quality.planted import Asker, plain
from parley.api.container import open_container
from parley.bots.schemas import BotPatch
from parley.chat.quoting import asks_how_to
from parley.knowledge.parsers.markdown import plain_inline
from parley.settings import Settings
from tools.quoting_data import Asked, read_off_topic
from tools.train_quoting import personal_questions

_HEADING = re.compile(r"^#+ ", re.MULTILINE)
_STEP = re.compile(r"^ {0,3}\d{1,2}[.)][ \t]+(.*)$", re.MULTILINE)
# Of a step, so much must be found: the rest may be laid out otherwise.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Article:
    """A page of a help centre. `lists`: the first two steps of each section, letters and digits alone."""

    path: str
    title: str
    text: str
    lists: tuple[tuple[str, str], ...]


def read_articles(data_set: Path) -> Iterator[Article]:
    """Yield the articles."""
    with (data_set / "helpcentre" / "arduino.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            sections = [_STEP.findall(section) for section in _HEADING.split(row["markdown"])]
            first_two = [(_start(steps[0]), _start(steps[1])) for steps in sections if len(steps) > 1]
            yield Article(row["path"], row["title"], row["markdown"], tuple(first_two))


def _start(step: str) -> str:
    return plain(plain_inline(step))[:_SHOWN]


async def run(options: argparse.Namespace) -> None:
    """Ask, and print what came of it."""
    articles = {article.path: article for article in read_articles(options.data_set)}
    titles = [Asked(one.title, one.path, "en", one.path, ()) for one in articles.values() if one.lists]
    questions = [asked for asked in personal_questions(titles) if asks_how_to(asked.text)]
    strangers = [asked for asked in read_off_topic(options.data_set) if asks_how_to(asked.text)]
    strangers = random.Random(3).sample(strangers, min(options.off_topic, len(strangers)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "helpcentre"
        for article in articles.values():
            (folder / article.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / article.path).write_text(article.text, "utf-8")
        async with open_container(Settings(data=Path(temporary) / "data")) as container:
            collection = await Collection.read(container, folder)
            asker = await Asker.of(container, collection.workspace_id, collection.bot_id)
            await asker.set(BotPatch(cache_answers=False))
            answered = own = first = in_a_row = 0
            for asked in questions:
                turn = await asker.ask(asked.text)
                article = articles[asked.passage_id]
                answered += not turn.abstained
                own += bool(turn.citations) and turn.citations[0].document.title == article.title
                quote = plain(turn.citations[0].quote) if turn.citations else ""
                said = plain("".join(citation.quote for citation in turn.citations))
                begun = [pair for pair in article.lists if quote.startswith((pair[0], f"1{pair[0]}"))]
                first += bool(begun)
                in_a_row += any(second in said for _, second in begun)
            declined = [(await asker.ask(asked.text)).abstained for asked in strangers]
    count = len(questions)
    sys.stdout.write(
        f"{count} questions: answered {answered / count:.1%}, first quote of the article asked for {own / count:.1%}, "
        f"begins with its first step {first / count:.1%}, in a row {in_a_row / count:.1%}\n"
        f"{len(declined)} questions how something else is done: declined {sum(declined) / len(declined):.1%}\n"
    )


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--off-topic", type=int, default=300)
    asyncio.run(run(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
