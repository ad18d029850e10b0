"""How a loss declines: local exponents, falls of the quarters, roughness early and late."""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.series import Curve, Floats

TINY = 1e-12
PARTS = {
    "exponent_early": (0.0, 0.15),
    "exponent_middle": (0.15, 0.5),
    "exponent_late": (0.5, 1.0),
}
"""Parts of the run over which an exponent is fitted; early is the steep part."""


def decline_facts(curve: Curve) -> dict[str, float]:
    """Facts of the decline of a loss curve; definitions: ``curve_definitions.LOSS_FACTS``."""
    share = (np.arange(len(curve.smooth)) + 1) / len(curve.smooth)
    facts = {name: _exponent(curve, share, low, high) for name, (low, high) in PARTS.items()}
    third = max(4, len(curve.y) // 3)
    facts["half_level"] = float(np.clip(curve.at(0.5) / max(abs(curve.start), TINY), -100, 100))
    facts["late_to_middle"] = _late_to_middle(curve)
    facts["early_roughness"] = _roughness(curve.y[:third])
    facts["late_roughness"] = _roughness(curve.y[-third:])
    return facts


def _exponent(curve: Curve, share: Floats, low: float, high: float) -> float:
    """Slope of log loss against log time, as of a power law; 0 where it is flat.

    At least four points take part: the last ones where the part holds fewer.
    """
    part = (share >= low) & (share <= high)
    if part.sum() < 4:
        part = share >= np.sort(share)[-4:][0] if low > 0 else share <= np.sort(share)[:4][-1]
    x = np.log(share[part])
    y = np.log(np.maximum(np.abs(curve.smooth[part]), 1e-9))
    x = x - x.mean()
    power = float(x @ x)
    return float(np.clip(x @ (y - y.mean()) / power, -20, 20)) if power > 0 else 0.0


def _late_to_middle(curve: Curve) -> float:
    """Fall of the last quarter over that of the third; −5 where the third did not fall."""
    middle, late = curve.at(0.5) - curve.at(0.75), curve.at(0.75) - curve.at(1.0)
    if middle <= 0:
        return -5.0
    return float(np.clip(late / max(middle, 1e-3 * abs(curve.at(1.0)) + TINY), -5, 5))


def _roughness(y: Floats) -> float:
    """Standard deviation of the steps over the mean level."""
    steps = np.diff(y)
    return float(min(steps.std() / max(abs(float(y.mean())), TINY), 100.0)) if len(steps) else 0.0
