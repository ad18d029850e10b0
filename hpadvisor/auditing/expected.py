"""Which training a model of the past runs expects to be better than the best of them.

The model is the search's own Gaussian process, fitted to the scores of the runs. It is asked about
the best run with one, two or three settings moved by a usual step or two, or set to what another
run had. Nothing outside what a hyperparameter allows is asked about. Its own chances are too high
(.60 where .45 of the trainings were better, benchmarks/history), so they order and are not told.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from hpadvisor.readers.searches.record import Parameter, Trial
from hpadvisor.search.arrays import Array, levelled
from hpadvisor.search.gaussian_process import GaussianProcess

Settings = dict[str, Any]
Step = Callable[[Parameter, Any, int], Any]

_SAMPLES: Final = 400
"""Drawn settings with three changes; those with one or two are all asked about."""
_MOST_PAIRS: Final = 2000
_SEED: Final = 0


def most_promising(
    parameters: Sequence[Parameter], trials: Sequence[Trial], sign: float, step: Step, count: int
) -> list[Settings]:
    """Return settings that are likeliest to beat the best run, the likeliest first.

    Args:
        parameters: What the runs varied.
        trials: The runs, each with a score.
        sign: 1 where more is better, -1 where less is.
        step: A usual step from a value in a direction; None where there is none.
        count: How many to return; each after the first takes those before it for trained, with
            the score that the model expects.

    Returns:
        Settings of these parameters.
    """
    scores = levelled(np.array([sign * float(one.value or 0.0) for one in trials]))
    best = trials[int(np.argmax(scores))]
    known = [one.params for one in trials]
    candidates = [one for one in _moves(parameters, known, best.params, step) if one not in known]
    if not candidates:
        return []
    encode = _encoder(parameters, [*known, *candidates])
    model, rows = GaussianProcess(encode(known), scores), encode(candidates)
    top = float(model.predict(encode(known))[0].max())
    found: list[Settings] = []
    for _ in range(min(count, len(candidates))):
        mean, deviation = model.predict(rows)
        place = int(np.argmax((mean - top) / deviation))
        model.add(rows[place : place + 1])
        rows = np.delete(rows, place, axis=0)
        found.append(candidates.pop(place))
    return found


def _moves(
    parameters: Sequence[Parameter], known: Sequence[Settings], best: Settings, step: Step
) -> Iterator[Settings]:
    """The best run with one setting moved, with each two, and with some three."""
    values = {one.name: _values(one, known, best, step) for one in parameters}
    values = {name: found for name, found in values.items() if found}
    generator = np.random.default_rng(_SEED)
    for name, found in values.items():
        yield from ({**best, name: value} for value in found)
    pairs = [
        {**best, one: left, other: right}
        for one, other in itertools.combinations(values, 2)
        for left in values[one] for right in values[other]
    ]  # fmt: skip
    if len(pairs) > _MOST_PAIRS:
        pairs = [pairs[i] for i in generator.choice(len(pairs), _MOST_PAIRS, replace=False)]
    yield from pairs
    if len(values) < 3:
        return
    names = list(values)
    for _ in range(_SAMPLES):
        moved = [names[i] for i in generator.choice(len(names), 3, replace=False)]
        yield {**best, **{n: values[n][int(generator.integers(len(values[n])))] for n in moved}}


def _values(
    parameter: Parameter, known: Sequence[Settings], best: Settings, step: Step
) -> list[Any]:
    """What a setting of the best run may be moved to."""
    start = best.get(parameter.name)
    found = [one[parameter.name] for one in known if one.get(parameter.name) is not None]
    for side in (-1, 1):
        value = start
        for _ in range(2):
            value = None if value is None else step(parameter, value, side)
            found.append(value)
    kept: list[Any] = []
    for value in found:
        if value is not None and value != start and value not in kept:
            kept.append(value)
    return kept


def _encoder(
    parameters: Sequence[Parameter], settings: Sequence[Settings]
) -> Callable[[Sequence[Settings]], Array]:
    """Return what turns settings into rows: numbers on their scale, a corner for each choice."""
    parts = [_column(one, [s.get(one.name) for s in settings]) for one in parameters]

    def encode(rows: Sequence[Settings]) -> Array:
        return np.concatenate(
            [part([row.get(one.name) for row in rows])
             for one, part in zip(parameters, parts, strict=True)], axis=1,
        )  # fmt: skip

    return encode


def _column(parameter: Parameter, values: Sequence[Any]) -> Callable[[Sequence[Any]], Array]:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not parameter.is_number or len(numbers) < len(values):
        choices = sorted({repr(value) for value in values})
        return lambda rows: np.array([[0.5 * (repr(r) == c) for c in choices] for r in rows])
    low, high = min(numbers), max(numbers)
    log = low > 0 and (parameter.scale == "log" or high >= 10 * low)

    def place(value: float) -> float:
        if low == high:
            return 0.5
        if log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    return lambda rows: np.array([[place(float(row))] for row in rows])
