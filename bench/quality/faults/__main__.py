"""How many made faults the support check catches, and how often it blames a true sentence.

    python -m bench.quality.faults --data-set FOLDER [--half tuning|test] [--show N]

Sentences come from passages of squad_en, helpcentre, mtrag_un, financebench, sec10q and xquad. Whole documents are
drawn into two halves; nothing was tuned on the test half, nor on the ways to introduce a sentence that it uses. Seeded,
so that a run repeats.
"""

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.quality.faults.cases import GATED_FAULTS, GATED_TRUE, REPORTED, Case, make_cases
from bench.quality.faults.sources import Source, by_collection, read_sources
from parley.chat.check import SupportChecker, SupportVerdict
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.support import LocalSupportModel

LEAST_CAUGHT = 0.95
MOST_BLAMED = 0.05


def draw(sources: Sequence[Source], half: str, each: int, dice: random.Random) -> list[Source]:
    """Return up to `each` passages of every collection, of one half."""
    chosen: list[Source] = []
    for group in by_collection(sources).values():
        usable = [source for source in group if source.held_back == (half == "test")]
        picked = set(dice.sample(range(len(usable)), min(each, len(usable))))
        chosen += [source for place, source in enumerate(usable) if place in picked]
    return chosen


def blamed(verdict: SupportVerdict) -> bool:
    """Tell whether a sentence is shown as one that its sources do not support."""
    return verdict.verdict in ("unsupported", "conflicting")


def table(cases: Sequence[Case], flags: Sequence[bool], by: str) -> list[str]:
    """Lay rates out, a line for each kind, or each kind and way of making."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for case, flag in zip(cases, flags, strict=True):
        groups[case.kind if by == "kind" else f"{case.kind} / {getattr(case, by)}"].append(flag)
    order = {kind: place for place, kind in enumerate((*GATED_TRUE, *GATED_FAULTS, *REPORTED))}
    lines: list[str] = []
    for name, hits in sorted(groups.items(), key=lambda group: (order[group[0].split(" / ")[0]], group[0])):
        rate, kind = sum(hits) / len(hits), name.split(" / ")[0]
        missed = (kind in GATED_TRUE and rate > MOST_BLAMED) or (kind in GATED_FAULTS and rate < LEAST_CAUGHT)
        lines.append(f"{name:42}{len(hits):>7}{rate:>9.1%}{'   below its target' if missed else ''}")
    return lines


def layers(support_model: Path | None) -> Iterator[tuple[str, SupportChecker]]:
    """Yield the check with one layer more each time."""
    yield "rules alone", SupportChecker()
    words = StaticEmbedder()
    yield "and likeness of meaning", SupportChecker(words)
    if support_model is not None:
        yield f"and the local model {support_model.name}", SupportChecker(words, LocalSupportModel(support_model))


def check_all(checker: SupportChecker, cases: Sequence[Case]) -> tuple[list[SupportVerdict], float]:
    """Return the verdicts, and the milliseconds of processor time that a sentence took."""
    began = time.process_time()
    verdicts = [
        checker.check(case.sentence, case.passages, case.passages[0].language if case.passages else "en")
        for case in cases
    ]
    return verdicts, (time.process_time() - began) / len(cases) * 1000


def gains(cases: Sequence[Case], before: Sequence[bool], after: Sequence[bool]) -> list[str]:
    """Return the kinds whose rate a layer changed."""
    pairs = zip(table(cases, before, "kind"), table(cases, after, "kind"), strict=True)
    return [line for old, line in pairs if old != line] or ["no kind changed"]


def main() -> int:
    """Print the rates; with --show, also some cases judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-set", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--half", choices=["tuning", "test"], default="test")
    parser.add_argument("--each", type=int, default=150, help="passages of each collection at most")
    parser.add_argument("--by", choices=["kind", "way", "collection"], default="kind")
    parser.add_argument("--show", type=int, default=0, help="print so many wrongly judged cases of each way")
    parser.add_argument("--only", default="", help="show these kinds alone")
    parser.add_argument("--support-model", type=Path, help="folder of a local support model, as a further layer")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    sources = draw(read_sources(options.data_set), options.half, options.each, dice)
    cases = list(make_cases(sources, dice, untuned=options.half == "test"))
    sys.stdout.write(f"{options.half} half, {len(sources)} passages\n{'kind':42}{'cases':>7}{'flagged':>9}\n")
    verdicts: list[SupportVerdict] = []
    flags: list[bool] = []
    for name, checker in layers(options.support_model):
        before = flags
        verdicts, ms = check_all(checker, cases)
        flags = [blamed(verdict) for verdict in verdicts]
        sys.stdout.write(f"-- {name}: {ms:.1f} ms a sentence (processor time)\n")
        sys.stdout.write(
            "\n".join(table(cases, flags, options.by) if not before else gains(cases, before, flags)) + "\n"
        )
    shown: Counter[str] = Counter()
    for case, verdict, flag in zip(cases, verdicts, flags, strict=True):
        name = f"{case.kind} / {case.way}"
        if flag == case.true and shown[name] < options.show and options.only in case.kind:
            shown[name] += 1
            failed = "; ".join(f"{f.kind}: {f.detail}" for f in verdict.findings if not f.passed)
            sys.stdout.write(f"\n[{name}, {case.collection}] {case.sentence}\n   {verdict.verdict} {failed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
