"""Changes that were made, as a page: all runs in one picture, what won, what comes next."""

from __future__ import annotations

from hpadvisor.diagnosing.change import ChangeReport, ChangeVerdict
from hpadvisor.engine.text import human
from hpadvisor.report import changes as words
from hpadvisor.report.diagnosis import headline
from hpadvisor.report.html.document import (
    Block,
    Detail,
    Document,
    Grid,
    Item,
    Listing,
    Paragraph,
    Section,
    Tone,
)
from hpadvisor.report.html.of_diagnosis import change_item, overlay, short_names
from hpadvisor.report.html.resting import resting
from hpadvisor.visible import shown

_TONES: dict[str, Tone] = {
    "won": "good", "go_on": "good", "lost": "warning", "stop": "warning",
}  # fmt: skip


def changes_document(report: ChangeReport) -> Document:
    """Turn what came of changes into a document."""
    report = shown(report)
    labels = short_names(report.runs)
    names = dict(zip((run.source for run in report.runs), labels, strict=True))
    last = report.verdicts[-1]
    basis = resting({one.rule for one in report.verdicts} | {item.rule for item in report.next})
    picture = overlay(report.runs, names)
    rows = [(labels[0], "before any change", headline(report.base), "", "")]
    rows += [_row(one, names) for one in report.verdicts]
    columns = ("run", "change", "verdict", "loss before", "loss with it")
    seen: list[Block] = [picture] if picture is not None else []
    seen.append(
        Grid(columns, tuple(rows), "A row a run, at the same place of the training", (3, 4))
    )
    best = next((run for run in report.runs if run.source == report.best), report.base)
    to_do = tuple(change_item(best, item, basis) for item in report.next)
    judged = tuple(
        Item(
            words.advice_words(one),
            f"{words.changed_words(one)}: {one.title}",
            _TONES.get(one.outcome, "plain"),
            (
                Detail("run", names[one.after]),
                Detail("rule", one.rule or "none"),
                Detail("compared", words.numbers_words(one) or "nothing"),
                *basis.get(one.rule, []),
            ),
        )
        for one in report.verdicts
    )
    left: list[Block] = [Listing(to_do, numbered=True)] if to_do else []
    if not to_do and last.outcome not in ("go_on", "too_early"):
        left.append(Paragraph(words.NOTHING_LEFT))
    sections = [
        Section("All runs", tuple(seen)),
        Section("Each change", (Listing(judged),)),
        Section("What to do next, in this order", tuple(left)),
        Section("Notes", (Listing(tuple(map(Item, report.notes))),) if report.notes else ()),
    ]
    return Document(
        "diagnose --after",
        f"{labels[0]} and {len(report.verdicts)} changed",
        f"{words.changed_words(last)}: {last.title}",
        _TONES.get(last.outcome, "plain"),
        tuple(section for section in sections if section.blocks),
        f"Best run so far: {names[report.best]}.",
    )


def _row(one: ChangeVerdict, names: dict[str, str]) -> tuple[str, str, str, str, str]:
    levels = one.levels
    numbers = ("", "") if levels is None else (human(levels.before), human(levels.after))
    return (names[one.after], words.changed_words(one), one.title, *numbers)
