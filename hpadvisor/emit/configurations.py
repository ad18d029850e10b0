"""A plan as sampled configurations, for people with a runner of their own."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hpadvisor.emit.common import metric_of, trials_of
from hpadvisor.emit.optuna import constants
from hpadvisor.planning.model import Plan

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79)
_SEED = 20


def configurations(plan: Plan) -> list[dict[str, Any]]:
    """Sample a plan's space evenly: the baseline, listed values, then a Halton sequence.

    The sequence is shuffled by random digits (a fixed seed), which keeps many dimensions from
    moving together.

    Returns:
        One dict for each trial; the same plan gives the same ones.
    """
    plain = constants(plan)
    found = [plain["baseline"], *plain["points"]]
    space = plain["space"]
    total = max(trials_of(plan), len(found))
    digits = _shuffles(2 * len(space))
    index = 0
    while len(found) < total:
        index += 1
        shares = [_radical(index, base, table) for base, table in digits]
        found.append(
            {
                item["name"]: _value(item, shares[k], shares[len(space) + k])
                for k, item in enumerate(space)
            }
        )
    return found


def _shuffles(dimensions: int) -> list[tuple[int, list[int]]]:
    import random

    rng = random.Random(_SEED)  # noqa: S311 (no secret)
    tables = []
    for k in range(dimensions):
        base = _PRIMES[k % len(_PRIMES)]
        table = list(range(1, base))
        rng.shuffle(table)
        tables.append((base, [0, *table]))
    return tables


def _radical(index: int, base: int, table: list[int]) -> float:
    share, scale = 0.0, 1.0
    while index:
        index, digit = divmod(index, base)
        scale /= base
        share += table[digit] * scale
    return share


def _value(item: dict[str, Any], share: float, switch: float) -> Any:
    if item["type"] == "categorical":
        choices = item["choices"]
        return choices[min(int(share * len(choices)), len(choices) - 1)]
    if "switch" in item and switch < 0.25:
        return item["off"]
    low, high = item["low"], item["high"]
    if item["type"] == "int":
        if item["scale"] == "log":
            return min(high, max(low, round(low * (high / low) ** share)))
        return min(high, int(low + share * (high - low + 1)))
    value = low * (high / low) ** share if item["scale"] == "log" else low + share * (high - low)
    return float(f"{value:.6g}")


def emit_json(plan: Plan, *, created_by: str) -> str:
    """Write the configurations as JSON, the baseline first."""
    metric, direction = metric_of(plan)
    document = {
        "created_by": created_by,
        "plan": plan.headline,
        "metric": metric,
        "direction": direction,
        "trials": [
            {"number": number, "role": "baseline" if number == 0 else "trial", "params": params}
            for number, params in enumerate(configurations(plan))
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def emit_csv(plan: Plan, *, created_by: str) -> str:
    """Write the configurations as a table with an empty column for the score.

    Filled in, the table can be audited: parameters are named ``params_NAME``.
    """
    metric, _ = metric_of(plan)
    found = configurations(plan)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["number", *(f"params_{name}" for name in found[0]), metric])
    for number, params in enumerate(found):
        writer.writerow([number, *params.values(), ""])
    return stream.getvalue()
