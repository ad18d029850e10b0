"""The best trial, honestly: ties, optimism, the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpadvisor.facts.searches.pairing import LEVEL, paired_gain
from hpadvisor.facts.searches.student import student_tail
from hpadvisor.facts.searches.table import Table
from hpadvisor.readers.searches.record import State, Trial

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

TIE_BAND = 2.5
"""Width of the tie band in noise standard deviations: the best score is a maximum of noisy ones,
so the truly best trial may lie well below it (measured, benchmarks/audit)."""

_ONE_SIDED = 1.645
_SEED = 1
_MOST = 2000  # the best of more trials are never picked


def tie_set(table: Table, sd: float) -> list[int]:
    """Indices of the trials that cannot be told from the best, the best first."""
    order = (-table.y).argsort(kind="stable")
    floor = table.y[table.best] - TIE_BAND * sd
    return [int(i) for i in order if table.y[i] >= floor]


@dataclass(frozen=True, slots=True)
class Optimism:
    """How much too good the best score is, in the unit of the score.

    Attributes:
        expected: The mean to expect.
        low: Four of five searches are too good by at least this,
        high: and at most this (nine of ten draws; measured, benchmarks/audit).
    """

    expected: float
    low: float
    high: float


def optimism(table: Table, sd: float, error: float = 0.0, draws: int = 400) -> Optimism:
    """Tell how much too good the best score is.

    The best quarter's scores are drawn together by the share of their spread that noise makes
    (shrinkage), taken as the truth, and searched again with fresh noise.

    Args:
        table: The scored trials, at least two.
        sd: The noise between seeds.
        error: Relative error of that noise (a standard deviation of its logarithm), which widens
            the interval.
        draws: How often to search again.
    """
    import numpy as np

    count = min(len(table), _MOST, max(8, math.ceil(len(table) * 0.25)))
    top = np.sort(table.y)[::-1][:count]
    spread = float(top.var())
    share = sd / math.sqrt(spread) if spread > 0 else math.inf
    keep = math.sqrt(max(0.0, 1 - share * share))  # a product may be infinite, a power may not
    truth = top.mean() + keep * (top - top.mean())
    rng = np.random.default_rng(_SEED)
    noise = rng.normal(0, sd, (draws, len(top)))
    expected = float(_excess(truth, noise).mean())
    wider = noise * np.exp(rng.normal(0, error, (draws, 1)))
    low, high = np.quantile(_excess(truth, wider), [0.05, 0.95])
    return Optimism(expected, float(low), float(high))


def _excess(truth: Floats, noise: Floats) -> Floats:
    """How far the noise lifts the one that is picked, in each draw."""
    picked = (truth + noise).argmax(axis=1)
    lifted: Floats = noise[range(len(noise)), picked]
    return lifted


@dataclass(frozen=True, slots=True)
class Baseline:
    """The default configuration against the best trial.

    Attributes:
        number: The baseline's trial.
        score: Its score (the mean of its replicates).
        gain: Best minus baseline, the best's optimism taken off; more is better.
        margin: What the gain must exceed at a one-sided 5 % level.
        method: ``paired`` on the same seeds, ``welch`` on other repeated seeds, else ``single
            scores``.
    """

    number: int
    score: float
    gain: float
    margin: float
    method: str

    @property
    def beaten(self) -> bool:
        """Whether the gain is more than chance would give."""
        return self.gain > self.margin


_BASELINES = ("baseline", "base", "default", "defaults", "reference")
"""How people call the run that the others are compared with."""


def baseline_trial(trials: list[Trial], number: int | None) -> Trial | None:
    """The trial named as baseline, by its number or its label, else the first one enqueued."""
    if number is not None:
        return next((t for t in trials if t.number == number), None)
    named = [t for t in trials if t.label.strip().lower() in _BASELINES]
    if len(named) == 1:
        return named[0]
    return next((t for t in trials if t.enqueued and t.state is not State.WAITING), None)


def against_baseline(
    table: Table, baseline: Trial, sd: float | None, too_good: float
) -> Baseline | None:
    """Compare the best trial with the baseline.

    With the same seeds on both sides seed by seed; with other repeated seeds by Welch's test (the
    replicate that made the trial the best is left out, for it was chosen); else by single scores,
    the optimism taken off.

    Returns:
        The comparison, or None where the baseline has no score or the noise is not known.
    """
    if baseline.state is not State.COMPLETE or baseline.value is None:
        return None
    best = table.trials[table.best]
    score = float(baseline.value)
    pair = paired_gain(table, best, baseline)
    if pair is not None:
        return Baseline(baseline.number, score, *pair, "paired")
    if len(baseline.replicates) > 1 and len(best.replicates) > 2 and best is not baseline:
        return _welch(table, best, baseline)
    if sd is None:
        return None
    if best is baseline:
        return Baseline(baseline.number, score, 0.0, 0.0, "single scores")
    gain = float(table.y[table.best]) - too_good - score * table.sign
    return Baseline(baseline.number, score, gain, _ONE_SIDED * sd * math.sqrt(2), "single scores")


def _welch(table: Table, best: Trial, baseline: Trial) -> Baseline:
    import numpy as np

    fresh = np.array(best.replicates[1:]) * table.sign
    old = np.array(baseline.replicates) * table.sign
    parts = np.array([fresh.var(ddof=1) / len(fresh), old.var(ddof=1) / len(old)])
    error = math.sqrt(float(parts.sum())) or 1e-12
    weights = np.array([len(fresh) - 1, len(old) - 1])
    freedom = float(parts.sum() ** 2 / max(float((parts**2 / weights).sum()), 1e-30))
    gain = float(fresh.mean() - old.mean())
    margin = student_tail(LEVEL, max(freedom, 1.0)) * error
    return Baseline(baseline.number, float(old.mean() * table.sign), gain, margin, "welch")
