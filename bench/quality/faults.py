"""How many made faults the support check catches, and how often it blames a true sentence.

    python -m bench.quality.faults --data-set FOLDER

Sentences come from the passages of squad_en. True ones are quoted, lightly reworded, or two joined; faults change one
thing: a number, a date, a unit, a negation, two names for each other, a name for a stranger, or the source. Seeded, so
that a run repeats.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from parley.chat.check import CheckPassage, SupportChecker
from parley.chat.check.evidence import SentenceEmbedder
from parley.kit.sentences import split_sentences
from parley.llm.embedding.static import StaticEmbedder

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\d.,$\w-])\d+(?:,\d{3})*(?:\.\d+)?(?![\d\w]|[.,-]\d)")
_YEAR = re.compile(r"\b1[0-9]\d\d\b|\b20[0-2]\d\b")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")
_NAME = re.compile(r"(?<=[a-z,;)] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*")
_AUXILIARY = re.compile(r"\b(is|was|are|were|has|had|have|can|could|will|would|did|may|must|should)\b(?! not|n't)")
_UNITS = {
    "million": "billion", "billion": "million", "thousand": "million", "percent": "million", "%": " million",
    "kilometres": "miles", "miles": "kilometres", "km": "miles", "metres": "feet", "feet": "metres", "years": "months",
    "months": "years", "days": "weeks", "hours": "minutes", "century": "decade", "dollars": "euros", "inches": "feet",
    "tons": "pounds", "kilometers": "miles", "meters": "feet", "minutes": "hours", "weeks": "days",
}  # fmt: skip
_SYNONYMS = {
    "large": "big", "began": "started", "begin": "start", "however": "though", "many": "numerous", "also": "too",
    "often": "frequently", "usually": "normally", "several": "some", "because": "since", "important": "significant",
    "called": "named", "used": "employed", "helped": "aided", "built": "constructed", "shows": "demonstrates",
    "about": "around", "located": "situated", "obtain": "get", "major": "main", "allowed": "permitted", "use": "employ",
    "need": "require", "show": "demonstrate", "people": "persons", "made": "produced", "created": "made",
    "area": "region", "became": "turned into", "includes": "contains", "including": "such as", "provide": "give",
    "provided": "gave",
}  # fmt: skip
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with the passages it cites. `true`: whether those support it."""

    kind: str
    true: bool
    sentence: str
    passages: tuple[CheckPassage, ...]


def reword(sentence: str) -> str:
    """Say the same with other words: synonyms, a moved clause, no parenthesis, small numbers the other way."""
    text = re.sub(r" \([^)]*\)", "", sentence)
    opening = re.match(r"(In|During|After|By|Since|On|At) ([^,]{3,40}), (\w)(.*)\.$", text)
    if opening and not re.search(r"\b(?:and|but|which|who)\b", opening[4]):
        text = f"{opening[3].upper()}{opening[4]} {opening[1].lower()} {opening[2]}."
    text = "".join(_SYNONYMS.get(word, word) for word in re.split(r"(\W+)", text))
    return re.sub(r"(?<= )(?:[2-9]|1[0-2])(?= [a-z])", lambda match: _SMALL[int(match.group())], text)


def change_number(sentence: str, dice: random.Random) -> str | None:
    """Replace a number that is no year by another one."""
    places = [match for match in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(match.group())]
    if not places:
        return None
    match = dice.choice(places)
    digits = re.sub(r"\D", "", match.group())
    place = dice.randrange(len(digits))
    new = str((int(digits[place]) + dice.randint(1, 8)) % 9 + 1)
    changed = digits[:place] + (new if new != digits[place] else str(int(new) % 9 + 1)) + digits[place + 1 :]
    return sentence[: match.start()] + changed + sentence[match.end() :]


def change_date(sentence: str, dice: random.Random) -> str | None:
    """Replace a year or a month by another one."""
    places = [*_YEAR.finditer(sentence), *_MONTH.finditer(sentence)]
    if not places:
        return None
    match = dice.choice(places)
    if match.group().isdigit():
        new = str(int(match.group()) + dice.choice([-30, -10, -3, -2, -1, 1, 2, 3, 7, 10, 20]))
    else:
        new = dice.choice([month for month in MONTHS if month != match.group()])
    return sentence[: match.start()] + new + sentence[match.end() :]


def change_unit(sentence: str, dice: random.Random) -> str | None:
    """Replace the unit or the scale of a number."""
    pattern = rf"(?<=\d)( ?)({'|'.join(map(re.escape, _UNITS))})(?!\w)"
    places = list(re.finditer(pattern, sentence))
    if not places:
        return None
    match = dice.choice(places)
    return sentence[: match.start(2)] + _UNITS[match[2]] + sentence[match.end(2) :]


def change_negation(sentence: str, dice: random.Random) -> str | None:
    """Take a "not" away, or put one behind an auxiliary."""
    if " not " in sentence and " not only" not in sentence:
        return sentence.replace(" not ", " ", 1)
    places = list(_AUXILIARY.finditer(sentence))
    if not places or re.search(r"n't|\bno\b|\bnever\b|\bnot\b", sentence):
        return None
    match = dice.choice(places)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}"


def swap_names(sentence: str, dice: random.Random) -> str | None:
    """Exchange two names that are not members of one list."""
    names = list(_NAME.finditer(sentence))
    pairs = [
        (left, right)
        for left, right in pairwise(names)
        if left.group() != right.group()
        and re.search(r"[a-z]{4,}", sentence[left.end() : right.start()])
        and not re.search(r"(?:,| and| or| with| between)", sentence[left.end() : right.start()])
    ]
    if not pairs:
        return None
    left, right = dice.choice(pairs)
    between = sentence[left.end() : right.start()]
    return sentence[: left.start()] + right.group() + between + left.group() + sentence[right.end() :]


FAULTS: dict[str, Callable[[str, random.Random], str | None]] = {
    "number": change_number,
    "date": change_date,
    "unit": change_unit,
    "negation": change_negation,
    "swapped names": swap_names,
}


def read_passages(data_set: Path) -> list[tuple[str, CheckPassage]]:
    """Return (article, passage) of squad_en."""
    lines = (data_set / "squad_en" / "passages.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["title"], CheckPassage(row["text"], 0, "en", row["title"].replace("_", " "))) for row in rows]


def usable_sentences(passage: CheckPassage) -> list[str]:
    """Return the sentences of a passage that are long enough to claim something."""
    texts = [passage.text[start:end] for start, end in split_sentences(passage.text, "en")]
    return [text for text in texts if 40 <= len(text) <= 350 and text.endswith(".")]


def make_cases(passages: Sequence[tuple[str, CheckPassage]], dice: random.Random) -> Iterator[Case]:
    """Yield true sentences and faults, one of each kind a passage where its sentences allow it."""
    strangers = [match.group() for _, passage in passages for match in _NAME.finditer(passage.text)]
    for place, (article, passage) in enumerate(passages):
        sentences = usable_sentences(passage)
        if len(sentences) < 2:
            continue
        sentence = dice.choice(sentences)
        yield Case("quoted", True, sentence, (passage,))
        yield Case("reworded", True, reword(sentence), (passage,))
        first, second = sorted(dice.sample(range(len(sentences)), 2))
        yield Case("joined", True, f"{sentences[first].rstrip('.')}, and {_lower(sentences[second])}", (passage,))
        for kind, change in FAULTS.items():
            changed = [found for text in sentences if (found := change(text, dice)) is not None and found != text]
            if changed:
                yield Case(kind, False, dice.choice(changed), (passage,))
        named = [text for text in sentences if _NAME.search(text)]
        if named:
            text = dice.choice(named)
            stranger = dice.choice(strangers)
            if stranger not in passage.text:
                yield Case("strange name", False, _NAME.sub(lambda _, new=stranger: new, text, count=1), (passage,))
        yield Case("no source", False, sentence, ())
        yield Case("other source", False, sentence, (dice.choice(passages)[1],))
        near = passages[place - 1]
        if near[0] == article:
            yield Case("neighbouring source", False, sentence, (near[1],))


def _lower(sentence: str) -> str:
    first = sentence.split(maxsplit=1)[0]
    return sentence if first.isupper() or first[1:] != first[1:].lower() else sentence[0].lower() + sentence[1:]


def measure(
    checker: SupportChecker, cases: Sequence[Case]
) -> tuple[dict[str, list[bool]], list[tuple[Case, str]], float]:
    """Return per kind whether each case was flagged, the wrongly judged ones, and the seconds spent."""
    flagged: dict[str, list[bool]] = defaultdict(list)
    wrong: list[tuple[Case, str]] = []
    began = time.perf_counter()
    for case in cases:
        found = checker.check(case.sentence, case.passages, "en")
        blamed = found.verdict in ("unsupported", "conflicting")
        flagged[case.kind].append(blamed)
        if blamed == case.true:
            failed = "; ".join(f"{f.kind}: {f.detail}" for f in found.findings if not f.passed)
            wrong.append((case, failed))
    return flagged, wrong, time.perf_counter() - began


def report(cases: Sequence[Case], flagged: dict[str, list[bool]], seconds: float) -> str:
    """Lay the rates out as a table."""
    true = {case.kind: case.true for case in cases}
    lines = [f"{'kind':22}{'cases':>7}{'flagged':>9}"]
    lines += [
        f"{kind:22}{len(hits):>7}{sum(hits) / len(hits):>9.1%}"
        for kind, hits in sorted(flagged.items(), key=lambda k: (not true[k[0]], k[0]))
    ]
    for name, wanted in (("false alarms", True), ("faults caught", False)):
        hits = [hit for kind, values in flagged.items() if true[kind] == wanted for hit in values]
        lines.append(f"{name:22}{len(hits):>7}{sum(hits) / len(hits):>9.1%}")
    lines.append(f"{seconds / len(cases) * 1000:.1f} ms a sentence")
    return "\n".join(lines)


def main() -> int:
    """Print the rates; with --show, also some cases judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--show", type=int, default=0, help="print so many wrongly judged cases of each kind")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    passages = read_passages(options.data_set)
    chosen = sorted(dice.sample(range(len(passages)), min(options.passages, len(passages))))
    cases = list(make_cases([passages[place] for place in chosen], dice))
    embedder: SentenceEmbedder = StaticEmbedder()
    flagged, wrong, seconds = measure(SupportChecker(embedder), cases)
    sys.stdout.write(report(cases, flagged, seconds) + "\n")
    shown: Counter[str] = Counter()
    for case, failed in wrong:
        if shown[case.kind] < options.show:
            shown[case.kind] += 1
            sys.stdout.write(f"\n[{case.kind}] {case.sentence}\n   failed: {failed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
