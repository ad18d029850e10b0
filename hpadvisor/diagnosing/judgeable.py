"""What curves cannot tell: runs that carry no verdict, and what a verdict leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.facts.curves.extract import FEWEST_POINTS
from hpadvisor.facts.facts import Facts

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

NEVER_MOVED = (
    "the loss never left its start: a rate far too low, a dead model and wrong labels all look "
    "like this. The cheapest test is ten times the rate for as long again; "
    "--classes tells whether the loss is that of guessing"
)


def refusal(facts: Facts, run: RunRecord) -> str:
    """Why the curves carry no verdict, empty where they do."""
    points = facts.get("curve.points", 0)
    broken = facts.get("curve.ends_nonfinite")
    if not broken and points < FEWEST_POINTS:
        logged = "1 logged value is" if points == 1 else f"{points} logged values are"
        return f"{logged} too few; at least {FEWEST_POINTS} are needed"
    if broken and points == 0 and not facts.get("curve.nonfinite"):
        return "no value was logged"
    losses = [role for role in run.series if role.endswith("loss")]
    if not losses:
        return "only a score was logged, no loss; log the training loss too"
    if facts.get("curve.rising_like_a_score") and not broken:
        return (
            "the loss climbs as an accuracy does and stays within its limits; "
            "if it is a score, say --map train_metric=COLUMN"
        )
    return ""


def never_moved(facts: Facts) -> bool:
    """Whether no loss left its start: nothing is wrong with it that could be seen, or right."""
    flat = [facts.get(f"curve.{role}.flat") for role in ("train_loss", "val_loss")]
    known = [one for one in flat if one is not None]
    return bool(known) and all(known)


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
