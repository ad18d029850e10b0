"""A plan as a Hydra configuration for the Optuna sweeper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.emit.common import (
    grid_of,
    head,
    metric_of,
    number,
    off_notes,
    parallel_of,
    sampler_notes,
    scalar,
    space_of,
    strategy_of,
    trials_of,
)
from hpadvisor.emit.quoting import check_names, hydra_choice, yaml_key, yaml_text
from hpadvisor.planning.model import Plan

_BARE = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789(), ._+-"')


def emit_hydra(plan: Plan, *, created_by: str, more: Sequence[str] = ()) -> str:
    """Write a primary configuration with the sweep in it.

    ``storage`` stays null: the sweeper pins an old Optuna whose SQLite storage breaks under
    several processes.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        more: Further lines for the head of the file.
    """
    space, baseline, _ = space_of(plan)
    _, direction = metric_of(plan)
    check_names("hydra-optuna", baseline)
    notes = [
        "Needs hydra-core and hydra-optuna-sweeper. Save as conf/tune.yaml beside train.py.",
        "Run the baseline once: python train.py --config-path conf --config-name tune",
        "Then the search: the same with --multirun. The main function returns the score.",
        "The sweeper keeps the study in memory and prunes nothing.",
        *off_notes(space),
        *sampler_notes(plan),
        *more,
    ]
    if parallel_of(plan) > 1:
        notes.append("Hydra's own launcher trains one after the other: pip install "
                     "hydra-joblib-launcher, and hydra/launcher=joblib.")  # fmt: skip
    lines = [
        "defaults:",
        "  # - config  # your own configuration, where you have one: its name in conf/",
        "  - _self_",
        "  - override hydra/sweeper: optuna",
    ]
    lines += [f"  - override hydra/sweeper/sampler: {_sampler(plan)}", ""]
    lines += _nested(baseline)
    lines += [
        "",
        "hydra:",
        "  sweeper:",
        "    sampler:",
        "      seed: 0",
        f"    direction: {direction}",
        "    study_name: search",
        "    storage: null",
        f"    n_trials: {trials_of(plan)}",
        f"    n_jobs: {parallel_of(plan)}",
        "    params:",
    ]
    grid = grid_of(plan)
    for item in space:
        domain = _domain(item, grid.get(item["name"]))
        lines.append(f"      {yaml_key(item['name'])}: {_written(domain)}")
        if "switch" in item:
            lines.append(f"      {yaml_key(item['switch'])}: choice(true, false)")
    return head(plan, created_by, notes) + "\n".join(lines) + "\n"


def _nested(values: dict[str, Any]) -> list[str]:
    """Write dotted names as the groups that Hydra's overrides mean by them."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *groups, last = name.split(".")
        place = tree
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = value
    return _lines(tree, "")


def _lines(tree: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for name, value in tree.items():
        if isinstance(value, dict):
            lines += [f"{indent}{yaml_key(name)}:", *_lines(value, f"{indent}  ")]
        else:
            lines.append(f"{indent}{yaml_key(name)}: {scalar(value)}")
    return lines


def _sampler(plan: Plan) -> str:
    return "tpe" if strategy_of(plan) == "bayesian" else "random"


def _written(domain: str) -> str:
    """Write a range as a value of YAML: bare where nothing in it could be read otherwise."""
    return domain if set(domain) <= _BARE else yaml_text(domain)


def _choice(value: Any) -> str:
    return hydra_choice(value) if isinstance(value, str) else scalar(value)


def _domain(item: dict[str, Any], grid: list[float] | None) -> str:
    """Return a parameter in the sweeper's own language of ranges."""
    if grid:
        return f"choice({', '.join(map(number, grid))})"
    if item["type"] == "categorical":
        return f"choice({', '.join(map(_choice, item['choices']))})"
    bounds = f"interval({number(item['low'])}, {number(item['high'])})"
    if item["type"] == "int":
        if item["scale"] != "log":
            return f"range({item['low']}, {item['high'] + 1})"
        return f"tag(log, int({bounds}))"
    return f"tag(log, {bounds})" if item["scale"] == "log" else bounds
