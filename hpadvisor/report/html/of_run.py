"""A run as pages: what came of it, then its baseline, its search and its plan."""

from __future__ import annotations

from hpadvisor.engine.text import human
from hpadvisor.report.html.document import (
    Block,
    Code,
    Document,
    Grid,
    Item,
    Listing,
    Paragraph,
    Section,
    Tone,
)
from hpadvisor.report.html.of_audit import audit_document
from hpadvisor.report.html.of_diagnosis import diagnosis_document
from hpadvisor.report.html.of_plan import plan_document
from hpadvisor.report.running import described, shown_command
from hpadvisor.running.loop import RunResult
from hpadvisor.visible import one_line


def run_documents(result: RunResult) -> list[Document]:
    """Return all pages of a run: the result, the baseline's curves, the search, the plan."""
    from hpadvisor.diagnosing.composer import assemble

    found = [run_document(result)]
    curves = result.baseline.first.diagnosis
    if curves is not None:
        found.append(diagnosis_document(assemble([curves], [curves.source])))
    if result.audit is not None and result.review is not None:
        found.append(audit_document(result.audit, result.review))
    return [*found, plan_document(result.plan)]


def run_document(result: RunResult) -> Document:
    """Turn what a run gave into a document."""
    metric = one_line(str(result.plan.objective.get("metric") or "score"))
    first = result.baseline.first
    verdict, tone = _verdict(result, metric)
    sections = [
        Section("Scores", _scores(result, metric)),
        Section("Go on with", _command(result)),
        Section("On the way", (Listing(tuple(_steps(result))),)),
    ]
    title = f"{metric}, {first.hours * 3600:.3g} s a training"
    return Document("run", title, verdict, tone, tuple(s for s in sections if s.blocks))


def _verdict(result: RunResult, metric: str) -> tuple[str, Tone]:
    score = result.baseline.first.score
    if result.winner is None:
        return f"baseline: {metric} {score:.6g}", "plain"
    return f"{metric} {result.score:.6g}, {score:.6g} before", "good"


def _scores(result: RunResult, metric: str) -> tuple[Block, ...]:
    first = result.baseline.first
    rows = [("baseline", f"{first.score:.6g}", one_line(described(first.params)))]
    rows += [
        ("change", "" if one.score is None else f"{one.score:.6g}", one_line(one.words))
        for one in result.tried
    ]
    if result.winner is not None:
        rows.append(("best", f"{result.score:.6g}", one_line(described(result.winner))))
    noise = "" if first.noise is None else f"; noise between seeds {human(first.noise)}"
    grid = Grid(("trained", metric, "configuration"), tuple(rows), f"Scores{noise}.", (1,))
    return (grid, Paragraph(result.verdict)) if result.verdict else (grid,)


def _command(result: RunResult) -> tuple[Block, ...]:
    return (Code(shown_command(result.command)),) if result.command else ()


def _steps(result: RunResult) -> list[Item]:
    first = result.baseline.first
    found = [Item(f"trained with {len(first.outcomes)} seeds", "Baseline")]
    if first.diagnosis is not None and first.diagnosis.judged:
        found.append(Item(first.diagnosis.verdict.replace("_", " "), "Its curves"))
    found += [Item(one.line, "Change") for one in result.tried]
    found += [Item(line, "Widened") for line in result.widened]
    if result.audit is not None:
        reasons = " ".join(result.audit.reasons[:2])
        found.append(Item(f"{result.audit.decision.replace('_', ' ')}: {reasons}", "Audit"))
    if result.ended:
        found.append(Item(result.ended, "Search"))
    return [*found, Item(one_line(result.folder), "Folder")]
