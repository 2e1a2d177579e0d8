"""How well memory finds what answers a question about long talks: LoCoMo (Maharana et al., ACL 2024).

usage: python -m bench.quality.memory --data-set FOLDER [--json]

A question's evidence is one or more turns of talks that go over months. For each category: evidence recall@10 of
memory, and of BM25 over the same turns; beside it, in the same run, the full history (all turns in the context, recall
1 by definition) with the tokens that it takes, and the newest turns that fit into as many tokens as memory's ten.
Adversarial questions (category 5) ask for what was never said: the share that is answered with "not known", and the
share of the other questions that is so declined by mistake.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.quality.bm25 import Bm25
from bench.quality.collections import read_lines
from parley.chat.memory.ranking import Line, Lines
from parley.llm.embedding.static import StaticEmbedder

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of many sessions: its turns in order, by id."""

    ids: list[str]
    lines: list[Line]
    tokens: list[int]


def read_talk(conversation: Any, embedder: StaticEmbedder) -> Talk:
    """Return the turns; who speaks and when stands over each."""
    ids: list[str] = []
    lines: list[Line] = []
    for session in conversation["sessions"]:
        for turn in session["turns"]:
            text = turn["text"] or turn.get("image_caption", "")
            ids.append(turn["dia_id"])
            context = f"{turn['speaker']} {session['date_time']}"
            lines.append(Line(text, "en", context, str(session["session"])))
    return Talk(ids, lines, embedder.count_tokens([f"{line.context}: {line.text}" for line in lines]))


def recall(evidence: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of the evidence that was found."""
    return len(set(evidence) & set(found)) / len(set(evidence))


def newest_within(talk: Talk, budget: int) -> list[str]:
    """Return the newest turns that fit into a budget of tokens."""
    chosen: list[str] = []
    for turn_id, tokens in zip(reversed(talk.ids), reversed(talk.tokens), strict=True):
        budget -= tokens
        if budget < 0:
            break
        chosen.append(turn_id)
    return chosen


@dataclass(slots=True)
class Sums:
    """What was measured of one category."""

    questions: int = 0
    memory: float = 0.0
    bm25: float = 0.0
    newest: float = 0.0
    tokens: int = 0
    full_tokens: int = 0
    declined: int = 0


def measure(folder: Path) -> dict[str, Any]:
    """Ask every question of every conversation."""
    embedder = StaticEmbedder()
    talks = {one["id"]: read_talk(one, embedder) for one in read_lines(folder / "conversations.jsonl")}
    indexes = {name: Lines(talk.lines, embedder) for name, talk in talks.items()}
    plain = {
        name: Bm25([f"{line.context} {line.text}" for line in talk.lines], ["en"] * len(talk.lines))
        for name, talk in talks.items()
    }
    sums: defaultdict[int, Sums] = defaultdict(Sums)
    took = 0.0
    for question in read_lines(folder / "questions.jsonl"):
        talk, own = talks[question["conversation"]], sums[question["category"]]
        evidence = [turn_id for turn_id in question["evidence"] if turn_id in set(talk.ids)]
        if not evidence:
            continue
        began = time.process_time()
        ranked = indexes[question["conversation"]].rank(question["question"], "en", DEPTH)
        took += time.process_time() - began
        budget = sum(talk.tokens[one.line] for one in ranked)
        found = [talk.ids[one.line] for one in ranked]
        own.questions += 1
        own.memory += recall(evidence, found)
        by_words = plain[question["conversation"]].search(question["question"], "en", DEPTH)
        own.bm25 += recall(evidence, [talk.ids[row] for row in by_words])
        own.newest += recall(evidence, newest_within(talk, budget))
        own.tokens += budget
        own.full_tokens += sum(talk.tokens)
    return _report(sums, took)


def _report(sums: dict[int, Sums], took: float) -> dict[str, Any]:
    rows = {CATEGORIES[category]: _row([sums[category]]) for category in sorted(sums)}
    rows["all but adversarial"] = _row([own for category, own in sums.items() if category != 5])
    questions = sum(own.questions for own in sums.values())
    return {"categories": rows, "cpu_ms_per_question": round(took * 1000 / questions, 2)}


def _row(parts: Sequence[Sums]) -> dict[str, Any]:
    questions = sum(own.questions for own in parts)
    return {
        "questions": questions,
        "memory": round(sum(own.memory for own in parts) / questions, 3),
        "bm25": round(sum(own.bm25 for own in parts) / questions, 3),
        "newest": round(sum(own.newest for own in parts) / questions, 3),
        "full_history": 1.0,
        "tokens": round(sum(own.tokens for own in parts) / questions),
        "full_tokens": round(sum(own.full_tokens for own in parts) / questions),
    }


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True, help="the folder with the labelled collections")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args()
    found = measure(wanted.data_set / "locomo")
    if wanted.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    names = ("questions", "memory", "bm25", "newest", "full_history", "tokens", "full_tokens")
    sys.stdout.write("evidence recall@10" + "".join(f"{name:>14}" for name in names) + "\n")
    for name, row in found["categories"].items():
        sys.stdout.write(f"{name:<18}" + "".join(f"{row[column]:>14}" for column in names) + "\n")
    sys.stdout.write(f"{found['cpu_ms_per_question']} ms of processor time a question\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
