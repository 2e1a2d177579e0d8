"""How well paraphrases find their FAQ entry, and how seldom other questions do.

usage: python -m bench.quality.faq_match --data /path/to/shared/data [--entries 3] [--sweep]

banking77: some utterances of each of its 77 intents become entries; other utterances of the same intents ask. An
answer is right if the matched entry has the asked intent. clinc150's out-of-scope utterances should match nothing.
The intents of banking77 lie close together ("card_arrival", "card_delivery_estimate"), so this is a hard set.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from parley.kit.analysis import analyse
from parley.knowledge.faq import matching
from parley.llm.embedding.static import StaticEmbedder

ASKED_PER_INTENT = 12
OUT_OF_SCOPE = 500


def main() -> None:
    """Print precision and recall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=3, help="phrasings of each intent that the FAQ holds")
    parser.add_argument("--sweep", action="store_true", help="also print other thresholds")
    options = parser.parse_args()
    entries, asked, foreign = _load(options.data / "intent", options.entries)
    intents = [intent for _, intent in entries]
    scores = _scores([text for text, _ in entries], [text for text, _ in asked] + foreign)
    thresholds = [matching.THRESHOLD]
    if options.sweep:
        thresholds += [round(0.4 + 0.04 * step, 2) for step in range(13)]
    print(f"{len(entries)} entries of 77 intents; {len(asked)} paraphrases, {len(foreign)} foreign questions")
    print("threshold  precision  recall  foreign matched")
    for threshold in thresholds:
        matching.THRESHOLD = threshold
        matched = [matching.best_match(row, intents) for row in scores.tolist()]
        own = [(entries[i][1] == intent) for i, (_, intent) in zip(matched, asked, strict=False) if i is not None]
        wrong = sum(i is not None for i in matched[len(asked) :])
        precision = sum(own) / len(own) if own else 1.0
        print(f"{threshold:9.2f}  {precision:9.3f}  {sum(own) / len(asked):6.3f}  {wrong / len(foreign):15.3f}")


def _load(folder: Path, each: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]:
    by_intent: dict[str, list[str]] = defaultdict(list)
    for line in (folder / "banking77.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        by_intent[row["intent"]].append(row["text"])
    chance = random.Random(7)
    entries: list[tuple[str, str]] = []
    asked: list[tuple[str, str]] = []
    for intent, texts in sorted(by_intent.items()):
        chosen = chance.sample(texts, each + ASKED_PER_INTENT)
        entries += [(text, intent) for text in chosen[:each]]
        asked += [(text, intent) for text in chosen[each:]]
    rows = [json.loads(line) for line in (folder / "clinc150.jsonl").read_text("utf-8").splitlines()]
    foreign = [row["text"] for row in rows if row["split"].startswith("oos")]
    return entries, asked, chance.sample(foreign, min(OUT_OF_SCOPE, len(foreign)))


def _scores(entries: list[str], questions: list[str]) -> np.ndarray:
    embedder = StaticEmbedder()
    cosines = embedder.embed_queries(questions) @ embedder.embed_queries(entries).T
    counts = Counter(term for entry in entries for term in set(analyse(entry, "en")))

    def frequency(term: str) -> float:
        return matching.term_share(counts[term], len(entries))

    lexical = [
        [matching.lexical_likeness(question, entry, "en", frequency) for entry in entries] for question in questions
    ]
    fused = np.vectorize(matching.likeness)(np.array(lexical), cosines)
    return np.asarray(fused)


if __name__ == "__main__":
    main()
