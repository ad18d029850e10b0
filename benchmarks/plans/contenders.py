"""What a plan is compared with: the tools as they come, and simple habits."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import optuna

from benchmarks.plans.meter import Meter, Trained
from benchmarks.plans.tasks import Task

BUDGETS = (3, 5, 10, 20, 50, 100)
Choices = dict[int, Trained | None]
"""For each budget the training that a contender would go on with; None where it has none."""


def _suggest(trial: optuna.Trial, item: Mapping[str, Any]) -> Any:
    """Suggest over the whole legal range, on the scale that the user gave."""
    name = item["name"]
    if "choices" in item:
        return trial.suggest_categorical(name, item["choices"])
    log = item["scale"] == "log"
    if item["type"] == "int":
        return trial.suggest_int(name, item["low"], item["high"], log=log)
    return trial.suggest_float(name, item["low"], item["high"], log=log)


def _optimize(
    meter: Meter,
    budget: float,
    sampler: optuna.samplers.BaseSampler | None,
    space: list[dict[str, Any]],
    prune: bool = False,
) -> None:
    """Run a study until a budget of full trainings is spent."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruner = optuna.pruners.MedianPruner() if prune else optuna.pruners.NopPruner()
    direction = "maximize" if meter.task.maximize else "minimize"
    study = optuna.create_study(direction=direction, sampler=sampler, pruner=pruner)

    def objective(trial: optuna.Trial) -> float:
        params = {item["name"]: _suggest(trial, item) for item in space}

        def report(epoch: int, value: float) -> None:
            trial.report(value, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        return meter.train(params, report if prune else None)

    def stop(study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        if meter.paid >= budget - 1e-6:
            study.stop()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.optimize(objective, callbacks=[stop])


def _incumbents(meter: Meter, most: float) -> Choices:
    return {budget: meter.best(budget) for budget in BUDGETS if budget <= most}


def tpe(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """Optuna as it comes (TPE) over the whole legal space."""
    meter = Meter(task, seeds)
    _optimize(meter, most, optuna.samplers.TPESampler(seed=run), task.hyperparameters)
    return _incumbents(meter, most)


def tpe_median(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """Optuna as it comes over the whole legal space, pruned by its default MedianPruner."""
    meter = Meter(task, seeds)
    sampler = optuna.samplers.TPESampler(seed=run)
    _optimize(meter, most, sampler, task.hyperparameters, prune=True)
    return _incumbents(meter, most)


def gp(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """Optuna's GPSampler over the whole legal space, to 50 trainings (its cost grows fast)."""
    meter = Meter(task, seeds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.GPSampler(seed=run)
    _optimize(meter, min(most, 50), sampler, task.hyperparameters)
    return _incumbents(meter, min(most, 50))


def random(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """Random search over the whole legal space."""
    meter = Meter(task, seeds)
    _optimize(meter, most, optuna.samplers.RandomSampler(seed=run), task.hyperparameters)
    return _incumbents(meter, most)


def quasirandom(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """A scrambled Sobol sequence over the whole legal space."""
    meter = Meter(task, seeds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.QMCSampler(seed=run, scramble=True)
    _optimize(meter, most, sampler, task.hyperparameters)
    return _incumbents(meter, most)


def default(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """The user's default alone, whatever the budget."""
    meter = Meter(task, seeds)
    meter.train({})
    trained = meter.best(1) or Trained(dict(task.default), math.nan, 1)
    return {budget: trained for budget in BUDGETS if budget <= most}


GRIDS = {3: (3,), 5: (5,), 10: (5, 2), 20: (5, 4), 50: (5, 5, 2), 100: (5, 5, 4)}
"""Values for each of the first hyperparameters of the user's list, by budget."""


def grid(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """A full grid over the first hyperparameters of the list, the others at the default."""
    chosen: Choices = {}
    for budget in BUDGETS:
        if budget <= most:
            meter = Meter(task, seeds)
            for point in _grid_points(task, GRIDS[budget]):
                meter.train(point)
            chosen[budget] = meter.best(budget)
    return chosen


def _grid_points(task: Task, counts: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    items = task.hyperparameters[: len(counts)]
    axes = [_values(item, count) for item, count in zip(items, counts, strict=False)]
    for values in itertools.product(*axes):
        yield {item["name"]: value for item, value in zip(items, values, strict=False)}


def _values(item: Mapping[str, Any], count: int) -> list[Any]:
    """Return evenly spaced values over a legal range, ends included."""
    if "choices" in item:
        return list(item["choices"])[:count]
    low, high = item["low"], item["high"]
    shares = [index / (count - 1) for index in range(count)]
    if item["scale"] == "log":
        values = [min(max(low * (high / low) ** share, low), high) for share in shares]
    else:
        values = [low + (high - low) * share for share in shares]
    return [round(value) for value in values] if item["type"] == "int" else values


GUIDE_RANGES = {
    "learning_rate": (1e-5, 1e-1), "weight_decay": (1e-5, 1e-1), "dropout": (0.0, 0.8),
    "batch_size": (16, 256),
}  # fmt: skip
"""Ranges of the guide that the project started from."""


def guide(task: Task, seeds: list[int], run: int, most: int) -> Choices:
    """The guide that the project started from: what it advises for an hour per training.

    Under ten hours a log grid over the rate alone; to a hundred, random search over up to four
    hyperparameters; from there Bayesian search over five. Its ranges, cut to the legal ones.
    """
    known = [_guided(item) for item in task.hyperparameters if item.get("role") in GUIDE_RANGES]
    rest = [item for item in task.hyperparameters if item.get("role") not in GUIDE_RANGES]
    chosen: Choices = {}
    for budget in (b for b in BUDGETS if b <= most):
        meter = Meter(task, seeds)
        if budget < 10:
            for value in _values(known[0], budget):
                meter.train({known[0]["name"]: value})
        elif budget < 100:
            sampler = optuna.samplers.RandomSampler(seed=run)
            _optimize(meter, budget, sampler, (known + rest)[:4])
        else:
            sampler = optuna.samplers.TPESampler(seed=run)
            _optimize(meter, budget, sampler, (known + rest)[:5], prune=task.epochs > 1)
        chosen[budget] = meter.best(budget)
    return chosen


def _guided(item: dict[str, Any]) -> dict[str, Any]:
    low, high = GUIDE_RANGES[item["role"]]
    low, high = max(low, item["low"]), min(high, item["high"])
    if low >= high:
        return item
    return {**item, "low": low, "high": high}


CONTENDERS: dict[str, Callable[[Task, list[int], int, int], Choices]] = {
    "TPE": tpe,
    "TPE + median": tpe_median,
    "GP": gp,
    "random": random,
    "quasi-random": quasirandom,
    "grid": grid,
    "default": default,
    "guide": guide,
}


def contenders_for(task: Task) -> list[str]:
    """Return the contenders that make sense for a task: no pruner where there are no curves."""
    return [name for name in CONTENDERS if task.epochs > 1 or name != "TPE + median"]
