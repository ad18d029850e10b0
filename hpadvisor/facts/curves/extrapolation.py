"""What more training would still bring, by fits of a power law and an exponential."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hpadvisor.facts.curves.series import Curve, Floats

TINY = 1e-12


class Remaining(NamedTuple):
    """Relative fall of the loss that three times the training would bring: middle, low, high."""

    gain: float
    low: float
    high: float


def remaining_gain(curve: Curve, longer: float = 3.0) -> Remaining:
    """Extrapolate the later three quarters of a loss curve to ``longer`` times its length.

    Power laws ``c + a·t^-b`` and exponentials ``c + a·exp(-b·t)`` are fitted by least squares over
    a grid of ``b`` (``a``, ``c`` in closed form, ``a`` ≥ 0, ``c`` ≥ 0 where the curve is
    positive). All fits whose error is within 1.2 × the best take part, weighted by their
    likelihood, so that the answer carries its own uncertainty.

    Args:
        curve: The loss.
        longer: Length of the imagined training as a multiple of this one.

    Returns:
        Relative gain at that length (0 where the curve no longer falls): weighted mean and range.
    """
    keep = curve.x >= 0.25
    if keep.sum() < 5:
        return Remaining(0.0, 0.0, 0.0)
    x, y = curve.x[keep], curve.y[keep]
    offset = 1.0 / max(len(curve.x), 2)
    shapes, ahead = _shapes(x + offset, longer + offset)
    constant, factor, error = _fit(shapes, y)
    last = constant + factor * shapes[:, -1]
    gain = (last - (constant + factor * ahead)) / max(abs(curve.final), TINY)
    gain = np.where(factor > 0, gain, 0.0)
    if curve.final >= 0:
        gain = np.clip(gain, 0.0, 1.0)
    near = error <= 1.44 * error.min() + TINY
    weights = 1 / (error[near] + 0.02 * error.min() + TINY)
    middle = float((gain[near] * weights).sum() / weights.sum())
    return Remaining(middle, float(gain[near].min()), float(gain[near].max()))


def _shapes(t: Floats, ahead: float) -> tuple[Floats, Floats]:
    """Falling shapes (k, n) and their values (k,) at the far end."""
    powers = np.array([0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])[:, None]
    rates = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0])[:, None]
    shapes = np.concatenate((t[None] ** -powers, np.exp(-rates * t[None])))
    far = np.concatenate((ahead ** -powers[:, 0], np.exp(-rates[:, 0] * ahead)))
    return shapes, far


def _fit(shapes: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Constant, factor and mean squared error (k,) of the least-squares fit to each shape."""
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    factor = centred @ (y - y.mean()) / np.maximum((centred**2).sum(axis=1), TINY)
    factor = np.maximum(factor, 0.0)
    constant = y.mean() - factor * shapes.mean(axis=1)
    error = ((y - constant[:, None] - factor[:, None] * shapes) ** 2).mean(axis=1)
    return constant, factor, error
