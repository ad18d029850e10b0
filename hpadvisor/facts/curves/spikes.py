"""Spikes of a loss curve: how many, how far apart, and whether they come once an epoch."""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.series import MAD_TO_SIGMA, Floats, median

TINY = 1e-12
FEWEST_POINTS = 12
MOST_POINTS = 20_000
"""Longer records are searched in pieces of which the largest value stands for all."""

FEWEST_SPIKES = 4
REGULAR = 0.1
"""How far the distance of two spikes may lie from a multiple of the period, as a share of it."""


def spike_places(y: Floats) -> Floats:
    """Indices of the points far above the local trend (n,) to (spikes,).

    A spike stands more than eight robust deviations and half the trend's level above a running
    median of seven.
    """
    if len(y) < FEWEST_POINTS:
        return np.zeros(0)
    residual = residuals(y)
    sigma = MAD_TO_SIGMA * median(np.abs(residual))
    trend = np.abs(y - residual)
    found = (residual > 8 * max(sigma, TINY)) & (residual > 0.5 * trend)
    return np.flatnonzero(found).astype(np.float64)


def residuals(y: Floats) -> Floats:
    """Distance of (n,) from a running median of seven, the local trend."""
    if len(y) < 7:
        return y - median(y)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(y, 3, mode="edge"), 7)
    return np.asarray(y - np.sort(windows, axis=1)[:, 3], dtype=np.float64)


def spike_facts(x: Floats, y: Floats, epoch_length: float | None) -> dict[str, float | bool]:
    """Facts of the spikes' rhythm, from the record as logged, before it is shortened.

    Args:
        x: Positions (n,), rising, in units of the axis.
        y: Values (n,), finite or not.
        epoch_length: Length of an epoch in those units, None where it is not known.

    Returns:
        ``spike_period`` where spikes are regular, ``spikes_each_epoch`` where epochs are known.
    """
    finite = np.isfinite(y)
    x, y = _peaks(x[finite], y[finite])
    places = spike_places(y).astype(np.int64)
    facts: dict[str, float | bool] = {}
    if len(places):
        places = places[np.append(True, np.diff(places) > 3)]  # neighbours are one spike
    period = _period(x[places])
    if period is not None:
        facts["spike_period"] = period
    if epoch_length is not None:
        facts["spikes_each_epoch"] = _each_epoch(x, x[places], epoch_length)
    return facts


def _peaks(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Shorten to the largest value of each piece, so that no spike is lost."""
    if len(y) <= MOST_POINTS:
        return x, y
    edges = np.linspace(0, len(y), MOST_POINTS + 1).astype(np.int64)[:-1]
    return x[edges], np.maximum.reduceat(y, edges)


def _period(places: Floats) -> float | None:
    """The usual distance, where nearly all distances are multiples of it."""
    if len(places) < FEWEST_SPIKES:
        return None
    gaps = np.diff(places)
    period = median(gaps)
    if period <= 0:
        return None
    multiples = gaps / period
    near = (np.abs(multiples - np.round(multiples)) <= REGULAR) & (multiples >= 1 - REGULAR)
    return period if float(near.mean()) >= 0.8 else None


def _each_epoch(x: Floats, places: Floats, epoch_length: float) -> bool:
    """Whether spikes come at one phase of the epoch, in at least half of the epochs."""
    epochs = float(x[-1] - x[0]) / epoch_length if len(x) else 0.0
    if epochs < FEWEST_SPIKES or len(x) < 5 * epochs:
        return False
    if not max(FEWEST_SPIKES, 0.5 * epochs) <= len(places) <= 1.5 * epochs + 1:
        return False
    phases = 2 * np.pi * places / epoch_length
    return bool(np.hypot(np.cos(phases).mean(), np.sin(phases).mean()) >= 0.9)
