"""An audit as a page: the search in pictures, the decision, the next space."""

from __future__ import annotations

from hpadvisor.auditing.model import Audit, Check, NextParameter
from hpadvisor.engine.text import human
from hpadvisor.facts.searches.review import Review
from hpadvisor.report.html import search_figures
from hpadvisor.report.html.document import (
    Block,
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
from hpadvisor.report.html.of_plan import details_of
from hpadvisor.report.html.range_figures import ranges
from hpadvisor.report.searches.text import headline
from hpadvisor.visible import shown

_TONES: dict[str, Tone] = {
    "continue": "good", "stop": "good", "change_space": "warning", "cannot_judge": "plain",
}  # fmt: skip
_ORDER = {"error": 0, "warning": 1, "note": 2, None: 3}


def audit_document(audit: Audit, found: Review) -> Document:
    """Turn an audit and the statistics behind it into a document."""
    audit = shown(audit)
    study = audit.study
    counted = f"{study.n_trials} trials, {study.n_complete} complete"
    lead = [counted]
    if study.best is not None:
        lead.append(f"best {human(study.best.value)} in trial {study.best.number}")
    if audit.noise is not None:
        lead.append(
            f"noise between {audit.noise_between} {human(audit.noise)}, {audit.noise_source}"
        )
    sections = [
        Section("Why", (Listing(tuple(map(Item, audit.reasons))), *_outlook(audit))),
        Section("The search in pictures", tuple(_pictures(found))),
        Section("What stands out", _checks(audit, "finding")),
        Section("Next space", _next(audit, found)),
        Section("Confirmation", _confirmation(audit)),
        Section("What could not be judged", _checks(audit, "cannot_judge"), folded=True),
        Section("Passed", _checks(audit, "pass"), folded=True),
        Section("Notes", (Listing(tuple(map(Item, study.notes))),) if study.notes else ()),
    ]
    return Document(
        "audit",
        f"{study.name} ({study.engine}, {study.direction} {study.metric or 'the score'})",
        headline(audit),
        _TONES[audit.decision],
        tuple(section for section in sections if section.blocks),
        "; ".join(lead) + ".",
    )


def _pictures(found: Review) -> list[Figure]:
    drawn = (
        search_figures.history(found),
        search_figures.importance(found),
        search_figures.slices(found),
        search_figures.parallel(found),
    )
    return [picture for picture in drawn if picture is not None]


def _outlook(audit: Audit) -> tuple[Block, ...]:
    if not audit.outlook:
        return ()
    rows = tuple(
        (
            f"+{row.trials}",
            f"{row.chance_of_new_best:.0%}",
            "" if row.chance_of_worth is None else f"{row.chance_of_worth:.0%}",
            human(float(f"{row.expected_gain:.2g}")),
        )
        for row in audit.outlook
    )
    columns = ("trials", "chance of a new best", "chance of a gain worth having", "gain to expect")
    return (Grid(columns, rows, "What further trials would bring", (0, 1, 2, 3)),)


def _checks(audit: Audit, outcome: str) -> tuple[Block, ...]:
    chosen = [check for check in audit.checks if check.outcome == outcome]
    items = [_item(check) for check in sorted(chosen, key=lambda one: _ORDER[one.severity])]
    return (Listing(tuple(items)),) if items else ()


def _item(check: Check) -> Item:
    details = [detail for why in check.rules for detail in details_of(why)]
    if check.needs:
        details.insert(0, Detail("needs", check.needs))
    tone: Tone = "bad" if check.severity == "error" else "plain"
    title = "; ".join(why.title for why in check.rules) or check.title
    return Item(check.message, title, tone, tuple(details))


def _next(audit: Audit, found: Review) -> tuple[Block, ...]:
    if not audit.next_space:
        return ()
    rows = tuple((p.name, _range(p), p.change, p.reason) for p in audit.next_space)
    table = Grid(("hyperparameter", "range", "change", "why"), rows, "The next space")
    picture = _before_and_after(audit, found)
    return (table,) if picture is None else (picture, table)


def _range(item: NextParameter) -> str:
    if item.choices is not None:
        return ", ".join(str(choice) for choice in item.choices)
    return f"{human(item.low)} to {human(item.high)} {item.scale or ''}".strip()


def _before_and_after(audit: Audit, found: Review) -> Figure | None:
    before = {p.name: p for p in found.study.parameters}
    best = audit.study.best.params if audit.study.best is not None else {}
    rows = []
    for item in audit.next_space:
        old = before.get(item.name)
        if item.low is None or item.high is None:
            continue
        bars = {}
        if old is not None and old.low is not None and old.high is not None:
            bars["before"] = (old.low, old.high)
        bars["next"] = (item.low, item.high)
        value = best.get(item.name)
        rows.append({
            "name": item.name, "bars": bars, "scale": item.scale or "linear",
            "marks": {"best": value} if is_number(value) else {},
        })  # fmt: skip
    return ranges(rows, "Ranges before and after")


def _confirmation(audit: Audit) -> tuple[Block, ...]:
    if audit.confirmation is None:
        return ()
    rows = tuple(
        (
            "" if item.number is None else str(item.number),
            item.role,
            ", ".join(f"{name} {human(value)}" for name, value in item.params.items()),
            "" if item.value is None else human(item.value),
        )
        for item in audit.confirmation.trials
    )
    columns = ("trial", "role", "configuration", "score so far")
    table = Grid(columns, rows, "Configurations to train again", (0, 3))
    return (Paragraph(audit.confirmation.message), table)
