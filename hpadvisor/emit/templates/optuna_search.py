"""Search hyperparameters with Optuna, by a plan. Needs Python 3.11 and optuna (4.2 or newer).

Write a function that trains once and returns its score, and name it:

    def train(params: dict, report: Callable[[int, float], None]) -> float: ...

    python tune.py --target module:train --storage journal.log --seed 0

`params` holds a value for each hyperparameter of the plan. Call `report(epoch, score)` after each
epoch, counted from 1; it ends the training where the plan prunes. Where the function also has an
argument named `seed`, it gets the seed: one and the same in the search, fresh ones in `--confirm`.

The journal keeps everything. The same command again goes on where it stopped; several processes,
on several machines that share the file, may work on one journal. A trial whose process was killed
is queued again. With `--workers N`, TUNE_WORKER (0 to N-1) tells each process which GPU to take.

Machines without a shared disk take a database (`--storage postgresql://USER:PASSWORD@HOST/NAME`),
or one machine serves its journal to the others by gRPC (pip install grpcio protobuf). It asks for
no password, so serve it in a network that you trust:

    python tune.py --storage journal.log --serve 0.0.0.0:13000
    python tune.py --target module:train --storage grpc://HOST:13000

As a module: `suggest(trial)`, `make_study(storage, seed)`, `run(function, ...)`.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import hashlib
import importlib
import inspect
import itertools
import json
import math
import multiprocessing
import os
import random
import re
import socket
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows, where no process is taken for dead either
    fcntl = None  # type: ignore[assignment]

try:
    # --- model: begin ---
    import numpy as np
    import numpy.typing as npt

    # --- model: end ---
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
    from optuna.trial import FrozenTrial, TrialState
except ImportError as error:
    if __name__ != "__main__":
        raise
    sys.stderr.write(f"This script needs optuna 4.2 or newer: pip install optuna ({error})\n")
    raise SystemExit(2) from None

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
    "model": None,
    "pruner": {"name": "none"},
    "epochs": None,
    "trainings": 10.0,
    "trainings_per_trial": 1,
    "workers": 1,
    "confirm": {"finalists": 3, "seeds": 2},
    "stop_when": [],
}
# --- plan: end ---

SPACE: list[dict[str, Any]] = PLAN["space"]
EPOCHS: float | None = PLAN["epochs"]
EACH: int = PLAN["trainings_per_trial"]  # more than 1 where a trial trains on several folds
PLANNED: int = sum(phase["trials"] for phase in PLAN["phases"])
PRUNES: bool = PLAN["pruner"]["name"] != "none"
MAX_FAILURES = 3  # failures in a row after which a worker stops: the function is broken
CLAIM_SECONDS = 2.0  # how long machines that begin at once wait for each other
LOCK_SECONDS = 60  # after which the lock of another machine that holds it is taken for dead
SERVER_SECONDS = 60  # how long to wait for a gRPC server
MAX_ATTEMPTS = 5  # a configuration that kills its process again and again is given up
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)

Scalar = bool | int | float | str
Params = dict[str, Any]
Report = Callable[[int, float], None]
# --- model: begin ---
Array = npt.NDArray[np.float64]
# --- model: end ---


@dataclass(frozen=True)
class Finalist:
    """A trial that was trained again, its scores by their fresh seeds, and their mean."""

    mean: float
    values: dict[int, float]
    trial: FrozenTrial

    @property
    def baseline(self) -> bool:
        """Whether it is the default that the search started from."""
        return bool(self.trial.user_attrs.get("origin") == "baseline")


class TuneError(Exception):
    """Something the user can mend, in one line."""


class StoppedError(TuneError):
    """The search ended before its time."""


# ---------------------------------------------------------------- the space


def suggest(trial: optuna.trial.BaseTrial) -> Params:
    """Suggest a configuration. Every parameter is always suggested: the space never changes."""
    values: Params = {}
    with warnings.catch_warnings():
        # The baseline may lie outside the range; it runs with its own values all the same.
        warnings.filterwarnings("ignore", message="Fixed parameter")
        for item in SPACE:
            name, log = item["name"], item.get("scale") == "log"
            if item["type"] == "categorical":
                values[name] = trial.suggest_categorical(name, item["choices"])
            elif item["type"] == "int":
                values[name] = trial.suggest_int(name, item["low"], item["high"], log=log)
            else:
                values[name] = trial.suggest_float(name, item["low"], item["high"], log=log)
            if "switch" in item:
                values[item["switch"]] = trial.suggest_categorical(item["switch"], [True, False])
    return _configuration(values, trial.user_attrs)


def _configuration(values: Params, user_attrs: Params) -> Params:
    """Turn suggested values into what the function gets: switches become the off value."""
    exact = user_attrs.get("exact", {})
    params = {}
    for item in SPACE:
        off = "switch" in item and not values[item["switch"]]
        params[item["name"]] = item["off"] if off else values[item["name"]]
    return {**params, **exact}


def _fixed(point: Params) -> tuple[Params, Params]:
    """Split a configuration into values that Optuna can hold, and the exact others."""
    fixed: Params = {}
    exact: Params = {}
    for item in SPACE:
        name, value = item["name"], point[item["name"]]
        if "switch" in item:
            fixed[item["switch"]] = value != item["off"]
        if item["type"] == "categorical":
            held = value in item["choices"]
            fixed[name] = value if held else item["choices"][0]
        elif "switch" in item and value == item["off"]:
            fixed[name], held = _decode(item, 0.5), True
        else:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            held = number and (item["scale"] != "log" or value > 0)
            held = held and (item["type"] != "int" or value == round(value))
            fixed[name] = value if held else _decode(item, 0.5)
            if held and item["type"] == "int":
                fixed[name] = round(value)
        if not held:
            exact[name] = value
    return fixed, exact


def _decode(item: dict[str, Any], share: float) -> Scalar:
    """Return the value at a share (0 to 1) of a parameter's scale."""
    if item["type"] == "categorical":
        choices: list[Scalar] = item["choices"]
        return choices[min(int(share * len(choices)), len(choices) - 1)]
    low, high = item["low"], item["high"]
    value = low * (high / low) ** share if item["scale"] == "log" else low + (high - low) * share
    value = float(min(max(value, low), high))
    return round(value) if item["type"] == "int" else value


def _share(item: dict[str, Any], value: float) -> float:
    """Return where a number lies on a parameter's scale, 0 to 1."""
    low, high = item["low"], item["high"]
    if item["scale"] == "log":
        low, high, value = math.log(low), math.log(high), math.log(max(value, low))
    return float(min(max((value - low) / ((high - low) or 1), 0), 1))


def _halton(index: int, dimensions: int, seed: int) -> list[float]:
    """Return a point of a Halton sequence whose digits are permuted at random, by the seed."""
    generator, point, base = random.Random(seed), [], 1
    for _ in range(dimensions):
        base = next(n for n in itertools.count(base + 1) if all(n % k for k in range(2, n)))
        rest, weight, value = index, 1.0, 0.0
        for _ in range(math.ceil(31 / math.log2(base))):
            digits = generator.sample(range(base), base)
            rest, digit = divmod(rest, base)
            weight /= base
            value += weight * digits[digit]
        point.append(value)
    return point


def _quasirandom(index: int, seed: int, box: dict[str, tuple[float, float]]) -> Params:
    """Return the index-th quasi-random configuration, within a box of shares if there is one."""
    switches = [item["name"] for item in SPACE if "switch" in item]
    shares = _halton(index, len(SPACE) + len(switches), seed)
    point: Params = {}
    for item, share in zip(SPACE, shares, strict=False):
        low, high = box.get(item["name"], (0.0, 1.0))
        point[item["name"]] = _decode(item, low + (high - low) * share)
    for item in SPACE:
        # A quarter of the points has it switched off: enough to see whether it is needed at all.
        if "switch" in item and shares[len(SPACE) + switches.index(item["name"])] > 0.75:
            point[item["name"]] = item["off"]
    return point


def _box_of_best(ranked: Sequence[FrozenTrial]) -> dict[str, tuple[float, float]]:
    """Return, for each number, the shares between which the best fifth of the trials lies."""
    best = ranked[: max(3, len(ranked) // 5)]
    box = {}
    for item in SPACE if best else []:
        if item["type"] != "categorical":
            shares = [_share(item, trial.params[item["name"]]) for trial in best]
            box[item["name"]] = (max(min(shares) - 0.05, 0.0), min(max(shares) + 0.05, 1.0))
    return box


# --- model: begin ---
# ---------------------------------------------------------------- the model of the score


def _numbers(item: dict[str, Any], shares: Array) -> Array:
    """Return the numbers at shares of a parameter's range, which may lie beyond 0 and 1."""
    low, high = item["low"], item["high"]
    if item["scale"] == "log":
        return np.asarray(low * (high / low) ** shares)
    return np.asarray(low + (high - low) * shares)


def _shares(item: dict[str, Any], numbers: Array) -> Array:
    """Return where numbers lie on a parameter's range; NaN stays NaN."""
    low, high = item["low"], item["high"]
    if low == high:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    if item["scale"] == "log":
        return np.asarray(np.log(numbers / low) / math.log(high / low))
    return np.asarray((numbers - low) / (high - low))


def _column(item: dict[str, Any], values: Sequence[Any]) -> Array:
    """Return a parameter's values as a model keeps them: places of choices, shares of a range.

    What is switched off, or no number of the scale, is NaN; a choice that is not listed is -1.
    """
    if item["type"] == "categorical":
        choices = item["choices"]
        return np.array([choices.index(v) if v in choices else -1.0 for v in values])
    log, off = item["scale"] == "log", item.get("off") if "switch" in item else None
    held = [
        isinstance(v, int | float) and not isinstance(v, bool) and v != off and (v > 0 or not log)
        for v in values
    ]
    return _shares(
        item, np.array([v if ok else np.nan for v, ok in zip(values, held, strict=True)])
    )


def _within(item: dict[str, Any], shares: Array) -> Array:
    """Cut shares to what the function accepts, and whole numbers to whole numbers."""
    least, most = item.get("legal", (item["low"], item["high"]))
    numbers = np.clip(_numbers(item, shares), least, most)
    return _shares(item, np.round(numbers) if item["type"] == "int" else numbers)


def _drawn(item: dict[str, Any], count: int, generator: np.random.Generator, wide: bool) -> Array:
    """Draw values of a parameter from its range, or from all that the function accepts."""
    chance = generator.random(count)
    if item["type"] == "categorical":
        return np.floor(chance * len(item["choices"]))
    ends = np.array(item.get("legal", (item["low"], item["high"])) if wide else ())
    low, high = _shares(item, ends) if wide else (0.0, 1.0)
    drawn = _within(item, low + (high - low) * chance)
    return np.where(generator.random(count) < 0.25, np.nan, drawn) if "switch" in item else drawn


def _moved(
    item: dict[str, Any], column: Array, step: Array, generator: np.random.Generator
) -> Array:
    """Move the values of a parameter by normal steps, in shares of its range."""
    if item["type"] == "categorical":
        return np.floor(generator.random(len(column)) * len(item["choices"]))
    start = np.where(np.isnan(column), generator.random(len(column)), column)
    moved = _within(item, start + step * generator.standard_normal(len(column)))
    return (
        np.where(generator.random(len(column)) < 0.1, np.nan, moved) if "switch" in item else moved
    )


def _neighbours(rows: Array, step: Array, chance: Array, generator: np.random.Generator) -> Array:
    """Move each row in some of its parameters, at least in one."""
    hit = generator.random(rows.shape) < chance[:, None]
    forced = generator.integers(0, rows.shape[1], len(rows))
    hit[np.arange(len(rows)), forced] |= ~hit.any(axis=1)
    columns = [_moved(item, rows[:, i], step, generator) for i, item in enumerate(SPACE)]
    return np.where(hit, np.stack(columns, axis=1), rows)


def _features(rows: Array) -> Array:
    """Return rows as the kernel compares them: a corner for each choice, a column for a switch."""
    columns: list[Array] = []
    for item, column in zip(SPACE, rows.T, strict=True):
        if item["type"] == "categorical":
            columns += [0.5 * (column == place) for place in range(len(item["choices"]))]
            continue
        off = np.isnan(column)
        columns.append(np.where(off, 0.5, column))
        if "switch" in item:
            columns.append(0.5 * off)
    return np.stack(columns, axis=1)


def _point(row: Array) -> Params:
    """Return a row as a configuration."""
    point: Params = {}
    for item, share in zip(SPACE, row, strict=True):
        if item["type"] == "categorical":
            point[item["name"]] = item["choices"][int(share)]
        elif math.isnan(share):
            point[item["name"]] = item["off"] if "switch" in item else _decode(item, 0.5)
        else:
            least, most = item.get("legal", (item["low"], item["high"]))
            number = min(max(float(_numbers(item, share)), least), most)
            point[item["name"]] = round(number) if item["type"] == "int" else number
    return point


class GaussianProcess:
    """A Gaussian process of scores with mean 0 and variance 1, its kernel Matérn 5/2.

    A length for each feature, the variance of the signal and that of the noise are those that are
    most likely under log-normal priors: lengths around 1, the signal around 1, the noise around
    .01.
    """

    def __init__(self, features: Array, scores: Array) -> None:
        """Fit the lengths and variances by sign-based steps along the gradient (Rprop)."""
        self.features, self.scores = features, scores
        count = features.shape[1]
        self.prior = np.array([0.0] * (count + 1) + [math.log(0.01)])
        self.spread = np.array([1.0] * (count + 1) + [1.5])
        logs, best = self.prior, self.prior
        step, before = np.full(count + 2, 0.2), np.zeros(count + 2)
        least = math.inf
        for _ in range(30):
            loss, slope = self._loss(logs)
            if loss < least:
                least, best = loss, logs
            turned = slope * before
            step = np.clip(
                step * np.where(turned > 0, 1.3, np.where(turned < 0, 0.5, 1)), 1e-3, 0.8
            )
            before = np.where(turned < 0, 0, slope)
            logs = logs - np.sign(before) * step
        self.logs = best
        self._condition()

    def add(self, features: Array) -> None:
        """Take points for known whose score is still to come: as what they are expected to be."""
        expected, _ = self.predict(features)
        self.features = np.concatenate([self.features, features])
        self.scores = np.concatenate([self.scores, expected])
        self._condition()

    def predict(self, features: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of the noiseless score of some points."""
        kernel, _ = self._kernel(self.logs, features, self.features)
        explained = ((kernel @ self.root.T) ** 2).sum(axis=1)
        variance = np.maximum(np.exp(self.logs[-2]) - explained, 1e-10)
        return np.asarray(kernel @ self.weights), np.sqrt(variance)

    def _condition(self) -> None:
        kernel, _ = self._kernel(self.logs, self.features, self.features)
        noise = np.exp(self.logs[-1]) + 1e-6
        self.root = np.linalg.inv(np.linalg.cholesky(kernel + noise * np.eye(len(kernel))))
        self.weights = self.root.T @ (self.root @ self.scores)

    def _kernel(self, logs: Array, left: Array, right: Array) -> tuple[Array, Array]:
        """Return the kernel, and its fall by half of the squared distance."""
        left, right = left / np.exp(logs[:-2]), right / np.exp(logs[:-2])
        squared = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * left @ right.T
        distance = np.sqrt(5 * np.maximum(squared, 0))
        falling = np.exp(logs[-2] - distance)
        return falling * (1 + distance + distance**2 / 3), 5 / 3 * falling * (1 + distance)

    def _loss(self, logs: Array) -> tuple[float, Array]:
        """Return the negative log posterior of the lengths and variances, and its gradient."""
        kernel, fall = self._kernel(logs, self.features, self.features)
        noise = np.exp(logs[-1])
        try:
            lower = np.linalg.cholesky(kernel + (noise + 1e-6) * np.eye(len(kernel)))
        except np.linalg.LinAlgError:
            return math.inf, np.zeros(len(logs))
        root = np.linalg.inv(lower)
        weights = root.T @ (root @ self.scores)
        pull = root.T @ root - np.outer(weights, weights)
        scaled = self.features / np.exp(logs[:-2])
        weighted = pull * fall
        lengths = (weighted.sum(axis=1)[:, None] * scaled**2).sum(axis=0)
        lengths -= (scaled * (weighted @ scaled)).sum(axis=0)
        slope = np.concatenate([lengths, [(pull * kernel).sum() / 2, np.trace(pull) * noise / 2]])
        apart = (logs - self.prior) / self.spread
        loss = self.scores @ weights / 2 + np.log(np.diag(lower)).sum() + apart @ apart / 2
        return float(loss), slope + apart / self.spread


def _log_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """Return the logarithm of the expected improvement over a score, also where it is tiny."""
    above = np.maximum((mean - best) / deviation, -30.0)
    density = np.exp(-(above**2) / 2) / math.sqrt(2 * math.pi)
    gain = density + above * np.array([math.erfc(-z / math.sqrt(2)) / 2 for z in above])
    # Far below, both terms cancel: there the first term of the asymptotic series is taken.
    far = -(above**2) / 2 - math.log(2 * math.pi) / 2 - 2 * np.log(np.maximum(-above, 1.0))
    near = np.log(np.maximum(gain, 1e-300))
    return np.asarray(np.where(above < -5, far, near) + np.log(deviation))


def _modelled(study: optuna.Study, trials: Sequence[FrozenTrial], seed: int) -> Params:
    """Return the configuration of which a Gaussian process expects the greatest improvement.

    It knows every finished trial by its last score, pruned ones with the length they reached.
    Those that failed count as bad, running ones as what is expected of them.
    """
    generator = np.random.default_rng(seed)
    ended = [trial for trial in trials if trial.state in FINISHED or _broken(trial)]
    rows, lengths = _rows(ended), np.array([_length(trial) for trial in ended])
    model = GaussianProcess(_at(rows, lengths), _standardised(ended, _maximize(study)))
    running = _rows([t for t in trials if t.state == TrialState.RUNNING and _whole(t)])
    if len(running):
        model.add(_at(running))
    expected, _ = model.predict(_at(rows))
    tried = {row.tobytes() for row in np.round(np.concatenate([rows, running]), 6)}

    def promise(candidates: Array) -> Array:
        mean, deviation = model.predict(_at(candidates))
        known = [row.tobytes() in tried for row in np.round(candidates, 6)]
        improvement = _log_improvement(mean, deviation, float(expected.max()))
        return np.where(known, -np.inf, improvement)

    return _point(_most_promising(rows[np.argsort(-expected)[:5]], promise, generator))


def _most_promising(
    best: Array, promise: Callable[[Array], Array], generator: np.random.Generator
) -> Array:
    """Return the row that promises most: drawn, or near one of the best, then refined."""
    step, chance = generator.choice([0.5, 0.2, 0.08], 500), generator.choice([0.2, 0.5], 500)
    near = best.repeat(100, axis=0)
    candidates = np.concatenate(
        [
            np.stack([_drawn(item, 500, generator, False) for item in SPACE], axis=1),
            np.stack([_drawn(item, 200, generator, True) for item in SPACE], axis=1),
            _neighbours(near, step[: len(near)], chance[: len(near)], generator),
        ]
    )
    promises = promise(candidates)
    for size in (0.2, 0.1, 0.05, 0.02):
        top = candidates[np.argsort(-promises)[:5]].repeat(60, axis=0)
        closer = _neighbours(top, np.full(len(top), size), np.full(len(top), 0.4), generator)
        candidates = np.concatenate([candidates, closer])
        promises = np.concatenate([promises, promise(closer)])
    return np.asarray(candidates[np.argmax(promises)])


def _rows(trials: Sequence[FrozenTrial]) -> Array:
    points = [_configuration(_values(trial), trial.user_attrs) for trial in trials]
    columns = [_column(item, [point[item["name"]] for point in points]) for item in SPACE]
    return np.stack(columns, axis=1)


def _values(trial: FrozenTrial) -> Params:
    """Return a trial's values, also while its worker has taken it but not asked for them yet."""
    return {**trial.system_attrs.get("fixed_params", {}), **trial.params}


def _broken(trial: FrozenTrial) -> bool:
    """Tell whether the function raised for a trial: its memory was too small, for example."""
    return trial.state == TrialState.FAIL and not _lost(trial) and _whole(trial)


def _whole(trial: FrozenTrial) -> bool:
    """Tell whether a trial has been given all its values."""
    return len(_values(trial)) == len(SPACE) + sum("switch" in item for item in SPACE)


def _at(rows: Array, lengths: Array | None = None) -> Array:
    """Return the features of rows and the logs of their lengths; None for whole trainings."""
    features = _features(rows)
    if not EPOCHS:
        return features
    shares = np.zeros(len(rows)) if lengths is None else lengths
    return np.concatenate([features, shares[:, None]], axis=1)


def _length(trial: FrozenTrial) -> float:
    """Return the length of a trial as the power of ten of its share of a training."""
    if trial.state != TrialState.PRUNED or not EPOCHS or not trial.last_step:
        return 0.0
    return math.log10(min(trial.last_step / EPOCHS, 1.0))


def _standardised(trials: Sequence[FrozenTrial], maximize: bool) -> Array:
    """Return the last scores, higher is better, with mean 0 and variance 1.

    What lies far below the median tells no more than that it is bad, so it is cut there; what
    diverged stands with it.
    """
    scores = np.array([_last_score(trial) for trial in trials]) * (1 if maximize else -1)
    finite = scores[np.isfinite(scores)]
    if not len(finite):
        return np.zeros(len(scores))
    middle, upper, top = np.quantile(finite, [0.5, 0.75, 1.0])
    floor = middle - 4 * ((upper - middle) or (top - middle) or 1.0)
    scores = np.maximum(np.where(np.isfinite(scores), scores, floor), floor)
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0))


def _last_score(trial: FrozenTrial) -> float:
    if trial.state == TrialState.COMPLETE:
        return float(trial.values[0])
    if trial.state == TrialState.FAIL or trial.last_step is None:
        return math.nan
    return float(trial.intermediate_values[trial.last_step])


# --- model: end ---
# ---------------------------------------------------------------- the study


def make_study(
    storage: str | None = None, seed: int = 0, direction: str | None = None
) -> optuna.Study:
    """Open the search, or create it with the baseline and the start points queued, each once.

    Args:
        storage: Path of the journal; None keeps the study in memory.
        seed: Seed of the start points and of the sampler.
        direction: "maximize" or "minimize"; the plan's where None.
    """
    with _lock(storage):
        study = _open_study("search", storage, seed, direction)
        if json.dumps(study.user_attrs.get("space", SPACE)) != json.dumps(SPACE):
            other = "holds a search over another space; give another --storage"
            raise TuneError(f"{_shown(storage)} {other}")
        if not _sets_up(study, storage):
            return study
        study.set_user_attr("space", SPACE)
        present = {trial.user_attrs.get("origin") for trial in study.get_trials(deepcopy=False)}
        for old in PLAN["known"]:
            if f"known-{old['number']}" not in present:
                study.add_trial(_known(old))
        for origin, point in _planned(seed):
            if origin not in present:
                _enqueue(study, point, origin)
        _recover(study, storage, retry=True)
    return study


def _sets_up(study: optuna.Study, storage: str | None) -> bool:
    """Tell whether this process queues the planned trials, or a process of another machine does.

    A journal has a lock for that. On a server the process does it whose claim was written last:
    the claims are read again once all that were under way have been written.
    """
    if not _shared(storage) or study.get_trials(deepcopy=False):
        return True
    study.set_user_attr("claim", _me())
    time.sleep(CLAIM_SECONDS)
    if study.user_attrs["claim"] == json.loads(json.dumps(_me())):
        return True
    for _ in range(60):  # the other one queues them now
        if study.get_trials(deepcopy=False):
            return False
        time.sleep(0.5)
    raise TuneError(f"{_shown(storage)}: another machine began and died; try again")


def _known(old: Params) -> FrozenTrial:
    """Return a trial of an earlier search: the sampler learns from it, nobody pays for it."""
    point = optuna.trial.FixedTrial(_fixed(old["params"])[0])
    suggest(point)
    return optuna.create_trial(
        params=point.params,
        distributions=point.distributions,
        value=old["value"],
        user_attrs={"origin": f"known-{old['number']}"},
    )


def _own(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials of this search, those that it was given left out."""
    return [t for t in trials if not str(t.user_attrs.get("origin")).startswith("known-")]


def _open_study(
    name: str, storage: str | None, seed: int, direction: str | None = None
) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    direction = direction or PLAN["direction"]
    if direction not in ("maximize", "minimize"):
        raise TuneError("the plan names no direction; give --direction maximize or minimize")
    try:
        study = optuna.create_study(
            study_name=name,
            storage=_store(storage) if storage else None,
            direction=optuna.study.StudyDirection[direction.upper()],
            sampler=_sampler("bayesian", seed),
            pruner=_pruner(),
            load_if_exists=True,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TuneError(f"{storage}: cannot be used as a journal ({error})") from None
    if study.direction.name.lower() != direction:
        raise TuneError(f"{_shown(storage)} holds a search in the other direction: {direction}")
    return study


def _shown(storage: str | None) -> str:
    """Return a storage as it may be printed: never with a password."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", storage or "memory")


def _store(storage: str) -> optuna.storages.BaseStorage:
    """Open a journal, a database server or the gRPC proxy of another machine."""
    if "://" not in storage:
        return _journal(storage)
    for pause in (0.5, 1.0, 2.0, 4.0, 0.0):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                if storage.startswith("grpc://"):
                    return _proxy(storage)
                return optuna.storages.RDBStorage(storage)
        except TuneError:
            raise
        except Exception as error:  # each driver raises errors of its own
            text = _shown(" ".join(str(error).split("\n")[0].split())[:200])
            # Machines that begin at once create the same tables; one of them is told so.
            if not pause or not re.search("duplicate|already exists|unique", text, re.IGNORECASE):
                raise TuneError(f"{_shown(storage)}: cannot be opened ({text})") from None
        time.sleep(pause)
    raise AssertionError


def _proxy(storage: str) -> optuna.storages.BaseStorage:
    host, _, port = storage.removeprefix("grpc://").rstrip("/").rpartition(":")
    if not host or not port.isdigit():
        raise TuneError(f"--storage {storage}: write grpc://HOST:PORT")
    try:
        proxy = optuna.storages.GrpcStorageProxy(host=host, port=int(port))
    except AttributeError:
        raise TuneError("a gRPC storage needs optuna 4.2 or newer") from None
    except ImportError as error:
        raise TuneError(f"a gRPC storage needs grpcio: pip install grpcio ({error})") from None
    try:
        if hasattr(proxy, "wait_server_ready"):
            proxy.wait_server_ready(timeout=SERVER_SECONDS)
    except Exception:
        raise TuneError(f"{storage}: no server answers; start it with --serve {port}") from None
    return proxy


def serve(storage: str, place: str) -> None:
    """Serve a journal to other machines, until it is interrupted.

    Args:
        storage: The journal, or a database.
        place: HOST:PORT to listen at, or a port alone, for processes of this machine only.
    """
    host, _, port = place.rpartition(":")
    host = host or "localhost"
    if not port.isdigit():
        raise TuneError(f"--serve {place}: write PORT or HOST:PORT")
    if storage.startswith("grpc://"):
        raise TuneError("--serve needs the journal or database itself, not another server")
    with _lock(storage):
        store = _store(storage)
    _say(f"Serving {_shown(storage)} at {host}:{port}; Ctrl-C ends it.")
    try:
        optuna.storages.run_grpc_proxy_server(store, host=host, port=int(port))
    except ImportError as error:
        raise TuneError(f"--serve needs grpcio: pip install grpcio protobuf ({error})") from None
    except (OSError, RuntimeError) as error:
        raise TuneError(f"--serve {place}: cannot listen there ({error})") from None


def _journal(path: str) -> optuna.storages.BaseStorage:
    """Open a journal; half a line that a killed process left at its end is cut off."""
    file = Path(path).absolute()
    lock = _FileLock(file)
    if file.is_file() and _torn(file):
        lock.acquire()
        if _torn(file):
            os.truncate(file, file.read_bytes().rfind(b"\n") + 1)
        lock.release()
    return optuna.storages.JournalStorage(JournalFileBackend(str(file), lock_obj=lock))


def _torn(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.readline()
        if not start.startswith(b'{"op_code"') or not start.endswith(b"\n"):
            return False  # empty, or no journal at all: nothing to mend
        stream.seek(-1, os.SEEK_END)
        return stream.read() != b"\n"


class _FileLock(JournalFileOpenLock):  # type: ignore[misc, unused-ignore]
    """Optuna's lock file, which also says who holds it.

    The lock of a process that was killed is then broken at once, not after half a minute.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self._path = Path(f"{file}.lock")

    def acquire(self) -> bool:
        # Linked into place with its content: there is no moment at which nobody seems to hold it.
        own = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        own.write_text(json.dumps(_me()))
        try:
            return self._link(own)
        except OSError:  # a file system without hard links
            taken = bool(super().acquire())
            self._path.write_text(json.dumps(_me()))
            return taken
        finally:
            own.unlink(missing_ok=True)

    def _link(self, own: Path) -> bool:
        pause, seen, since = 0.001, "", time.monotonic()
        while True:
            with contextlib.suppress(FileExistsError):
                os.link(own, self._path)
                return True
            if self._break_dead():
                continue
            with contextlib.suppress(OSError):
                text = self._path.read_text()
                state = f"{self._path.stat().st_mtime_ns} {text}"
                if state != seen:
                    seen, since = state, time.monotonic()
                elif time.monotonic() - since > LOCK_SECONDS and not self._held_here(text):
                    self._remove(text)  # of a machine that cannot be asked
            time.sleep(pause)
            pause = min(2 * pause, 0.05)

    @staticmethod
    def _held_here(text: str) -> bool:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            holder = json.loads(text)
            return holder["host"] == socket.gethostname() and _runs(holder)
        return False

    def _break_dead(self) -> bool:
        """Remove the lock of a process that has died; say whether there was such."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            text = self._path.read_text()
            if not _runs(json.loads(text)):
                return self._remove(text)
        return False

    def _remove(self, text: str) -> bool:
        """Remove the lock if it still is the one that was read.

        One process at a time: else one could read a dead lock, and remove the live one that
        another has put in its place meanwhile.
        """
        key = hashlib.sha256(str(self._path).encode()).hexdigest()[:16]
        with (Path(tempfile.gettempdir()) / f"tune-break-{key}").open("w") as stream:
            if fcntl is not None:
                fcntl.flock(stream, fcntl.LOCK_EX)
            with contextlib.suppress(OSError):
                if self._path.read_text() == text:
                    self._path.unlink()
                    return True
        return False


@contextlib.contextmanager
def _lock(storage: str | None) -> Iterator[None]:
    """Let one process at a time look at the trials and decide which comes next."""
    if storage is None:
        yield
        return
    lock = _FileLock(_lock_file(storage))
    lock.acquire()
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            lock.release()


def _lock_file(storage: str) -> Path:
    """Return the file that processes lock: beside the journal; for servers on this machine only.

    Only processes of its own machine can be seen to be dead, so nothing more has to be locked:
    the server itself gives each queued trial to one worker.
    """
    if storage.startswith("sqlite"):
        raise TuneError("--storage: SQLite breaks under several workers; give a journal file")
    if "://" in storage:
        key = hashlib.sha256(f"{os.environ.get('USER', '')} {storage}".encode()).hexdigest()
        return Path(tempfile.gettempdir()) / f"tune-{key[:16]}"
    if not Path(storage).absolute().parent.is_dir():
        raise TuneError(f"--storage {storage}: give a journal file in a folder that exists")
    return Path(f"{Path(storage).absolute()}.next")


def _sampler(strategy: str, seed: int) -> optuna.samplers.BaseSampler:
    if strategy == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    # With many start points a few workers may ask before the last of them has ended.
    started = min(1 + len(PLAN["points"]) + PLAN["start_points"], 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            n_startup_trials=started, multivariate=True, constant_liar=True, seed=seed
        )


def _pruner() -> optuna.pruners.BasePruner:
    settings = PLAN["pruner"]
    if settings["name"] == "asha":
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=settings["min_step"], reduction_factor=settings["reduction_factor"]
        )
    if settings["name"] == "median":
        return optuna.pruners.MedianPruner(
            n_startup_trials=settings["startup_trials"], n_warmup_steps=settings["warmup_steps"]
        )
    return optuna.pruners.NopPruner()


def _planned(seed: int) -> Iterator[tuple[str, Params]]:
    """Yield the configurations that run whatever comes: baseline, listed values, start points."""
    yield "baseline", PLAN["baseline"]
    for index, values in enumerate(PLAN["points"]):
        yield f"listed-{index}", {**PLAN["baseline"], **values}
    for index in range(PLAN["start_points"]):
        yield f"start-{index}", _quasirandom(index, seed, {})


def _enqueue(study: optuna.Study, point: Params, origin: str) -> None:
    fixed, exact = _fixed(point)
    attrs: Params = {"origin": origin, "attempt": 1}
    study.enqueue_trial(fixed, user_attrs={**attrs, "exact": exact} if exact else attrs)


def _lost(trial: FrozenTrial) -> bool:
    """Tell whether a trial ended because its process did, not because the function raised."""
    return trial.state == TrialState.FAIL and "error" not in trial.user_attrs


def _recover(
    study: optuna.Study, storage: str | None, retry: bool = False, everything: bool = False
) -> None:
    """Mark the trials of dead processes as failed, and queue their configurations again.

    Call it under the lock: a running trial without a worker's mark is then a dead one's.

    Args:
        study: The search, or the confirmation.
        storage: Where it is kept.
        retry: Also queue planned configurations again that failed with an exception.
        everything: Take every running trial for dead.
    """
    groups: dict[str, list[FrozenTrial]] = {}
    lost = _unmarked(study, storage)
    for trial in study.get_trials(deepcopy=False):
        attrs = trial.user_attrs
        dead = everything or trial.number in lost or ("worker" in attrs and not _alive(trial))
        if trial.state == TrialState.RUNNING and dead:
            study.tell(trial.number, state=TrialState.FAIL)
    for trial in study.get_trials(deepcopy=False):
        origin = trial.user_attrs.get("origin", f"trial-{trial.number}")
        groups.setdefault(origin, []).append(trial)
    for origin, group in groups.items():
        last, attempt = group[-1], group[-1].user_attrs.get("attempt", 1)
        again = _lost(last) or (retry and "origin" in last.user_attrs)
        if last.state != TrialState.FAIL or not again or attempt >= MAX_ATTEMPTS:
            continue
        attrs = {k: v for k, v in last.user_attrs.items() if k not in ("worker", "error")}
        attrs.update(origin=origin, attempt=attempt + 1)
        study.enqueue_trial(last.system_attrs.get("fixed_params", last.params), user_attrs=attrs)


@functools.cache
def _me() -> Params:
    return {"host": socket.gethostname(), "pid": os.getpid(), "since": _since(os.getpid())}


def _since(pid: int) -> str | None:
    """Return when a process started, in ticks; "dead" for one that has ended; None if unknown."""
    if not Path("/proc/self/stat").exists():
        return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return "dead"
    return "dead" if fields[0] in "ZX" else fields[19]


def _unmarked(study: optuna.Study, storage: str | None) -> set[int]:
    """Return the running trials whose process died before it could leave its mark.

    On a server the lock holds for this machine only: while a worker of another machine is asking
    for a trial, the one without a mark may be its.
    """
    found = _without_mark(study)
    if found and _shared(storage):
        others = {key: who for key, who in study.user_attrs.items() if key.startswith("asking-")}
        others.pop(_asking(), None)  # of a dead process: we hold the lock of this machine
        if any(others.values()):
            return set()
        found &= _without_mark(study)  # it may have been left meanwhile
    return found


def _without_mark(study: optuna.Study) -> set[int]:
    running = study.get_trials(deepcopy=False, states=[TrialState.RUNNING])
    return {trial.number for trial in running if "worker" not in trial.user_attrs}


def _asking() -> str:
    return "asking-" + socket.gethostname()


def _shared(storage: str | None) -> bool:
    """Tell whether a storage is a server, whose other users know nothing of our locks."""
    return storage is not None and "://" in storage


def _alive(trial: FrozenTrial) -> bool:
    worker = trial.user_attrs.get("worker")
    return worker is not None and _runs(worker)


def _runs(worker: Params) -> bool:
    """Tell whether a process lives; those of other hosts count as alive."""
    if worker["host"] != socket.gethostname():
        return True
    since = _since(worker["pid"])
    if since is not None or os.name == "nt":  # os.kill would end the process on Windows
        return since is None or bool(since == worker["since"])
    try:
        os.kill(worker["pid"], 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


# ---------------------------------------------------------------- the search


@dataclass(frozen=True)
class Job:
    """What a worker has to do; travels to other processes."""

    target: str | Callable[..., float]
    storage: str | None
    seed: int
    direction: str | None
    trials: int
    ceiling: float | None
    deadline: float | None
    confirm: bool = False


def run(
    function: str | Callable[..., float],
    *,
    trials: int | None = None,
    storage: str | None = "journal.log",
    seed: int = 0,
    workers: int = 1,
    timeout_hours: float | None = None,
    direction: str | None = None,
) -> optuna.Study:
    """Search until enough trials are finished, the budget is spent or the time is over.

    Args:
        function: Trains once: ``function(params, report) -> score``; or "module:function". With
            several workers it must be importable by name.
        trials: Finished trials, complete or pruned, of all runs and workers. None means the
            plan's, and no more full trainings than it pays for.
        storage: Path of the journal; None for memory (one worker only).
        seed: Seed of the search, and of the trainings where the function takes one.
        workers: Processes.
        timeout_hours: No training starts after it.
        direction: "maximize" or "minimize"; the plan's where None.

    Raises:
        TuneError: The function, the journal or an argument cannot be used.
    """
    job = Job(
        target=function,
        storage=storage,
        seed=seed,
        direction=direction,
        trials=trials or PLANNED,
        ceiling=None if trials else PLAN["trainings"],
        deadline=_deadline(timeout_hours),
    )
    study = make_study(storage, seed, direction)
    _spread(job, workers, study)
    return study


def _deadline(hours: float | None) -> float | None:
    return None if hours is None else time.time() + 3600 * hours


def _spread(job: Job, workers: int, study: optuna.Study) -> None:
    """Work here, or in several processes; return when all have ended."""
    if workers <= 1:
        _work(job, 0, study)
        return
    if job.storage is None:
        raise TuneError("several workers need a journal; give --storage")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_worker, args=(job, index)) for index in range(workers)]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join()
    except KeyboardInterrupt:
        for process in processes:
            process.join(10)
            process.terminate()
        raise
    codes = [process.exitcode or 0 for process in processes]
    if any(codes):
        ended = ", ".join(f"worker {i} with code {code}" for i, code in enumerate(codes) if code)
        raise StoppedError(f"ended early: {ended}; the same command again goes on")


def _worker(job: Job, index: int) -> None:
    """Run as one of several processes."""
    os.environ["TUNE_WORKER"] = str(index)
    try:
        _work(job, index, _open_study(_name(job), job.storage, job.seed, job.direction))
    except TuneError as error:
        _say(f"worker {index}: {error}")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _name(job: Job) -> str:
    return "confirm" if job.confirm else "search"


def _work(job: Job, index: int, study: optuna.Study) -> None:
    """Take trial after trial until none is left."""
    function = load_target(job.target) if isinstance(job.target, str) else job.target
    parent = multiprocessing.parent_process()
    failures = 0
    while parent is None or parent.is_alive():
        with _lock(job.storage):
            trial = _next_trial(study, job, index)
        if trial is None:
            return
        done = _train(study, trial, job, function)
        failures = 0 if done else failures + 1
        if failures >= MAX_FAILURES:
            last = study.get_trials(deepcopy=False)[trial.number].user_attrs["error"]
            raise StoppedError(
                f"{failures} trials in a row failed, the last with {last}; mend the function and "
                "give the same command again"
            )


def _next_trial(study: optuna.Study, job: Job, index: int) -> optuna.Trial | None:
    """Choose the next trial, under the lock; None when there is nothing left to do."""
    _recover(study, job.storage)
    trials = study.get_trials(deepcopy=False)
    if _stop_reason(trials, job):
        return None
    if not any(trial.state == TrialState.WAITING for trial in trials):
        _prepare(study, job, index, trials)
    if sum(map(_cost, _own(trials))) >= PLAN["pruner"].get("trainings", math.inf):
        study.pruner = optuna.pruners.NopPruner()
    if _shared(job.storage):
        study.set_user_attr(_asking(), _me())
    trial = study.ask()
    trial.set_user_attr("worker", _me())
    if _shared(job.storage):
        study.set_user_attr(_asking(), None)
    return trial


def _prepare(study: optuna.Study, job: Job, index: int, trials: Sequence[FrozenTrial]) -> None:
    """Choose the sampler of a trial that nobody has planned; queue the next quasi-random point."""
    started = sum(t.state != TrialState.WAITING and not _lost(t) for t in _own(trials))
    phase, number = _phase(started)
    # The seed hangs on what was started, so that a resumed search goes on as it would have.
    generator = random.Random(f"{job.seed}/{index}/{started}")
    study.sampler = _sampler(phase["strategy"], generator.randrange(2**31))
    if phase["strategy"] == "quasirandom":
        before = _queued(trials, f"phase-{number}")
        box = _box_of_best(_ranked(study)) if number else {}
        offset = 0 if number else PLAN["start_points"]
        point = _quasirandom(before + offset, job.seed + number, box)
        _enqueue(study, point, f"phase-{number}-{before}")
    # --- model: begin ---
    elif phase["strategy"] == "bayesian" and PLAN["model"]:
        if sum(trial.state in FINISHED for trial in trials) < 2:
            point = _quasirandom(started, job.seed, {})
        else:
            point = _modelled(study, trials, generator.randrange(2**31))
        _enqueue(study, point, f"model-{_queued(trials, 'model-')}")
    # --- model: end ---


def _queued(trials: Sequence[FrozenTrial], origin: str) -> int:
    """Return how many trials were queued whose origin begins so."""
    return sum(str(trial.user_attrs.get("origin")).startswith(origin) for trial in trials)


def _phase(started: int) -> tuple[dict[str, Any], int]:
    """Return the phase to which the next trial belongs; the last one goes on for ever."""
    for number, phase in enumerate(PLAN["phases"]):
        if started < phase["trials"]:
            return phase, number
        started -= phase["trials"]
    return PLAN["phases"][-1], len(PLAN["phases"]) - 1


def _stop_reason(trials: Sequence[FrozenTrial], job: Job) -> str:
    """Say why no further trial may start; empty when one may."""
    trials = _own(trials)
    finished = sum(trial.state in FINISHED for trial in trials)
    running = sum(trial.state == TrialState.RUNNING for trial in trials)
    if job.deadline is not None and time.time() >= job.deadline:
        return f"The time is over after {finished} of {job.trials} trials."
    if job.confirm:
        left = any(trial.state == TrialState.WAITING for trial in trials)
        return "" if left else "All finalists are trained."
    # Where trials are pruned, the plan's number of them is a guess, and its trainings decide.
    if finished + running >= job.trials and not (PRUNES and job.ceiling is not None):
        return f"All {job.trials} trials are finished."
    paid = sum(map(_cost, trials))
    reserved = (running + 1) * max(EACH, PLAN["trainings"] / PLANNED if not PRUNES else 0)
    if job.ceiling is not None and paid + reserved > max(job.ceiling, EACH) + 1e-6:
        return (
            f"The budget is spent: {paid:.1f} of {job.ceiling:g} full trainings, {finished} of "
            f"{job.trials} trials. --no-ceiling goes on."
        )
    return ""


def _cost(trial: FrozenTrial) -> float:
    """Return what an ended trial has cost, in full trainings; nothing if its process died."""
    if not trial.state.is_finished() or _lost(trial):
        return 0.0
    complete = trial.state == TrialState.COMPLETE
    if trial.last_step is None and trial.state == TrialState.FAIL:
        return 0.0
    if trial.last_step is None or not EPOCHS:
        return EACH
    # Where the plan searches the number of epochs, a trial may be longer than the usual training.
    share = trial.last_step / EPOCHS
    return EACH * (max(share, 1.0) if complete and share < 10 else min(share, 1.0))


def _train(
    study: optuna.Study, trial: optuna.Trial, job: Job, function: Callable[..., float]
) -> bool:
    """Train once and tell the study; return whether the function came through."""
    params, seed, prunable = _assignment(trial, job)
    keywords = {"seed": seed} if _takes_seed(function) else {}
    report = _reporter(trial, prunable)
    try:
        value = float(function(params, report, **keywords))
        if not math.isfinite(value):
            raise optuna.TrialPruned("diverged")
        study.tell(trial, value)
        outcome = f"{value:.6g}"
    except optuna.TrialPruned as pruned:
        study.tell(trial, state=TrialState.PRUNED)
        outcome = str(pruned) or "pruned"
    except (Exception, SystemExit) as error:
        trial.set_user_attr("error", f"{type(error).__name__}: {error}"[:300])
        study.tell(trial, state=TrialState.FAIL)
        _say("".join(traceback.format_exception(error)).rstrip())
        outcome = "failed"
    except BaseException:
        study.tell(trial, state=TrialState.FAIL)  # without an error: it is queued again
        raise
    _say(f"trial {trial.number}: {outcome}  {_words(params)}")
    return outcome != "failed"


def _assignment(trial: optuna.Trial, job: Job) -> tuple[Params, int, bool]:
    """Return what to train: the configuration, its seed, and whether it may be pruned."""
    if job.confirm:
        attrs = trial.user_attrs
        return attrs["params"], attrs["seed"], False
    # The baseline is what all others are measured by, so it always runs to its end.
    return suggest(trial), job.seed, trial.user_attrs.get("origin") != "baseline"


def _reporter(trial: optuna.Trial, prunable: bool) -> Report:
    warned = False

    def report(step: int, value: float) -> None:
        nonlocal warned
        if EPOCHS and step > 3 * EPOCHS and not warned:
            warned = True
            _say(f"report({step}, ...): the plan counts in epochs, about {EPOCHS:g} a trial")
        trial.report(float(value), int(step))
        if not math.isfinite(value):
            raise optuna.TrialPruned("diverged")
        if trial.should_prune() and prunable:
            raise optuna.TrialPruned

    return report


def _takes_seed(function: Callable[..., float]) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return "seed" in parameters


# ---------------------------------------------------------------- the results


def _ranked(study: optuna.Study) -> list[FrozenTrial]:
    """Return the complete trials, the best first."""
    complete = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    return sorted(complete, key=lambda t: t.values[0], reverse=_maximize(study))


def _maximize(study: optuna.Study) -> bool:
    return study.direction == optuna.study.StudyDirection.MAXIMIZE


def summary(study: optuna.Study, job: Job, command: str) -> str:
    """Say what the search found, what it cost, and what comes next."""
    trials = _own(study.get_trials(deepcopy=False))
    count = {state: sum(trial.state == state for trial in trials) for state in TrialState}
    failed = sum(trial.state == TrialState.FAIL and not _lost(trial) for trial in trials)
    ranked = _ranked(study)
    lines = [
        _stop_reason(trials, job),
        f"{count[TrialState.COMPLETE]} complete, {count[TrialState.PRUNED]} pruned, "
        f"{failed} failed; {sum(map(_cost, trials)):.1f} full trainings paid.",
        "",
        f"  trial  {PLAN['metric'] or 'value'} ({study.direction.name.lower()})",
    ]
    baseline = [trial for trial in ranked if trial.user_attrs.get("origin") == "baseline"]
    for trial in [*ranked[:5], *(t for t in baseline if t not in ranked[:5])]:
        mark = "  <- baseline" if trial in baseline else ""
        head = f"  {trial.number:>5}  {trial.values[0]:<12.6g}{mark}"
        lines += [head, *_wrapped(_words(_configuration(trial.params, trial.user_attrs)), " " * 9)]
    for trial in trials:
        if _lost(trial) and trial.user_attrs.get("attempt", 1) >= MAX_ATTEMPTS:
            words = _words(_configuration(trial.params, trial.user_attrs))
            text = f"Given up, its process was killed {MAX_ATTEMPTS} times: {words}"
            lines += ["", *_wrapped(text, "")]
    if PLAN["stop_when"]:
        lines += ["", "When to stop:"]
        lines += [line for rule in PLAN["stop_when"] for line in _wrapped(rule, "  - ")]
    if PLAN["confirm"] and ranked:
        lines += ["", *_wrapped(_confirm_words(), ""), f"  {command} --confirm"]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _confirm_words() -> str:
    finalists, seeds = PLAN["confirm"]["finalists"], PLAN["confirm"]["seeds"]
    return (
        f"Next: the best score of a search is too good. Train {finalists} configurations, the "
        f"best ones and the baseline, again on {seeds} fresh seeds, and choose by the mean:"
    )


def confirm(
    job: Job,
    workers: int,
    search: optuna.Study | None = None,
    *,
    seeds: int | None = None,
    baseline: bool = True,
) -> list[Finalist]:
    """Train the best trials and the baseline again on fresh seeds that they share.

    Args:
        job: What to train, and where it is kept.
        workers: Processes.
        search: The search; the one in the job's storage where None.
        seeds: Fresh seeds of each configuration; the plan's where None.
        baseline: Whether the baseline takes the last place, so that the cost is the planned one.

    Returns:
        The configurations, the best mean first.
    """
    search = search or _open_study("search", job.storage, job.seed, job.direction)
    settings = PLAN["confirm"] or {"finalists": 3, "seeds": 2}
    finalists = _contenders(search, settings["finalists"], baseline)
    if not finalists:
        raise TuneError(f"{_shown(job.storage)} holds no complete trial yet; search first")
    with _lock(job.storage):
        study = _open_study("confirm", job.storage, job.seed, job.direction)
        present = {trial.user_attrs["origin"] for trial in study.get_trials(deepcopy=False)}
        for number, trial in itertools.product(range(seeds or settings["seeds"]), finalists):
            attrs = _again(trial, job.seed + 1000 + number)
            if attrs["origin"] not in present:
                study.enqueue_trial({}, user_attrs=attrs)
        _recover(study, job.storage, retry=True)
    if not _takes_seed(_function(job)):
        _say("The function takes no `seed`; the repeats differ only by its own randomness.")
    _spread(job, workers, study)
    return _by_mean(study, finalists)


def _contenders(search: optuna.Study, count: int, baseline: bool) -> list[FrozenTrial]:
    """Return the best trials; the last place is the baseline's where it is not among them."""
    ranked = _ranked(search)
    chosen = ranked[:count]
    default = _baseline_trial(search)
    if not baseline or not chosen or default is None:
        return chosen
    if any(trial.number == default.number for trial in chosen):
        return chosen
    return [*chosen[: max(count - 1, 1)], default]


def _baseline_trial(search: optuna.Study) -> FrozenTrial | None:
    """Return the baseline's trial, a complete one first; None where none was started."""
    tried = [
        trial
        for trial in search.get_trials(deepcopy=False)
        if trial.user_attrs.get("origin") == "baseline" and len(trial.params) >= len(SPACE)
    ]
    return min(tried, key=lambda t: (t.state != TrialState.COMPLETE, t.number), default=None)


def _again(trial: FrozenTrial, seed: int) -> Params:
    """Return what is written beside a training of the confirmation."""
    default = trial.user_attrs.get("origin") == "baseline"
    return {
        "origin": f"{trial.number}/{seed}",
        "finalist": trial.number,
        "role": "baseline" if default else "finalist",
        "seed": seed,
        "params": _configuration(trial.params, trial.user_attrs),
    }


def _by_mean(study: optuna.Study, finalists: Sequence[FrozenTrial]) -> list[Finalist]:
    again = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    rows = []
    for trial in finalists:
        own = [t for t in again if t.user_attrs["finalist"] == trial.number]
        values = {t.user_attrs["seed"]: t.values[0] for t in own}
        if values:
            rows.append(Finalist(sum(values.values()) / len(values), values, trial))
    return sorted(rows, key=lambda row: row.mean, reverse=_maximize(study))


def _table(rows: Sequence[Finalist]) -> str:
    lines = ["  trial  mean        in the search  on fresh seeds"]
    for row in rows:
        trial, each = row.trial, ", ".join(f"{value:.6g}" for value in row.values.values())
        before = f"{trial.values[0]:<13.6g}" if trial.values else f"{'-':<13}"
        mark = "  <- baseline" if row.baseline else ""
        lines.append(f"  {trial.number:>5}  {row.mean:<10.6g}  {before}  {each}{mark}")
        lines += _wrapped(_words(_configuration(trial.params, trial.user_attrs)), " " * 9)
    return "\n".join(lines)


def compare(rows: Sequence[Finalist], maximize: bool) -> str:
    """Say whether the best finalist beats the baseline on the seeds that both were trained on.

    Configurations × seeds, so that what a seed does to all of them cancels. The standard error is
    the larger of the pooled one and that of the pair's own differences; the level of 5 % is shared
    by the finalists, for the best of them was picked by the same scores.
    """
    default = next((row for row in rows if row.baseline), None)
    rivals = [row for row in rows if not row.baseline]
    if default is None or not rivals:
        return "The baseline has no score, so nothing says what the search has gained."
    best = rivals[0]
    seeds = sorted(set.intersection(*(set(row.values) for row in rows)))
    members = list(rows)
    if len(seeds) < 2:
        members, seeds = [best, default], sorted(set(best.values) & set(default.values))
    if len(seeds) < 2:
        return "Fewer than two seeds came through on both sides: compare again with more --seeds."
    sign = 1 if maximize else -1
    gains = [sign * (best.values[seed] - default.values[seed]) for seed in seeds]
    gain, margin = sum(gains) / len(seeds), _chance(members, seeds, gains)
    told = f"on the same {len(seeds)} fresh seeds"
    if gain <= 0:
        return f"No finalist is better than the baseline {told}: keep the baseline."
    better = f"{sum(g > 0 for g in gains)} of {len(seeds)}"
    text = f"by {gain:.4g} {told} ({better} are better; chance alone gives up to {margin:.2g})"
    if gain > margin:
        return f"Trial {best.trial.number} beats the baseline {text}."
    return (
        f"Trial {best.trial.number} leads the baseline {text}: too little to tell. Keep the "
        f"baseline, or compare with more seeds: --confirm --seeds {max(5, 2 * len(seeds))}."
    )


def _chance(members: Sequence[Finalist], seeds: Sequence[int], gains: Sequence[float]) -> float:
    """Return the gain that chance alone exceeds in one of twenty confirmations."""
    scores = [[row.values[seed] for seed in seeds] for row in members]
    rows = [sum(each) / len(seeds) for each in scores]
    columns = [sum(each) / len(members) for each in zip(*scores, strict=True)]
    whole = sum(rows) / len(members)
    rest = sum(
        (value - row - column + whole) ** 2
        for row, each in zip(rows, scores, strict=True)
        for column, value in zip(columns, each, strict=True)
    )
    freedom = (len(members) - 1) * (len(seeds) - 1)
    mean = sum(gains) / len(gains)
    own = sum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    error = math.sqrt(max(2 * rest / freedom, own) / len(seeds))
    return _student(0.05 / (len(members) - 1), freedom) * error


def _student(chance: float, freedom: int) -> float:
    """Return what Student's t exceeds with that chance, by bisection on its angle."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        cosines = (math.cos((k + 0.5) * middle / 400) ** (freedom - 1) for k in range(400))
        above = 0.5 - constant / math.sqrt(math.pi) * middle / 400 * sum(cosines)
        low, high = (middle, high) if above > chance else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def choose(function: Callable[..., float], seed: int = 0) -> Params | None:
    """Search in memory, confirm where the plan does, and return the configuration to go on with.

    Args:
        function: Trains once, as for ``run``.
        seed: Seed of the search.

    Returns:
        The configuration; None where no training came through.
    """
    study = run(function, storage=None, seed=seed)
    ranked = _ranked(study)
    if PLAN["confirm"] and ranked:
        job = Job(function, None, seed, None, PLANNED, None, None, confirm=True)
        confirmed = confirm(job, 1, study, baseline=bool(PLAN["confirm"].get("baseline")))
        ranked = [row.trial for row in confirmed] or ranked
    return _configuration(ranked[0].params, ranked[0].user_attrs) if ranked else None


def _words(params: Params) -> str:
    return ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in params.items()
    )


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 95, initial_indent=indent, subsequent_indent=" " * len(indent))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


# ---------------------------------------------------------------- the command


def load_target(target: str) -> Callable[..., float]:
    """Import "module:function"; anything wrong with it is told in one line."""
    module_name, _, name = target.partition(":")
    if not module_name or not name or "/" in module_name or module_name.endswith(".py"):
        raise TuneError(f"--target {target}: write module:function, for example train:objective")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise TuneError(f"--target {target}: {module_name} cannot be imported ({text})") from None
    function = getattr(module, name, None)
    if not callable(function):
        near = difflib.get_close_matches(name, [n for n in vars(module) if n[0] != "_"], 1)
        hint = f"; did you mean {module_name}:{near[0]}?" if near else ""
        raise TuneError(f"--target {target}: {module_name} has no function {name}{hint}")
    try:
        keywords = {"seed": 0} if _takes_seed(function) else {}
        inspect.signature(function).bind({}, None, **keywords)
    except TypeError as error:
        raise TuneError(f"--target {target}: must take (params, report); {error}") from None
    except ValueError:
        pass
    return function  # type: ignore[no-any-return]


def _function(job: Job) -> Callable[..., float]:
    return load_target(job.target) if isinstance(job.target, str) else job.target


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    add = parser.add_argument
    ceiling = f"pay for more than the planned {PLAN['trainings']:g} full trainings if need be"
    texts = {
        "target": "the function that trains once",
        "trials": f"finished trials over all runs and workers (planned: {PLANNED})",
        "storage": "the journal, a database URL or grpc://HOST:PORT (default: %(default)s)",
        "seed": "seed of the search and the trainings (default: %(default)s)",
        "workers": f"processes (default: 1; planned: {PLAN['workers']})",
        "hours": "start no training after H hours",
        "ceiling": f"{ceiling}; implied by --trials",
        "direction": "of the score (default: %(default)s)",
        "confirm": "train the best trials and the baseline again on fresh seeds",
        "seeds": "fresh seeds of --confirm (the plan's, if not given)",
        "serve": "serve the journal to other machines by gRPC, and train nothing",
        "reclaim": "queue all running trials again (only while no other worker runs)",
    }
    add("--target", metavar="MODULE:FUNCTION", help=texts["target"])
    add("--trials", type=_positive, metavar="N", help=texts["trials"])
    add("--storage", default="journal.log", metavar="WHERE", help=texts["storage"])
    add("--seed", type=int, default=0, metavar="S", help=texts["seed"])
    add("--workers", type=_positive, default=1, metavar="N", help=texts["workers"])
    add("--timeout-hours", type=float, metavar="H", help=texts["hours"])
    add("--no-ceiling", action="store_true", help=texts["ceiling"])
    ways = ["maximize", "minimize"]
    add("--direction", choices=ways, default=PLAN["direction"], help=texts["direction"])
    add("--confirm", action="store_true", help=texts["confirm"])
    add("--seeds", type=_positive, metavar="N", help=texts["seeds"])
    add("--serve", metavar="[HOST:]PORT", help=texts["serve"])
    add("--reclaim", action="store_true", help=texts["reclaim"])
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
    return int(text)


def _command(options: argparse.Namespace) -> None:
    if options.serve:
        serve(options.storage, options.serve)
        return
    if not options.target:
        raise TuneError("--target is missing: name the function that trains once, module:function")
    load_target(options.target)
    storage, seed, direction = options.storage, options.seed, options.direction
    job = Job(
        target=options.target,
        storage=storage,
        seed=seed,
        direction=direction,
        trials=options.trials or PLANNED,
        ceiling=None if options.trials or options.no_ceiling else PLAN["trainings"],
        deadline=_deadline(options.timeout_hours),
        confirm=options.confirm,
    )
    if options.reclaim:
        with _lock(storage):
            study = _open_study(_name(job), storage, seed, direction)
            _recover(study, storage, everything=True)
    if options.confirm:
        rows = confirm(job, options.workers, seeds=options.seeds)
        if not rows:
            raise TuneError("no training of the confirmation came through")
        verdict = "\n".join(_wrapped(compare(rows, direction != "minimize"), ""))
        report = f"The whole report: hpadvisor audit {_shown(storage)} --study confirm"
        sys.stdout.write(f"{_table(rows)}\n\n{verdict}\n{report}\n")
        return
    study = make_study(storage, seed, direction)
    try:
        _spread(job, options.workers, study)
    finally:
        name = Path(sys.argv[0]).name
        place = _shown(storage)
        command = f"python {name} --target {options.target} --storage {place} --seed {seed}"
        sys.stdout.write(summary(study, job, command) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 stopped early, 2 wrong use, 130 interrupted."""
    try:
        _command(_parser().parse_args(arguments))
    except TuneError as error:
        _say(f"error: {error}")
        return 1 if isinstance(error, StoppedError) else 2
    except KeyboardInterrupt:
        _say("Interrupted; the same command again goes on.")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
