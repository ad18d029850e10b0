"""A plan as a Katib experiment."""

from __future__ import annotations

import re
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
    space_of,
    strategy_of,
    trials_of,
)
from hpadvisor.emit.quoting import check_names, yaml_key, yaml_text
from hpadvisor.planning.model import Plan

_ALGORITHMS = {"bayesian": "tpe", "random": "random", "quasirandom": "sobol", "grid": "grid"}


def emit_katib(plan: Plan, *, created_by: str, more: Sequence[str] = ()) -> str:
    """Write an experiment; all values of parameters are texts there.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        more: Further lines for the head of the file.
    """
    space, baseline, pruner = space_of(plan)
    metric, direction = metric_of(plan)
    values = ", ".join(f"{name}={value}" for name, value in baseline.items())
    check_names("katib", baseline, metric)
    notes = [
        "Put your image and command into trialTemplate; print lines such as NAME=0.93.",
        f"Run the baseline by hand first, Katib cannot queue it: {values}.",
        "Run: kubectl apply -f THIS_FILE",
        *off_notes(space),
        *sampler_notes(plan),
        *more,
    ]
    trials = trials_of(plan)
    lines = [
        "apiVersion: kubeflow.org/v1beta1",
        "kind: Experiment",
        "metadata:",
        "  name: search",
        "spec:",
        "  objective:",
        f"    type: {direction}",
        f"    objectiveMetricName: {yaml_key(metric)}",
        "  algorithm:",
        f"    algorithmName: {_ALGORITHMS[strategy_of(plan)]}",
        f"  maxTrialCount: {trials}",
        f"  parallelTrialCount: {min(parallel_of(plan), trials)}",
        f"  maxFailedTrialCount: {max(3, trials // 10)}",
    ]
    if pruner["name"] != "none":
        start = pruner.get("min_step", pruner.get("warmup_steps", 1))
        lines += _early_stopping(int(start))
    lines.append("  parameters:")
    names, grid = [], grid_of(plan)
    for item in space:
        lines += _parameter(item, grid.get(item["name"]))
        names.append(item["name"])
        if "switch" in item:
            lines += _categorical(item["switch"], ["true", "false"])
            names.append(item["switch"])
    return head(plan, created_by, notes) + "\n".join([*lines, *_template(names)]) + "\n"


def _early_stopping(start: int) -> list[str]:
    return [
        "  earlyStopping:  # Katib knows the median rule only",
        "    algorithmName: medianstop",
        "    algorithmSettings:",
        "      - {name: min_trials_required, value: \"5\"}",
        f"      - {{name: start_step, value: \"{max(start, 1)}\"}}",
    ]  # fmt: skip


def _categorical(name: str, choices: list[str]) -> list[str]:
    texts = ", ".join(yaml_text(choice) for choice in choices)
    return [
        f"    - name: {yaml_key(name)}",
        "      parameterType: categorical",
        f"      feasibleSpace: {{list: [{texts}]}}",
    ]


def _parameter(item: dict[str, Any], grid: list[float] | None) -> list[str]:
    if item["type"] == "categorical":
        return _categorical(item["name"], [_text(choice) for choice in item["choices"]])
    if grid:  # a range of a grid would need a step, which no log scale has
        return [
            f"    - name: {yaml_key(item['name'])}",
            "      parameterType: discrete",
            f"      feasibleSpace: {{list: [{', '.join(yaml_text(number(v)) for v in grid)}]}}",
        ]
    ends = f'min: "{number(item["low"])}", max: "{number(item["high"])}"'
    law = ", distribution: logUniform" if item["scale"] == "log" else ""
    return [
        f"    - name: {yaml_key(item['name'])}",
        f"      parameterType: {'int' if item['type'] == 'int' else 'double'}",
        f"      feasibleSpace: {{{ends}{law}}}",
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _template(names: list[str]) -> list[str]:
    lines = ["  trialTemplate:", "    primaryContainerName: training", "    trialParameters:"]
    places = _places(names)
    for name, place in places.items():
        word = yaml_key(name)
        lines += [f"      - {{name: {yaml_key(place)}, reference: {word}, description: {word}}}"]
    lines += [
        "    trialSpec:",
        "      apiVersion: batch/v1",
        "      kind: Job",
        "      spec:",
        "        template:",
        "          spec:",
        "            restartPolicy: Never",
        "            containers:",
        "              - name: training",
        "                image: YOUR_IMAGE",
        "                command:",
        "                  - python",
        "                  - train.py",
    ]
    return lines + [
        f'                  - "--{name}=${{trialParameters.{place}}}"'
        for name, place in places.items()
    ]


def _places(names: list[str]) -> dict[str, str]:
    """Return what stands for each name in the template.

    Dots, slashes and dashes stay out of it: ``${trialParameters.optim.lr}`` reads like a path.
    ``reference`` holds the parameter's own name.
    """
    found: dict[str, str] = {}
    for name in names:
        place = re.sub(r"[./-]", "_", name)
        while place in found.values() or (place != name and place in names):
            place += "_"
        found[name] = place
    return found
