"""Training and validation side by side: gap, its growth, who moves after the best, accuracy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hpadvisor.facts.curves.series import Curve, line

TINY = 1e-12


def gap_facts(train: Curve, validation: Curve) -> dict[str, float]:
    """Facts of the generalisation gap; positive where validation is worse.

    Definitions: ``curve_definitions.GAP_FACTS``.
    """
    best_at = float(validation.x[int(np.argmin(validation.smooth))])
    size = max(abs(validation.final), TINY)
    train_best = train.at(best_at)
    middle = (validation.at(0.5) - train.at(0.5)) / max(abs(validation.at(0.5)), TINY)
    final = (validation.final - train.final) / size
    places = np.linspace(0.5, 1.0, 11)
    gaps = np.array([validation.at(place) - train.at(place) for place in places]) / size
    slope, _ = line(places, gaps)
    return {
        "final": float(np.clip(final, -10, 1)) if train.final >= 0 else final,
        "at_best": float(np.clip((validation.at(best_at) - train_best) / size, -10, 10)),
        "growth": float(np.clip(final - middle, -10, 10)),
        "trend": float(np.clip(slope, -100, 100)),
        "train_drop_after_best": float(
            np.clip((train_best - train.final) / max(abs(train_best), TINY), -10, 1)
        ),
        "noise_ratio": _noise_ratio(train, validation),
        "start": float(
            np.clip((validation.start - train.start) / max(abs(train.start), TINY), -10, 10)
        ),
    }


def _noise_ratio(train: Curve, validation: Curve) -> float:
    """Noise of validation over that of training, each as a share of its own level."""
    noise = [one.noise / max(abs(one.final), TINY) for one in (train, validation)]
    return float(min(noise[1] / max(noise[0], 1e-6), 1e6))


def accuracy_facts(metric: Curve, higher_is_better: bool) -> dict[str, float]:
    """Facts of a score curve: start, final, best, where the best is, what was lost after it.

    Definitions: ``curve_definitions.METRIC_FACTS``.
    """
    sign = 1.0 if higher_is_better else -1.0
    values = sign * metric.smooth
    best_index = int(np.argmax(values))
    tail = metric.x >= 2 / 3
    slope, error = line(metric.x[tail], sign * metric.y[tail])
    span = max(float(values.max() - values.min()), TINY)
    lost = float(values[best_index] - sign * metric.final)
    gained = float(values[best_index] - sign * metric.start)
    return {
        "start": metric.start,
        "final": metric.final,
        "best": float(metric.smooth[best_index]),
        "best_at": float(metric.x[best_index]),
        "lost_after_best": lost,
        "lost_share": float(np.clip(lost / span, -10, 10)),
        "lost_significance": float(np.clip(lost / max(metric.noise, 1e-4 * span), -1e3, 1e3)),
        "gain_significance": float(np.clip(gained / max(metric.noise, 1e-4 * span), -1e3, 1e3)),
        "late_rise": float(np.clip(slope / 3 / span, -10, 10)),
        "late_significance": float(np.clip(slope / error if error > 0 else 0.0, -1e3, 1e3)),
    }


def score_gap_facts(
    curves: Mapping[str, Curve | None], higher_is_better: bool
) -> dict[str, float]:
    """Loss and score side by side: how far validation is behind, how sure the errors are.

    A loss that is high for its share of errors speaks of a model that is sure where it is wrong.

    Args:
        curves: Cleaned curves by role; both scores and both losses count where they are there.
        higher_is_better: The direction of the score.
    """
    score, train_score = curves.get("val_metric"), curves.get("train_metric")
    facts: dict[str, float] = {}
    if score is None:
        return facts
    sign = 1.0 if higher_is_better else -1.0
    if train_score is not None:
        facts["below_train"] = float(sign * (train_score.final - score.final))
    if not higher_is_better or max(score.final, score.smooth.max()) > 1:
        return facts
    for name, metric, loss in (
        ("loss_per_error", score, curves.get("val_loss")),
        ("train_loss_per_error", train_score, curves.get("train_loss")),
    ):
        if metric is not None and loss is not None:
            facts[name] = float(np.clip(loss.final / max(1 - metric.final, 0.01), -100, 1000))
    return facts
