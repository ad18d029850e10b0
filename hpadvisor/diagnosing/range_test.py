"""Learning-rate range tests: which rate to start with, by valley and steepest descent.

The rate rises over the run, the loss falls and then explodes. Both rules work on the logarithm
of the rate, on an even grid and a smoothed curve, so that uneven spacing, noise, spikes at the
beginning and NaN at the end do not move them (Smith 2017, section 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpadvisor.diagnosing.model import Advice, CurveFinding, Evidence, Mark, RunDiagnosis
from hpadvisor.engine.text import human
from hpadvisor.facts.curves.series import Floats, clean, median, median3

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

GRID = 200
FEWEST = 8
_RULE = "CUR060"


@dataclass(frozen=True)
class Suggestion:
    """Rates by each rule, and the range that both allow."""

    valley: float
    steepest: float
    low: float
    high: float
    explodes_at: float | None


def suggest(rates: Floats, losses: Floats) -> Suggestion | None:
    """Read a range test.

    Args:
        rates: Learning rates (n,), any order, positive.
        losses: Losses (n,), NaN where the training broke.

    Returns:
        The suggestion, or None where the loss never falls clearly.
    """
    keep = (rates > 0) & np.isfinite(losses) & np.isfinite(rates)
    order = np.argsort(rates[keep], kind="stable")
    places, values = np.log10(rates[keep][order]), losses[keep][order]
    if len(values) < FEWEST or places[-1] - places[0] < 0.5:
        return None
    grid = np.linspace(places[0], places[-1], GRID)
    smooth = _smooth(places, values, grid)
    skip = GRID // 20
    bottom = skip + int(np.argmin(smooth[skip:]))
    top = median(smooth[: max(skip, bottom // 3)])
    drop = top - float(smooth[bottom])
    noise = median(np.abs(np.diff(median3(values))))
    if bottom <= skip or drop <= max(3 * noise, 1e-3 * abs(top)):
        return None
    steepest = _steepest(smooth, skip, bottom)
    valley = _valley(smooth, skip, bottom)
    blown = np.flatnonzero(smooth[bottom:] > top + drop)
    explodes = float(10 ** grid[bottom + int(blown[0])]) if len(blown) else None
    began = skip + int(np.argmax(smooth[skip : bottom + 1] < top - 0.2 * drop))
    high = min(10 ** grid[bottom] / 2, explodes / 3 if explodes else np.inf)
    low = min(float(10 ** grid[began]), high / 3)
    return Suggestion(
        valley=float(np.clip(10 ** grid[valley], low, high)),
        steepest=float(np.clip(10 ** grid[steepest], low, high)),
        low=low,
        high=float(high),
        explodes_at=explodes,
    )


def _smooth(places: Floats, values: Floats, grid: Floats) -> Floats:
    """Median of three, then a Gaussian kernel of a twentieth of the span (n,) to (GRID,)."""
    calm = median3(median3(values))
    limit = median(calm) + 20 * (median(np.abs(calm - median(calm))) + 1e-12)
    calm = np.minimum(calm, limit)
    width = max((grid[-1] - grid[0]) / 40, 1e-6)
    near = np.exp(-0.5 * ((grid[:, None] - places[None]) / width) ** 2)
    weight = near.sum(axis=1)
    filled = np.interp(grid, places, calm)
    return np.where(weight > 1e-6, (near @ calm) / np.maximum(weight, 1e-12), filled)


def _steepest(smooth: Floats, skip: int, bottom: int) -> int:
    slopes = np.gradient(smooth)[skip : bottom + 1]
    return skip + int(np.argmin(slopes))


def _valley(smooth: Floats, skip: int, bottom: int) -> int:
    """Two thirds along the longest falling stretch that ends at the bottom or before it."""
    falling = np.diff(smooth[skip : bottom + 1]) < 0
    best_start = best_length = start = 0
    for place in range(len(falling) + 1):
        if place == len(falling) or not falling[place]:
            if place - start > best_length:
                best_start, best_length = start, place - start
            start = place + 1
    return skip + best_start + round(best_length * 2 / 3)


def is_geometric(rates: Floats) -> bool:
    """Whether rates (n,) grow by about the same factor a step, as in a range test.

    A warmup that was cut off rises in equal steps, so that its factors shrink towards one.
    """
    factors = np.diff(np.log(rates[rates > 0]))
    return len(factors) >= FEWEST and 0 < float(factors.mean()) < 1.5 * median(factors)


def _unread(rates: Floats) -> str:
    """Why a range test gives no rate."""
    positive = rates[rates > 0]
    if not len(positive) or positive.max() < 3 * positive.min():
        return "no learning-rate range test: the rate hardly changes over this log"
    return (
        "a learning-rate range test in which the loss never falls clearly: start lower, end "
        "higher, and take more steps"
    )


def judge_range_test(run: RunRecord, result: RunDiagnosis, *, forced: bool) -> None:
    """Fill the diagnosis of a range test; leave it unjudged where the test shows no descent."""
    if "learning_rate" not in run.series or not {"train_loss", "val_loss"} & set(run.series):
        if forced:
            result.reason = (
                "a range test needs a loss and a learning-rate column; "
                "say --map learning_rate=COLUMN"
            )
        return
    series = run.series.get("train_loss") or run.series["val_loss"]
    rate = run.series["learning_rate"]
    rates = np.interp(series.x, rate.x, rate.y)
    found = suggest(rates, series.y)
    if found is None:
        result.reason = _unread(rates)
        return
    if not (forced or found.explodes_at or is_geometric(rates)):
        return  # rather a warmup that was cut off
    result.verdict, result.confidence = "healthy", 0.8
    result.notes.append("read as a learning-rate range test")
    middle = float(np.sqrt(found.valley * found.steepest))
    _draw_over_rates(result, rates, series.y, middle)
    message = (
        f"Start at {middle:.2g}: the valley rule says {found.valley:.2g}, the steepest descent "
        f"{found.steepest:.2g}; search {found.low:.2g} to {found.high:.2g} on a log scale"
    )
    if found.explodes_at:
        message += f"; the loss explodes from {found.explodes_at:.2g}"
    where = f"{run.source}, {series.column} over {rate.column}"
    evidence = [
        Evidence(f"range_test.{name}", "eq", getattr(found, name), getattr(found, name), where)
        for name in ("valley", "steepest", "low", "high")
    ]
    result.findings.append(
        CurveFinding(
            _RULE, "Learning-rate range test", "healthy", "note", 0.8, message + ".",
            "Valley and steepest descent on the logarithm of the rate.", evidence,
        )
    )  # fmt: skip
    result.recommendations.append(
        Advice(
            "learning_rate", "set", value=float(f"{middle:.2g}"), low=float(f"{found.low:.2g}"),
            high=float(f"{found.high:.2g}"), scale="log", rule=_RULE, message=message + ".",
        )
    )  # fmt: skip


def _draw_over_rates(result: RunDiagnosis, rates: Floats, losses: Floats, start: float) -> None:
    """Draw the test over the logarithm of the rate, without the height of its explosion."""
    keep = (rates > 0) & np.isfinite(losses)
    places, values = np.log10(rates[keep]), losses[keep]
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    span = places[-1] - places[0]
    first, lowest = median(values[: max(3, len(values) // 10)]), float(values.min())
    curve = clean((places - places[0]) / span, np.minimum(values, 2 * first - lowest))
    result.curves = {"train_loss": curve} if curve is not None else {}
    result.along = f"rates from {human(10 ** places[0])} to {human(10 ** places[-1])}, log scale"
    share = float(np.clip((np.log10(start) - places[0]) / span, 0, 1))
    result.marks.append(Mark(share, f"start here, at {start:.2g}"))
