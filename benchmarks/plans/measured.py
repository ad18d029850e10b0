"""The ``measured`` lines of strategies and importance tiers, written into the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measured import put_measured
from benchmarks.plans.contenders import BUDGETS
from benchmarks.plans.figures import KINDS, REFERENCE
from benchmarks.plans.importance import FILE as IMPORTANCE
from benchmarks.plans.running import PLAN
from benchmarks.plans.statistics import compare

RULES = Path(__file__).parents[2] / "rules"
FOLDERS = ("strategy", "importance")
TIERS = {"tabular-mlp": "TIE013", "lora": "TIE008"}
"""The tier table of each kind of training that the families are of."""


def measured_lines(told: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return, for each entry that was measured, what its ``measured`` line says."""
    lines: dict[str, dict[str, str]] = {}
    for result in told:
        for rule in sorted({r for cell in result["strategies"].values() for r in cell.values()}):
            text = "; ".join(_figures(result, rule))
            if rule and text:
                lines.setdefault(rule, {"benchmark": "plans"})[result["family"]] = text
    known = json.loads(IMPORTANCE.read_text(encoding="utf-8")) if IMPORTANCE.is_file() else {}
    for family, found in known.items():
        text = ", ".join(f"{name} {share:.2f}" for name, share in found["shares"].items())
        rule = TIERS[KINDS[family]]
        words = f"share of the variance within the ranges, {found['tasks']} tasks: {text}"
        lines.setdefault(rule, {"benchmark": "plans"})[family] = words
    return lines


def _figures(result: dict[str, Any], rule: str) -> Iterator[str]:
    """Yield the plan against the default search at each budget at which a rule chose it."""
    for budget in BUDGETS:
        chosen = [t for t, cell in result["strategies"].items() if cell.get(str(budget)) == rule]
        regret = {
            name: {task: cell for task, cell in cells.items() if task in chosen}
            for name, cells in result["regret"].items()
            if name in (PLAN, REFERENCE)
        }
        versus = compare({**result, "regret": regret}, REFERENCE, budget) if chosen else None
        if versus is not None:
            yield (
                f"{budget} trainings: regret {versus.plan:.3f}, Optuna's default "
                f"{versus.other:.3f}, better in {100 * versus.wins:.0f} % of "
                f"{versus.tasks * versus.runs} runs"
            )


def with_measured(text: str, lines: dict[str, dict[str, str]]) -> str:
    """Return a rules file with the measured lines of its entries, and of no others."""
    written = {
        name: "".join(
            ["    measured:\n", *(f"      {k}: {json.dumps(v)}\n" for k, v in values.items())]
        )
        for name, values in lines.items()
    }
    return put_measured(text, written, drop=True)


def measured_rules(told: list[dict[str, Any]]) -> dict[Path, str]:
    """Return every rules file of strategies and tiers as the results would write it."""
    lines = measured_lines(told)
    paths = [path for folder in FOLDERS for path in sorted((RULES / folder).glob("*.yaml"))]
    return {path: with_measured(path.read_text(encoding="utf-8"), lines) for path in paths}
