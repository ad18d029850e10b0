"""Searches by Optuna's TPE over the pools, for rates under a model-based sampler.

A pool holds 300 configurations, and TPE asks for others. So the pool's true scores are
interpolated: a Gaussian process over the search scale (categorical parameters as indicators), of
the logarithm of the gap to the best. A trial's score is the interpolated one plus the deviation
that a random seed has at a near configuration of the pool, with its curve; it is rounded to what
the pool's validation set can show. The truth is the interpolated score. A dummy parameter is part
of every space. What it cannot show: surfaces rougher than the interpolation.

Searches take about two seconds each; they are kept in the folder for temporary files.
"""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.audit.pools import Pool, study_of
from hpadvisor.facts.searches.table import build_table
from hpadvisor.readers.searches.record import Parameter, Study

_NEAREST = 15
DUMMY = Parameter("dummy", "float", 0.0, 1.0, "linear")


def examples_behind(scores: Any) -> int | None:
    """Find n where all scores are whole multiples of 1/n, as shares of n examples are.

    Returns:
        The smallest such n, or None where there is none or it is a power of ten, which rounding
        makes too.
    """
    import numpy as np

    for low, high, tolerance in ((20, 5000, 0.02), (5000, 200_000, 1e-4)):
        counts = np.arange(low, high, dtype=float)
        fits = np.ones(len(counts), dtype=bool)
        for score in scores[:200]:
            product = counts[fits] * score
            fits[fits] = np.abs(product - np.round(product)) < tolerance
        for found in counts[fits]:
            power = math.log10(found)
            return None if abs(power - round(power)) < 1e-9 else int(found)
    return None


@dataclass
class Surface:
    """The interpolated pool.

    Attributes:
        pool: The pool.
        units: Its configurations on the search scale.
        model: The Gaussian process.
        scale: Unit of the gap inside the logarithm.
        best: The best true score of the pool.
        agreement: Rank correlation of five-fold predictions with the true scores.
        examples: Size of the validation set, if the score is an accuracy.
    """

    pool: Pool
    units: Any
    model: Any
    scale: float
    best: float
    agreement: float
    examples: int | None

    def truth(self, units: Any) -> Any:
        """Interpolated scores of rows on the search scale."""
        logs = self.model.predict(_columns(units, self.pool.space))
        return self.best - self.scale * np.expm1(np.minimum(-logs, 50))

    def neighbour(self, units: Any, truth: float) -> int:
        """The configuration of the pool whose seeds' deviations a configuration takes.

        Of the nearest ones that with the most similar true score: how far seeds move a score
        depends on how good it is (a training that diverges now and then moves by tens of points).
        """
        here = _columns(units, self.pool.space)
        there = _columns(self.units, self.pool.space)
        near = ((here - there) ** 2).sum(axis=1).argsort()[:_NEAREST]
        return int(near[np.abs(self.pool.truth[near] - truth).argmin()])


def _columns(units: Any, space: list[Parameter]) -> Any:
    parts = []
    for column, parameter in enumerate(space):
        if parameter.is_number:
            parts.append(units[:, column])
        else:
            parts += [(units[:, column] == i) * 0.5 for i in range(len(parameter.choices))]
    return np.column_stack(parts)


def surface(pool: Pool) -> Surface:
    """Fit the Gaussian process to the pool's true scores."""
    import warnings

    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    from sklearn.model_selection import KFold, cross_val_predict

    table = build_table(study_of(pool.params, pool.truth[:, None], pool.space))
    truth, best = pool.truth, float(pool.truth.max())
    scale = float(np.quantile(best - truth, 0.25))
    logs = -np.log1p((best - truth) / scale)
    columns = _columns(table.units, pool.space)
    kernel = ConstantKernel() * Matern(np.ones(columns.shape[1]), (0.05, 50)) + WhiteKernel(0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = GaussianProcessRegressor(kernel, normalize_y=True).fit(columns, logs)
        fixed = GaussianProcessRegressor(model.kernel_, normalize_y=True, optimizer=None)
        guess = cross_val_predict(fixed, columns, logs, cv=KFold(5, shuffle=True, random_state=0))
    ranks = [np.argsort(np.argsort(values)) for values in (guess, logs)]
    agreement = float(np.corrcoef(*ranks)[0, 1])
    examples = examples_behind(np.unique(np.abs(pool.final))) if pool.guess > 0 else None
    return Surface(pool, table.units, model, scale, best, agreement, examples)


@dataclass
class Searched:
    """A finished search: the interface of a replay."""

    surface: Surface
    params: list[dict[str, Any]]
    truth: Any
    rows: Any
    curves: Any
    noises: dict[int, Any] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """The pool behind it."""
        return self.surface.pool

    def study(self, count: int | None = None, space: list[Parameter] | None = None) -> Study:
        """Make the study of the first trials; the dummy is part of the space."""
        space = space or [*self.pool.space, DUMMY]
        return study_of(self.params[:count], self.curves[:count], space)

    def fresh(self, index: int, count: int, rng: np.random.Generator) -> Any:
        """Scores of a trial's configuration under fresh seeds."""
        return self.truth[index] + _deviations(self.pool, self.rows[index], count, rng)


def _deviations(pool: Pool, row: int, count: int, rng: np.random.Generator) -> Any:
    final = pool.final[row]
    size = len(final)
    # ten seeds underrate their own deviation by the share that their mean takes
    return (rng.permutation(final)[:count] - final.mean()) * np.sqrt(size / (size - 1))


def searches(pool: Pool, count: int, trials: int = 100) -> list[Searched]:
    """Run that many searches, or take them from the folder for temporary files."""
    ground = surface(pool)
    folder = Path(tempfile.gettempdir()) / "hpadvisor-audit-tpe"
    folder.mkdir(exist_ok=True)
    path = folder / f"{pool.name}-{trials}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    with path.open("a", encoding="utf-8") as stream:
        for seed in range(len(lines), count):
            lines.append(json.dumps(_search(ground, seed, trials)))
            stream.write(lines[-1] + "\n")
            stream.flush()
    return [_restored(ground, json.loads(line)) for line in lines[:count]]


def _restored(ground: Surface, line: dict[str, Any]) -> Searched:
    parts = [np.array(line[name]) for name in ("truth", "rows", "curves")]
    return Searched(ground, line["params"], *parts)


def _search(ground: Surface, seed: int, trials: int) -> dict[str, Any]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng = np.random.default_rng(seed)
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
    )
    space = {p.name: _distribution(p) for p in [*ground.pool.space, DUMMY]}
    found: dict[str, list[Any]] = {"params": [], "truth": [], "rows": [], "curves": []}
    for _ in range(trials):
        trial = study.ask(space)
        truth, row, curve = _train(ground, trial.params, rng)
        study.tell(trial, float(curve[-1]))
        values = (dict(trial.params), float(truth), int(row), curve.tolist())
        for name, value in zip(found, values, strict=True):
            found[name].append(value)
    return found


def _train(ground: Surface, params: dict[str, Any], rng: np.random.Generator) -> Any:
    pool = ground.pool
    units = build_table(study_of([params], np.zeros((1, 1)), pool.space)).units
    truth = float(ground.truth(units)[0])
    row = ground.neighbour(units, truth)
    seed = int(rng.integers(pool.final.shape[1]))
    size = pool.final.shape[1]
    away = (pool.final[row, seed] - pool.final[row].mean()) * np.sqrt(size / (size - 1))
    curve = pool.curves[row, seed] + (truth + away - pool.final[row, seed])
    if ground.examples:
        curve = np.clip(np.round(curve * ground.examples) / ground.examples, 0, 1)
    return truth, row, np.round(curve, 5)


def _distribution(parameter: Parameter) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not parameter.is_number:
        return CategoricalDistribution(list(parameter.choices))
    log = parameter.scale == "log"
    if parameter.type == "int":
        return IntDistribution(int(parameter.low or 0), int(parameter.high or 0), log=log)
    return FloatDistribution(parameter.low or 0.0, parameter.high or 0.0, log=log)
