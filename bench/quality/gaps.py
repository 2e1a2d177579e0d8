"""How well declined questions are grouped: pairs of one intent of banking77 that end in one gap.

    python -m bench.quality.gaps --data-set FOLDER

Questions arrive in a seeded order and join the gap of the question most like them, as in the product. Precision: pairs
of one gap that have one intent; recall: pairs of one intent that are in one gap. Intents of banking77 are near to each
other, so this is the hard case.
"""

import argparse
import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from bench.quality.collections import read_lines
from parley.chat.gaps import LEAST_ALIKE, fused, question_words
from parley.llm.embedding.static import StaticEmbedder

EACH = 6


def main() -> int:
    """Print precision and recall at some thresholds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    options = parser.parse_args()
    dice = random.Random(3)
    by_intent: dict[str, list[str]] = defaultdict(list)
    for row in read_lines(options.data_set / "intent" / "banking77.jsonl"):
        by_intent[row["intent"]].append(row["text"])
    asked = [(text, intent) for intent, texts in by_intent.items() for text in dice.sample(texts, EACH)]
    dice.shuffle(asked)
    vectors = StaticEmbedder().embed_documents([text for text, _ in asked])
    words = [question_words(text, "en") for text, _ in asked]
    cosines = vectors @ vectors.T
    for threshold in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7):
        gaps: list[int] = []
        for place in range(len(asked)):
            alike = [fused(words[place], words[other], float(cosines[place, other])) for other in range(place)]
            best = max(range(place), key=alike.__getitem__, default=-1)
            gaps.append(gaps[best] if best >= 0 and alike[best] >= threshold else place)
        pairs = [(gaps[a] == gaps[b], asked[a][1] == asked[b][1]) for a, b in combinations(range(len(asked)), 2)]
        both = sum(gap and intent for gap, intent in pairs)
        precision, recall = both / max(1, sum(p[0] for p in pairs)), both / sum(p[1] for p in pairs)
        ships = "   ships" if threshold == LEAST_ALIKE else ""
        rates = f"precision {precision:6.1%}  recall {recall:6.1%}{ships}"
        sys.stdout.write(f"{threshold:.2f}  {len(set(gaps)):4} gaps  {rates}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
