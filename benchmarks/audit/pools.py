"""The two pools of trainings with many seeds, and searches replayed from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parents[2] / "shared" / "corpus" / "searches" / "pool" / "pool.jsonl"
PATCHES = HERE / "patches.jsonl"


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


@dataclass
class Pool:
    """Configurations with their curves: shape (configurations, seeds, steps)."""

    name: str
    params: list[dict[str, Any]]
    curves: Any
    space: list[Parameter]
    rate: str

    @property
    def final(self) -> Any:
        """Final scores, shape (configurations, seeds)."""
        return self.curves[:, :, -1]

    @property
    def truth(self) -> Any:
        """Mean final score of each configuration over its seeds."""
        return self.final.mean(axis=1)


def load_pools() -> list[Pool]:
    """Load the pools that are there (the digits pool is not part of the repository)."""
    pools = []
    if DIGITS.is_file():
        lines = [json.loads(line) for line in DIGITS.read_text().splitlines()]
        curves = np.array([line["va"] for line in lines]).transpose(0, 2, 1)
        params = [line["cfg"] for line in lines]
        pools.append(Pool("digits", params, curves, DIGITS_SPACE, "lr"))
    lines = [json.loads(line) for line in PATCHES.read_text().splitlines()]
    curves = np.array([line["curve"] for line in lines]).transpose(0, 2, 1)
    params = [line["params"] for line in lines]
    pools.append(Pool("patches", params, curves, PATCHES_SPACE, "learning_rate"))
    return pools


@dataclass
class Replay:
    """A search replayed: which configuration with which seed, in order."""

    pool: Pool
    rows: Any
    seeds: Any

    def study(self, count: int | None = None, space: list[Parameter] | None = None) -> Study:
        """Make the study of the first trials."""
        rows, seeds = self.rows[:count], self.seeds[:count]
        trials = [
            Trial(
                number,
                State.COMPLETE,
                self.pool.params[row],
                float(self.pool.final[row, seed]),
                np.arange(1, self.pool.curves.shape[2] + 1),
                self.pool.curves[row, seed],
            )
            for number, (row, seed) in enumerate(zip(rows, seeds, strict=True))
        ]
        return Study("replay", "csv", "maximize", "accuracy", space or self.pool.space, trials)

    def fresh(self, index: int, count: int, rng: np.random.Generator) -> Any:
        """Scores of a trial's configuration under seeds other than its own."""
        others = [s for s in range(self.pool.final.shape[1]) if s != self.seeds[index]]
        return self.pool.final[self.rows[index], rng.permutation(others)[:count]]


def replay(pool: Pool, count: int, rng: np.random.Generator, among: Any = None) -> Replay:
    """Draw configurations without repetition, each with one seed."""
    rows = np.arange(len(pool.params)) if among is None else among
    chosen = rng.choice(rows, count, replace=count > len(rows))
    return Replay(pool, chosen, rng.integers(0, pool.final.shape[1], count))
