"""Scripts in Python: a short template on ``hpadvisor.search``, with the plan as readable data.

The same template, ``standalone``, becomes one file that brings along what it takes of the library
(hpadvisor.emit.assembling).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from hpadvisor.emit.assembling import assemble
from hpadvisor.emit.literals import WIDTH, literal
from hpadvisor.engine.text import human
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Plan, Step
from hpadvisor.planning.search_data import search_data

BEGIN, END = "# --- plan: begin ---\n", "# --- plan: end ---\n"
LONGEST_RULE = 165
"""Signs of a rule when to stop: two lines."""


def write_script(
    template: str,
    plan: Plan,
    created_by: str,
    run: Sequence[str],
    known: Sequence[dict[str, Any]] = (),
    *,
    standalone: bool = False,
    also: Sequence[str] = (),
    replace: tuple[str, str] = ("", ""),
) -> str:
    """Return a template with a plan's data in it, under a comment that says whose plan it is.

    Args:
        template: File name in the folder of templates.
        plan: A plan with at least one search step.
        created_by: Who wrote it from what.
        run: What is needed and how to run it, for the comment.
        known: Trials of an earlier search over the same space.
        standalone: Whether the parts of the library that it takes are written into the file.
        also: What such a file offers to whoever imports it, beside what the template takes.
        replace: A further text of the template, and what takes its place.

    Raises:
        UserError: The plan has nothing to search.
    """
    if not plan.search_steps:
        raise UserError(
            f"the plan has nothing to search (verdict: {plan.verdict})",
            remedy="Do what it says first, or read it with --format text.",
        )
    text = (files("hpadvisor.emit") / "templates" / template).read_text(encoding="utf-8")
    before, rest = text.replace(*replace).split(BEGIN) if replace[0] else text.split(BEGIN)
    _, after = rest.split(END)
    data = {**search_data(plan), "known": list(known)}
    data["memory"] = {"written_by": created_by, **_told(data["memory"])}
    rules = data["stop_when"]
    data["stop_when"] = [_shortened(r, LONGEST_RULE if len(rules) <= 4 else 0) for r in rules]
    # The mark of the plan's place must not be found in a name of the user's.
    script = before + f"PLAN: dict[str, Any] = {literal(_told(data), 24)}\n" + after
    return header(plan, created_by, run) + (assemble(script, also) if standalone else script)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Return values without those that say nothing: what is missing is unknown, or unwanted."""
    usual = {"trainings_per_trial": 1, "workers": 1, "pruner": {"name": "none"}}
    return {
        name: value
        for name, value in values.items()
        if value not in (None, [], {}) and usual.get(name) != value
    }


def _shortened(rule: str, most: int) -> str:
    """Return the first sentences of a rule, as many as fit; the plan has them all."""
    sentences = rule.split(". ")
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + len(sentence) > most:
            break
        kept += f". {sentence}"
    return kept if kept.endswith(".") else f"{kept}."


def header(plan: Plan, created_by: str, run: Sequence[str]) -> str:
    """Return the comment at the top: which plan this is, what comes before, what is held fixed."""
    lines = [f"Written by {created_by}.", f"Plan: {plan.headline}"]
    for number, step in enumerate(plan.steps, 1):
        lines.append(f"{number}. {step.name}: {_size(step)}")
        lines += [f"   {change}" for change in step.changes]
    if plan.held_fixed:
        held = "; ".join(_held(item.name, item.value) for item in plan.held_fixed)
        lines.append(f"Held fixed: {held}.")
    each = max(step.seeds for step in plan.search_steps)
    if each > 1:
        lines.append(
            f"Let the function train on the same {each} folds and return the mean score. To prune "
            f"between folds, report(fold * epochs / {each}, mean so far) after each."
        )
    if any(step.kind == "fix" for step in plan.steps):
        lines.append("Make the changes of the fix steps first; this script does not make them.")
    return "".join(_comment(line) for line in [*lines, *run])


def _size(step: Step) -> str:
    size = (
        f"{step.trials} {'training' if step.kind == 'fix' else 'trial'}{'s' * (step.trials != 1)}"
    )
    if step.seeds > 1:
        size += f" × {step.seeds} {'folds' if step.kind == 'search' else 'seeds'}"
    if step.kind == "search":
        size += f", {human(step.trainings)} full trainings"
    return size if step.cost_hours is None else f"{size}, {human(step.cost_hours)} h"


def _held(name: str, value: object) -> str:
    return name if value is None else f"{name} = {human(value)}"


def _comment(text: str) -> str:
    indent = "#" + " " * (1 + len(text) - len(text.lstrip()))
    clean = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    lines = textwrap.wrap(clean, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
    return "".join(f"{line}\n" for line in lines)
