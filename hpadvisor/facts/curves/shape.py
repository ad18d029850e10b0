"""The shape of one loss curve: progress, speed, what is left, what was given back, roughness."""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.decline import decline_facts
from hpadvisor.facts.curves.extrapolation import remaining_gain
from hpadvisor.facts.curves.series import Curve, Floats, line
from hpadvisor.facts.curves.spikes import residuals, spike_places

TINY = 1e-12


def loss_facts(curve: Curve) -> dict[str, float | bool | int]:
    """Facts of a loss curve (smaller is better), named without their prefix.

    Definitions: ``curve_definitions.LOSS_FACTS``. Everything is relative to the curve's own level
    or progress, so that units and sizes of losses do not matter.
    """
    best_index = int(np.argmin(curve.smooth))
    best = float(curve.smooth[best_index])
    start, final = curve.start, curve.final
    progress = max(start - best, 0.0)
    level = max(abs(best), TINY)
    facts: dict[str, float | bool | int] = {
        "points": curve.points,
        "start": start,
        "final": final,
        "best": best,
        "best_at": float(curve.x[best_index]),
        "progress": progress / max(abs(start), TINY),
        "level_ratio": _ratio(final, start),
        "noise": min(curve.noise / max(abs(final), TINY), 10.0),
        "noise_share": min(curve.noise / max(progress, TINY), 10.0),
        "rise_after_best": min((final - best) / level, 100.0),
        "rise_significance": min((final - best) / max(curve.noise, 1e-4 * level), 1e3),
        "given_back": min(max(final - best, 0.0) / max(progress, TINY), 100.0),
        "rise_kept": _kept(curve, best_index, best),
        "explosion": min(float(curve.y.max()) / max(abs(start), TINY), 1e12),
    }
    facts.update(_speed(curve, start, best, progress))
    facts.update(_late(curve, progress))
    facts.update(_roughness(curve, progress))
    facts.update(decline_facts(curve))
    facts.update(_equivalent(curve, best))
    facts["frozen_from"] = _frozen_from(curve)
    facts["flat"] = _flat(curve, progress)
    return facts


def _kept(curve: Curve, best_index: int, best: float) -> float:
    """What the loss kept at its end of its largest rise after the best: 1 for a steady rise."""
    most = float(curve.smooth[best_index:].max()) - best
    return float(np.clip((curve.final - best) / most, 0, 1)) if most > TINY else 0.0


def _ratio(final: float, start: float) -> float:
    if start <= 0 or final < 0:
        return 1.0
    return min(final / start, 100.0)


def _speed(curve: Curve, start: float, best: float, progress: float) -> dict[str, float]:
    """When half and nine tenths of the progress were made, and how much the first tenth made."""
    if progress <= 0:
        return {"half_at": 1.0, "ninety_at": 1.0, "early_share": 0.0}
    made = (start - np.minimum.accumulate(curve.smooth)) / progress
    return {
        "half_at": float(curve.x[int(np.argmax(made >= 0.5))]),
        "ninety_at": float(curve.x[int(np.argmax(made >= 0.9))]),
        "early_share": float(np.interp(0.1, curve.x, made)),
    }


def _late(curve: Curve, progress: float) -> dict[str, float | bool]:
    """What the last quarter and the last third still do."""
    final = curve.final
    tail = curve.x >= 2 / 3
    if tail.sum() < 4:
        tail = np.zeros(len(curve.x), dtype=bool)
        tail[-4:] = True
    slope, error = line(curve.x[tail], curve.y[tail])
    drop = -slope / 3
    significance = drop * 3 / error if error > 0 else float(np.sign(drop)) * 1e3
    before = curve.at(0.75)
    left = remaining_gain(curve)
    return {
        "late_share": float(np.clip((before - final) / max(progress, TINY), -10, 1)),
        "late_drop": float(np.clip(drop / max(abs(final), TINY), -10, 10)),
        "late_significance": float(np.clip(significance, -1e3, 1e3)),
        "still_falling": bool(significance > 3 and drop > 0.005 * max(abs(final), TINY)),
        "remaining": left.gain,
        "remaining_low": left.low,
        "remaining_high": left.high,
    }


def _roughness(curve: Curve, progress: float) -> dict[str, float | int]:
    """Oscillation, spikes and rises, over the run after its first tenth."""
    later = curve.x >= 0.1  # hardly any, where the training broke early
    y = curve.y[later] if len(curve.y) >= 10 and later.sum() >= 3 else curve.y
    steps = np.diff(y)
    drops = float(-steps[steps < 0].sum())
    rises = float(steps[steps > 0].sum())
    running = np.minimum.accumulate(curve.smooth)
    return {
        "wiggle": rises / max(rises + drops, TINY),
        "sign_changes": _sign_changes(y),
        "autocorrelation": _autocorrelation(y),
        "largest_rise": min(float((curve.smooth - running).max()) / max(progress, TINY), 100.0),
        "spikes": len(spike_places(curve.y)),
    }


def _sign_changes(y: Floats) -> float:
    """Share of neighbouring steps that turn round: 2/3 for white noise, 0 for a clean line."""
    signs = np.sign(np.diff(y))
    signs = signs[signs != 0]
    if len(signs) < 3:
        return 0.0
    return float((signs[1:] != signs[:-1]).mean())


def _autocorrelation(y: Floats) -> float:
    residual = residuals(y)
    power = float(residual @ residual)
    if len(y) < 8 or power <= TINY:
        return 0.0
    return float(residual[1:] @ residual[:-1]) / power


def _equivalent(curve: Curve, best: float) -> dict[str, float]:
    """The places whose smoothed value is within two noise deviations of the best."""
    near = np.flatnonzero(curve.smooth <= best + 2 * curve.noise + 1e-9 * abs(best))
    return {
        "equivalent_from": float(curve.x[near[0]]),
        "equivalent_to": float(curve.x[near[-1]]),
        "equivalent_share": len(near) / len(curve.smooth),
    }


def _frozen_from(curve: Curve) -> float:
    """The place after which the loss stays within a thousandth of its final level."""
    away = np.abs(curve.y - curve.final) > 1e-3 * max(abs(curve.final), TINY)
    if not away.any():
        return 0.0
    last = int(np.flatnonzero(away)[-1])
    return float(curve.x[min(last + 1, len(curve.x) - 1)])


def _flat(curve: Curve, progress: float) -> bool:
    """Whether the loss never left its start: down by 1 % or four noise deviations, or up for good.

    The first value is one draw of the noise, so what came after must lie above it on the mean by
    more than 2 % and 1.5 noise deviations before that counts as a rise.
    """
    level = max(abs(curve.start), TINY)
    slope, error = line(curve.x, curve.y)
    sloping = abs(slope) > 0.01 * level and abs(slope) > 3 * error
    later = float(curve.y[1:].mean()) if len(curve.y) > 1 else curve.start
    risen = later - curve.start > max(0.02 * level, 1.5 * curve.noise)
    return not sloping and not risen and progress < max(0.01 * level, 4 * curve.noise)
