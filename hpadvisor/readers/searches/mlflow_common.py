"""What MLflow's database and folders share: runs to a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial, choose
from hpadvisor.readers.searches.values import (
    choose_metric,
    direction_of,
    mark_partial,
    observed_space,
    parse,
)

_STATES = {
    "FINISHED": State.COMPLETE,
    "RUNNING": State.RUNNING,
    "SCHEDULED": State.WAITING,
    "FAILED": State.FAILED,
    "KILLED": State.FAILED,
}


@dataclass(slots=True)
class Run:
    """A run as MLflow stores it; times in milliseconds."""

    run_id: str
    name: str
    experiment: str
    status: str
    start: float | None
    end: float | None
    parent: str = ""
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict)


def runs_to_study(runs: list[Run], options: ReadOptions, path: str | Path) -> Study:
    """Group runs by their parent (or their experiment), choose a search, and make it a study.

    Raises:
        UserError: several searches and none chosen, several metrics and none chosen.
    """
    groups = _groups(runs)
    name = list(groups)[choose(list(groups), options.study, path)]
    members = groups[name]
    notes = [
        "MLflow records no search space: the ranges are those that the trials took. "
        "Give the real ones with --space FILE."
    ]
    metric = choose_metric((key for run in members for key in run.metrics), options, path, notes)
    direction = direction_of(metric, options, path, notes)
    trials = [_trial(index, run, metric) for index, run in enumerate(members)]
    mark_partial(trials)
    space = observed_space(trials)
    return Study(name, "mlflow", direction, metric, space, trials, str(path), notes)


def _groups(runs: list[Run]) -> dict[str, list[Run]]:
    by_id = {run.run_id: run for run in runs}
    parents = {run.parent for run in runs if run.parent in by_id}
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.run_id in parents:
            continue  # the parent of a search is no trial
        if run.parent in by_id:
            parent = by_id[run.parent]
            label = f"{parent.experiment}/{parent.name}"
            twins = [r for r in by_id.values() if r.run_id in parents and r.name == parent.name]
            if len(twins) > 1:
                label = f"{label}@{parent.run_id[:8]}"
        else:
            label = run.experiment
        groups.setdefault(label, []).append(run)
    return {label: found for label, found in groups.items() if any(run.params for run in found)}


def _trial(index: int, run: Run, metric: str) -> Trial:
    steps, values = run.metrics.get(metric, ((), ()))
    state = _STATES.get(run.status, State.FAILED)
    if state is State.COMPLETE and not len(values):
        state = State.FAILED
    return Trial(
        index,
        state,
        {key: parse(value) for key, value in run.params.items()},
        float(values[-1]) if len(values) else None,
        steps,
        values,
        start=None if run.start is None else run.start / 1000,
        end=None if run.end is None else run.end / 1000,
    )
