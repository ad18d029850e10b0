"""What curves cannot tell: runs that carry no verdict, and what a verdict leaves open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.diagnosing.seen import place
from hpadvisor.facts.curves.definitions import LOSS_FACTS
from hpadvisor.facts.curves.extract import FEWEST_POINTS
from hpadvisor.facts.facts import Facts
from hpadvisor.records import Record

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

NEVER_MOVED = (
    "the loss never left its start: a rate far too low, a dead model and wrong labels all look "
    "like this. The cheapest test is ten times the rate for as long again; "
    "--classes tells whether the loss is that of guessing"
)


FEWEST_SCORED = 8
"""Fewer values are no run whose next change the clinic could tell: its shortest had ten epochs."""

EARLY = 0.1
"""A smaller share of the planned length says nothing yet of what the run becomes."""

_LOST = 0.25
"""A share of the best score whose loss is no noise of an evaluation."""

GAINED = 6.0
"""Noise deviations by which a score that rose is no chance, as in rule CUR009."""

_SHAPE = frozenset(
    f"curve.{part}.{name}"
    for part in ("train_loss", "val_loss")
    for name, _, _ in LOSS_FACTS
    if name != "points"
)


class Limit(Record):
    """Why no advice can rest on a log.

    Attributes:
        reason: In words.
        shapeless: Whether the curve has too few values for any statement on its shape.
        final: Whether nothing else can be said of it either.
    """

    reason: str
    shapeless: bool = False
    final: bool = False


def limit_of(facts: Facts, run: RunRecord) -> Limit | None:
    """Return why the log carries no advice, None where it does.

    What is plain to see (NaN, a loss below zero, a score at zero) is said even so.
    """
    points = facts.get("curve.points", 0)
    broken = facts.get("curve.ends_nonfinite") or facts.get("curve.ends_blank")
    if broken:
        return None
    if facts.get("curve.grad_norm.points") and not points:
        return Limit("no loss was logged", shapeless=True)
    if points == 0:
        return Limit("no value was logged", final=True)
    if points < FEWEST_POINTS:
        logged = "1 logged value is" if points == 1 else f"{points} logged values are"
        return Limit(f"{logged} too few; at least {FEWEST_POINTS} are needed", shapeless=True)
    if facts.get("curve.rising_like_a_score"):
        return Limit(
            "the loss climbs as an accuracy does and stays within its limits; "
            "if it is a score, say --map train_metric=COLUMN",
            final=True,
        )
    return _window(facts, run, int(points))


def _window(facts: Facts, run: RunRecord, points: int) -> Limit | None:
    """Why the part of the training that is logged is not enough."""
    if not any(role.endswith("loss") for role in run.series):
        if facts.get("curve.val_metric.stuck") == "ceiling":
            return Limit(
                "only a score was logged, and it is perfect in every evaluation: look for labels "
                "among the inputs before anything else"
            )
        return Limit(
            "only a score was logged, no loss, and nothing in it speaks against the training; log "
            "the losses too"
        )
    if facts.get("curve.begins_late"):
        return Limit(
            f"the log begins at {place(run, facts.get('curve.first', 0.0))}: without what came "
            "before, neither progress nor plateaus can be judged. Give the log from its start"
        )
    share = facts.get("curve.planned_share")
    if share is not None and share < EARLY:
        return Limit(
            f"only {share:.2g} of the planned training is logged, too early to tell what it "
            f"becomes; look again when a fifth is done"
        )
    if points < FEWEST_SCORED:
        return Limit(
            f"{points} values are too few for advice on rate, size or length, which was measured "
            "on trainings with ten values and more; go on, and look again"
        )
    return None


def without_shape(facts: Facts) -> Facts:
    """The facts without those on the shape of a loss, which need more values than there are."""
    return Facts({fact.name: fact for fact in facts if fact.name not in _SHAPE})


def gradients_alone(run: RunRecord) -> bool:
    """Whether gradient norms were logged without any loss or score."""
    return run.refusal_kind == "no_scores" and "grad_norm" in run.series


def never_moved(facts: Facts) -> bool:
    """Whether no loss left its start: nothing is wrong with it that could be seen, or right.

    A validation score that rose says that something was learned.
    """
    if facts.get("curve.val_metric.gain_significance", 0.0) >= GAINED:
        return False
    flat = [facts.get(f"curve.{role}.flat") for role in ("train_loss", "val_loss")]
    known = [one for one in flat if one is not None]
    return bool(known) and all(known)


def score_fell(run: RunRecord) -> str:
    """Why a run is not called healthy although no rule speaks: its few scores fell far.

    Rules on a score need eight values; fewer may still contradict a loss that falls. Empty where
    there is nothing of the kind.
    """
    series = run.series.get("val_metric")
    known = [] if series is None else [one for one in series.y.tolist() if math.isfinite(one)]
    if not 2 <= len(known) < FEWEST_SCORED:
        return ""
    best, last = (max if run.higher_is_better else min)(known), known[-1]
    lost = (best - last) if run.higher_is_better else (last - best)
    if lost < _LOST * max(abs(best), abs(last)):
        return ""
    return (
        f"the validation score went from {best:.4g} to {last:.4g} while the loss tells of "
        f"nothing, and {len(known)} evaluations are too few to say why. Evaluate more often, and "
        "check that the score is taken on the right labels"
    )


def untold(result: RunDiagnosis, facts: Facts) -> list[str]:
    """What the curves cannot tell, with the cheap experiment that would."""
    notes = []
    if "training.epochs" in facts and "curve.planned_share" not in facts:
        notes.append("the log counts no epochs, so the planned ones are not compared with it")
    if "val_loss" not in result.columns and "val_metric" not in result.columns:
        unseen = "no validation was logged: overfitting cannot be seen"
        if result.verdict == "overfitting":
            unseen += ", and is judged here by what such training losses went with elsewhere"
        notes.append(f"{unseen}; evaluate a held-out part ten times over the run")
    if result.verdict in ("learning_rate_too_low", "underfitting", "undertrained"):
        notes.append(
            "rate, capacity and epochs look alike here; the cheapest test is three times the "
            "rate for a tenth of the run: if the loss is lower there, it was the rate"
        )
    return notes
