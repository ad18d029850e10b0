"""A model of the score over the search space: what untried configurations are likely to bring.

A Gaussian process (Matérn 5/2, a length for each parameter) over the search scale. The scores are
transformed by the logarithm of their gap to the best one, so that a diverged trial bends nothing
near the optimum. Lengths and noise are chosen by the marginal likelihood on a small grid, one
after the other (Rasmussen & Williams 2006, chapter 5; Snoek et al. 2012).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpadvisor.readers.searches.record import Parameter

if TYPE_CHECKING:
    from hpadvisor.facts.searches.table import Floats

_LENGTHS = (0.15, 0.3, 0.6, 1.2, 3.0)
_NOISES = (0.01, 0.04, 0.15, 0.5)
_START_LENGTH, _START_NOISE = 0.6, 0.04
_SWEEPS = 2
_MOST_TRIALS = 160
_APART = 0.5  # how far two choices of a categorical are apart, in lengths of a number's range
_SEED = 11


@dataclass(slots=True)
class Surrogate:
    """A fitted model.

    Attributes:
        space: The parameters, in the order of the columns of units.
        x: Encoded trials, shape (trials, columns).
        lengths: A length for each column.
        noise: Variance of the noise in the transformed scores.
        weights: ``K⁻¹ (t - mean)``.
        factor: The Cholesky factor of K.
        middle: Mean of the transformed scores.
        spread: Their standard deviation.
        best: The best score, from which gaps are taken.
        scale: Unit of a gap inside the logarithm.
    """

    space: Sequence[Parameter]
    x: Floats
    lengths: Floats
    noise: float
    weights: Floats
    factor: Floats
    middle: float
    spread: float
    best: float
    scale: float

    def predict(self, units: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the transformed score at rows of units."""
        import numpy as np

        where = encode(units, self.space)
        cross = _kernel(where, self.x, self.lengths)
        mean = self.middle + self.spread * (cross @ self.weights)
        solved = np.linalg.solve(self.factor, cross.T)
        left = np.maximum(1e-9, 1 - (solved**2).sum(axis=0))
        return mean, self.spread * np.sqrt(left)

    def draw(self, units: Floats, count: int, seed: int = _SEED) -> Floats:
        """Draw functions at rows of units: scores, shape (count, rows)."""
        import numpy as np

        where = encode(units, self.space)
        cross = _kernel(where, self.x, self.lengths)
        mean = self.middle + self.spread * (cross @ self.weights)
        solved = np.linalg.solve(self.factor, cross.T)
        covariance = _kernel(where, where, self.lengths) - solved.T @ solved
        root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(where)))
        rng = np.random.default_rng(seed)
        drawn = mean + self.spread * rng.standard_normal((count, len(where))) @ root.T
        return self.score(drawn)

    def score(self, transformed: Floats) -> Floats:
        """Undo the transformation: scores of which more is better."""
        import numpy as np

        return np.asarray(self.best - self.scale * np.expm1(np.minimum(-transformed, 30.0)))


def fit(
    units: Floats, y: Floats, space: Sequence[Parameter], noise: float | None = None
) -> Surrogate | None:
    """Fit the model to scored trials.

    Args:
        units: Trials on their search scale, shape (trials, parameters), see ``Table``.
        y: Scores of which more is better, shape (trials,).
        space: The parameters.
        noise: Standard deviation of a score between seeds, if known.

    Returns:
        The model, or None where fewer than four trials differ in score.
    """
    import numpy as np

    if len(y) < 4 or not float(y.std()) > 0:
        return None
    if len(y) > _MOST_TRIALS:
        order = (-y).argsort(kind="stable")
        rest = np.random.default_rng(_SEED).permutation(order[_MOST_TRIALS // 2 :])
        chosen = np.concatenate([order[: _MOST_TRIALS // 2], rest[: _MOST_TRIALS // 2]])
        units, y = units[chosen], y[chosen]
    best = float(y.max())
    gaps = best - y
    scale = float(np.quantile(gaps, 0.3)) or float(gaps[gaps > 0].min())
    if noise is not None:
        scale = max(scale, noise)
    t = -np.log1p(gaps / scale)
    middle, spread = float(t.mean()), float(t.std()) or 1.0
    x = encode(units, space)
    lengths, variance = _choose(x, (t - middle) / spread, space)
    kernel = _kernel(x, x, lengths) + variance * np.eye(len(x))
    factor = np.asarray(np.linalg.cholesky(kernel), dtype=np.float64)
    half = np.linalg.solve(factor, (t - middle) / spread)
    weights = np.asarray(np.linalg.solve(factor.T, half))
    return Surrogate(space, x, lengths, variance, weights, factor, middle, spread, best, scale)


def encode(units: Floats, space: Sequence[Parameter]) -> Floats:
    """Numbers as they are, choices as indicators; what is missing lies in the middle."""
    import numpy as np

    parts = []
    for column, parameter in enumerate(space):
        values = units[:, column]
        if parameter.is_number:
            parts.append(np.where(np.isnan(values), 0.5, values))
            if np.isnan(values).any():
                parts.append(np.where(np.isnan(values), _APART, 0.0))
        else:
            parts += [(values == i) * _APART for i in range(len(parameter.choices))]
    return np.column_stack(parts) if parts else np.zeros((len(units), 1))


def _owners(space: Sequence[Parameter], columns: int) -> list[list[int]]:
    """The columns that share a length: those of one parameter."""
    found: list[list[int]] = []
    place = 0
    for parameter in space:
        width = 1 if parameter.is_number else len(parameter.choices)
        found.append(list(range(place, min(place + width, columns))))
        place += width
    if place < columns:
        found.append(list(range(place, columns)))
    return [group for group in found if group]


def _choose(x: Floats, t: Floats, space: Sequence[Parameter]) -> tuple[Floats, float]:
    import numpy as np

    lengths = np.full(x.shape[1], _START_LENGTH * math.sqrt(max(1.0, x.shape[1] / 4)))
    lengths = np.minimum(lengths, _LENGTHS[-1])
    noise = _START_NOISE
    best = _likelihood(x, t, lengths, noise)
    groups = _owners(space, x.shape[1])
    for _ in range(_SWEEPS):
        for group in groups:
            for length in _LENGTHS:
                tried = lengths.copy()
                tried[group] = length
                found = _likelihood(x, t, tried, noise)
                if found > best + 1e-9:
                    best, lengths = found, tried
        for variance in _NOISES:
            found = _likelihood(x, t, lengths, variance)
            if found > best + 1e-9:
                best, noise = found, variance
    return lengths, noise


def _likelihood(x: Floats, t: Floats, lengths: Floats, noise: float) -> float:
    """Log marginal likelihood, with a mild prior on lengths around one range."""
    import numpy as np

    kernel = _kernel(x, x, lengths) + noise * np.eye(len(x))
    try:
        factor = np.linalg.cholesky(kernel)
    except np.linalg.LinAlgError:
        return -math.inf
    half = np.linalg.solve(factor, t)
    prior = 0.3 * float((np.log(lengths / 0.8) ** 2).sum())
    return float(-0.5 * half @ half - np.log(np.diag(factor)).sum()) - prior


def _kernel(a: Floats, b: Floats, lengths: Floats) -> Floats:
    import numpy as np

    first, second = a / lengths, b / lengths
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1)[None] - 2 * first @ second.T
    far = np.sqrt(5 * np.maximum(squares, 0))
    return np.asarray((1 + far + far**2 / 3) * np.exp(-far))
