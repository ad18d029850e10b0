"""How often each rule was right, and the ``measured`` blocks that say so."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from benchmarks.clinic.scoring import change_of
from benchmarks.clinic.truth import Truth
from hpadvisor.diagnosing.model import Advice, RunDiagnosis
from hpadvisor.engine.knowledge import Knowledge

Counts = dict[str, float]


def measure(
    knowledge: Knowledge,
    runs: list[RunDiagnosis],
    truths: list[Truth],
    dev_runs: list[RunDiagnosis],
    dev_truths: list[Truth],
) -> dict[str, dict[str, Any]]:
    """How often each rule was right where it spoke, and how much of its kind it found."""
    changes = {
        rule.id: _changes_of(rule) for rule in knowledge.rules if "diagnose" in rule.applies_to
    }
    test, development = _counted(changes, runs, truths), _counted(changes, dev_runs, dev_truths)
    measured: dict[str, dict[str, Any]] = {}
    for rule, change in changes.items():
        if change is None or not test[rule]["said"]:
            continue
        measured[rule] = {
            "benchmark": "clinic",
            "precision": round(test[rule]["right"] / test[rule]["said"], 3),
            "recall": round(test[rule]["right"] / max(test[rule]["possible"], 1), 3),
            "n": int(test[rule]["said"]),
            "fitted_precision": round(
                (development[rule]["right"] + 1) / (development[rule]["said"] + 2), 3
            ),
            "fitted_n": int(development[rule]["said"]),
        }
    return measured


def _changes_of(rule: Any) -> str | None:
    if not rule.recommend:
        return None
    first = rule.recommend[0]
    return change_of(Advice(first.parameter, first.action, first.factor))


def _counted(
    changes: dict[str, str | None], runs: list[RunDiagnosis], truths: list[Truth]
) -> dict[str, Counts]:
    counts: dict[str, Counts] = defaultdict(lambda: {"said": 0, "right": 0, "possible": 0})
    for run, truth in zip(runs, truths, strict=True):
        said = {finding.rule for finding in run.findings if finding.explained_by is None}
        for rule, change in changes.items():
            counts[rule]["possible"] += change in truth.helps
            if rule in said:
                counts[rule]["said"] += 1
                counts[rule]["right"] += change in truth.helps
    return counts
