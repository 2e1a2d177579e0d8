"""Quoted answers end to end: real ingestion, the real search, the shipped coefficients.

    python -m bench.quality.answers --data-set FOLDER [--layout passage|article] [--missing 3] [--off-topic 600]

Over the answerable questions of squad_en: how often the gold answer is in the answer and in its leading sentence
(a refusal counts as a miss), how many are refused; how many questions about something else, and about articles that
are not in the collection, are declined; the same for the other languages of xquad, for questions in them about English
passages, and for three passages alone. Each collection is a workspace of its own, so that no statistic crosses.
"""

import argparse
import asyncio
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parley.api.container import Container, open_container
from parley.bots.schemas import BotIn
from parley.chat.quoting import QuotedAnswer, WordVectors, compose_quoted_answer
from parley.kit.language_detection import detect_language
from parley.knowledge.schemas import SourceCreate
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import TableEmbedder
from parley.retrieval.schemas import SearchRequest
from parley.settings import Settings
from tests.support.databases import add_workspace
from tools.quoting_data import (
    OTHER_LANGUAGES,
    Asked,
    Passage,
    holds,
    read_foreign,
    read_help_centre,
    read_off_topic,
    read_squad,
    read_xquad,
)

LIMIT_SECONDS = 900
PASSAGES = 10


@dataclass(slots=True)
class Score:
    """What came of some questions. `ms`: time of composing alone."""

    name: str
    asked: int = 0
    answered: int = 0
    lead: int = 0
    three: int = 0
    broken_quotes: int = 0
    ms: list[float] = field(default_factory=list[float])

    def line(self) -> str:
        """One line of the table."""
        share = [f"{count / max(1, self.asked):8.1%}" for count in (self.answered, self.lead, self.three)]
        middle = sorted(self.ms)[len(self.ms) // 2] if self.ms else 0.0
        return f"{self.name:34}{self.asked:>6}{''.join(share)}{middle:>8.1f}{self.broken_quotes:>8}"


class Collection:
    """A workspace with one bot that has read some passages."""

    def __init__(self, container: Container, workspace_id: str, bot_id: str) -> None:
        self._container = container
        self.workspace_id = workspace_id
        self.bot_id = bot_id
        self._vectors = WordVectors(english=StaticEmbedder(), others=TableEmbedder())

    @classmethod
    async def read(cls, container: Container, folder: Path) -> "Collection":
        """Ingest a folder into a workspace of its own and wait until it can be searched."""
        workspace_id = await add_workspace(container.store, container.clock, folder.name)
        bot = await container.bots.create(workspace_id, BotIn(name="Reader"))
        wanted = SourceCreate(kind="folder", path=str(folder))
        source = await container.knowledge.add_local(workspace_id, bot.id, wanted)
        began = time.monotonic()
        while source.status not in ("ready", "failed"):
            if time.monotonic() - began > LIMIT_SECONDS:
                raise TimeoutError(f"{folder} was not read within {LIMIT_SECONDS} s")
            await asyncio.sleep(0.2)
            source = await container.knowledge.get(workspace_id, source.id)
        await container.searcher.catch_up(workspace_id)
        return cls(container, workspace_id, bot.id)

    async def ask(self, question: str, score: Score) -> QuotedAnswer:
        """Answer as a turn does."""
        language = detect_language(question)
        request = SearchRequest(
            query=question, limit=PASSAGES, bot_id=self.bot_id, language=None if language == "und" else language
        )
        hits = (await self._container.searcher.search(self.workspace_id, request)).hits
        statistics = await self._container.searcher.statistics(self.workspace_id)
        began = time.perf_counter()
        answer = compose_quoted_answer(question, hits, language, vectors=self._vectors, statistics=statistics)
        score.ms.append((time.perf_counter() - began) * 1000)
        for sentence in answer.sentences:
            hit = hits[sentence.hit]
            score.broken_quotes += hit.text[sentence.start - hit.start : sentence.end - hit.start] != sentence.text
        return answer

    async def measure(self, name: str, questions: Sequence[Asked]) -> Score:
        """Ask all questions; print and return what came of it."""
        score = Score(name)
        for asked in questions:
            answer = await self.ask(asked.text, score)
            texts = [sentence.text for sentence in answer.sentences]
            score.asked += 1
            score.answered += not answer.abstained
            score.lead += any(holds(text, asked) for text in texts[:1])
            score.three += any(holds(text, asked) for text in texts)
        sys.stdout.write(score.line() + "\n")
        sys.stdout.flush()
        return score


def write_folder(folder: Path, passages: Sequence[Passage], layout: str) -> Path:
    """Write passages as files: one each, or one per article under a heading."""
    folder.mkdir(parents=True)
    articles: dict[str, list[Passage]] = {}
    for passage in passages:
        articles.setdefault(passage.article, []).append(passage)
    for article, members in articles.items():
        name = re.sub(r"[^\w()-]+", "_", article).strip("_")
        if layout == "article":
            title = members[0].document.title or article.replace("_", " ")
            body = "\n\n".join(_with_heading(passage) for passage in members)
            (folder / f"{name}.md").write_text(f"# {title}\n\n{body}\n", "utf-8")
            continue
        for place, passage in enumerate(members):
            (folder / f"{name}_{place}.txt").write_text(passage.text + "\n", "utf-8")
    return folder


def _with_heading(passage: Passage) -> str:
    return "\n\n".join([*(f"## {heading}" for heading in passage.heading), passage.text])


async def measure_squad(container: Container, data_set: Path, work: Path, options: argparse.Namespace) -> None:
    """The acceptance figures: answers, off-topic questions, articles that are missing."""
    passages, questions = read_squad(data_set)
    folder = add_noise(write_folder(work / "squad", passages, options.layout), options.noise)
    whole = await Collection.read(container, folder)
    dice = random.Random(5)
    await whole.measure("squad_en", _sample(questions, options.sample, dice))
    await whole.measure("off topic", dice.sample(read_off_topic(data_set), options.off_topic))
    articles = sorted({asked.article for asked in questions})
    for article in articles[: options.missing]:
        rest = [passage for passage in passages if passage.article != article]
        folder = add_noise(write_folder(work / f"no_{article}", rest, options.layout), options.noise)
        without = await Collection.read(container, folder)
        own = [asked for asked in questions if asked.article == article]
        await without.measure(f"missing: {article}", _sample(own, options.sample, dice))
    await _measure_three(container, passages, questions, work, dice)


def _sample(questions: list[Asked], count: int, dice: random.Random) -> list[Asked]:
    return dice.sample(questions, count) if 0 < count < len(questions) else questions


async def _measure_three(
    container: Container, passages: list[Passage], questions: list[Asked], work: Path, dice: random.Random
) -> None:
    by_id = {passage.id: passage for passage in passages}
    rich = sorted({q.passage_id for q in questions if sum(o.passage_id == q.passage_id for o in questions) >= 6})
    chosen = dice.sample(rich, 3)
    small = await Collection.read(container, write_folder(work / "three", [by_id[i] for i in chosen], "passage"))
    await small.measure("three documents", [q for q in questions if q.passage_id in chosen])
    articles = {by_id[i].article for i in chosen}
    strangers = [q for q in questions if q.article not in articles]
    await small.measure("three documents, missing", dice.sample(strangers, 200))


async def measure_others(container: Container, data_set: Path, work: Path, layout: str) -> None:
    """Other languages, and a help centre asked by its titles."""
    for language in OTHER_LANGUAGES:
        passages, questions = read_xquad(data_set, language)
        collection = await Collection.read(container, write_folder(work / f"xquad_{language}", passages, layout))
        await collection.measure(f"xquad {language}", questions)
        off_topic = [Asked(text, "", language, "", ()) for text in OFF_TOPIC[language]]
        await collection.measure(f"xquad {language}, off topic", off_topic)
        article = questions[0].article
        rest = [passage for passage in passages if passage.article != article]
        without = await Collection.read(container, write_folder(work / f"xquad_{language}_less", rest, layout))
        await without.measure(f"xquad {language}, missing", [asked for asked in questions if asked.article == article])
    english, _ = read_xquad(data_set, "en")
    collection = await Collection.read(container, write_folder(work / "xquad_en", english, layout))
    for language in OTHER_LANGUAGES:
        await collection.measure(f"xquad {language}, of English", read_foreign(data_set, language, "en")[1])
    passages, questions = read_help_centre(data_set)
    help_centre = await Collection.read(container, write_folder(work / "help", passages, "article"))
    await help_centre.measure("help centre (titles as questions)", questions)
    dice = random.Random(6)
    await help_centre.measure("help centre, off topic", dice.sample(read_off_topic(data_set), 400))


OFF_TOPIC = {
    "es": ["¿Cómo transfiero dinero a mi cuenta de ahorros?", "¿Qué tiempo hará mañana?",
           "Recomiéndame una receta de paella"],
    "de": ["Wie überweise ich Geld auf mein Sparkonto?", "Wie wird das Wetter morgen?",
           "Wo ist meine Kreditkarte geblieben?"],
    "hi": ["मैं अपने बचत खाते में पैसे कैसे भेजूं?", "कल मौसम कैसा रहेगा?", "मेरा क्रेडिट कार्ड कब आएगा?"],
    "ar": ["كيف أحول المال إلى حساب التوفير الخاص بي؟", "كيف سيكون الطقس غدا؟", "متى ستصل بطاقتي الائتمانية؟"],
    "zh": ["如何把钱转到我的储蓄账户？", "明天天气怎么样？", "我的信用卡什么时候到？"],
}  # fmt: skip


def add_noise(folder: Path, noise: Path | None) -> Path:
    """Put the text files of another folder beside, to see that a large collection changes nothing."""
    if noise is not None:
        shutil.copytree(noise, folder / "noise", ignore=shutil.ignore_patterns("*.pdf", "*.gz", "*.png", "*.svg"))
    return folder


async def run(options: argparse.Namespace) -> None:
    """Measure everything in a data folder of its own."""
    sys.stdout.write(f"{'questions':34}{'n':>6}{'given':>8}{'lead':>8}{'three':>8}{'ms':>8}{'broken':>8}\n")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        async with open_container(Settings(data=work / "data")) as container:
            await measure_squad(container, options.data_set, work / "files", options)
            if options.others:
                await measure_others(container, options.data_set, work / "files", options.layout)


def main() -> int:
    """Print one line for each set of questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--layout", choices=["passage", "article"], default="passage")
    parser.add_argument("--missing", type=int, default=3, help="articles to leave out in turn")
    parser.add_argument("--off-topic", type=int, default=600)
    parser.add_argument("--sample", type=int, default=0, help="ask at most so many questions of each collection")
    parser.add_argument("--noise", type=Path, help="a folder of other texts to read beside the articles")
    parser.add_argument("--others", action="store_true", help="other languages and the help centre too")
    asyncio.run(run(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
