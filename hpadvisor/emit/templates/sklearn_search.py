"""Search hyperparameters of a scikit-learn estimator, by a plan. Needs scikit-learn and scipy.

    from tune_sklearn import search

    found = search(Pipeline([...]), X, y, prefix="clf__", results="cv_results.csv")

`prefix` stands before each name ("clf__" for a step named clf of a pipeline). The baseline is
scored first, on the same folds; configurations of an earlier search that the plan knows are not
tried again, and stand in the results. Review them: hpadvisor audit cv_results.csv --baseline 0
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "metric": "score",
    "direction": "maximize",
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "points": [],
    "known": [],
    "start_points": 3,
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
    "pruner": {"name": "none"},
    "epochs": None,
    "trainings": 10.0,
    "trainings_per_trial": 1,
    "workers": 1,
    "confirm": {"finalists": 3, "seeds": 2},
    "stop_when": [],
}
# --- plan: end ---


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


def distributions(prefix: str = "") -> dict[str, Any]:
    """Return the space for a randomized search."""
    from scipy import stats

    found: dict[str, Any] = {}
    for item in PLAN["space"]:
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


def search(  # noqa: PLR0913
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

    trials = sum(phase["trials"] for phase in PLAN["phases"])
    points = [PLAN["baseline"], *draw(max(trials - 1, 1), seed)]
    grid = [{prefix + name: [value] for name, value in point.items()} for point in points]
    found = GridSearchCV(estimator, grid, scoring=scoring, cv=cv, n_jobs=n_jobs).fit(X, y)
    found.baseline_score_ = float(found.cv_results_["mean_test_score"][0])
    if results is not None:
        _write(Path(results), found.cv_results_, prefix)
    return found


def draw(count: int, seed: int) -> list[dict[str, Any]]:
    """Draw configurations at random, none that has been tried before or comes twice.

    Fewer come where the space holds no more.
    """
    from sklearn.model_selection import ParameterSampler

    tried = [PLAN["baseline"], *(old["params"] for old in PLAN["known"])]
    found: list[dict[str, Any]] = []
    sampler = ParameterSampler(distributions(), n_iter=_most(20 * count), random_state=seed)
    for point in sampler:
        if len(found) == count:
            break
        if point not in tried:
            tried.append(point)
            found.append(point)
    return found


def _most(count: int) -> int:
    """Return no more than a space of choices alone holds."""
    if any(item["type"] != "categorical" for item in PLAN["space"]):
        return count
    return min(count, math.prod(len(item["choices"]) for item in PLAN["space"]))


def _write(path: Path, results: dict[str, Any], prefix: str) -> None:
    """Write the results, and below them the scores of the earlier search (without folds)."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(results)
        writer.writerows(zip(*results.values(), strict=True))
        for old in PLAN["known"]:
            row = {f"param_{prefix}{name}": value for name, value in old["params"].items()}
            row["mean_test_score"] = old["value"]
            writer.writerow([row.get(column, "") for column in results])
