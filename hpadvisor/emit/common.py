"""What the emitters share: the head of a file, the template's constant, YAML by hand."""

from __future__ import annotations

import math
from typing import Any

from hpadvisor.emit.quoting import yaml_text
from hpadvisor.planning.model import Plan
from hpadvisor.planning.search_data import search_data
from hpadvisor.visible import one_line


def head(plan: Plan, created_by: str, notes: list[str]) -> str:
    """Return comment lines: which plan, who wrote it, and how to run it."""
    lines = [f"Written by {created_by}.", f"Plan: {plan.headline}", *notes]
    return "".join(f"# {_indent(line)}{one_line(' '.join(line.split()))}\n" for line in lines)


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip()))


def sampler_notes(plan: Plan) -> list[str]:
    """Return what an engine's own sampler and pruner cannot do of a plan."""
    if search_data(plan)["model"] is None:
        return []
    return [
        "The plan's Gaussian process is in the scripts for Optuna and Ray alone. Here the",
        "engine's own sampler searches, and its pruner goes on to the end.",
    ]


def metric_of(plan: Plan) -> tuple[str, str]:
    """Return the name of the score and its direction (maximize where the plan names none)."""
    name = plan.objective.get("metric") or "score"
    return name, plan.objective.get("direction") or "maximize"


def trials_of(plan: Plan) -> int:
    """Return the trials of all search steps."""
    return sum(step.trials for step in plan.search_steps)


def parallel_of(plan: Plan) -> int:
    """Return how many trials run at the same time."""
    return max(step.parallel for step in plan.search_steps)


def strategy_of(plan: Plan) -> str:
    """Return the strategy of the whole: model-based where any step is."""
    strategies = [step.strategy for step in plan.search_steps]
    for name in ("bayesian", "quasirandom", "random", "grid"):
        if name in strategies:
            return name
    return "bayesian"


def grid_of(plan: Plan, points: int = 5) -> dict[str, list[float]]:
    """Return the values that a plan's grid lists, by name; empty where the plan is no grid.

    Today's value is one of them. A number without a list gets values at equal distances.

    Args:
        plan: A plan with at least one search step.
        points: Values of a number that the plan does not list.
    """
    if strategy_of(plan) != "grid":
        return {}
    plain = search_data(plan)
    lists = {item.name: item.values for step in plan.search_steps for item in step.parameters}
    found: dict[str, list[float]] = {}
    for item in plain["space"]:
        if item["type"] == "categorical":
            continue
        whole = item["type"] == "int"
        values = [float(value) for value in lists.get(item["name"]) or _even(item, points)]
        values = sorted({*values, float(plain["baseline"][item["name"]])})
        found[item["name"]] = [*map(round, values)] if whole else values
    return found


def _even(item: dict[str, Any], points: int) -> list[float]:
    low, high = item["low"], item["high"]
    shares = [place / (points - 1) for place in range(points)]
    if item["scale"] == "log":
        return [float(f"{low * (high / low) ** share:.3g}") for share in shares]
    return [low + (high - low) * share for share in shares]


def number(value: float) -> str:
    """Write a number as every YAML reader reads it: ``1.0e-05``, never ``1e-05``."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        whole = isinstance(value, int)
        return str(int(value)) if whole else f"{float(value):.1f}"
    text = repr(float(value))
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def scalar(value: Any) -> str:
    """Write a scalar of YAML; texts in quotes."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return number(value) if math.isfinite(value) else f".{value}"
    return yaml_text(str(value))


def listed(values: list[Any]) -> str:
    """Write a list of YAML in one line."""
    return f"[{', '.join(scalar(value) for value in values)}]"


def space_of(plan: Plan) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """Return the dimensions, the baseline and the pruner of a plan, as plain values.

    A value beside a range (off) is a switch of its own, ``use_NAME``; the baseline has it too.
    """
    plain = search_data(plan)
    baseline: dict[str, Any] = {}
    for item in plain["space"]:
        value = plain["baseline"][item["name"]]
        off = "switch" in item and value == item["off"]
        if "switch" in item:
            baseline[item["switch"]] = not off
        baseline[item["name"]] = _middle(item) if off else value
    return plain["space"], baseline, plain["pruner"]


def _middle(item: dict[str, Any]) -> float:
    low, high = item["low"], item["high"]
    middle: float = math.sqrt(low * high) if item["scale"] == "log" else (low + high) / 2
    return round(middle) if item["type"] == "int" else middle


def off_notes(space: list[dict[str, Any]]) -> list[str]:
    """Return a note for each switch: what the training has to do with it."""
    return [
        f"Where {item['switch']} is false, train with {item['name']} = {item['off']}."
        for item in space
        if "switch" in item
    ]
