"""A plan as a self-contained Optuna script: the template with the plan's constant filled in."""

from __future__ import annotations

import itertools
import json
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from hpadvisor.engine.text import human
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan, Step

TEMPLATE = "optuna_search.py"
BEGIN = "# --- plan: begin ---\n"
END = "# --- plan: end ---\n"
MARKS = r"(?m:^ *# --- model: (?:begin|end) ---\n)"
MODEL = r"(?m:^ *# --- model: begin ---\n).*?(?m:^ *# --- model: end ---\n)"
"""The parts of the template that only a Gaussian process needs, and the marks around them."""
WIDTH = 99
MODELS = ("gaussian-process",)
"""Samplers that the script brings along; all others are Optuna's."""


def emit_optuna(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write a plan as a Python script that needs nothing but Optuna.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote the script from what, for its first comment:
            ``hpadvisor 0.1.0 from situation.yaml``.
        known: Trials of an earlier search over the same space (number, value, params), from
            which the sampler learns.

    Returns:
        The text of the script; the same plan gives the same text.

    Raises:
        UserError: The plan has nothing to search.
    """
    if not plan.search_steps:
        raise UserError(
            f"the plan has nothing to search (verdict: {plan.verdict})",
            remedy="Do what it says first, or read it with --format text.",
        )
    template = (files("hpadvisor.emit") / "templates" / TEMPLATE).read_text(encoding="utf-8")
    values = {**constants(plan), "known": list(known)}
    template = re.sub(MODEL if values["model"] is None else MARKS, "", template, flags=re.DOTALL)
    before, rest = template.split(BEGIN)
    _, after = rest.split(END)
    constant = f"PLAN: dict[str, Any] = {literal(values)}\n"
    return "".join([_header(plan, created_by), before, BEGIN, constant, END, after])


def constants(plan: Plan) -> dict[str, Any]:
    """Return what the script needs of a plan: plain values, in a fixed order."""
    steps = plan.search_steps
    parameters = {item.name: item for step in reversed(steps) for item in step.parameters}
    ordered = dict.fromkeys(item.name for step in steps for item in step.parameters)
    space = [_dimension(parameters[name], set(ordered)) for name in ordered]
    baseline = _baseline(steps, [parameters[name] for name in ordered])
    listed = [*_listed(steps), *(point for step in steps for point in step.starts)]
    points = [point for point in listed if {**baseline, **point} != baseline]
    return {
        "metric": plan.objective.get("metric"),
        "direction": plan.objective.get("direction"),
        "space": space,
        "baseline": baseline,
        "points": points,
        "start_points": _start_points(steps),
        "phases": [_phase(step) for step in steps],
        "model": _model(steps),
        "pruner": _pruner(steps),
        "epochs": steps[0].epochs_per_trial,
        "trainings": round(sum(step.trainings for step in steps), 3),
        "trainings_per_trial": max(step.seeds for step in steps),
        "workers": max(step.parallel for step in steps),
        "confirm": _confirm(plan),
        "stop_when": list(dict.fromkeys(rule for step in steps for rule in step.stop_when)),
    }


def _dimension(item: Parameter, names: set[str]) -> dict[str, Any]:
    """Return a parameter as the script suggests it; off becomes a switch beside the range."""
    if item.choices is not None:
        return {"name": item.name, "type": "categorical", "choices": list(item.choices)}
    if item.low is None or item.high is None:
        raise UserError(f"the plan gives {item.name} neither a range nor choices")
    number = int if item.type == "int" else float
    dimension: dict[str, Any] = {
        "name": item.name,
        "type": item.type,
        "low": number(item.low),
        "high": number(item.high),
        "scale": item.scale or "linear",
    }
    if item.legal is not None:
        dimension["legal"] = [number(end) for end in item.legal]
    if item.off is not None and not item.low <= item.off <= item.high:
        switch = f"use_{item.name}"
        while switch in names:
            switch += "_"
        dimension.update(off=number(item.off), switch=switch)
    return dimension


def _baseline(steps: list[Step], parameters: list[Parameter]) -> dict[str, Any]:
    """Return the first trial, whole: the plan's baseline, else the default, else the middle."""
    stated: dict[str, Any] = {}
    for step in reversed(steps):
        stated.update(step.baseline)
    return {item.name: _first(item, stated) for item in parameters}


def _first(item: Parameter, stated: dict[str, Any]) -> object:
    for value in (stated.get(item.name), stated.get(item.role or ""), item.default):
        if value is not None:
            return value
    if item.choices is not None:
        return item.choices[0]
    low, high = item.low or 0.0, item.high or 0.0
    middle = math.sqrt(low * high) if item.scale == "log" else (low + high) / 2
    return round(middle) if item.type == "int" else middle


def _listed(steps: list[Step]) -> Iterator[dict[str, Any]]:
    """Yield the configurations that the steps list, the last hyperparameter changing fastest."""
    for step in steps:
        listed = {item.name: item.values for item in step.parameters if item.values}
        if listed:
            for values in itertools.product(*listed.values()):
                yield dict(zip(listed, values, strict=True))


def _start_points(steps: list[Step]) -> int:
    """Return how many quasi-random configurations follow the baseline (which counts as one)."""
    for step in steps:
        if step.strategy == "quasirandom":
            return max(step.trials - 1, 0)
        if step.strategy == "bayesian":
            return max(min(int(step.sampler.get("startup_trials", 1)), step.trials) - 1, 0)
    return 0


def _phase(step: Step) -> dict[str, Any]:
    # After the last listed value there is nothing to list: more trials are then model-based.
    sampled = step.strategy in ("random", "quasirandom", "bayesian")
    strategy = step.strategy if sampled else "bayesian"
    return {"name": step.name, "strategy": strategy, "trials": step.trials}


def _model(steps: list[Step]) -> str | None:
    """Return the script's own model; None where Optuna's sampler proposes."""
    return next((str(s.sampler["name"]) for s in steps if s.sampler.get("name") in MODELS), None)


def _pruner(steps: list[Step]) -> dict[str, Any]:
    """Return the first step's pruner, with fractions of a training turned into epochs."""
    for step in steps:
        settings, epochs = step.pruner, step.epochs_per_trial
        if settings.get("name") == "asha" and epochs:
            first = settings.get("min_epochs", settings.get("min_fraction", 0.1) * epochs)
            factor = int(settings.get("reduction_factor", 3))
            found = {"name": "asha", "min_step": max(1, round(first)), "reduction_factor": factor}
            until = settings.get("trainings")
            return found if until is None else {**found, "trainings": until}
        if settings.get("name") == "median" and epochs:
            first = settings.get("warmup_epochs", settings.get("warmup_fraction", 0.3) * epochs)
            startup = int(settings.get("startup_trials", 5))
            return {"name": "median", "warmup_steps": round(first), "startup_trials": startup}
    return {"name": "none"}


def _confirm(plan: Plan) -> dict[str, int | bool] | None:
    for step in plan.steps:
        if step.kind == "confirm":
            chosen: dict[str, int | bool] = {"finalists": step.trials, "seeds": step.seeds}
            return {**chosen, "baseline": True} if step.baseline else chosen
    return None


def literal(value: object, indent: int = 0, used: int = 24) -> str:
    """Write plain values as a Python literal, one item a line where a line would be too long.

    Args:
        value: Dicts, lists, strings, numbers, booleans and None.
        indent: Columns that the lines after the first are indented by.
        used: Columns of the first line that are taken already.
    """
    flat = _flat(value)
    if not isinstance(value, dict | list) or not value or (indent and used + len(flat) < WIDTH):
        return flat
    pad = " " * (indent + 4)
    lines = []
    for item in value.items() if isinstance(value, dict) else value:
        key = f"{_flat(item[0])}: " if isinstance(value, dict) else ""
        inner = item[1] if isinstance(value, dict) else item
        lines.append(f"{pad}{key}{literal(inner, indent + 4, len(pad + key))},\n")
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(k)}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return repr(value)


def _header(plan: Plan, created_by: str) -> str:
    """Return the comment at the top: which plan this is, what comes before, what is held fixed."""
    lines = [f"Written by {created_by}.", f"Plan: {plan.headline}"]
    for number, step in enumerate(plan.steps, 1):
        lines.append(f"{number}. {step.name}: {_size(step)}")
        lines += [f"   {change}" for change in step.changes]
    if plan.held_fixed:
        held = "; ".join(_held(item.name, item.value) for item in plan.held_fixed)
        lines.append(f"Held fixed: {held}.")
    each = max(step.seeds for step in plan.search_steps)
    if each > 1:
        lines.append(
            f"Let the function train on the same {each} folds and return the mean score. To prune "
            f"between folds, report(fold * epochs / {each}, mean so far) after each."
        )
    if any(step.kind == "fix" for step in plan.steps):
        lines.append("Make the changes of the fix steps first; this script does not make them.")
    lines.append("Run: python THIS_FILE --target module:function --storage journal.log --seed 0")
    return "".join(_comment(line) for line in lines) + "\n"


def _size(step: Step) -> str:
    size = (
        f"{step.trials} {'training' if step.kind == 'fix' else 'trial'}{'s' * (step.trials != 1)}"
    )
    if step.seeds > 1:
        size += f" × {step.seeds} {'folds' if step.kind == 'search' else 'seeds'}"
    if step.kind == "search":
        size += f", {human(step.trainings)} full trainings"
    return size if step.cost_hours is None else f"{size}, {human(step.cost_hours)} h"


def _held(name: str, value: object) -> str:
    return name if value is None else f"{name} = {human(value)}"


def _comment(text: str) -> str:
    indent = "#" + " " * (1 + len(text) - len(text.lstrip()))
    clean = " ".join(text.split())
    lines = textwrap.wrap(clean, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
    return "".join(f"{line}\n" for line in lines)
