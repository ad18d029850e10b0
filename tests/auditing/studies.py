"""Studies whose truth is known, made for the tests of the review."""

from __future__ import annotations

import math

import numpy as np

from hpadvisor.readers.searches.record import Parameter, State, Study, Trial

SPACE = [
    Parameter("lr", "float", 1e-5, 1e-1, "log"),
    Parameter("momentum", "float", 0.5, 0.99, "linear"),
    Parameter("act", "categorical", choices=("relu", "tanh")),
    Parameter("dummy", "float", 0.0, 1.0, "linear"),
]


def make_study(
    count: int = 60,
    *,
    noise: float = 0.01,
    seed: int = 0,
    optimum: float = -3.0,
    slope: float = 0.2,
    high: float = 1e-1,
) -> Study:
    """A search whose score falls by ``slope`` for each decade between lr and the optimum."""
    rng = np.random.default_rng(seed)
    space = [Parameter("lr", "float", 1e-5, high, "log"), *SPACE[1:]]
    trials = []
    for number in range(count):
        exponent = rng.uniform(-5, math.log10(high))
        params = {
            "lr": 10**exponent,
            "momentum": rng.uniform(0.5, 0.99),
            "act": ("relu", "tanh")[rng.integers(2)],
            "dummy": rng.random(),
        }
        truth = 0.9 - slope * abs(exponent - optimum)
        score = float(truth + rng.normal(0, noise))
        start = 100.0 * number
        trials.append(Trial(number, State.COMPLETE, params, score, start=start, end=start + 90))
    return Study("made", "csv", "maximize", "acc", space, trials, "made.csv")
