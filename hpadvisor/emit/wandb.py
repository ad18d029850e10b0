"""A plan as a W&B sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import (
    grid_of,
    head,
    listed,
    metric_of,
    number,
    off_notes,
    sampler_notes,
    scalar,
    space_of,
    strategy_of,
    trials_of,
)
from hpadvisor.emit.quoting import check_names, option, yaml_key
from hpadvisor.planning.model import Plan

_METHODS = {"bayesian": "bayes", "grid": "grid", "random": "random", "quasirandom": "random"}


def emit_wandb(plan: Plan, *, created_by: str, more: Sequence[str] = ()) -> str:
    """Write a sweep configuration.

    ``log_uniform_values`` takes the limits themselves (``log_uniform`` takes exponents), and
    numbers are written so that PyYAML reads them as such.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        more: Further lines for the head of the file.
    """
    space, baseline, pruner = space_of(plan)
    metric, direction = metric_of(plan)
    check_names("wandb", baseline)
    first = " ".join(option(name, value) for name, value in baseline.items())
    stops = pruner["name"] == "asha"
    notes = [
        "Run: wandb sweep THIS_FILE, then wandb agent SWEEP_ID on every machine.",
        f"A sweep cannot queue the baseline: run it first, python train.py {first}",
        *([f"Log {metric} after each epoch, so that early_terminate sees it."] if stops else []),
        *off_notes(space),
        *sampler_notes(plan),
        *more,
    ]
    method, grid = _METHODS[strategy_of(plan)], grid_of(plan)
    lines = [
        "program: train.py  # your training; it reads its values from wandb.config",
        f"method: {method}",
        "metric:",
        f"  name: {scalar(metric)}",
        f"  goal: {direction}",
        f"run_cap: {trials_of(plan)}",
    ]
    if stops:
        lines += [
            "early_terminate:",
            "  type: hyperband",
            f"  min_iter: {pruner['min_step']}",
            f"  eta: {pruner['reduction_factor']}",
        ]
    lines.append("parameters:")
    for item in space:
        lines += _parameter(item, grid.get(item["name"]))
    return head(plan, created_by, notes) + "\n".join(lines) + "\n"


def _parameter(item: dict[str, Any], grid: list[float] | None) -> list[str]:
    lines = [f"  {yaml_key(item['name'])}:"]
    if item["type"] == "categorical":
        lines.append(f"    values: {listed(item['choices'])}")
    elif grid:
        lines.append(f"    values: {listed(grid)}")
    else:
        log, whole = item["scale"] == "log", item["type"] == "int"
        kind = "log_uniform_values" if log else "uniform"
        kind = ("q_log_uniform_values" if log else "int_uniform") if whole else kind
        lines += [
            f"    distribution: {kind}",
            f"    min: {number(item['low'])}",
            f"    max: {number(item['high'])}",
        ]
        if whole and log:
            lines.append("    q: 1")
    if "switch" in item:
        lines += [f"  {yaml_key(item['switch'])}:", "    values: [true, false]"]
    return lines
