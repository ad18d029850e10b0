"""A diagnosis as a page: curves with their findings marked, what to do, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hpadvisor.diagnosing.model import Advice, CurveFinding, Diagnosis, RunDiagnosis
from hpadvisor.engine.text import human
from hpadvisor.report import diagnosis as words
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
from hpadvisor.report.html.figures import MOST_NAMED, curves, many_curves
from hpadvisor.report.html.resting import resting
from hpadvisor.visible import shown

_UNITS = {"epoch": "epochs", "step": "steps", "row": "rows"}
_NAMES = {
    "train_loss": "training loss", "val_loss": "validation loss",
    "train_metric": "training score", "val_metric": "validation score",
}  # fmt: skip
MOST_DRAWN = 30
"""Runs beyond which each has a row of the table, and no section of its own."""


def diagnosis_document(diagnosis: Diagnosis) -> Document:
    """Turn a diagnosis into a document."""
    diagnosis = shown(diagnosis)
    runs = diagnosis.runs
    if len(runs) == 1:
        sections = _run(runs[0])
        verdict, tone = _verdict(runs[0]), _tone(runs[0])
        title = runs[0].source
    else:
        sections = _several(diagnosis)
        verdict, tone = words.counted_words(runs), "plain"
        title = f"{len(runs)} runs"
    if diagnosis.comparison:
        compared = Listing(tuple(map(Item, diagnosis.comparison)))
        sections.insert(0, Section("Compared", (compared,)))
    if diagnosis.next:
        sections.append(Section("Next", (Code(diagnosis.next),)))
    return Document("diagnose", title, verdict, tone, tuple(s for s in sections if s.blocks))


def _verdict(run: RunDiagnosis) -> str:
    if not run.judged:
        return f"cannot judge: {run.reason}"
    sure = words.how_sure(run)
    return words.headline(run) + (f"; {sure}" if sure else "")


def _tone(run: RunDiagnosis) -> Tone:
    if not run.judged:
        return "plain"
    if run.verdict == "healthy":
        return "good"
    return "bad" if run.verdict in ("diverged", "not_learning") else "warning"


def _run(run: RunDiagnosis) -> list[Section]:
    pictures = tuple(picture for picture in _pictures(run) if picture is not None)
    seen = (Listing(tuple(map(Item, run.seen))),) if run.seen else ()
    first = [one for one in run.findings if one.explained_by is None]
    basis = resting({one.rule for one in run.findings} | {one.rule for one in run.recommendations})
    found = tuple(_finding(run, one, basis) for one in first)
    to_do = tuple(change_item(run, item, basis) for item in run.recommendations)
    asked = tuple(Item(item.question) for item in run.unknown)
    rest = tuple(_finding(run, one, basis) for one in run.findings if one.explained_by is not None)
    columns = tuple((role, name) for role, name in run.columns.items())
    read: list[Block] = [Grid(("role", "column"), columns, "How the log was read")]
    if run.notes:
        read.append(Listing(tuple(map(Item, run.notes))))
    return [
        Section("What was seen", (*pictures, *seen)),
        Section("What to do, in this order", (Listing(to_do, numbered=True),) if to_do else ()),
        Section("What it points to", (Listing(found),) if found else ()),
        Section("Explained by these", (Listing(rest),) if rest else (), folded=True),
        Section("What would sharpen it", (Listing(asked),) if asked else (), folded=True),
        Section("How the log was read", tuple(read), folded=True),
    ]


def change_item(run: RunDiagnosis, item: Advice, basis: Mapping[str, list[Detail]]) -> Item:
    """A change, and the finding that asks for it with all that it rests on."""
    asks = next((one for one in run.findings if one.rule == item.rule), None)
    details = [Detail("for", asks.title)] if asks is not None else []
    details += [Detail("rule", item.rule)] if item.rule else []
    details += _evidence(asks) if asks is not None else []
    details += basis.get(item.rule, [])
    return Item(item.message, words.change_words(item), details=tuple(details))


def _finding(run: RunDiagnosis, finding: CurveFinding, basis: Mapping[str, list[Detail]]) -> Item:
    sure = words.grounds_words(run, finding) if finding.severity != "note" else ""
    details = [
        Detail("rule", finding.rule), *_evidence(finding), *basis.get(finding.rule, []),
    ]  # fmt: skip
    tone: Tone = "bad" if finding.severity == "error" else "plain"
    lead = f"{finding.title} ({sure})" if sure else finding.title
    plain = run.grounds.get(finding.rule) == "level" or finding.severity == "note"
    return Item(finding.why or finding.message if plain else "", lead, tone, tuple(details))


def _evidence(finding: CurveFinding) -> list[Detail]:
    return [Detail("matched", text) for text in words.evidence_words(finding)]


def _pictures(run: RunDiagnosis) -> list[Figure | None]:
    """Losses on one pair of axes, scores on another."""
    drawn = []
    for kind, value in (("loss", "loss"), ("metric", "score")):
        lines = {
            f"{_NAMES[role]} ({run.columns.get(role, role)})": _points(run, role)
            for role in (f"train_{kind}", f"val_{kind}")
            if role in run.curves
        }
        low, high = run.span
        marks = [(low + mark.at * (high - low), mark.words) for mark in run.marks]
        axis = run.along or _UNITS[run.axis]
        title = f"{value.capitalize()} over {axis}"
        drawn.append(curves(lines, axis=axis, value=value, marks=marks, title=title))
    return drawn


def _points(run: RunDiagnosis, role: str) -> tuple[list[float], list[float]]:
    low, high = run.span
    curve = run.curves[role]
    return [low + float(x) * (high - low) for x in curve.x], [float(y) for y in curve.y]


def _several(diagnosis: Diagnosis) -> list[Section]:
    names = dict(
        zip((run.source for run in diagnosis.runs), short_names(diagnosis.runs), strict=True)
    )
    together = overlay(diagnosis.runs, names)
    rows = tuple(
        (
            names[run.source],
            _verdict(run),
            words.change_words(run.recommendations[0]) if run.recommendations else "",
            "" if run.best is None else human(float(f"{run.best:.4g}")),
        )
        for run in diagnosis.runs
    )
    table = Grid(("run", "verdict", "first change", "lowest loss"), rows, "A row a run", (3,))
    sections = [Section("All runs", (together, table) if together is not None else (table,))]
    for run in diagnosis.runs[:MOST_DRAWN] if len(diagnosis.runs) <= MOST_DRAWN else []:
        blocks: list[Block] = [Paragraph(_verdict(run))]
        for section in _run(run):
            blocks += section.blocks
        sections.append(Section(names[run.source], tuple(blocks), folded=True))
    return sections


def short_names(runs: Sequence[RunDiagnosis]) -> list[str]:
    """The runs without the folders, and without the file, that all of them share."""
    parts = [run.source.split("/") for run in runs]
    while all(len(one) > 1 for one in parts) and len({one[0] for one in parts}) == 1:
        parts = [one[1:] for one in parts]
    while all(len(one) > 1 for one in parts) and len({one[-1] for one in parts}) == 1:
        parts = [one[:-1] for one in parts]
    return ["/".join(one) for one in parts]


def overlay(runs: Sequence[RunDiagnosis], names: Mapping[str, str]) -> Figure | None:
    """The validation (else training) losses of several runs, one above the other."""
    for role in ("val_loss", "train_loss"):
        drawn = [run for run in runs if role in run.curves]
        if len(drawn) < 2 or len({run.axis for run in drawn}) > 1:
            continue
        lines = {names[run.source]: _points(run, role) for run in drawn}
        axis, value = _UNITS[drawn[0].axis], _NAMES[role]
        logged = sum(role in run.columns for run in runs)
        which = "all runs" if logged <= len(drawn) else f"the first {len(drawn)} of {logged} runs"
        title = f"{value.capitalize()} of {which}"
        if len(lines) <= MOST_NAMED:
            return curves(lines, axis=axis, value=value, title=title)
        verdicts = {names[run.source]: run.verdict.replace("_", " ") for run in drawn}
        return many_curves(lines, verdicts, axis=axis, value=value, group="verdict", title=title)
    return None
