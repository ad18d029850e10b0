"""All facts of one run: the curves, each with the others, and how the run ended."""

from __future__ import annotations

from typing import Any

import numpy as np

from hpadvisor.facts.curves.pace import paced
from hpadvisor.facts.curves.pair import accuracy_facts, gap_facts, score_gap_facts
from hpadvisor.facts.curves.rate import gradient_facts, rate_facts
from hpadvisor.facts.curves.sanity import gradient_sanity, loss_sanity, score_sanity
from hpadvisor.facts.curves.series import Curve, clean
from hpadvisor.facts.curves.shape import loss_facts
from hpadvisor.facts.curves.spikes import spike_facts, spike_places
from hpadvisor.facts.curves.window import window_facts
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord, Series
from hpadvisor.readers.metrics import metric_of

FEWEST_POINTS = 5
"""Fewer points of loss or score than this carry no verdict."""

CLIPPED_LOSS = 87.3365
"""Minus the logarithm of the smallest float of 32 bits: a cross-entropy that is clipped there."""

LARGEST_VOCABULARY_LOSS = 12.5
"""ln of about 268,000: no usual vocabulary guesses worse than this, in nats."""


CURVES = ("train_loss", "val_loss", "train_metric", "val_metric")
"""Roles whose values are curves to judge."""


def span_of(run: RunRecord) -> tuple[float, float]:
    """Return the first and the last position of the curves, in units of the run's axis."""
    kept = [series.x for role, series in run.series.items() if role in CURVES]
    return (
        min((float(x[0]) for x in kept), default=0.0),
        max((float(x[-1]) for x in kept), default=run.length),
    )


def curves_of(run: RunRecord) -> dict[str, Curve]:
    """Clean the loss and score curves of a run on one common axis from 0 to 1."""
    wanted = {role: series for role, series in run.series.items() if role in CURVES}
    if not wanted:
        return {}
    low, high = span_of(run)
    curves = {}
    for role, series in wanted.items():
        curve = clean(series.x, series.y, (low, high))
        if curve is not None:
            curves[role] = curve
    return curves


def extract(run: RunRecord, curves: dict[str, Curve] | None = None) -> Facts:
    """Compute every fact that the curves of a run carry.

    Args:
        run: The run as read.
        curves: The cleaned curves, where the caller has them already.

    Returns:
        Facts named ``curve.…``; what was not logged is not there.
    """
    logged = curves_of(run) if curves is None else curves
    curves = paced(run, logged)
    with_spikes = logged if curves is logged else paced(run, logged, spikes=True)
    facts = Facts()
    for role, curve in curves.items():
        source = f"{run.source}, {run.series[role].column}"
        if role.endswith("loss"):
            values = _loss_facts(run, role, curve) | loss_sanity(run, role, logged[role])
            if curve is not logged[role]:
                values["spikes"] = len(spike_places(with_spikes[role].y))
                _keep_the_rise(values, logged[role])
            _fill(facts, f"curve.{role}.", values, source)
        else:
            _fill(facts, f"curve.{role}.", score_sanity(run, role), source)
            if len(curve.y) >= 3:
                known = accuracy_facts(curve, run.higher_is_better)
                _fill(facts, f"curve.{role}.", known, source)
    _fill_pairs(facts, run, curves)
    for role, compute in (("learning_rate", rate_facts), ("grad_norm", _gradient)):
        if role in run.series:
            series = run.series[role]
            _fill(facts, f"curve.{role}.", compute(series.x, series.y), run.source)
    _fill(facts, "curve.grad_norm.", gradient_sanity(run), run.source)
    _fill(facts, "curve.", window_facts(run) | _run_facts(run, logged), run.source)
    if facts.get("curve.begins_late"):
        _forget_start(facts)
    return facts


OF_THE_START = (
    "start", "progress", "flat", "frozen_from", "level_ratio", "noise_share", "given_back",
    "half_at", "ninety_at", "early_share", "half_level", "early_roughness", "exponent_early",
    "exponent_middle", "best_vs_train_start", "final_vs_train_start", "near_zero",
    "stuck_at_classes",
)  # fmt: skip
"""Facts of a loss that its beginning decides: unknown where the log begins later."""


def _forget_start(facts: Facts) -> None:
    for role in ("train_loss", "val_loss"):
        for name in OF_THE_START:
            facts.put(f"curve.{role}.{name}", None, "")


def _loss_facts(run: RunRecord, role: str, curve: Curve) -> dict[str, Any]:
    """Facts of the shortened curve, and of the spikes in the record as logged."""
    series = run.series[role]
    shape: dict[str, Any] = dict(loss_facts(curve)) if len(curve.y) >= 3 else {}
    return shape | spike_facts(series.x, series.y, run.epoch_length)


def _keep_the_rise(values: dict[str, Any], logged: Curve) -> None:
    """A loss that broke within its first part ends above its start, whatever that part's mean."""
    as_logged = loss_facts(logged).get("level_ratio")
    if as_logged is not None and values.get("level_ratio") is not None:
        values["level_ratio"] = max(values["level_ratio"], as_logged)


def _one_kind(run: RunRecord) -> bool:
    """Whether the scores of both parts are of one kind, so that they can be compared."""
    kinds = {metric_of(run.series[role].column) for role in CURVES[2:] if role in run.series}
    return len(kinds) <= 1


def _fill_pairs(facts: Facts, run: RunRecord, curves: dict[str, Curve]) -> None:
    """What two curves say together: training and validation, loss and score."""
    train, validation = curves.get("train_loss"), curves.get("val_loss")
    if train and validation and min(len(train.y), len(validation.y)) >= 3:
        _fill(facts, "curve.gap.", gap_facts(train, validation), f"{run.source}, both losses")
        _fill(facts, "curve.val_loss.", _against_start(train, validation), run.source)
    alike = curves if _one_kind(run) else {**curves, "train_metric": None}
    gap = score_gap_facts(alike, run.higher_is_better)
    _fill(facts, "curve.val_metric.", gap, f"{run.source}, scores and losses")
    loss, score = (facts.get(f"curve.{role}.best_at") for role in ("val_loss", "val_metric"))
    if loss is not None and score is not None:
        _fill(facts, "curve.val_metric.", {"best_after_loss": score - loss}, run.source)


def _fill(facts: Facts, prefix: str, values: dict[str, Any], source: str) -> None:
    for name, value in values.items():
        facts.put(prefix + name, value, source)


def _gradient(_: Any, y: Any) -> dict[str, float]:
    return gradient_facts(y)


def _against_start(train: Curve, validation: Curve) -> dict[str, float]:
    start = max(abs(train.start), 1e-12)
    return {
        "best_vs_train_start": float(np.clip(validation.smooth.min() / start, -100, 100)),
        "final_vs_train_start": float(np.clip(validation.final / start, -100, 100)),
    }


def _run_facts(run: RunRecord, curves: dict[str, Curve]) -> dict[str, Any]:
    values: dict[str, Any] = {"length": run.length, "axis": run.axis}
    if run.rounds:
        values["boosting"] = True
    values["points"] = max((curve.points for curve in curves.values()), default=0)
    raw = [series for role, series in run.series.items() if role.endswith("loss")]
    values["nonfinite"] = sum(int((~np.isfinite(series.y)).sum()) for series in raw)
    values["ends_nonfinite"] = any(not np.isfinite(series.y[-1]) for series in raw)
    trained = [run.series[role] for role in ("train_loss",) if role in run.series] or raw
    values["nonfinite_from_start"] = any(_broken_from_start(series) for series in trained)
    values["validation_alone_nonfinite"] = _validation_alone(run)
    if values["nonfinite"]:
        values["nonfinite_at"] = _first_nonfinite(raw)
    if run.planned and run.length > 0:
        values["planned_share"] = planned_share(run, run.planned)
    losses = [curve for role, curve in curves.items() if role.endswith("loss")]
    if losses:
        values["constant"] = values["nonfinite"] == 0 and all(
            len(curve.y) >= 3 and float(np.ptp(curve.y)) <= 1e-9 * abs(curve.start)
            for curve in losses
        )
        values["all_zero"] = values["constant"] and not any(curve.y.any() for curve in losses)
        values["rising_like_a_score"] = all(_like_a_score(curve) for curve in losses)
    train = curves.get("train_loss")
    if train:
        values["starts_worse_than_guessing"] = bool(
            train.start > LARGEST_VOCABULARY_LOSS and run.format == "trainer_state"
        )
        values["lead_up"] = min(
            float(train.y[-1]) / max(abs(float(train.smooth.min())), 1e-12), 1e12
        )
    return values


def planned_share(run: RunRecord, planned: float) -> float:
    """Share of a planned length that was run, 1 at most; epochs may be counted from 0."""
    starts = [float(series.x[0]) for series in run.series.values()]
    from_zero = run.axis == "epoch" and run.length.is_integer() and min(starts, default=1.0) == 0
    return min((run.length + from_zero) / planned, 1.0)


def _first_nonfinite(losses: list[Series]) -> float:
    """Where the first NaN or infinite loss was logged, as a share of the run."""
    start = min(float(series.x[0]) for series in losses)
    end = max(float(series.x[-1]) for series in losses)
    broken = [series.x[~np.isfinite(series.y)] for series in losses]
    first = min(float(places[0]) for places in broken if len(places))
    return (first - start) / (end - start) if end > start else 0.0


def _broken_from_start(series: Series) -> bool:
    """Whether nothing finite was logged after the first value or two."""
    finite = np.isfinite(series.y)
    return bool(not finite.all() and finite.sum() <= min(2, len(finite) - 1))


def _validation_alone(run: RunRecord) -> bool:
    """Whether the validation loss holds NaN to its end while no training loss does."""
    train, validation = run.series.get("train_loss"), run.series.get("val_loss")
    if train is None or validation is None or not len(validation.y):
        return False
    ends = not np.isfinite(validation.y[-1])
    return bool(ends and np.isfinite(train.y).all() and len(train.y) >= 5)


def _like_a_score(curve: Curve) -> bool:
    """Climbing nearly all the way, ever more slowly, within 0 and 1 or as a percentage.

    Losses climb like that when they explode, but hardly from above 5 to between 40 and 100.
    """
    y = curve.smooth
    if abs(float(y.max(initial=0.0)) - CLIPPED_LOSS) < 0.01:
        return False
    unit = 100 if len(y) and y[0] >= 5 and 40 <= y.max() <= 100 else 1
    if len(y) < 5 or y.min() < 0 or y.max() > unit or y[-1] - y[0] < 0.1 * unit:
        return False
    half = curve.at(0.5) - float(y[0])
    return bool((np.diff(y) >= 0).mean() >= 0.8 and half > 0.5 * (y[-1] - y[0]))
