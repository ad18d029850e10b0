"""What a run is looked at for: its best epoch, those equal to it, and where the finding shows."""

from __future__ import annotations

from hpadvisor.diagnosing.model import Mark, RunDiagnosis
from hpadvisor.diagnosing.seen import place
from hpadvisor.engine.text import human
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.record import RunRecord

_SHOWN_AT = {
    "diverged": ("curve.nonfinite_at", "first NaN"),
    "overfitting": ("curve.val_loss.equivalent_to", "worse than the best from here"),
    "plateau": ("curve.train_loss.ninety_at", "flat from here"),
    "not_learning": ("curve.train_loss.frozen_from", "frozen from here"),
    "learning_rate_too_high": ("curve.train_loss.frozen_from", "frozen from here"),
}
"""The fact that says where a finding of each kind shows, and what is there."""


def add_marks(result: RunDiagnosis, facts: Facts, run: RunRecord) -> None:
    """Fill the marks of a diagnosis, and say its best epoch as a note."""
    for role in ("val_loss", "train_loss"):
        place = facts.get(f"curve.{role}.best_at")
        if place is not None:
            result.marks.append(Mark(float(place), f"best {role.replace('_', ' ')}"))
            break
    fact, words = _SHOWN_AT.get(result.verdict, ("", ""))
    place = facts.get(fact)
    if isinstance(place, float) and 0 < place < 0.97:
        result.marks.append(Mark(place, words))
    if facts.get("curve.val_loss.best_at") is not None:
        result.notes.insert(0, _best(facts, run))


def _best(facts: Facts, run: RunRecord) -> str:
    """The best epoch as logged, and the set of epochs that the noise cannot tell from it."""
    value, where = (facts.get(f"curve.val_loss.logged_best{end}") for end in ("", "_at"))
    text = f"lowest validation loss {human(value)} at {place(run, where)}"
    names = ("equivalent_from", "equivalent_to")
    first, last = (_position(facts.get(f"curve.val_loss.{name}"), run) for name in names)
    if first != last:
        text += f"; {run.axis}s {first} to {last} are equal to it within the noise"
    return text


def _position(share: float, run: RunRecord) -> str:
    """A share of the run in units of its axis; rows are counted from 1."""
    kept = [one for role, one in run.series.items() if role.endswith(("loss", "metric"))]
    start = min(float(one.x[0]) for one in kept)
    end = max(float(one.x[-1]) for one in kept)
    where = (1 - share) * start + share * end + (run.axis == "row")
    return human(round(where) if end - start > 20 else round(where, 1))
