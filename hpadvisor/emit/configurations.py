"""A plan as sampled configurations, for people with a runner of their own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hpadvisor.emit.common import metric_of, trials_of
from hpadvisor.emit.quoting import csv_cell
from hpadvisor.planning.model import Plan
from hpadvisor.planning.search_data import search_data
from hpadvisor.visible import json_text

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79)
_SEED = 20
_MOST_REPEATS = 50  # a small space may hold fewer configurations than were planned


def configurations(plan: Plan, known: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Sample a plan's space evenly: the baseline, listed values, then a Halton sequence.

    The sequence is shuffled by random digits (a fixed seed), which keeps many dimensions from
    moving together.

    Args:
        plan: A plan with at least one search step.
        known: Trials of an earlier search: none of their configurations comes again.

    Returns:
        One dict for each trial; the same plan gives the same ones. Fewer than planned where the
        space holds no more.
    """
    plain = search_data(plan)
    space = plain["space"]
    done = {_key(item["params"]) for item in known}
    found: list[dict[str, Any]] = []
    baseline = plain["baseline"]
    told = plain["baseline_score"] is not None
    points = [*plain["points"], *plain["recommended"]]
    planned = [*([] if told else [baseline]), *({**baseline, **point} for point in points)]
    total = max(trials_of(plan), len(planned))
    for point in planned:
        if _key(point) not in done:
            found.append(point)
    digits = _shuffles(2 * len(space))
    index = 0
    while len(found) < total and index < total * _MOST_REPEATS:
        index += 1
        shares = [_radical(index, base, table) for base, table in digits]
        point = {
            item["name"]: _value(item, shares[k], shares[len(space) + k])
            for k, item in enumerate(space)
        }
        if not known or _key(point) not in done:
            found.append(point)
            done.add(_key(point))
    return found


def _key(params: dict[str, Any]) -> str:
    """A configuration as a text: equal ones are equal, 1 and 1.0 too."""
    plain = {k: float(v) if isinstance(v, int | float) else v for k, v in params.items()}
    return json.dumps(plain, sort_keys=True, default=str)


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


def emit_json(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write the configurations as JSON, the baseline first.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        known: Trials of an earlier search: listed with their scores, and not among the trials.
    """
    metric, direction = metric_of(plan)
    document = {
        "created_by": created_by,
        "plan": plan.headline,
        "how_to_run": f"Train each of 'trials' with your own runner; report its {metric}.",
        "metric": metric,
        "direction": direction,
        "trials": [
            {"number": number, "role": role, "params": params}
            for number, (role, params) in enumerate(_with_roles(plan, known))
        ],
        "known": [
            {**item, "role": "baseline" if _is_baseline(plan, item["params"]) else "known"}
            for item in known
        ],
    }
    return json_text(document) + "\n"


def _is_baseline(plan: Plan, params: dict[str, Any]) -> bool:
    return _key(params) == _key(search_data(plan)["baseline"])


def _with_roles(
    plan: Plan, known: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for params in configurations(plan, known):
        yield ("baseline" if _is_baseline(plan, params) else "trial"), params


def emit_csv(plan: Plan, *, created_by: str, known: Sequence[dict[str, Any]] = ()) -> str:
    """Write the configurations as a table with an empty column for the score.

    Filled in, the table can be audited: parameters are named ``params_NAME``.

    Args:
        plan: A plan with at least one search step.
        created_by: Who wrote it from what; a table has no place for it.
        known: Trials of an earlier search: listed with their scores, and not repeated.
    """
    metric, _ = metric_of(plan)
    rows = [(role, params, "") for role, params in _with_roles(plan, known)]
    for item in known:
        role = "baseline" if _is_baseline(plan, item["params"]) else "known"
        rows.append((role, item["params"], item["value"]))
    names = list(search_data(plan)["baseline"])
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    head = ["number", "role", *(f"params_{name}" for name in names), metric]
    writer.writerow(map(csv_cell, head))
    for number, (role, params, value) in enumerate(rows):
        writer.writerow(map(csv_cell, [number, role, *(params[name] for name in names), value]))
    return stream.getvalue()
