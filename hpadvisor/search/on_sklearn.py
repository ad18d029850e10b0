"""A plan on scikit-learn: the baseline, listed and random configurations, on the same folds."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.start_points import planned_points


class OrOff:
    """A range with the value that switches it off beside it, taken in one draw of four."""

    def __init__(self, inner: Any, off: Any) -> None:
        self.inner, self.off = inner, off

    def rvs(self, *args: Any, random_state: Any = None, **kwargs: Any) -> Any:
        """Draw one value."""
        from sklearn.utils import check_random_state

        rng = check_random_state(random_state)
        if rng.uniform() < 0.25:
            return self.off
        return self.inner.rvs(*args, random_state=rng, **kwargs)


class LogInt:
    """Whole numbers, evenly on a log scale, both ends included."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def rvs(self, *args: Any, random_state: Any = None, **kwargs: Any) -> int:
        """Draw one value."""
        from sklearn.utils import check_random_state

        share = check_random_state(random_state).uniform()
        low, high = math.log(self.low), math.log(self.high)
        return min(self.high, max(self.low, round(math.exp(low + share * (high - low)))))


def distributions(plan: SearchPlan, prefix: str = "") -> dict[str, Any]:
    """Return the space for a randomized search."""
    from scipy import stats

    found: dict[str, Any] = {}
    for item in plan.space:
        log = item.get("scale") == "log"
        if item["type"] == "categorical":
            drawn: Any = item["choices"]
        elif item["type"] == "int":
            low, high = item["low"], item["high"]
            drawn = LogInt(low, high) if log else stats.randint(low, high + 1)
        elif log:
            drawn = stats.loguniform(item["low"], item["high"])
        else:
            drawn = stats.uniform(item["low"], item["high"] - item["low"])
        found[prefix + item["name"]] = OrOff(drawn, item["off"]) if "switch" in item else drawn
    return found


def search_estimator(  # noqa: PLR0913
    plan: Mapping[str, Any] | SearchPlan,
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any = None,
    *,
    prefix: str = "",
    scoring: Any = None,
    cv: int = 5,
    n_jobs: int | None = None,
    seed: int = 0,
    results: str | None = None,
) -> Any:
    """Score the baseline and random configurations on the same folds.

    Args:
        plan: The plan, as plain data.
        estimator: The estimator, or a pipeline.
        X: Data.
        y: Target.
        prefix: What stands before each name in the estimator.
        scoring: Scorer; greater must be better.
        cv: Folds.
        n_jobs: Processes.
        seed: Seed of the draws.
        results: Where to write ``cv_results_`` as CSV, the baseline as its first row.

    Returns:
        The fitted search, its first candidate the baseline, whose mean is ``baseline_score_``.
        Its best may be the baseline: then nothing that was tried is better.
    """
    from sklearn.model_selection import GridSearchCV

    plan = read_plan(plan)
    planned = [point for _, point in planned_points(replace(plan, start_points=0), seed)]
    drawn = draw(plan, max(plan.trials - len(planned), 0), seed, planned)
    points = [*planned, *drawn]
    grid = [{prefix + name: [value] for name, value in point.items()} for point in points]
    found = GridSearchCV(estimator, grid, scoring=scoring, cv=cv, n_jobs=n_jobs).fit(X, y)
    found.baseline_score_ = float(found.cv_results_["mean_test_score"][0])
    if results is not None:
        _write(plan, Path(results), found.cv_results_, prefix)
    return found


def draw(
    plan: SearchPlan, count: int, seed: int, planned: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Draw configurations at random, none that has been tried before or comes twice.

    Fewer come where the space holds no more.
    """
    from sklearn.model_selection import ParameterSampler

    tried = [*planned, *(old["params"] for old in plan.known)]
    found: list[dict[str, Any]] = []
    sampler = ParameterSampler(
        distributions(plan), n_iter=_most(plan, 20 * count), random_state=seed
    )
    for point in sampler:
        if len(found) == count:
            break
        if point not in tried:
            tried.append(point)
            found.append(point)
    return found


def _most(plan: SearchPlan, count: int) -> int:
    """Return no more than a space of choices alone holds."""
    if any(item["type"] != "categorical" for item in plan.space):
        return count
    return min(count, math.prod(len(item["choices"]) for item in plan.space))


def _write(plan: SearchPlan, path: Path, results: dict[str, Any], prefix: str) -> None:
    """Write the results, and below them the scores of the earlier search (without folds)."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(results)
        writer.writerows(zip(*results.values(), strict=True))
        for old in plan.known:
            row = {f"param_{prefix}{name}": value for name, value in old["params"].items()}
            row["mean_test_score"] = old["value"]
            writer.writerow([row.get(column, "") for column in results])
