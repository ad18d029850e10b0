"""Stopping trials of a replay early, as pruners do."""

from __future__ import annotations

import numpy as np

from hpadvisor.readers.searches.record import State, Study, Trial

Rng = np.random.Generator


def halve(study: Study, factor: int, *, wrong: bool = False) -> None:
    """Stop trials as asynchronous halving does: at a rung the top 1/factor so far goes on."""
    full = len(study.trials[0].steps)
    rungs = [full // factor**k for k in range(3, 0, -1) if full // factor**k >= 1]
    seen: dict[int, list[float]] = {}
    for trial in study.trials:
        for rung in rungs:
            score = float(trial.values[rung - 1]) * (-1 if wrong else 1)
            others = seen.setdefault(rung, [])
            others.append(score)
            if score < np.quantile(others, 1 - 1 / factor):
                prune(trial, rung)
                break


def prune(trial: Trial, rung: int) -> None:
    """End a trial after that many steps."""
    trial.state, trial.value = State.PRUNED, float(trial.values[rung - 1])
    trial.steps, trial.values = trial.steps[:rung], trial.values[:rung]
