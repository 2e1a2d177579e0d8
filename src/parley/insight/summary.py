"""What the results of a run add up to, and what changed between two."""

import math
from collections.abc import Mapping, Sequence

from parley.insight.metrics import MEASURES, f1, mean, percentile
from parley.insight.schemas import Change, Metrics
from parley.insight.tables import EvalResult

COSTS = ("p50_ms", "p95_ms", "cost_usd")
SMALLEST_CHANGE = 0.01
SURE = 1.96
SLOWER = 1.2


def summarise(results: Sequence[EvalResult], answerable: Mapping[str, bool]) -> Metrics:
    """Return the means of a run's results, and abstention as F1 of declining what cannot be answered.

    Args:
        answerable: by question id.
    """
    good = [result for result in results if result.error_code is None]
    declined = sum(result.abstained for result in good)
    rightly = sum(result.abstained and not answerable[result.question_id] for result in good)
    hopeless = sum(not answerable[result.question_id] for result in good)
    times = [result.ms for result in good]
    costs = [result.cost_usd for result in results]
    return Metrics(
        **{name: _rounded(mean([getattr(result, name) for result in good])) for name in MEASURES},
        abstention_f1=_rounded(f1(rightly, declined, hopeless)),
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        cost_usd=None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs),
    )


def compare(before: Sequence[EvalResult], after: Sequence[EvalResult], answerable: Mapping[str, bool]) -> list[Change]:
    """Return every metric of two runs over the same questions, and whether it got worse or better.

    A mean is worse if it fell by more than 1.96 standard errors of the paired differences and by at least .01: with
    few questions a small fall may be chance. Abstention is worse from .01 on, and answers are slower from a fifth on.
    Better is the same the other way round.
    """
    first, second = summarise(before, answerable), summarise(after, answerable)
    old = {result.question_id: result for result in before}
    pairs = [(old[result.question_id], result) for result in after if result.question_id in old]
    changes = [
        Change(
            metric=name,
            before=getattr(first, name),
            after=getattr(second, name),
            regressed=_fell(name, pairs),
            improved=_fell(name, [(new, old) for old, new in pairs]),
        )
        for name in MEASURES
    ]
    was, now = first.abstention_f1, second.abstention_f1
    f1s = Change(metric="abstention_f1", before=was, after=now, regressed=_lower(was, now), improved=_lower(now, was))
    return [*changes, f1s, *(_cost(name, getattr(first, name), getattr(second, name)) for name in COSTS)]


def _cost(name: str, before: float | None, after: float | None) -> Change:
    return Change(
        metric=name,
        before=before,
        after=after,
        regressed=before is not None and after is not None and after > before * SLOWER,
        improved=before is not None and after is not None and before > after * SLOWER,
    )


def _fell(name: str, pairs: Sequence[tuple[EvalResult, EvalResult]]) -> bool:
    values = [(getattr(old, name), getattr(new, name)) for old, new in pairs]
    differences = [new - old for old, new in values if old is not None and new is not None]
    if len(differences) < 2:
        return False
    average = sum(differences) / len(differences)
    variance = sum((one - average) ** 2 for one in differences) / (len(differences) - 1)
    return average <= -max(SMALLEST_CHANGE, SURE * math.sqrt(variance / len(differences)))


def _lower(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after <= before - SMALLEST_CHANGE


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
