"""Whether scores were recorded and used as they should be."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter

from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import MAXIMIZE, State, Study

_LEAST_SCORES = 10
_LEAST_PRUNED = 5
_LEAST_PAIRS = 20
_MOST_PRUNED = 500


def same_score_share(table: Table) -> float | None:
    """Share of the complete trials that have the most frequent score; None under ten of them."""
    if len(table) < _LEAST_SCORES:
        return None
    counts = Counter(trial.value for trial in table.trials)
    return counts.most_common(1)[0][1] / len(table)


def pruned_were_better(study: Study) -> float | None:
    """How often a pruned trial was better than one that went on, at the step of its end.

    A pruner that works lets the better ones go on, so that the share is far below a half; one
    that was told the wrong direction lets the worse ones go on.

    Returns:
        The share of all pairs that can be compared, ties half; None where fewer than five trials
        were pruned, or curves are not recorded.
    """
    sign = 1.0 if study.direction == MAXIMIZE else -1.0
    ended = [t for t in study.trials if t.state in (State.COMPLETE, State.PRUNED) and len(t.steps)]
    pruned = [t for t in ended if t.state is State.PRUNED][:_MOST_PRUNED]
    if len(pruned) < _LEAST_PRUNED:
        return None
    at_step: dict[float, list[float]] = {float(t.steps[-1]): [] for t in pruned}
    for trial in ended:
        last = float(trial.steps[-1])
        for step, value in zip(trial.steps, trial.values, strict=False):
            if step in at_step and step < last and math.isfinite(value):
                at_step[float(step)].append(sign * float(value))
    pairs = better = 0.0
    for others in at_step.values():
        others.sort()
    for trial in pruned:
        others = at_step[float(trial.steps[-1])]
        score = sign * float(trial.values[-1])
        if not math.isfinite(score):
            continue
        below = bisect_left(others, score)
        equal = len([value for value in others[below : below + 50] if value == score])
        pairs += len(others)
        better += below + equal / 2
    return better / pairs if pairs >= _LEAST_PAIRS else None
