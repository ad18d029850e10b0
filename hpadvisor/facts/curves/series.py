"""One curve as numbers: cleaned, shortened, smoothed, with its noise floor.

A series is a pair of arrays: ``x`` rises (steps or epochs), ``y`` holds the values, finite or not.
Shapes are written (n,) throughout.
"""

from __future__ import annotations

import numpy as np

from hpadvisor.readers.curves.tables import Floats, median
from hpadvisor.records import Record

__all__ = [
    "Curve",
    "Floats",
    "clean",
    "line",
    "median",
    "median3",
    "noise_floor",
    "shorten",
    "smoothed",
]

MAX_POINTS = 400
"""Longer curves are shortened to this many by averaging, so that cost does not grow with them."""

MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, for normal noise."""


class Curve(Record):
    """A cleaned curve.

    Attributes:
        x: Position (n,), rising, as a share of the run, 0 to 1.
        y: Finite values (n,), shortened to at most ``MAX_POINTS``.
        smooth: ``y`` with isolated spikes removed and light averaging (n,).
        noise: Standard deviation of the noise of ``y``, by successive differences.
        points: Points of the record, before shortening.
        nonfinite: Values of the record that are NaN or infinite.
        ends_nonfinite: Whether the last value is NaN or infinite.
    """

    x: Floats
    y: Floats
    smooth: Floats
    noise: float
    points: int
    nonfinite: int
    ends_nonfinite: bool

    @property
    def start(self) -> float:
        """The first value."""
        return float(self.y[0])

    @property
    def final(self) -> float:
        """The level at the end: the mean of the last twentieth, at least of two points."""
        count = max(min(2, len(self.y)), round(len(self.y) * 0.05))
        return float(self.y[-count:].mean())

    def at(self, share: float) -> float:
        """The smoothed value at a share of the run."""
        return float(np.interp(share, self.x, self.smooth))


def clean(x: Floats, y: Floats, span: tuple[float, float] | None = None) -> Curve | None:
    """Clean one record: drop what is not finite, shorten, smooth, measure the noise.

    Args:
        x: Positions (n,), rising.
        y: Values (n,), NaN and infinite where the training broke.
        span: First and last position of the whole run; the curve's own where it is None.

    Returns:
        The curve, or None where no finite value is left.
    """
    finite = np.isfinite(y)
    if not finite.any():
        return None
    bad = int(len(y) - finite.sum())
    positions, values = x[finite], np.clip(y[finite], -1e150, 1e150)
    positions, values = shorten(positions, values)
    low, high = span or (float(positions[0]), float(positions[-1]))
    # Halves, so that the distance of two positions at both ends of the floats is one, too.
    half = high / 2 - low / 2
    scaled = (positions / 2 - low / 2) / half if half > 0 else np.zeros_like(positions)
    return Curve(
        x=scaled,
        y=values,
        smooth=smoothed(values),
        noise=noise_floor(values),
        points=len(y),
        nonfinite=bad,
        ends_nonfinite=not bool(finite[-1]),
    )


def shorten(x: Floats, y: Floats, limit: int = MAX_POINTS) -> tuple[Floats, Floats]:
    """Average neighbours until at most ``limit`` points are left; both ends keep their place."""
    if len(y) <= limit:
        return x, y
    edges = np.linspace(0, len(y), limit + 1).astype(np.int64)[:-1]
    counts = np.diff(np.append(edges, len(y)))
    means = np.add.reduceat(y, edges) / counts
    places = np.add.reduceat(x, edges) / counts
    places[0], places[-1] = x[0], x[-1]
    return places, means


def median3(y: Floats) -> Floats:
    """Running median over three points; the ends stay."""
    if len(y) < 3:
        return y
    low = np.minimum(y[:-2], y[1:-1])
    high = np.maximum(y[:-2], y[1:-1])
    middle = np.maximum(low, np.minimum(high, y[2:]))
    return np.concatenate((y[:1], middle, y[-1:]))


def smoothed(y: Floats) -> Floats:
    """Median over three, then a moving mean over about a twenty-fifth of the run (odd width)."""
    width = 2 * (len(y) // 50) + 1
    calm = median3(y) if len(y) >= 5 else y
    if width < 3:
        return calm
    padded = np.pad(calm, width // 2, mode="edge")
    sums = np.cumsum(np.concatenate(([0.0], padded)))
    return np.asarray((sums[width:] - sums[:-width]) / width, dtype=np.float64)


def noise_floor(y: Floats) -> float:
    """Standard deviation of the noise, from second differences of the later two thirds.

    Second differences cancel level and slope; the median absolute deviation ignores spikes
    (compare Rice 1984 on difference-based variance estimators). Shape: (n,) to a scalar.
    """
    tail = y[len(y) // 3 :] if len(y) >= 9 else y
    if len(tail) < 3:
        return 0.0
    second = (tail[2:] - 2 * tail[1:-1] + tail[:-2]) / np.sqrt(6.0)
    robust = MAD_TO_SIGMA * median(np.abs(second - median(second)))
    return robust if robust > 0 else float(second.std()) * 0.5


def line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least-squares slope and its standard error; (0, inf) with fewer than three points."""
    if len(y) < 3:
        return 0.0, float("inf")
    dx, dy = x - x.mean(), y - y.mean()
    spread = float(dx @ dx)
    if spread <= 0:
        return 0.0, float("inf")
    slope = float(dx @ dy) / spread
    residual = dy - slope * dx
    error = float(np.sqrt(float(residual @ residual) / max(1, len(y) - 2) / spread))
    return slope, error
