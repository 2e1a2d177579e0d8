"""How many honest answers the leak auditor holds back, though they come from citable text alone.

    python -m bench.privacy.honest --data-set FOLDER [--seed 0] [--most 400] [--json] [--show]

Half of the passages are learn-only, half citable, by a seeded draw. The context of an answer holds the citable passage
that it is made from, four more citable ones and five learn-only ones, all from the same article, category or collection
where there are as many: the hardest neighbours. Answers are written by people or taken from the passage:

- `sentence`: the sentence of the passage that answers, word for word;
- `introduced`: the same after words of the model's own;
- `two`: two sentences of the passage, joined;
- `short`: the bare answer in a sentence that repeats the question's words;
- `written`: a reference answer that a person wrote from the passages (mtrag_un).
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measuring import report
from parley.chat.privacy import HiddenText, LeakGuard, SealedRule
from parley.kit.sentences import split_sentences
from parley.llm.embedding.static import StaticEmbedder

BESIDE = 4
HIDDEN = 5
INTRODUCTIONS = (
    "According to the documents, {}",
    "Based on the passages provided: {}",
    "Yes. {}",
    "In short, {} Let me know if you would like more detail.",
    "Here is what I found:\n\n- {}",
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a data set; `group`: what it shares with its neighbours."""

    id: str
    group: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Honest:
    """An honest answer to a question from some passages."""

    kind: str
    question: str
    answer: str
    passages: tuple[str, ...]


def read_lines(path: Path) -> list[Any]:
    """Return the objects of a JSON lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def squad(folder: Path, draw: random.Random) -> tuple[list[Passage], list[Honest]]:
    """Encyclopedia articles and questions with marked answers."""
    rows = read_lines(folder / "squad_en" / "passages.jsonl")
    passages = [Passage(row["id"], row["title"], row["title"].replace("_", " "), row["text"]) for row in rows]
    texts = {passage.id: passage.text for passage in passages}
    honest: list[Honest] = []
    for item in read_lines(folder / "squad_en" / "questions.jsonl"):
        if item["answerable"]:
            honest += _from_passage(item["question"], item["answers"][0], item["passage_id"], texts, draw)
    return passages, honest


def _from_passage(question: str, answer: str, passage: str, texts: dict[str, str], draw: random.Random) -> list[Honest]:
    text = texts[passage]
    spans = split_sentences(text, "en")
    at = text.find(answer)
    place = next((n for n, (start, end) in enumerate(spans) if start <= at < end), None)
    if place is None:
        return []
    sentence = text[slice(*spans[place])]
    beside = text[slice(*spans[place - 1 if place else min(1, len(spans) - 1)])]
    told = {
        "sentence": sentence,
        "introduced": draw.choice(INTRODUCTIONS).format(sentence),
        "two": f"{beside} {sentence}",
        "short": f"The answer to “{question}” is {answer}.",
    }
    return [Honest(kind, question, one, (passage,)) for kind, one in told.items()]


def helpcentre(folder: Path, draw: random.Random) -> tuple[list[Passage], list[Honest]]:
    """Articles of a help centre, asked for by their titles and answered with what they begin with."""
    passages: list[Passage] = []
    honest: list[Honest] = []
    for number, row in enumerate(read_lines(folder / "helpcentre" / "arduino.jsonl")):
        text = str(row["markdown"])[:1500]
        passage = Passage(f"help#{number}", row["category"], row["title"], text)
        passages.append(passage)
        spans = split_sentences(text, "en")[:3]
        if len(spans) == 3:
            told = "\n\n".join(text[start:end] for start, end in spans)
            honest.append(Honest("sentence", row["title"], told, (passage.id,)))
            honest.append(Honest("introduced", row["title"], draw.choice(INTRODUCTIONS).format(told), (passage.id,)))
    return passages, honest


def mtrag(folder: Path, _draw: random.Random) -> tuple[list[Passage], list[Honest]]:
    """Conversations whose last answer a person wrote from passages."""
    rows = read_lines(folder / "mtrag_un" / "passages.jsonl")
    passages = [Passage(row["id"], row["collection"], row.get("title") or "", row["text"]) for row in rows]
    known = {passage.id for passage in passages}
    honest: list[Honest] = []
    for row in read_lines(folder / "mtrag_un" / "tasks.jsonl"):
        gold = tuple(str(one.get("id", one)) if isinstance(one, dict) else str(one) for one in row["gold_passages"])
        asked = "\n".join(turn["text"] for turn in row["turns"] if turn["speaker"] == "user")
        if gold and set(gold) <= known and {"ANSWERABLE", "PARTIAL"} & set(row["answerability"]):
            honest.append(Honest("written", asked, row["reference_answer"], gold))
    return passages, honest


COLLECTIONS = {"squad_en": squad, "helpcentre": helpcentre, "mtrag_un": mtrag}


def contexts(
    passages: Sequence[Passage], honest: Sequence[Honest], draw: random.Random, most: int
) -> Iterator[tuple[Honest, list[Passage], list[Passage]]]:
    """Yield answers whose passages are citable, each with its citable and its learn-only context."""
    by_id = {passage.id: passage for passage in passages}
    hidden_ids = {passage.id for passage in passages if draw.random() < 0.5}
    groups: defaultdict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        groups[passage.group].append(passage)
    usable = [one for one in honest if one.kind == "written" or not set(one.passages) & hidden_ids]
    for one in draw.sample(usable, min(most, len(usable))):
        own = [by_id[passage] for passage in one.passages]
        around = [passage for passage in groups[own[0].group] if passage.id not in one.passages]
        draw.shuffle(around)
        hidden = [passage for passage in around if passage.id in hidden_ids][:HIDDEN]
        beside = [passage for passage in around if passage.id not in hidden_ids][:BESIDE]
        yield one, [*own, *beside], hidden


def measure(folder: Path, seed: int, most: int, *, show: bool) -> dict[str, Any]:
    """Return held-back shares by collection and kind, and those of the sealed rule beside them."""
    count_tokens = StaticEmbedder().count_tokens
    figures: dict[str, Any] = {}
    held_in_all = asked_in_all = 0
    for name, read in COLLECTIONS.items():
        draw = random.Random(f"{seed} {name}")
        passages, honest = read(folder, draw)
        held, sealed, asked = Counter[str](), Counter[str](), Counter[str]()
        for one, citable, hidden in contexts(passages, honest, draw, most):
            readable = [f"{passage.title}\n{passage.text}" for passage in citable]
            texts = [HiddenText(passage.text, (passage.title, f"{passage.id}.md"), "en") for passage in hidden]
            guard = LeakGuard(texts, [*readable, one.question], "en", count_tokens)
            rule = SealedRule(readable, [one.question], [text.text for text in texts], "en")
            asked[one.kind] += 1
            leak = guard.find(one.answer)
            held[one.kind] += leak is not None
            sealed[one.kind] += not all(
                rule.allows(one.answer[start:end], supported=True) for start, end in split_sentences(one.answer, "en")
            )
            if leak is not None and show:
                sys.stderr.write(f"{name} {one.kind} {leak}\n   {one.answer[:300]!r}\n")
        for kind, number in asked.items():
            figures[f"{name} {kind}: held back, %"] = round(100 * held[kind] / number, 2)
            figures[f"{name} {kind}: sealed, not shown whole, %"] = round(100 * sealed[kind] / number, 2)
        held_in_all, asked_in_all = held_in_all + held.total(), asked_in_all + asked.total()
    figures["answers"] = asked_in_all
    figures["held back in all, %"] = round(100 * held_in_all / asked_in_all, 2)
    return figures


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True, help="the folder with the labelled collections")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=400, help="Most answers of a collection.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="Print what was held back to standard error.")
    arguments = parser.parse_args()
    figures = measure(arguments.data_set, arguments.seed, arguments.most, show=arguments.show)
    report("Honest answers held back", figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
