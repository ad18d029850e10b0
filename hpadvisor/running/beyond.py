"""Trainings that a list of values leaves over: beyond its end, or between its best and the next.

A short search lists a few values of one hyperparameter, a fixed factor apart. Where the budget
pays for more, the next value depends on what the list has shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hpadvisor.search.plan import Dimension, SearchPlan

CLOSEST = 1.15
"""Factor between two values under which nothing in between is worth a training."""


def unspent(trainings: float | None, done: int, data: Mapping[str, Any]) -> int:
    """Return how many full trainings a budget pays for beyond a search.

    Args:
        trainings: The whole budget; None where it is given in hours.
        done: What the baseline and its changes took of it.
        data: The search as plain data.
    """
    if trainings is None or data["confirm"]:
        return 0
    known = 0 if data["baseline_score"] is not None else 1  # its trial is done, and costs nothing
    return max(math.floor(trainings - done - float(data["trainings"]) + known + 1e-6), 0)


def listed_item(plan: SearchPlan) -> Dimension | None:
    """Return the one hyperparameter of which a plan lists values; None where it does not."""
    if not plan.points or len(plan.space) != 1:
        return None
    item = plan.space[0]
    numbers = item["type"] == "float" and item["scale"] == "log"
    return item if numbers and len(plan.points) == plan.trials - _own(plan) else None


def _own(plan: SearchPlan) -> int:
    return 1 if plan.baseline_score is None else 0


def next_value(item: Dimension, tried: Sequence[tuple[float, float]]) -> float | None:
    """Return the value to train next; None where nothing is left that would tell more.

    Args:
        item: The hyperparameter.
        tried: Values and their scores, higher is better; -inf of one that failed. A training that
            was killed and done again stands there twice, and its score counts.
    """
    best_of: dict[float, float] = {}
    for value, score in tried:
        best_of[value] = max(score, best_of.get(value, -math.inf))
    known = sorted(best_of.items())
    if len(known) < 2 or known[0][0] <= 0:
        return None
    values = [value for value, _ in known]
    scores = [score for _, score in known]
    best = max(range(len(known)), key=lambda place: scores[place])
    if not math.isfinite(scores[best]):
        return None
    if best in (0, len(known) - 1):
        inner = values[1] if best == 0 else values[-2]
        beyond = _within(item, values[best] ** 2 / inner)
        far = max(beyond / values[best], values[best] / beyond)
        return _rounded(beyond) if far >= CLOSEST else None
    beside = best - 1 if scores[best - 1] > scores[best + 1] else best + 1
    ratio = max(values[best], values[beside]) / min(values[best], values[beside])
    between = math.sqrt(values[best] * values[beside])
    return _rounded(between) if math.sqrt(ratio) >= CLOSEST else None


def _within(item: Dimension, value: float) -> float:
    least, most = item.get("legal", (0.0, math.inf))
    return float(min(max(value, least), most))


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def score_of(trial: Any, sign: float) -> float:
    """Return a trial's score with higher as better; -inf where it has none."""
    value = trial.values[0] if trial.values else -math.inf
    return sign * value if math.isfinite(value) else -math.inf
