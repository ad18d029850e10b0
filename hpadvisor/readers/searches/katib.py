"""Katib trials, as ``kubectl get trials -o json`` prints them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.record import Parameter, ReadOptions, State, Study, Trial, choose
from hpadvisor.readers.searches.values import number, observed_space, parse, timestamp

_CONDITIONS = {
    "Succeeded": State.COMPLETE,
    "EarlyStopped": State.PRUNED,
    "Failed": State.FAILED,
    "Killed": State.FAILED,
    "MetricsUnavailable": State.FAILED,
    "Running": State.RUNNING,
}
_LABEL = "katib.kubeflow.org/experiment"


def recognises(raw: Any) -> bool:
    """Whether this JSON is a list of Katib objects, or one."""
    items = raw.get("items", [raw]) if isinstance(raw, dict) else raw
    return isinstance(items, list) and any(
        isinstance(item, dict) and str(item.get("apiVersion", "")).startswith("kubeflow.org/")
        for item in items
    )


def read(raw: Any, path: str | Path, options: ReadOptions) -> Study:
    """Read trials, and the experiment with its space where it is in the same list.

    Traps: all values are texts; the objective's value is its ``latest``, ``min`` or ``max``
    according to the experiment's strategy; the space stands in the experiment only.

    Raises:
        UserError: no trials, several experiments and none chosen.
    """
    items = raw.get("items", [raw]) if isinstance(raw, dict) else raw
    members: dict[str, list[dict[str, Any]]] = {}
    experiments = {}
    for item in items:
        if item.get("kind") == "Experiment":
            experiments[item["metadata"]["name"]] = item
        elif item.get("kind") == "Trial":
            members.setdefault(_experiment(item), []).append(item)
    name = list(members)[choose(list(members), options.study, path)]
    found = members[name]
    found.sort(key=lambda item: str(item["metadata"].get("creationTimestamp", "")))
    objective = found[0]["spec"].get("objective") or {}
    metric = options.objective or str(objective.get("objectiveMetricName", ""))
    direction = options.direction or str(objective.get("type", ""))
    if direction not in ("maximize", "minimize"):
        raise UserError("no direction in the trials", path=path, remedy="Add --direction.")
    trials = [_trial(index, item, metric, direction) for index, item in enumerate(found)]
    space = _space(experiments.get(name))
    notes = []
    if not space:
        space = observed_space(trials)
        notes.append(
            "The experiment is not in the list: the ranges are those that the trials took. "
            "Add it (kubectl get experiments,trials -o json) or give --space FILE."
        )
    return Study(name, "katib", direction, metric, space, trials, str(path), notes)


def _experiment(item: dict[str, Any]) -> str:
    meta = item["metadata"]
    if _LABEL in (meta.get("labels") or {}):
        return str(meta["labels"][_LABEL])
    owners = meta.get("ownerReferences") or [{}]
    return str(owners[0].get("name", "experiment"))


def _trial(index: int, item: dict[str, Any], metric: str, direction: str) -> Trial:
    status = item.get("status") or {}
    held = [
        entry["type"] for entry in status.get("conditions") or [] if entry.get("status") == "True"
    ]
    state = next((s for name, s in _CONDITIONS.items() if name in held), State.WAITING)
    strategies = {
        str(entry.get("name")): str(entry.get("value"))
        for entry in (item["spec"].get("objective") or {}).get("metricStrategies") or []
    }
    which = strategies.get(metric, "max" if direction == "maximize" else "min")
    value = None
    for entry in (status.get("observation") or {}).get("metrics") or []:
        if entry.get("name") == metric:
            value = number(entry.get(which, entry.get("latest")))
    if state is State.COMPLETE and value is None:
        state = State.FAILED
    return Trial(
        index,
        state,
        {
            str(entry["name"]): parse(entry["value"])
            for entry in item["spec"].get("parameterAssignments") or []
        },
        value,
        start=timestamp(status.get("startTime")),
        end=timestamp(status.get("completionTime")),
    )


def _space(experiment: dict[str, Any] | None) -> list[Parameter]:
    found = []
    for entry in (experiment or {"spec": {}})["spec"].get("parameters") or []:
        feasible, name = entry["feasibleSpace"], str(entry["name"])
        if entry["parameterType"] in ("categorical", "discrete"):
            choices = tuple(parse(value) for value in feasible["list"])
            found.append(Parameter(name, "categorical", choices=choices))
            continue
        scale = "log" if "log" in str(feasible.get("distribution", "")).lower() else "linear"
        kind = "int" if entry["parameterType"] == "int" else "float"
        low, high = float(feasible["min"]), float(feasible["max"])
        step = number(feasible.get("step"))
        found.append(Parameter(name, kind, low, high, scale, step=step))
    return found
