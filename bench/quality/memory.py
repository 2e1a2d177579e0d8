"""How well memory finds what answers a question about long talks: LoCoMo (Maharana et al., ACL 2024).

usage: python -m bench.quality.memory --data-set FOLDER [--json]

A question's evidence is one or more turns of talks that go over months. For each category, evidence recall@10:

- memory: over all turns of both speakers; own words: over the turns of the person whom the question names, as memory
  in Parley is one person's own;
- bm25: over all turns; newest: the newest turns that fit into as many tokens as memory's ten;
- full history: all turns in the context, recall 1 by definition, with the tokens that it takes.

Adversarial questions (category 5) ask of one person what the other one said, so "not known" is right, and finding their
evidence is wrong. `not_known` is the share of questions for which none of the person's own words are near enough to be
the answer: right for these, a mistake for the others.
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
from parley.chat.memory.schemas import LEAST_COVERAGE
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


@dataclass(frozen=True, slots=True)
class Memories:
    """A talk as memory sees it: all of it, and the words of each speaker alone."""

    talk: Talk
    everything: Lines
    own: dict[str, tuple[list[str], Lines]]


def read_memories(conversation: Any, embedder: StaticEmbedder) -> Memories:
    """Make a talk ready for questions."""
    talk = read_talk(conversation, embedder)
    own: dict[str, tuple[list[str], Lines]] = {}
    for speaker in (conversation["speaker_a"], conversation["speaker_b"]):
        rows = [row for row, line in enumerate(talk.lines) if line.context.startswith(f"{speaker} ")]
        own[speaker] = ([talk.ids[row] for row in rows], Lines([talk.lines[row] for row in rows], embedder))
    return Memories(talk, Lines(talk.lines, embedder), own)


def rank_own(memories: Memories, question: str) -> tuple[list[str], bool]:
    """Return the best turns of whom the question names, or of both, and whether one is near enough to answer."""
    named = [speaker for speaker in memories.own if speaker in question]
    whole = (memories.talk.ids, memories.everything)
    ids, lines = memories.own[named[0]] if len(named) == 1 else whole
    ranked = lines.rank(question, "en", DEPTH)
    return [ids[one.line] for one in ranked], any(one.coverage >= LEAST_COVERAGE for one in ranked)


@dataclass(slots=True)
class Sums:
    """What was measured of one category."""

    questions: int = 0
    memory: float = 0.0
    own: float = 0.0
    bm25: float = 0.0
    newest: float = 0.0
    tokens: int = 0
    full_tokens: int = 0
    declined: int = 0


def measure(folder: Path) -> dict[str, Any]:
    """Ask every question of every conversation."""
    embedder = StaticEmbedder()
    memories = {one["id"]: read_memories(one, embedder) for one in read_lines(folder / "conversations.jsonl")}
    plain = {
        name: Bm25([f"{line.context} {line.text}" for line in one.talk.lines], ["en"] * len(one.talk.lines))
        for name, one in memories.items()
    }
    sums: defaultdict[int, Sums] = defaultdict(Sums)
    took = 0.0
    for question in read_lines(folder / "questions.jsonl"):
        known, own = memories[question["conversation"]], sums[question["category"]]
        talk = known.talk
        evidence = [turn_id for turn_id in question["evidence"] if turn_id in set(talk.ids)]
        if not evidence:
            continue
        began = time.process_time()
        ranked = known.everything.rank(question["question"], "en", DEPTH)
        took += time.process_time() - began
        budget = sum(talk.tokens[one.line] for one in ranked)
        found = [talk.ids[one.line] for one in ranked]
        own.questions += 1
        found_own, answered = rank_own(known, question["question"])
        own.own += recall(evidence, found_own)
        own.declined += not answered
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
        "own_words": round(sum(own.own for own in parts) / questions, 3),
        "bm25": round(sum(own.bm25 for own in parts) / questions, 3),
        "newest": round(sum(own.newest for own in parts) / questions, 3),
        "full_history": 1.0,
        "not_known": round(sum(own.declined for own in parts) / questions, 3),
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
    names = ("questions", "memory", "own_words", "bm25", "newest", "full_history", "not_known", "tokens", "full_tokens")
    sys.stdout.write("evidence recall@10" + "".join(f"{name:>14}" for name in names) + "\n")
    for name, row in found["categories"].items():
        sys.stdout.write(f"{name:<18}" + "".join(f"{row[column]:>14}" for column in names) + "\n")
    sys.stdout.write(f"{found['cpu_ms_per_question']} ms of processor time a question\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
