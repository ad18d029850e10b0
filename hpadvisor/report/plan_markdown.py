"""A plan as Markdown, for an issue, a wiki or a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hpadvisor.engine.reasons import Why
from hpadvisor.planning.model import Plan, Step
from hpadvisor.report import plan_words as words
from hpadvisor.visible import shown

_SPECIAL = re.compile(r"([\\`*\[\]<>|#]|(?<!\w)_|_(?!\w))")


def render_markdown(plan: Plan, *, why: bool = False) -> str:
    """Render a plan as Markdown (with tables as GitHub writes them).

    Args:
        plan: The plan.
        why: Under each line the rule behind it, what it matched on, and its sources.
    """
    plan = shown(plan)
    blocks = [f"# {_escape(words.verdict(plan))}", _reasons(plan.reasons, why)]
    for number, step in enumerate(plan.steps, 1):
        blocks += _step(number, step, why)
    if len(plan.steps) > 1 and words.total(plan):
        blocks.append(f"Together: {words.total(plan)}.")
    blocks += _notes(plan, why)
    blocks += _outlook(plan, why)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _list(texts: Sequence[str]) -> str:
    return "\n".join(f"- {_escape(text)}" for text in texts)


def _reasons(reasons: Sequence[Why], why: bool, told: bool = True) -> str:
    lines = []
    for reason in reasons:
        text = reason.message if why else words.short(reason.message)
        lines.append(f"- **{_escape(reason.title)}.** {_escape(text)}")
        if why:
            lines += [f"  {line}" for line in _background(reason, told)]
    return "\n".join(lines)


def _background(reason: Why, told: bool) -> Iterator[str]:
    for label, text in words.background(reason, told):
        code = f"`{label}`" if label == reason.rule else label
        yield f"- {code}: {_escape(text)}"


def _step(number: int, step: Step, why: bool) -> Iterator[str]:
    size = words.size(step)
    yield f"## {number}. {_escape(step.name)}" + (f" · {size}" if size else "")
    yield _escape(step.purpose)
    yield _list(step.changes)
    if step.parameters:
        yield _table(step, why)
    if step.kind == "search":
        yield _escape(" · ".join([*words.manner(step), *words.price(step)])) + "."
    if step.stop_when:
        yield "When to stop:"
        yield _list(step.stop_when)
    if why:
        yield "\n".join(line for reason in step.why for line in _background(reason, told=False))


def _table(step: Step, why: bool) -> str:
    rows = [row.cells(why) for row in words.rows(step)]
    titles = words.COLUMNS[: len(rows[0])]
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    lines += [f"| {' | '.join(_escape(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _notes(plan: Plan, why: bool) -> Iterator[str]:
    held = [f"{names} ({reason})" for names, reason in words.held(plan, ids=why)]
    if held:
        yield "## Held fixed"
        yield _list(held)
    titled = (("Move together", plan.interactions), ("Avoided", plan.pitfalls))
    for title, notes in (*titled, ("Advice", plan.advice)):
        if notes:
            yield f"## {title}"
            yield _reasons(notes, why)


def _outlook(plan: Plan, why: bool) -> Iterator[str]:
    other = [f"{item.budget}: {item.summary}" for item in plan.alternatives]
    other += [f"Not as a full grid: {grid}" for grid in (words.grid_words(plan),) if grid]
    if other:
        yield "## Other budgets"
        yield _list(other)
    if plan.expect:
        yield "## Measured"
        yield _list([item.text for item in plan.expect])
    if plan.tool is not None:
        ids = f" ({', '.join(plan.tool.rules)})" if why and plan.tool.rules else ""
        yield f"## Tool: {_escape(plan.tool.name)}"
        yield _escape(plan.tool.reason) + ids
    if plan.warnings:
        yield "## Warnings"
        yield _list(plan.warnings)
    if plan.unknown:
        yield "## Worth saying"
        yield _list([f"{u.fact}: {words.question(u.question)}" for u in plan.unknown])
