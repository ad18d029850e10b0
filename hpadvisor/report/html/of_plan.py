"""A plan as a page: verdict, steps with their ranges, what to watch, what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpadvisor.engine.reasons import Why
from hpadvisor.planning.model import Parameter, Plan, Step
from hpadvisor.report import plan_words as words
from hpadvisor.report.html.document import (
    Block,
    Code,
    Detail,
    Document,
    Figure,
    Grid,
    Item,
    Listing,
    Paragraph,
    Section,
    Tone,
)
from hpadvisor.report.html.figures import is_number
from hpadvisor.report.html.range_figures import ranges, timeline
from hpadvisor.visible import shown

_TONES: dict[str, Tone] = {
    "tune": "good", "fix_first": "warning", "leave_defaults": "good",
    "collect_data": "warning", "stop": "bad",
}  # fmt: skip


def plan_document(plan: Plan) -> Document:
    """Turn a plan into a document."""
    plan = shown(plan)
    sections = [Section("Why", (Listing(tuple(map(reason_item, plan.reasons))),))]
    picture = _timeline(plan)
    if picture is not None:
        blocks: list[Block] = [picture]
        if words.total(plan):
            blocks.append(Paragraph(f"Together {words.total(plan)}."))
        sections.append(Section("Where the budget goes", tuple(blocks)))
    drawn: list[list[Parameter]] = []
    for number, step in enumerate(plan.steps, 1):
        sections.append(_step(number, step, again=step.parameters in drawn))
        drawn.append(step.parameters)
    sections += _notes(plan)
    command = words.next_command(plan)
    if command:
        sections.append(Section("Next", (Code(command),)))
    sections += _background(plan)
    said = [
        str(plan.situation[name].value)
        for name in ("training.kind", "training.optimizer", "model.family")
        if name in plan.situation
    ]
    what = ", ".join(dict.fromkeys(word for word in said if word != "other"))
    return Document(
        "plan",
        what or "a training",
        words.verdict(plan),
        _TONES[plan.verdict],
        tuple(section for section in sections if section.blocks),
    )


def reason_item(why: Why) -> Item:
    """Return a rule's reason as an item that unfolds to what it rests on."""
    return Item(why.message, why.title, details=tuple(details_of(why)))


def details_of(why: Why) -> list[Detail]:
    """Return what a reason rests on: its rule, what it matched, its limits, its sources."""
    grade = words.GRADES.get(why.grade, "ungraded")
    found = [Detail("rule", f"{why.rule}, {grade}")]
    found += [Detail("matched", words.matched(item)) for item in why.matched]
    if why.limits:
        found.append(Detail("limits", why.limits))
    for note in why.sources:
        text = words.source(note).removesuffix(f", {note.url}") if note.url else words.source(note)
        found.append(Detail("source", text, note.url))
    return found


def _timeline(plan: Plan) -> Figure | None:
    hours = all(step.cost_hours is not None for step in plan.steps)
    costs = [
        (step.name, float((step.cost_hours if hours else step.trainings) or 0))
        for step in plan.steps
    ]
    whole = plan.budget_hours if hours else plan.trainings_that_fit
    unit = "hours" if hours else "trainings"
    return timeline(costs, unit=unit, whole=whole, title="The steps, one after the other")


def _step(number: int, step: Step, *, again: bool) -> Section:
    size = words.size(step)
    blocks: list[Block] = [Paragraph(step.purpose)] if step.purpose else []
    if step.changes:
        blocks.append(Listing(tuple(map(Item, step.changes)), numbered=True))
    if step.parameters and again:
        blocks.append(Paragraph("The same space as above."))
    elif step.parameters:
        picture = space_figure(step.parameters, step.baseline)
        blocks += [picture] if picture is not None else []
        cells = [tuple(row.cells(ids=True)) for row in words.rows(step)]
        blocks.append(Grid(words.COLUMNS, tuple(cells), f"Search space of step {number}"))
    if step.kind == "search":
        told = [*words.manner(step), *words.price(step)]
        blocks.append(Paragraph(" · ".join(told)))
        if step.stop_when:
            blocks.append(Paragraph("When to stop:"))
            blocks.append(Listing(tuple(map(Item, step.stop_when))))
    return Section(f"{number}. {step.name}{f' · {size}' if size else ''}", tuple(blocks))


def space_figure(
    parameters: Sequence[Parameter], baseline: dict[str, Any], title: str = "Ranges"
) -> Figure | None:
    """Draw each range on its scale, with today's value and the start."""
    rows = []
    for item in parameters:
        low, high = _ends(item)
        if low is None or high is None:
            continue
        start = baseline.get(item.name, item.recommended)
        marks = {"today": item.today, "start": start}
        if item.today == start:
            marks = {"today and start": start}
        bars = {"searched": (low, high)}
        if item.legal is not None and all(map(math.isfinite, item.legal)):
            bars["allowed"] = item.legal
        rows.append({
            "name": item.name, "bars": bars,
            "scale": item.scale or ("log" if item.values and low > 0 else "linear"),
            "marks": {name: v for name, v in marks.items() if is_number(v)},
            "values": [v for v in item.values or [] if is_number(v)],
        })  # fmt: skip
    return ranges(rows, title)


def _ends(item: Parameter) -> tuple[float | None, float | None]:
    numbers = [v for v in item.values or [] if is_number(v)]
    if numbers:
        return min(numbers), max(numbers)
    return item.low, item.high


def _notes(plan: Plan) -> list[Section]:
    watch = tuple(map(reason_item, plan.advice))
    warnings = tuple(Item(text, tone="warning") for text in plan.warnings)
    asked = tuple(Item(words.question(item.question), item.fact) for item in plan.unknown)
    sections = [
        Section("Warnings", (Listing(warnings),) if warnings else ()),
        Section("Watch", (Listing(watch),) if watch else ()),
        Section("Worth saying", (Listing(asked),) if asked else ()),
    ]
    return [section for section in sections if section.blocks]


def _background(plan: Plan) -> list[Section]:
    held = tuple(Item(why, names) for names, why in words.held(plan, ids=True))
    pitfalls = tuple(map(reason_item, [*plan.pitfalls, *plan.interactions]))
    measured = tuple(Item(item.text) for item in plan.expect)
    others = tuple(Item(item.summary, item.budget) for item in plan.alternatives)
    stated = tuple((name, str(s.value), s.source) for name, s in plan.situation.items())
    reasons: dict[str, Item] = {}
    for step in plan.steps:
        reasons |= {f"{why.rule} {why.message}": reason_item(why) for why in step.why}
    folded = (
        ("Why these steps and ranges", tuple(reasons.values())),
        ("What such plans were worth", measured),
        ("With another budget", others),
        ("Held as it is", held),
        ("Pitfalls", pitfalls),
    )
    sections = [Section(title, (Listing(items),), folded=True) for title, items in folded if items]
    if stated:
        table = Grid(("fact", "value", "said by"), stated, "The situation as understood")
        sections.append(Section("The situation as understood", (table,), folded=True))
    return sections
