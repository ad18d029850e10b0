"""A plan as the search takes it: plain data, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from hpadvisor.search.memory import VERSION
from hpadvisor.search.problems import TuneError

Scalar = bool | int | float | str
Params = dict[str, Any]
Dimension = dict[str, Any]
"""A dimension of the space: ``name``, ``type`` (float, int, categorical), ``low``, ``high`` and
``scale`` (log, linear), or ``choices``; ``legal`` ends beyond the range; ``off`` and ``switch``
where a value outside the range switches it off."""


@dataclass(frozen=True)
class SearchPlan:
    """What a search needs of a plan.

    Attributes:
        space: The dimensions.
        baseline: Today's configuration, whole; the first trial.
        baseline_score: Its score, where the user told it: then it is not trained again.
        metric: Name of the score.
        direction: "maximize" or "minimize"; None where nobody said it.
        points: Listed configurations that follow the baseline, as changes to it.
        recommended: The rules' own recommended configurations, which come next, likewise.
        known: Trials of an earlier search: number, value, params.
        start_points: Quasi-random configurations that follow.
        phases: Steps of the search: name, strategy, trials.
        model: "gaussian-process", or None where Optuna's sampler proposes.
        pruner: Name and settings.
        epochs: Epochs of a full training.
        trainings: Full trainings that the search may cost.
        trainings_per_trial: More than 1 where a trial trains on several folds.
        workers: Planned processes.
        confirm: Finalists and seeds of the confirmation, and whether the baseline takes part.
        stop_when: When to stop, in words.
        memory: What goes into the study beside all this: situation, hyperparameters, budget, …
    """

    space: list[Dimension]
    baseline: Params
    baseline_score: float | None = None
    metric: str | None = None
    direction: str | None = None
    points: list[Params] = field(default_factory=list)
    recommended: list[Params] = field(default_factory=list)
    known: list[Params] = field(default_factory=list)
    start_points: int = 0
    phases: list[dict[str, Any]] = field(default_factory=list)
    model: str | None = None
    pruner: dict[str, Any] = field(default_factory=lambda: {"name": "none"})
    epochs: float | None = None
    trainings: float = 0.0
    trainings_per_trial: int = 1
    workers: int = 1
    confirm: dict[str, Any] | None = None
    stop_when: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def trials(self) -> int:
        """Planned trials."""
        return sum(phase["trials"] for phase in self.phases)

    @property
    def prunes(self) -> bool:
        """Whether trials are ended early."""
        return bool(self.pruner["name"] != "none")

    def remembered(self, seed: int) -> dict[str, Any]:
        """Return what the study remembers: all but the trials of earlier searches."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_KEPT}
        return {"version": VERSION, **self.memory, **own, "seed": seed}


_NOT_KEPT = ("known", "memory", "points", "recommended", "start_points", "stop_when", "workers")


def read_plan(data: Mapping[str, Any] | SearchPlan) -> SearchPlan:
    """Return a plan from plain data, as the emitted scripts hold it.

    Raises:
        TuneError: A key that is needed is missing, or the space is empty.
    """
    if isinstance(data, SearchPlan):
        return data
    known = {item.name for item in fields(SearchPlan)}
    missing = [name for name in ("space", "baseline", "phases") if not data.get(name)]
    if missing:
        raise TuneError(f"the plan has no {' and no '.join(missing)}: nothing to search")
    return SearchPlan(**{name: value for name, value in data.items() if name in known})
