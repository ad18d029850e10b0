"""A run as text: what will be done, what came of it, and the command to go on with."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpadvisor.engine.text import human
from hpadvisor.report.page import Page
from hpadvisor.visible import one_line

if TYPE_CHECKING:
    from hpadvisor.planning.model import Plan
    from hpadvisor.running.loop import RunResult


def shown_command(arguments: Sequence[str]) -> str:
    """Return a command as it can be pasted into a shell."""
    return one_line(shlex.join(arguments))


def described(params: Mapping[str, Any]) -> str:
    """Return a configuration in one line."""
    return ", ".join(f"{name} {_value(value)}" for name, value in params.items())


def dry_run_text(
    plan: Plan, commands: Sequence[tuple[str, list[str]]], *, width: int, color: bool
) -> str:
    """Say what a run would do: its steps, their cost, and every command that is certain.

    Args:
        plan: The plan.
        commands: Origin and arguments of the trainings that do not hang on results.
        width: Columns.
        color: Whether to write colours.
    """
    page = Page(width, color)
    page.line(plan.headline, "bold")
    for number, step in enumerate(plan.steps, 1):
        cost = "" if step.cost_hours is None else f" · {human(step.cost_hours)} h"
        trials = f"{step.trials} trials" if step.kind == "search" else f"{step.seeds} seeds"
        page.heading(f"{number}. {step.name}", f" · {trials}{cost}")
        for item in step.parameters:
            page.line(f"{item.name}: {_range(item)}", indent=3)
    page.heading("Commands that are certain", "; those after them hang on the results")
    # Not wrapped, so that each can be pasted.
    lines = [f"  {origin:<14} {shown_command(arguments)}" for origin, arguments in commands]
    return page.text() + "\n".join([*lines, ""])


def run_text(result: RunResult, *, width: int, color: bool) -> str:
    """Say what a run has found.

    Args:
        result: What it gave.
        width: Columns.
        color: Whether to write colours.
    """
    page = Page(width, color)
    found = result.baseline.first
    metric = result.plan.objective.get("metric") or "score"
    noise = "" if found.noise is None else f" ± {human(found.noise)} between seeds"
    page.entry("Baseline", f"{metric} {found.score:.6g}{noise} ({described(found.params)})")
    if found.diagnosis is not None and found.diagnosis.judged:
        page.entry("", f"its curves: {found.diagnosis.verdict.replace('_', ' ')}")
    for tried in result.tried:
        page.entry("Change", tried.line)
    if result.winner is not None:
        page.entry("Best", f"{metric} {result.score:.6g} ({described(result.winner)})", "bold")
        page.entry("", result.verdict)
    if result.audit is not None:
        page.entry("Audit", f"{result.audit.decision.replace('_', ' ')}: "
                            f"{' '.join(result.audit.reasons[:2])}")  # fmt: skip
    for number, line in enumerate(result.widened):
        page.entry("" if number else "Widened", line)
    if result.ended:
        page.entry("Search", result.ended)
    if result.command:
        page.blank()
        page.line("Go on with:")
        page.blank()
        return f"{page.text()}\n  {shown_command(result.command)}\n\n{_files(result.folder)}\n"
    return f"{page.text()}\n{_files(result.folder)}\n"


def document(result: RunResult) -> dict[str, Any]:
    """Return a run as plain values for JSON."""
    found = result.baseline.first
    return {
        "schema_version": "1.0",
        "baseline": {
            "score": found.score,
            "noise": found.noise,
            "params": found.params,
            "seeds": len(found.outcomes),
            "hours_per_training": found.hours,
            "verdict": None if found.diagnosis is None else found.diagnosis.verdict,
        },
        "changes": [
            {"words": one.words, "outcome": one.outcome, "score": one.score}
            for one in result.tried
        ],
        "widened": result.widened,
        "ended": result.ended or None,
        "winner": None if result.winner is None else {
            "score": result.score, "params": result.winner, "verdict": result.verdict,
            "command": result.command,
        },
        "audit": None if result.audit is None else {
            "decision": result.audit.decision, "reasons": result.audit.reasons,
        },
        "folder": result.folder,
        "seconds": result.seconds,
    }  # fmt: skip


def _files(folder: str) -> str:
    name = one_line(shlex.quote(folder))
    return f"Everything of it stands in {name}. More: hpadvisor audit {name}/journal.log"


def _range(item: Any) -> str:
    if item.values:
        return ", ".join(map(_value, item.values))
    if item.choices is not None:
        return ", ".join(map(_value, item.choices))
    return f"{human(item.low)} to {human(item.high)} ({item.scale or 'linear'})"


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
