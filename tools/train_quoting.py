"""Train the coefficients of quoted answers and write them into the package.

    python -m tools.train_quoting --data-set FOLDER [--cache FILE] [--write]

Two small nets (numpy, seconds to fit): one ranks sentences, one decides whether to answer; a pair for English, one
for other languages and one for questions in another language than that of the passages, both with vectors that know
many. All are measured by cross-validation over articles, so that no question meets a net that has seen its article; the
second of a pair learns from rankings made that way too. Collections of three passages, one article and all articles
teach it every size.
"""

import argparse
import json
import pickle
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.abstention import ANSWER_FEATURE_NAMES, answer_features
from parley.chat.quoting.compose import Measured, measure
from parley.chat.quoting.features import FEATURE_NAMES
from parley.chat.quoting.meaning import SentenceEmbedder, WordVectors
from parley.chat.quoting.model import FORMAT, Network
from parley.chat.quoting.question import Question as AskedQuestion
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import TableEmbedder
from tools.quoting_data import (
    OTHER_LANGUAGES,
    PROJECTS,
    XQUAD_LANGUAGES,
    Asked,
    Document,
    Index,
    Passage,
    holds,
    of_project,
    read_definitions,
    read_foreign,
    read_help_centre,
    read_off_topic,
    read_squad,
    read_xquad,
    with_another_name,
)
from tools.quoting_fit import Question, fit_classifier, fit_ranking

VERSION = "2"
Profile = Literal["english", "others", "foreign"]
PROFILES: tuple[Profile, ...] = ("english", "others", "foreign")
FOLDS = 5
TARGET = Path(__file__).resolve().parent.parent / "src" / "parley" / "chat" / "quoting" / "coefficients.json"
# Share of answerable questions that may be refused; the promise is 5 %, the rest is room for other articles.
REFUSED = 0.034
REFUSED_IN_OTHERS = 0.035
# Share of questions in another language than that of the passages that are declined where the answer is missing: what
# may be answered then is what is left.
DECLINED_OF_FOREIGN = 0.95
PROVENANCE = (
    "Trained by tools/train_quoting.py on SQuAD 2.0 dev and XQuAD (CC BY-SA 4.0), CLINC150 (CC BY 3.0), BANKING77 "
    "(CC BY 4.0) and the Arduino help centre (CC BY-SA 4.0); word vectors of wordllama (MIT) and of parley-table (from "
    "multilingual-e5-small, MIT) at run time."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question measured against a collection. `group`: what is counted together in the report.

    `declined_at_once`: it names somebody of whom nothing is known, so it never comes before the model.
    """

    group: str
    article: str
    answerable: bool
    ranked: bool
    measured: Measured
    right: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    weight: float
    declined_at_once: bool


class Collector:
    """Measures questions against collections."""

    def __init__(self, table: TableEmbedder, vectors: WordVectors, dice: random.Random) -> None:
        self.samples: list[Sample] = []
        self.table = table
        self.vectors = vectors
        self.dice = dice

    def index(self, passages: Iterable[Passage]) -> Index:
        """Index some passages."""
        return Index(list(passages), self.table)

    def some(self, questions: Sequence[Asked], count: int) -> list[Asked]:
        """Choose at most so many."""
        return self.dice.sample(list(questions), min(count, len(questions)))

    def leaving_out(
        self, passages: Sequence[Passage], questions: Sequence[Asked]
    ) -> Iterator[tuple[list[Asked], Index]]:
        """Yield the questions about each article with a collection that lacks it."""
        for article in sorted({asked.article for asked in questions}):
            own = [asked for asked in questions if asked.article == article]
            yield own, self.index(passage for passage in passages if passage.article != article)

    def add(
        self,
        group: str,
        questions: Iterable[Asked],
        index: Index,
        answerable: bool,
        ranked: bool = False,
        weight: float = 1,
    ) -> None:
        """Ask questions of a collection and keep what was measured."""
        for asked in questions:
            hits = index.search(asked.text, asked.language)
            measured = measure(asked.text, hits, asked.language, index, self.vectors)
            if not len(measured.rows):
                continue
            candidates = [candidate for passage in measured.passages for candidate in passage.candidates]
            held = np.asarray([bool(asked.answers) and holds(candidate.text, asked) for candidate in candidates])
            own = np.asarray([hits[candidate.hit].id == asked.passage_id for candidate in candidates])
            self.samples.append(
                Sample(group, asked.article or f"off {len(self.samples) % 97}", answerable, ranked, measured,
                       held & own if ranked else held, held & ~own, weight,
                       bool(measured.unknown_names(index)))
            )  # fmt: skip


class OnlyOthers(WordVectors):
    """Compares English too by the vectors that know many languages: most of what there is to learn from is English."""

    def of(self, question: AskedQuestion) -> tuple[SentenceEmbedder, float]:
        return super().of(replace(question, asked_in="und"))


def collect(data_set: Path, profile: Profile) -> list[Sample]:
    """Measure everything that a pair of nets is trained on."""
    table = TableEmbedder()
    vectors = WordVectors(StaticEmbedder(), table) if profile == "english" else OnlyOthers(table, table)
    collector = Collector(table, vectors, random.Random(11))  # noqa: S311 - a repeatable sample, no secret
    off_topic = collector.some(read_off_topic(data_set), 5000)
    if profile == "foreign":
        _collect_foreign(collector, data_set, off_topic)
        return [sample for sample in collector.samples if sample.measured.question.is_foreign]
    _collect_squad(collector, data_set, off_topic)
    _collect_projects(collector, data_set)
    _collect_languages(collector, data_set, ("en",) if profile == "english" else XQUAD_LANGUAGES)
    _collect_help(collector, data_set, off_topic)
    return collector.samples


def _collect_squad(collector: Collector, data_set: Path, off_topic: Sequence[Asked]) -> None:
    passages, questions = read_squad(data_set)
    whole = collector.index(passages)
    collector.add("squad", questions, whole, True, ranked=True)
    collector.add("off topic", off_topic[:1600], whole, False)
    definitions = read_definitions(passages)
    collector.add("definitions", definitions, whole, True, ranked=True)
    articles = sorted({asked.article for asked in questions})
    for place, article in enumerate(articles):
        own = [asked for asked in questions if asked.article == article]
        collector.add("article missing", own, collector.index(p for p in passages if p.article != article), False)
        what = [asked for asked in definitions if asked.article == article]
        collector.add("definitions, missing", what, collector.index(p for p in passages if p.article != article), False)
        alone = collector.index(p for p in passages if p.article == article)
        collector.add("definitions, one article", what, alone, True)
        collector.add("one article", collector.some(own, 60), alone, True)
        others = [asked for asked in questions if asked.article != article]
        collector.add("one article, missing", collector.some(others, 80), alone, False)
        collector.add("one article, off topic", off_topic[1600 + 40 * place : 1640 + 40 * place], alone, False)
    for asked in collector.some(questions, 400):
        three = [p for p in passages if p.id == asked.passage_id] + collector.dice.sample(passages, 2)
        collector.add("three passages", [asked], collector.index(three), True)
        stranger = collector.dice.choice([q for q in questions if q.article != asked.article])
        collector.add("three passages, missing", [stranger, off_topic[len(collector.samples) % 5000]],
                      collector.index(three), False)  # fmt: skip


def _collect_projects(collector: Collector, data_set: Path) -> None:
    """Ask about one of many projects that only their folders name: of its own documents, of others', of none.

    And about somebody that no document speaks of, in words that many use.
    """
    passages, questions = read_squad(data_set)
    whole = collector.index(passages)
    names = collector.dice.sample(PROJECTS, len(PROJECTS))
    homes = dict(zip(sorted({passage.article for passage in passages}), names, strict=False))
    absent = names[len(homes) :]
    folders = {article: Document("Notes", f"Projects/{name}/notes.md") for article, name in homes.items()}
    index = collector.index(replace(passage, document=folders[passage.article]) for passage in passages)
    for number, asked in enumerate(collector.some(questions, 900)):
        other = collector.dice.choice([name for article, name in homes.items() if article != asked.article])
        strange = collector.dice.choice(absent)
        collector.add("projects", [of_project(asked, homes[asked.article], number)], index, True, weight=0.3)
        collector.add("projects, another's", [of_project(asked, other, number)], index, False, weight=0.3)
        collector.add("projects, not there", [of_project(asked, strange, number)], index, False, weight=0.3)
    renamed = (with_another_name(asked, collector.dice.choice(absent)) for asked in collector.some(questions, 1200))
    collector.add("somebody else", (asked for asked in renamed if asked is not None), whole, False, weight=0.3)


def _collect_languages(collector: Collector, data_set: Path, languages: Sequence[str]) -> None:
    for language in languages:
        passages, questions = read_xquad(data_set, language)
        collector.add(f"xquad {language}", questions, collector.index(passages), True, ranked=True, weight=0.7)
        for own, without in collector.leaving_out(passages, questions):
            collector.add(f"xquad {language}, missing", collector.some(own, 14), without, False, weight=0.7)


def _collect_foreign(collector: Collector, data_set: Path, off_topic: Sequence[Asked]) -> None:
    """Ask in one language of passages in another."""
    pairs = [*((x, "en") for x in OTHER_LANGUAGES), *(("en", x) for x in OTHER_LANGUAGES), ("es", "de"), ("de", "es")]
    for place, (asked_in, language) in enumerate(pairs):
        passages, questions = read_foreign(data_set, asked_in, language)
        chosen = collector.some(questions, 600)
        index = collector.index(passages)
        name = f"{asked_in} of {language}"
        collector.add(name, chosen, index, True, ranked=True, weight=0.7)
        for own, without in collector.leaving_out(passages, questions):
            collector.add(f"{name}, missing", collector.some(own, 8), without, False, weight=0.7)
        if asked_in == "en":
            off = [replace(asked, answered_in=language) for asked in off_topic[3000 + 60 * place : 3060 + 60 * place]]
            collector.add(f"{name}, off topic", off, index, False, weight=0.7)
    _collect_foreign_definitions(collector, data_set)


def _collect_foreign_definitions(collector: Collector, data_set: Path) -> None:
    passages, _ = read_squad(data_set)
    index = collector.index(passages)
    asked = {language: read_definitions(passages, language) for language in OTHER_LANGUAGES}
    for language, questions in asked.items():
        collector.add(f"{language}, definitions", questions, index, True, ranked=True)
    for own, without in collector.leaving_out(passages, list(chain.from_iterable(asked.values()))):
        for language in OTHER_LANGUAGES:
            missing = [question for question in own if question.language == language]
            collector.add(f"{language}, definitions, missing", missing, without, False)


def _collect_help(collector: Collector, data_set: Path, off_topic: Sequence[Asked]) -> None:
    passages, questions = read_help_centre(data_set)
    whole = collector.index(passages)
    collector.add("help centre", questions, whole, True, weight=0.7)
    collector.add("help centre, personal", personal_questions(questions), whole, True, weight=0.7)
    collector.add("help centre, off topic", off_topic[2500:3000], whole, False)
    squad_passages, squad_questions = read_squad(data_set)
    collector.add("help centre, missing", collector.some(squad_questions, 400), whole, False)
    collector.add("squad, help questions", questions, collector.index(squad_passages), False)


def personal_questions(titles: Sequence[Asked]) -> list[Asked]:
    """Turn "Reset your board" and "How to reset ..." into what people write: "How do I reset my board?"."""
    found: list[Asked] = []
    for asked in titles:
        start = re.sub(r"^(?:How to|Learn how to|About the|About)\s+", "", asked.text)
        text = re.sub(r"\byour\b", "my", start[:1].lower() + start[1:]) if not start[:2].isupper() else start
        opening = "how do I" if start != asked.text or " your " in asked.text else "can you tell me about"
        if not asked.text.startswith(("About", "If", "Error")):
            found.append(replace(asked, text=f"{opening} {text}"))
    return found


def fold_of(article: str) -> int:
    """The fold that an article, the same in every collection and language, is held back in."""
    return sum(article.encode()) % FOLDS


def ranking_items(samples: Iterable[Sample]) -> list[Question]:
    """What the ranking is trained on."""
    return [Question(s.measured.rows, s.right, s.unknown) for s in samples if s.ranked]


def scored(sample: Sample, ranking: Network) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the ranking scores of a sample and its row for the abstention model."""
    measured = sample.measured
    scores = ranking.score(measured.rows) - measured.handicaps
    return scores, answer_features(measured.question, measured.passages, measured.rows, scores)[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A held-back question: whether the gold answer is in the first sentence, in the first three; its row."""

    sample: Sample
    lead: bool
    three: bool
    row: NDArray[np.float32]


def held_back_outcomes(samples: Sequence[Sample]) -> list[Outcome]:
    """Rank every question by a net that has not seen its article."""
    found: list[Outcome] = []
    for fold in range(FOLDS):
        ranking = fit_ranking(ranking_items(s for s in samples if fold_of(s.article) != fold), FEATURE_NAMES)
        for sample in (s for s in samples if fold_of(s.article) == fold):
            scores, row = scored(sample, ranking)
            held = (sample.right | sample.unknown)[np.argsort(-scores, kind="stable")[:3]]
            found.append(Outcome(sample, bool(held[:1].any()), bool(held.any()), row))
    return found


def fit_abstention(outcomes: Sequence[Outcome]) -> Network:
    """Train the model that decides whether to answer. Each side weighs the same; off-topic ones more."""
    outcomes = [outcome for outcome in outcomes if not outcome.sample.declined_at_once]
    rows = np.asarray([outcome.row for outcome in outcomes], np.float64)
    labels = np.asarray([outcome.sample.answerable for outcome in outcomes], np.float64)
    weights = np.asarray(
        [o.sample.weight * (OFF_TOPIC_WEIGHT if "off topic" in o.sample.group else 1.0) for o in outcomes]
    )
    weights = weights * np.where(labels > 0, (weights * (1 - labels)).sum() / (weights * labels).sum(), 1.0)
    return fit_classifier(rows, labels, weights / weights.mean(), ANSWER_FEATURE_NAMES)


OFF_TOPIC_WEIGHT = 6.0


def held_back_confidence(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Return log-odds of every question by a model that has not seen its article."""
    found = np.zeros(len(outcomes))
    folds = np.asarray([fold_of(outcome.sample.article) for outcome in outcomes])
    for fold in range(FOLDS):
        model = fit_abstention([o for o, f in zip(outcomes, folds, strict=True) if f != fold])
        places = np.flatnonzero(folds == fold)
        found[places] = model.score(np.asarray([outcomes[place].row for place in places.tolist()], np.float32))
    found[[outcome.sample.declined_at_once for outcome in outcomes]] = -np.inf
    return found


def report(outcomes: Sequence[Outcome], confidence: NDArray[np.float64], threshold: float) -> str:
    """Lay out the held-back figures by group."""
    groups: dict[str, list[tuple[Outcome, bool]]] = defaultdict(list)
    for outcome, value in zip(outcomes, confidence, strict=True):
        groups[outcome.sample.group].append((outcome, value >= threshold))
    lines = [f"{'group':28}{'n':>6}{'answered':>10}{'lead':>8}{'three':>8}{'lead, all':>11}{'three, all':>12}"]
    for name, pairs in groups.items():
        count = len(pairs)
        answered = sum(given for _, given in pairs) / count
        figures = [sum(o.lead and g for o, g in pairs), sum(o.three and g for o, g in pairs),
                   sum(o.lead for o, _ in pairs), sum(o.three for o, _ in pairs)]  # fmt: skip
        lead, three, lead_all, three_all = (figure / count for figure in figures)
        lines.append(
            f"{name:28}{count:>6}{answered:>10.1%}{lead:>8.1%}{three:>8.1%}{lead_all:>11.1%}{three_all:>12.1%}"
        )
    return "\n".join(lines)


def as_json(network: Network) -> dict[str, Any]:
    """Write a network with four decimals, which moves no score by a hundredth."""

    def rounded(values: NDArray[np.float32]) -> list[Any]:
        return np.round(values.astype(np.float64), 4).tolist()

    layers = [[rounded(weights), rounded(bias)] for weights, bias in network.layers]
    return {"features": list(network.features), "mean": rounded(network.mean), "scale": rounded(network.scale),
            "layers": layers}  # fmt: skip


Threshold = Callable[[Sequence[Outcome], NDArray[np.float64]], float]


def refusing(anchor: str, share: float) -> Threshold:
    """Return what sets a threshold so that a share of the answerable questions of some groups is refused."""

    def threshold(outcomes: Sequence[Outcome], confidence: NDArray[np.float64]) -> float:
        anchored = [o.sample.answerable and o.sample.group.startswith(anchor) for o in outcomes]
        return float(np.quantile(confidence[anchored], share))

    return threshold


def declining(share: float) -> Threshold:
    """Return what sets a threshold so that a share of the questions without an answer is declined."""

    def threshold(outcomes: Sequence[Outcome], confidence: NDArray[np.float64]) -> float:
        return float(np.quantile(confidence[[not o.sample.answerable for o in outcomes]], share))

    return threshold


def train(name: str, samples: Sequence[Sample], set_threshold: Threshold) -> dict[str, Any]:
    """Cross-validate and train one pair of nets; print the held-back figures."""
    outcomes = held_back_outcomes(samples)
    confidence = held_back_confidence(outcomes)
    threshold = set_threshold(outcomes, confidence)
    sys.stdout.write(f"--- {name}\n{report(outcomes, confidence, threshold)}\n")
    return {
        "threshold": round(float(1 / (1 + np.exp(-threshold))), 4),
        "ranking": as_json(fit_ranking(ranking_items(samples), FEATURE_NAMES)),
        "abstention": as_json(fit_abstention(outcomes)),
    }


def main() -> int:
    """Measure, cross-validate, and with --write train on everything and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="keep what was measured here, to try other nets on it")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    options = parser.parse_args()
    english, others, foreign = _samples(options.data_set, options.cache)
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "provenance": PROVENANCE}
    content["english"] = train("English", english, refusing("squad", REFUSED))
    content["others"] = train("other languages", others, refusing("xquad", REFUSED_IN_OTHERS))
    content["foreign"] = train("from one language to another", foreign, declining(DECLINED_OF_FOREIGN))
    if options.write:
        TARGET.write_text(json.dumps(content, separators=(",", ":")) + "\n", "utf-8")
    return 0


def _samples(data_set: Path, cache: Path | None) -> list[list[Sample]]:
    """Return the samples of each pair of nets."""
    if cache is not None and cache.exists():
        return pickle.loads(cache.read_bytes())  # noqa: S301 - a file that this script wrote
    with ProcessPoolExecutor(2) as pool:
        samples = list(pool.map(collect, [data_set] * len(PROFILES), PROFILES))
    if cache is not None:
        cache.write_bytes(pickle.dumps(samples))
    return samples


if __name__ == "__main__":
    sys.exit(main())
