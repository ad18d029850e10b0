"""A plan that was saved as JSON, as statements: what it was made from, and the ranges in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.definitions import DERIVED_FACTS, PLAN_FACTS
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.planning.model import Parameter, Plan


def statements_of_plan(path: Path) -> list[Statement] | None:
    """Return what a saved plan says: its situation, and its ranges as the legal ones.

    Ranges that were edited in the file hold, for no search leaves what is legal.

    Args:
        path: A JSON file.

    Returns:
        The statements; None where the file is no plan.

    Raises:
        UserError: it is a plan of another version, or was edited into something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "steps" not in document or "verdict" not in document:
        return None
    try:
        plan = Plan.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise UserError(
            f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}", path=path,
            remedy="Save the plan again: hpadvisor plan … --format json -o plan.json.",
        ) from None  # fmt: skip
    return said_by_plan(plan, str(path))


def said_by_plan(plan: Plan, source: str = "the plan") -> list[Statement]:
    """Return what a plan says: its situation, and its ranges as the legal ones.

    Args:
        plan: The plan.
        source: Who says it.
    """
    follows = {definition.name for definition in (*DERIVED_FACTS, *PLAN_FACTS)}
    said = [
        Statement(name, one.value, source)
        for name, one in plan.situation.items()
        if name not in follows and not one.source.startswith("assumed")
    ]
    searched = [item for step in plan.search_steps for item in step.parameters]
    described = [_described(item) for item in searched]
    if described:
        said.append(Statement("hyperparameters", described, source))
    return said


def _described(item: Parameter) -> dict[str, Any]:
    values: dict[str, Any] = {"name": item.name, "role": item.role, "type": item.type}
    if item.choices is not None:
        values["choices"] = item.choices
    else:
        values |= {"low": item.low, "high": item.high, "scale": item.scale}
        if item.off is not None:
            values["low"] = min(float(item.off), float(item.low or 0))
            values["scale"] = "linear" if values["low"] == 0 else item.scale
    if item.today is not None:
        values["default"] = item.today
    return {key: value for key, value in values.items() if value is not None}
