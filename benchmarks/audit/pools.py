"""The pools of trainings with many seeds, and searches replayed from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.audit.public_pools import available, table
from hpadvisor.facts.searches.noise import Noise, estimate_noise
from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parents[2] / "shared" / "corpus" / "searches" / "pool" / "pool.jsonl"


def _log(name: str, low: float, high: float, kind: str = "float") -> Parameter:
    return Parameter(name, kind, low, high, "log")


DIGITS_SPACE = [
    _log("lr", 1e-5, 1.0),
    _log("alpha", 1e-6, 1e-1),
    _log("hidden", 8, 256, "int"),
    Parameter("momentum", "float", 0.5, 0.99, "linear"),
    Parameter("batch", "categorical", choices=(16, 32, 64, 128)),
    Parameter("activation", "categorical", choices=("relu", "tanh")),
    Parameter("solver", "categorical", choices=("sgd", "adam")),
]
PATCHES_SPACE = [
    _log("learning_rate", 1e-3, 1.0),
    _log("max_leaf_nodes", 2, 64, "int"),
    _log("min_samples_leaf", 1, 200, "int"),
    _log("l2_regularization", 1e-4, 1e2),
    Parameter("max_features", "float", 0.1, 1.0, "linear"),
    Parameter("max_bins", "categorical", choices=(16, 64, 255)),
]
DIABETES_SPACE = [
    _log("C", 1e-2, 1e3),
    _log("gamma", 1e-4, 10.0),
    _log("epsilon", 1e-2, 1.0),
    Parameter("kernel", "categorical", choices=("rbf", "linear", "sigmoid")),
    Parameter("n_components", "int", 2, 10, "linear"),
    Parameter("scaler", "categorical", choices=("standard", "range", "quantile")),
]
COLOURS_SPACE = [
    _log("max_depth", 1, 32, "int"),
    _log("min_samples_leaf", 1, 100, "int"),
    Parameter("max_features", "float", 0.05, 1.0, "linear"),
    Parameter("max_samples", "float", 0.1, 1.0, "linear"),
    _log("min_impurity_decrease", 1e-7, 1e-2),
    _log("ccp_alpha", 1e-7, 1e-2),
]
STROKES_SPACE = [
    _log("C", 1e-2, 1e3),
    _log("gamma", 1e-5, 1.0),
    Parameter("kernel", "categorical", choices=("rbf", "poly", "linear")),
    Parameter("degree", "int", 2, 5, "linear"),
    Parameter("coef0", "float", 0.0, 2.0, "linear"),
    _log("n_components", 4, 64, "int"),
]
SHADES_SPACE = [
    _log("learning_rate", 10**-2.5, 1.0),
    _log("max_leaf_nodes", 2, 128, "int"),
    _log("min_samples_leaf", 1, 200, "int"),
    _log("l2_regularization", 1e-3, 1e2),
    Parameter("max_features", "float", 0.1, 1.0, "linear"),
    Parameter("max_depth", "int", 1, 10, "linear"),
]
TRANSFER_SPACE = [
    _log("learning_rate", 1e-4, 1.0),
    _log("epochs", 2, 40, "int"),
    _log("weight_decay", 1e-6, 1e-1),
    Parameter("batch_size", "categorical", choices=(4, 8, 16, 32)),
    Parameter("dropout", "float", 0.0, 0.6, "linear"),
    Parameter("frozen_layers", "int", 0, 2, "linear"),
]


@dataclass
class Pool:
    """Configurations with their curves: shape (configurations, seeds, steps).

    Attributes:
        name: Its name.
        params: The configurations.
        curves: Scores of which more is better.
        space: The search space that they were drawn from.
        rate: The parameter whose range the boundary check cuts.
        guess: The score of guessing.
        chosen_on: Whether thresholds were chosen by looking at it; the others only report.
        examples: Validation examples behind a score that counts them; a user states them.
    """

    name: str
    params: list[dict[str, Any]]
    curves: Any
    space: list[Parameter]
    rate: str
    guess: float
    chosen_on: bool
    examples: int | None = None

    @property
    def final(self) -> Any:
        """Final scores, shape (configurations, seeds)."""
        return self.curves[:, :, -1]

    @property
    def truth(self) -> Any:
        """Mean final score of each configuration over its seeds."""
        return self.final.mean(axis=1)


_OWN = (
    ("patches", PATCHES_SPACE, "learning_rate", 0.5, True, 1500),
    ("diabetes", DIABETES_SPACE, "C", 0.0, True, None),
    ("colours", COLOURS_SPACE, "max_depth", 0.0, False, None),
    ("strokes", STROKES_SPACE, "gamma", 0.1, False, 800),
    ("shades", SHADES_SPACE, "learning_rate", 0.0, False, None),
    ("transfer", TRANSFER_SPACE, "learning_rate", 0.25, False, 594),
)


def load_pools(names: Sequence[str] = ()) -> list[Pool]:
    """Load the pools that are there (neither digits nor the public tables are in the repository).

    Args:
        names: Only these; all, if empty.
    """
    pools = []
    if DIGITS.is_file() and (not names or "digits" in names):
        lines = [json.loads(line) for line in DIGITS.read_text().splitlines()]
        curves = np.array([line["va"] for line in lines]).transpose(0, 2, 1)
        params = [line["cfg"] for line in lines]
        pools.append(
            Pool("digits", params, curves, DIGITS_SPACE, "lr", 0.1, chosen_on=True, examples=449)
        )
    for name, space, rate, guess, chosen_on, examples in _OWN:
        if names and name not in names:
            continue
        lines = [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]
        curves = np.array([line["curve"] for line in lines]).transpose(0, 2, 1)
        params = [line["params"] for line in lines]
        pools.append(Pool(name, params, curves, space, rate, guess, chosen_on, examples))
    return pools + [_public(n) for n in _PUBLIC if available() and (not names or n in names)]


_PUBLIC = {"segment": ("learning_rate_init", 0.14), "protein": ("init_lr", 0.0)}


def _public(name: str) -> Pool:
    space, rows = table(name)
    curves = np.array([scores for _, scores in rows])[:, :, None]
    rate, guess = _PUBLIC[name]
    return Pool(name, [params for params, _ in rows], curves, space, rate, guess, chosen_on=False)


@dataclass
class Replay:
    """A search replayed: which configuration with which seed, in order."""

    pool: Pool
    rows: Any
    seeds: Any
    noises: dict[int, Noise] = field(default_factory=dict)

    @property
    def truth(self) -> Any:
        """The true score of each trial's configuration."""
        return self.pool.truth[self.rows]

    def study(self, count: int | None = None, space: list[Parameter] | None = None) -> Study:
        """Make the study of the first trials."""
        rows, seeds = self.rows[:count], self.seeds[:count]
        curves = self.pool.curves[rows, seeds]
        params = [self.pool.params[row] for row in rows]
        return study_of(params, curves, space or self.pool.space)

    def fresh(self, index: int, count: int, rng: np.random.Generator) -> Any:
        """Scores of a trial's configuration under seeds other than its own."""
        others = [s for s in range(self.pool.final.shape[1]) if s != self.seeds[index]]
        return self.pool.final[self.rows[index], rng.permutation(others)[:count]]


def study_of(params: list[dict[str, Any]], curves: Any, space: list[Parameter]) -> Study:
    """Make a study of complete trials; of a single checkpoint no curve is kept."""
    steps = np.arange(1, curves.shape[1] + 1) if curves.shape[1] > 1 else ()
    trials = [
        Trial(
            number,
            State.COMPLETE,
            configuration,
            float(curve[-1]),
            steps,
            curve if curves.shape[1] > 1 else (),
        )
        for number, (configuration, curve) in enumerate(zip(params, curves, strict=True))
    ]
    return Study("replay", "csv", "maximize", "accuracy", space, trials)


def noise_of(found: Any, table: Table, rng: np.random.Generator) -> Noise:
    """Estimate the noise as an audit does.

    Where the study holds nothing to tell it from, do what the audit then asks for: run the best
    three configurations with three seeds each, and state their deviation. What was estimated of as
    many trials of the same replay is kept.
    """
    known: dict[int, Noise] = found.noises
    if len(table) not in known:
        noise = estimate_noise(table, examples=found.pool.examples)
        told = noise is not None and not noise.assumed
        known[len(table)] = noise if told and noise else _stated(found, table, rng)
    return known[len(table)]


def _stated(found: Any, table: Table, rng: np.random.Generator) -> Noise:
    best = np.argsort(-table.y)[:3]
    variances = [found.fresh(int(i), 3, rng).var(ddof=1) for i in best]
    return Noise(float(np.sqrt(np.mean(variances))), "stated", "three configurations, three seeds")


def replay(pool: Pool, count: int, rng: np.random.Generator, among: Any = None) -> Replay:
    """Draw configurations without repetition, each with one seed."""
    rows = np.arange(len(pool.params)) if among is None else among
    chosen = rng.choice(rows, count, replace=count > len(rows))
    return Replay(pool, chosen, rng.integers(0, pool.final.shape[1], count))
