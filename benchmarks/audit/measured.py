"""The rules' ``measured`` blocks, taken from the results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.audit.rates import Rate, Row

Results = dict[str, list[Row]]

FAULTY = {
    "AUD001": ("AUD001, AUD008", "a constant always"),
    "AUD008": ("AUD001, AUD008", "a constant in 60 %"),
    "AUD002": ("AUD002", "25% fail"),
    "AUD003": ("AUD003", "the upper fifth fails in 90 %"),
    "AUD004": ("AUD004", "one worker died"),
    "AUD005": ("AUD005", "60% break a constraint"),
    "AUD006": ("AUD006", "40 % guess, --chance given"),
    "AUD007": ("AUD007", "30 % fail late"),
    "AUD010": ("AUD010", "continuous, 20% repeat an earlier one"),
    "AUD015": ("AUD015, AUD018", "all survivors pruned too"),
    "AUD016": ("AUD016", "60 trials, tilted by 0.6 deviations"),
    "AUD018": ("AUD015, AUD018", "halving by 3, the wrong way round"),
}
"""For each rule the check and the fault whose detection stands in its block."""


def measured_of(results: Results) -> dict[str, dict[str, Any]]:
    """The blocks by rule: what was found in all pools, the worst false alarms."""
    blocks = _faults(_section(results, "Injected faults"))
    blocks |= _names(_section(results, "Names"))
    for rule, (title, columns) in SCORED.items():
        rows = _section(results, title)
        block: dict[str, Any] = {"benchmark": "audit"}
        for sampler, suffix in (("random", ""), ("TPE", "_tpe")):
            own = [row for row in rows if row["sampler"] == sampler]
            for name, (column, choose) in columns.items():
                values = [_value(row[column]) for row in own]
                values = [value for value in values if not np.isnan(value)]
                if values:
                    block[name + suffix] = round(float(choose(values)), 3)
        blocks[rule] = block
    return blocks


def _names(rows: list[Row]) -> dict[str, dict[str, Any]]:
    blocks: dict[str, dict[str, Any]] = {}
    for row in rows:
        block = blocks.setdefault(row["check"].split()[0], {"benchmark": "audit"})
        clean = row["should_speak"] == "no"
        block["false_alarms" if clean else "finds"] = round(row["speaks"].value, 3)
        block["other_names" if clean else "names"] = row["speaks"].count
    return blocks


def _section(results: Results, start: str) -> list[Row]:
    return next((rows for title, rows in results.items() if title.startswith(start)), [])


def _value(cell: Any) -> float:
    return cell.value if isinstance(cell, Rate) else float(cell)


Column = tuple[str, Callable[[list[float]], Any]]
SCORED: dict[str, tuple[str, dict[str, Column]]] = {
    "AUD011": (
        "Best at a bound: false alarms",
        {
            "false_alarms": ("false_alarms", np.mean),
            "worst_false_alarms": ("false_alarms", max),
            "naive_false_alarms": ("naive_false_alarms", np.mean),
        },
    ),
    "AUD014": (
        "Too few trials",
        {
            "holds_none_said": ("holds_none_said", np.mean),
            "holds_none_seen": ("holds_none_seen", np.mean),
        },
    ),
    "AUD017": (
        "Importance",
        {
            "dummy_important": ("dummy_important", np.mean),
            "worst_dummy_important": ("dummy_important", max),
            "strongest_named_first": ("strongest_named_first", np.mean),
        },
    ),
    "AUD020": (
        "Little but noise",
        {"false_alarms": ("false_alarms", max), "finds": ("finds", np.mean)},
    ),
    "AUD021": (
        "Tie set",
        {
            "covers": ("covers", np.mean),
            "worst_covers": ("covers", min),
            "naive_winner": ("naive_winner", np.mean),
        },
    ),
    "AUD023": (
        "Baseline beaten",
        {
            "false_by_single_scores": ("false_single", max),
            "false_by_repeated_seeds": ("false_welch", max),
            "finds_by_repeated_seeds": ("finds_welch", np.mean),
            "naive_false": ("false_naive", np.mean),
        },
    ),
    "AUD024": (
        "Optimism",
        {
            "said": ("said", np.mean),
            "seen": ("true", np.mean),
            "interval_holds": ("interval_holds", np.mean),
            "worst_interval_holds": ("interval_holds", min),
        },
    ),
}


def _faults(rows: list[Row]) -> dict[str, dict[str, Any]]:
    blocks = {}
    for rule, (check, fault) in FAULTY.items():
        own = [row for row in rows if row["check"].startswith(check)]
        clean = [row["speaks"] for row in own if row["should_speak"] == "no"]
        found = next((row["speaks"] for row in own if row["condition"] == fault), None)
        if found is None or not clean:
            continue
        blocks[rule] = {
            "benchmark": "audit",
            "worst_false_alarms": round(max(rate.value for rate in clean), 3),
            "finds": round(found.value, 3),
            "fault": fault,
            "replays": found.count,
        }
    return blocks


def stop_block(rows: list[Row], rule: str) -> dict[str, Any]:
    """The stop rule's block: on each pool the loss of half a point, and the trials spent.

    Args:
        rows: The table of the stop rules.
        rule: Our rule's name in it.
    """
    block: dict[str, Any] = {"benchmark": "audit"}
    for row in (row for row in rows if row["rule"] == rule):
        name = row["pool"].removesuffix(" *") + ("_tpe" if row["sampler"] == "TPE" else "")
        block[f"{name}_loses"] = round(row["loses_half_a_point"].value, 3)
        block[f"{name}_spends"] = round(float(row["trials_spent"]), 3)
    return block
