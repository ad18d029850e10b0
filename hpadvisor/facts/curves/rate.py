"""The learning rate over the run: its phase, warmup, decay, restarts; gradient norms."""

from __future__ import annotations

import numpy as np

from hpadvisor.facts.curves.series import Floats, median, smoothed

TINY = 1e-300


def rate_facts(x: Floats, y: Floats) -> dict[str, float | str | bool | int]:
    """Facts of a learning-rate series (n,); empty where no finite rate was logged.

    Definitions: ``curve_definitions.RATE_FACTS``.
    """
    keep = np.isfinite(y) & (y >= 0)
    x, y = x[keep], y[keep]
    if len(y) == 0:
        return {}
    peak = float(y.max())
    if peak == 0:
        return {"final": 0.0, "peak": 0.0, "end_share": 0.0, "phase": "zero", "annealed": False}
    span = max(float(x[-1] - x[0]), 1e-12)
    peak_index = int(np.argmax(y >= 0.999 * peak))
    positive = y[y > 0]
    jumps = np.diff(y)
    end_share = float(y[-1]) / peak
    return {
        "final": float(y[-1]),
        "peak": peak,
        "end_share": end_share,
        "annealed": end_share <= 0.3 and peak_index < len(y) - 1,
        "warmup_share": float(x[peak_index] - x[0]) / span,
        "orders": float(np.log10(peak / max(float(positive.min()), TINY))),
        "rises_throughout": _rises_throughout(y),
        "restarts": int((jumps[peak_index:] > 0.3 * peak).sum()),
        "phase": _phase(y, peak_index, end_share),
    }


def _rises_throughout(y: Floats) -> bool:
    """Whether the rate climbs over the whole run by two orders or more: a range test.

    The climb may start late and the last points may fall back, as after a cut-off test.
    """
    if len(y) < 8 or y.max() <= 0:
        return False
    rising = float((np.diff(y) > 0).mean())
    low = float(y[: max(1, len(y) // 20)].min())
    late_peak = int(np.argmax(y)) >= 0.9 * (len(y) - 1)
    return bool(rising >= 0.9 and late_peak and y.max() >= 30 * max(low, TINY))


def _phase(y: Floats, peak_index: int, end_share: float) -> str:
    if len(y) < 3 or y.max() <= y.min() * 1.0001:
        return "constant"
    if peak_index >= len(y) - 2:
        return "warmup"
    if int((np.diff(y)[peak_index:] > 0.3 * y.max()).sum()) > 0:
        return "restarts"
    return "decayed" if end_share <= 0.3 else "decaying" if end_share < 0.999 else "constant"


def gradient_facts(y: Floats) -> dict[str, float]:
    """Facts of a gradient-norm series (n,): spread, growth, vanishing.

    Definitions: ``curve_definitions.GRADIENT_FACTS``.
    """
    finite = y[np.isfinite(y)]
    if len(finite) < 3:
        return {}
    middle = median(finite)
    calm = smoothed(finite)
    tenth = max(1, len(finite) // 10)
    return {
        "median": middle,
        "largest_share": min(float(finite.max()) / max(middle, TINY), 1e12),
        "growth": min(float(calm[-tenth:].mean()) / max(float(calm[:tenth].mean()), TINY), 1e12),
    }
