"""Which hyperparameters matter: the share of the variance of the score that each explains alone.

Configurations are drawn at random within the ranges that a plan searches (cells of a table that
lie in them). A hyperparameter's share is the variance of the mean score over ten bins of its
values, divided by the variance of the score: the first-order index of an analysis of variance.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks.plans.loading import FAMILIES, load_family, missing
from benchmarks.plans.planned import plan_for
from benchmarks.plans.running import RESULTS
from benchmarks.plans.tasks import Task
from hpadvisor.planning.model import Parameter

FILE = RESULTS / "importance" / "importance.json"
SAMPLE, BINS = 4000, 10


def measure() -> dict[str, Any]:
    """Return the mean share of each hyperparameter over a family's tasks, by family and role."""
    found: dict[str, Any] = {}
    for family in FAMILIES:
        if missing(family):
            continue
        shares: dict[str, list[float]] = defaultdict(list)
        tasks = load_family(family)
        for task in tasks:
            for name, share in _shares(task).items():
                shares[name].append(share)
        means = {name: round(float(np.mean(values)), 3) for name, values in shares.items()}
        ordered = dict(sorted(means.items(), key=lambda item: -item[1]))
        found[family] = {"tasks": len(tasks), "shares": ordered}
    return found


def _shares(task: Task) -> dict[str, float]:
    parameters = plan_for(task, 50).search_steps[0].parameters
    generator = np.random.default_rng(0)
    columns = {item.name: [_draw(item, generator) for _ in range(SAMPLE)] for item in parameters}
    scores = np.array([
        task.truth({**task.default, **{name: values[i] for name, values in columns.items()}},
                   list(range(task.seeds)))
        for i in range(SAMPLE)
    ])  # fmt: skip
    return {
        item.role or item.name: _explained(item, columns[item.name], scores) for item in parameters
    }


def _draw(item: Parameter, generator: np.random.Generator) -> Any:
    if item.choices is not None:
        return item.choices[int(generator.integers(len(item.choices)))]
    low, high = item.low or 0.0, item.high or 0.0
    share = generator.uniform()
    value = low * (high / low) ** share if item.scale == "log" else low + (high - low) * share
    return round(value) if item.type == "int" else value


def _explained(item: Parameter, values: list[Any], scores: np.ndarray) -> float:
    """Return the share of the variance that the mean score by value (or bin) explains."""
    if item.choices is not None or len(set(values)) <= BINS:
        groups = np.array([sorted(set(values)).index(value) for value in values])
    else:
        ranks = np.argsort(np.argsort(np.array(values, dtype=float)))
        groups = ranks * BINS // len(values)
    total = float(scores.var())
    counts = np.bincount(groups)
    means = np.bincount(groups, scores) / np.maximum(counts, 1)
    between = float((counts * (means - scores.mean()) ** 2).sum() / len(scores))
    return between / total if total > 0 else 0.0


def write_importance() -> None:
    """Measure and keep the figures."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
