"""SMAC output folders."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import load_json
from hpadvisor.readers.searches.record import (
    MINIMIZE,
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.values import finite, number

_SUCCESS, _RUNNING = 1, 0


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read a folder with ``runhistory.json`` and ``configspace.json``.

    Traps: the cost is always minimised; one configuration is run at several budgets and, where
    the target is noisy, with several seeds. A configuration is a trial here: its value is the
    mean cost at its largest budget, and it counts as pruned below the largest of all.

    Raises:
        UserError: no runs, several objectives, or a space that is not understood.
    """
    folder = Path(path)
    history = load_json(folder / "runhistory.json")
    space_file = folder / "configspace.json"
    if not space_file.is_file():
        raise UserError(
            "a run history of SMAC without its space",
            path=path,
            remedy="Put configspace.json beside it; newer versions of SMAC write both.",
        )
    space = [_parameter(entry) for entry in load_json(space_file)["hyperparameters"]]
    if not history.get("data"):
        raise UserError("no run yet", path=folder / "runhistory.json", remedy="Run it first.")
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in history["data"]:
        if isinstance(entry["cost"], list):
            raise UserError(
                "several objectives",
                path=folder / "runhistory.json",
                remedy="Export the trials with one of them as CSV.",
            )
        runs[str(entry["config_id"])].append(entry)
    top = max(number(entry["budget"]) or 0.0 for entry in history["data"])
    configs = history["configs"]
    trials = [
        _trial(index, configs[config_id], found, top)
        for index, (config_id, found) in enumerate(runs.items())
    ]
    kept = [parameter for parameter in space if parameter is not None]
    # SMAC writes to NAME/SEED, and the seed alone would name nothing.
    name = folder.resolve().name
    name = f"{folder.resolve().parent.name}/{name}" if name.isdecimal() else name
    return Study(name, "smac", options.direction or MINIMIZE, "cost", kept, trials, str(path))


def _parameter(entry: dict[str, Any]) -> Parameter | None:
    kind, name = str(entry["type"]), str(entry["name"])
    if kind in ("categorical", "ordinal"):
        choices = entry.get("choices") or entry.get("sequence") or ()
        return Parameter(name, "categorical", choices=tuple(choices))
    if kind.endswith(("_float", "_int")):
        scale = "log" if entry.get("log") else "linear"
        whole = "int" if kind.endswith("_int") else "float"
        return Parameter(name, whole, float(entry["lower"]), float(entry["upper"]), scale)
    return None  # a constant is no dimension


def _trial(index: int, params: dict[str, Any], runs: list[dict[str, Any]], top: float) -> Trial:
    good = [run for run in runs if run["status"] == _SUCCESS]
    by_budget: dict[float, list[float]] = defaultdict(list)
    for run in good:
        by_budget[number(run["budget"]) or 0.0].append(float(run["cost"]))
    budgets = sorted(by_budget)
    means = [sum(by_budget[budget]) / len(by_budget[budget]) for budget in budgets]
    value = means[-1] if means else None
    if not good:
        busy = any(run["status"] == _RUNNING for run in runs)
        state = State.RUNNING if busy else State.FAILED
    else:
        state = State.COMPLETE if budgets[-1] >= top and finite(value) else State.PRUNED
    last = by_budget[budgets[-1]] if budgets else []
    return Trial(
        index,
        state,
        dict(params),
        value,
        budgets if len(budgets) > 1 or top else (),
        means if len(budgets) > 1 or top else (),
        tuple(last) if len(last) > 1 else (),
        start=min(run["starttime"] for run in runs),
        end=max(run["endtime"] for run in runs),
        seconds=sum(float(run["time"]) for run in runs),
    )
