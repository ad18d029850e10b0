"""A plan as plain data: what the search needs of it, and what the study is to remember."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan, Step

MODELS = ("gaussian-process",)
"""Samplers that the search brings along; all others are Optuna's."""


def search_data(plan: Plan) -> dict[str, Any]:
    """Return what a search needs of a plan: plain values, in a fixed order.

    It is what ``hpadvisor.search`` reads (``read_plan``), and what the emitted scripts hold.
    """
    steps = plan.search_steps
    parameters = {item.name: item for step in reversed(steps) for item in step.parameters}
    ordered = dict.fromkeys(item.name for step in steps for item in step.parameters)
    space = [_dimension(parameters[name], set(ordered)) for name in ordered]
    baseline = _baseline(steps, [parameters[name] for name in ordered])
    listed, starts = list(_listed(steps)), [point for step in steps for point in step.starts]
    return {
        "metric": plan.objective.get("metric"),
        "direction": plan.objective.get("direction"),
        "space": space,
        "baseline": baseline,
        "baseline_score": _told_score(plan),
        "points": [point for point in listed if {**baseline, **point} != baseline],
        "recommended": [point for point in starts if {**baseline, **point} != baseline],
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
        "memory": remembered(plan),
    }


def _told_score(plan: Plan) -> float | None:
    """Return the score of today's configuration, where it is known and not trained again."""
    current = plan.situation.get("task.current")
    known = plan.search_steps[0].baseline_known if plan.search_steps else False
    return float(current.value) if known and current is not None else None


def remembered(plan: Plan) -> dict[str, Any]:
    """Return what the study is to remember beside the search itself (hpadvisor.search.memory)."""
    confirmations = [step for step in plan.steps if step.kind == "confirm"]
    facts = {
        path: stated.value
        for path, stated in plan.situation.items()
        if not stated.source.startswith(("computed", "assumed"))  # others follow from these
    }
    return {
        "headline": plan.headline,
        "situation": facts,
        "hyperparameters": plan.hyperparameters,
        "held_fixed": {item.name: item.value for item in plan.held_fixed},
        "noise": facts.get("task.noise"),
        "budget": {
            "trainings": round(plan.trainings or sum(step.trainings for step in plan.steps), 3),
            "trials": sum(step.trials for step in plan.search_steps),
            "confirmation": sum(step.trials * step.seeds for step in confirmations),
            **({} if plan.budget_hours is None else {"hours": plan.budget_hours}),
        },
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
