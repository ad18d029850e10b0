"""What Optuna's storages share: distributions, directions, states, objectives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.asking import audit_command
from hpadvisor.readers.searches.confirmation import join_confirmation
from hpadvisor.readers.searches.memory import remember
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)

STATES = (State.RUNNING, State.COMPLETE, State.PRUNED, State.FAILED, State.WAITING)
STATE_NAMES = {
    "RUNNING": State.RUNNING,
    "COMPLETE": State.COMPLETE,
    "PRUNED": State.PRUNED,
    "FAIL": State.FAILED,
    "WAITING": State.WAITING,
}
_LOG_NAMES = ("LogUniformDistribution", "IntLogUniformDistribution")


class Distributions:
    """Parameters by their JSON, each parsed once; and the space that the trials span."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, str], Parameter] = {}
        self.space: dict[str, Parameter] = {}

    def value(self, name: str, text: str, internal: float) -> Any:
        """Turn the stored number of a parameter into its value; learn its distribution.

        Raises:
            ValueError: the distribution is not understood.
        """
        parameter = self._parsed.get((name, text))
        if parameter is None:
            parameter = distribution(name, text)
            self._parsed[name, text] = parameter
            self._widen(parameter)
        if parameter.type == "categorical":
            index = int(internal)
            return parameter.choices[index] if index < len(parameter.choices) else None
        return int(internal) if parameter.type == "int" else internal

    def _widen(self, new: Parameter) -> None:
        """Unite the ranges of a parameter whose distribution changed during the study."""
        old = self.space.get(new.name)
        if old is None or old.is_number != new.is_number:
            self.space[new.name] = new
            return
        if not new.is_number:
            choices = dict.fromkeys((*old.choices, *new.choices))
            self.space[new.name] = Parameter(new.name, new.type, choices=tuple(choices))
            return
        ends = [end for end in (old.low, old.high, new.low, new.high) if end is not None]
        self.space[new.name] = Parameter(
            new.name, new.type, min(ends), max(ends), new.scale, step=new.step
        )


def distribution(name: str, text: str) -> Parameter:
    """Parse Optuna's JSON of a distribution, those of version 1 and 2 included.

    Raises:
        ValueError: not understood.
    """
    raw = json.loads(text)
    kind, given = str(raw["name"]), raw["attributes"]
    if kind == "CategoricalDistribution":
        choices = tuple(tuple(c) if isinstance(c, list) else c for c in given["choices"])
        return Parameter(name, "categorical", choices=choices)
    log = bool(given.get("log")) or kind in _LOG_NAMES
    step = given.get("step", given.get("q"))
    whole = kind.startswith("Int")
    return Parameter(
        name,
        "int" if whole else "float",
        float(given["low"]),
        float(given["high"]),
        "log" if log else "linear",
        step=None if step is None or (whole and step == 1) else float(step),
    )


def objective_index(
    directions: list[str], metrics: list[str], options: ReadOptions, path: str | Path
) -> int:
    """Choose the objective of a study.

    Raises:
        UserError: several and none chosen, or no such objective.
    """
    if not directions:
        raise UserError("a study without a direction", path=path, remedy="Run the search first.")
    names = metrics if len(metrics) == len(directions) else []
    if options.objective:
        if options.objective in names:
            return names.index(options.objective)
        if options.objective.isdecimal() and int(options.objective) < len(directions):
            return int(options.objective)
        listed = ", ".join(names) or f"0 to {len(directions) - 1}"
        raise UserError(
            f"no objective '{options.objective}'", path=path, remedy=f"There are: {listed}."
        )
    if len(directions) > 1:
        listed = ", ".join(names) or f"0 to {len(directions) - 1}"
        asked = ("--objective", names[0] if names else "0")
        raise UserError(
            f"a study of {len(directions)} objectives: {listed}",
            path=path,
            remedy=f"Name one: {audit_command(path, *asked, given=options)}",
        )
    return 0


def direction_name(stored: str | int, options: ReadOptions, path: str | Path) -> str:
    """Turn the stored direction into a word; the user's word wins.

    Raises:
        UserError: not set in the study, and not said.
    """
    found = {"MAXIMIZE": MAXIMIZE, "MINIMIZE": MINIMIZE, 2: MAXIMIZE, 1: MINIMIZE}.get(stored)
    if options.direction:
        return options.direction
    if found is None:
        raise UserError("a study whose direction is not set", path=path, remedy="Add --direction.")
    return found


def apply_script_attributes(trial: Trial, attributes: dict[str, Any]) -> None:
    """Apply what the emitted scripts write beside a trial.

    ``exact`` holds values that Optuna could not hold, because they lie outside the range (a
    baseline may); ``origin`` tells the baseline from other configurations that were queued.
    """
    exact = attributes.get("exact")
    if isinstance(exact, dict):
        trial.params.update(exact)
    origin = attributes.get("origin")
    if isinstance(origin, str) and origin != "baseline":
        trial.enqueued = False


def joined(
    study: Study, attributes: Sequence[dict[str, Any]], of_study: Mapping[str, Any]
) -> Study:
    """Return a study, its trials joined by configuration where it is a script's confirmation.

    Args:
        study: The study as it was stored.
        attributes: The user attributes of its trials, in their order.
        of_study: The user attributes of the study, which may remember its plan.
    """
    remember(study, of_study)
    if not any("finalist" in marks for marks in attributes):
        return study
    found = join_confirmation(study.trials, attributes, study.notes)
    if found is not None:
        study.trials, study.parameters = found
    return study


def broke_constraint(value: Any) -> bool:
    """Whether the stored constraints of a trial say that it is infeasible (any above zero)."""
    return isinstance(value, list) and any(isinstance(v, int | float) and v > 0 for v in value)
