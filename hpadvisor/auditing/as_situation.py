"""Past runs as the start of a plan: today's values are the best run's, its score is known."""

from __future__ import annotations

from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.facts.configs.roles import optimizer_of, role_of
from hpadvisor.facts.situation.reading import holds
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.planning.model import Plan
from hpadvisor.readers.searches.record import Study

_LEAST = 2


def said_by_history(study: Study, vocabulary: Vocabulary, source: str) -> list[Statement]:
    """What past runs say of a training: score, direction, today's values, what was varied.

    Args:
        study: The runs, with the meaning of their settings.
        vocabulary: Names that come with the rules.
        source: Who says so.

    Raises:
        UserError: fewer than two complete runs.
    """
    trials = study.scored
    if len(trials) < _LEAST:
        raise UserError(
            "fewer than two complete runs", path=source, remedy="Give runs that have a score."
        )
    best = max(trials, key=lambda one: study.sign * float(one.value or 0.0))
    said = [
        Statement("task.direction", study.direction, source),
        Statement("task.current", float(best.value or 0.0), source),
    ]
    if study.metric:
        said.insert(0, Statement("task.metric", study.metric, source))
    for name, value in {**study.fixed, **best.params}.items():
        role = role_of(name)
        if role == "optimizer" and isinstance(value, str):
            said.append(Statement("training.optimizer", optimizer_of(value) or value, source))
        elif role is not None:
            said.append(Statement(f"training.{role}", value, source))
    known = [one for one in said if holds(one, vocabulary)]
    varied = [_described(study, name, value) for name, value in best.params.items()]
    return [*known, Statement("hyperparameters", [one for one in varied if one], source)]


def _described(study: Study, name: str, value: Any) -> dict[str, Any]:
    """A hyperparameter under the user's name; empty for what no search can move."""
    parameter = next((one for one in study.parameters if one.name == name), None)
    if parameter is None or not isinstance(value, bool | int | float | str):
        return {}
    described: dict[str, Any] = {"name": name, "default": value}
    if parameter.role:
        described["role"] = parameter.role
    if not parameter.is_number:
        described |= {"type": "categorical", "choices": list(parameter.choices)}
    elif not parameter.role:
        if parameter.low is None or parameter.high is None or parameter.low >= parameter.high:
            return {}
        described |= {"type": parameter.type, "low": parameter.low, "high": parameter.high,
                      "scale": parameter.scale or "linear"}  # fmt: skip
    return described


def runs_in_plan(study: Study, plan: Plan) -> list[dict[str, Any]]:
    """The past runs that lie in the space of a plan's first search, for it to take along.

    Returns:
        Dicts of ``number``, ``value`` and ``params``, the best first.
    """
    if not plan.search_steps:
        return []
    space = plan.search_steps[0].parameters
    found = []
    for trial in sorted(study.scored, key=lambda one: -study.sign * float(one.value or 0.0)):
        params = {item.name: trial.params.get(item.name) for item in space}
        if all(_lies(item, params[item.name]) for item in space):
            found.append({"number": trial.number, "value": trial.value, "params": params})
    return found


def _lies(item: Any, value: Any) -> bool:
    if value is None:
        return False
    if item.choices is not None:
        return value in item.choices
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return item.low is not None and item.high is not None and item.low <= value <= item.high
