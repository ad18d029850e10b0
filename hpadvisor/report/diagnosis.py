"""A diagnosis as text: curves, verdict, evidence in numbers, what to do, what it rests on."""

from __future__ import annotations

import textwrap
from typing import Any

from hpadvisor.planning.diagnosis import Advice, CurveFinding, Diagnosis, Evidence, RunDiagnosis
from hpadvisor.report.plot import draw

_OPERATORS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}
_COLORS = {"error": "31", "warning": "33", "healthy": "32", "note": "36"}
_WORDS = {
    "healthy": "healthy: leave it alone",
    "learning_rate_too_high": "learning rate too high",
    "learning_rate_too_low": "learning rate too low",
    "noisy_validation": "noisy validation",
    "not_learning": "not learning",
    "cannot_judge": "cannot judge",
}


def diagnosis_text(
    diagnosis: Diagnosis, *, width: int, color: bool, drawn: bool, why: bool = False
) -> str:
    """Render a diagnosis.

    Args:
        diagnosis: What to show.
        width: Characters of a line.
        color: Whether colour codes are wanted.
        drawn: Whether the curves are drawn.
        why: Whether evidence and sources are shown under every finding.
    """
    brief = len(diagnosis.runs) > 5
    blocks = [
        _brief(run, color) if brief else _run(run, width, color, drawn, why)
        for run in diagnosis.runs
    ]
    text = ("\n" if brief else "\n\n").join(blocks)
    if diagnosis.comparison:
        text += "\n\nCompared\n" + "\n".join(_item(line, width) for line in diagnosis.comparison)
    if diagnosis.next:
        text += f"\n\nNext: {diagnosis.next}"
    return text


def verdict_words(verdict: str) -> str:
    """A verdict as people say it."""
    return _WORDS.get(verdict, verdict.replace("_", " "))


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _tone(run: RunDiagnosis) -> str:
    if run.verdict == "healthy":
        return _COLORS["healthy"]
    return _COLORS["error"] if run.verdict in ("diverged", "not_learning") else _COLORS["warning"]


def _brief(run: RunDiagnosis, color: bool) -> str:
    first = run.recommendations[0] if run.recommendations else None
    change = f" → {change_words(first)}" if first and run.verdict != "healthy" else ""
    verdict = _paint(verdict_words(run.verdict), _tone(run), color)
    share = f" ({run.confidence:.0%})" if run.judged else f": {run.reason}"
    return f"{run.source}: {verdict}{share}{change}"


def _run(run: RunDiagnosis, width: int, color: bool, drawn: bool, why: bool) -> str:
    lines = [_paint(run.source, "1", color)]
    if drawn and run.curves:
        lines += _drawing(run, width)
    verdict = _paint(verdict_words(run.verdict), f"1;{_tone(run)}", color)
    share = f" ({run.confidence:.0%} sure)" if run.judged else f": {run.reason}"
    lines += [f"Verdict: {verdict}{share}", ""]
    shown = [finding for finding in run.findings if finding.explained_by is None]
    if shown:
        lines.append("What the curves show")
        for finding in shown[:4]:
            lines += _finding(finding, width, why)
        lines.append("")
    if run.recommendations and run.judged:
        lines.append("What to do, in this order")
        lines += [_advice(item, width) for item in run.recommendations[:6]]
        lines.append("")
    hidden = len(run.findings) - len(shown)
    if hidden:
        lines.append(f"{hidden} more findings are explained by these (--format json lists them).")
    columns = ", ".join(f"{role} = {name}" for role, name in run.columns.items())
    lines.append(_item(f"Columns read: {columns or 'none'}", width, "  ", ""))
    lines += [_item(f"Note: {note}", width, "  ", "") for note in run.notes]
    lines += [_item(f"To sharpen: {item.question}", width, "  ", "") for item in run.unknown[:2]]
    return "\n".join(lines).rstrip()


def _drawing(run: RunDiagnosis, width: int) -> list[str]:
    role = next((name for name in ("val_loss", "train_loss") if name in run.marks), None)
    wanted = [name for name in ("train_loss", "val_loss") if name in run.curves]
    curves = [(n, run.curves[n].x.tolist(), run.curves[n].y.tolist()) for n in wanted]
    mark = run.marks.get(role) if role else None
    lines = draw(curves, width=min(width, 78), mark=mark)
    names = " and ".join(wanted).replace("_", " ")
    unit = {"epoch": "epochs", "step": "steps", "row": "rows"}[run.axis]
    legend = f"{names} over {run.epochs_or_steps:g} {unit}"
    if mark is not None and role:
        legend += f"; ┊ best {role.replace('_', ' ')}"
    return [*lines, f"{'':>9}└ {legend}", ""] if lines else []


def _finding(finding: CurveFinding, width: int, why: bool) -> list[str]:
    name = verdict_words(finding.diagnosis or finding.title)
    lines = [_item(f"{name} ({finding.confidence:.0%}, {finding.rule}): {finding.title}", width)]
    numbers = [
        item
        for item in finding.evidence
        if item.op != "exists"
        and item.fact != "curve.change_helps"
        and not item.fact.startswith("score.")
    ]
    for item in numbers[: None if why else 4]:
        lines.append(_item(_evidence(item), width, "      ", "    "))
    return lines


def _evidence(item: Evidence) -> str:
    name = item.fact.removeprefix("curve.").replace(".", " ").replace("_", " ")
    got = _number(item.got)
    if item.op == "between":
        return f"{name} is {got} (between {_number(item.wanted[0])} and {_number(item.wanted[1])})"
    return f"{name} is {got} ({_OPERATORS.get(item.op, item.op)} {_number(item.wanted)})"


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, (int, float)) else str(value)


def change_words(item: Advice) -> str:
    """A recommendation in a phrase: parameter, action and amount."""
    name = item.parameter.replace("_", " ")
    if item.action == "keep":
        return "change nothing" if item.parameter == "none" else f"keep the {name}"
    words = f"{item.action} {name}"
    if item.factor is not None:
        words += f" × {item.factor:g}"
    if item.value is not None:
        words += f" to {item.value}"
    if item.low is not None and item.high is not None:
        words += f", search {item.low:g} to {item.high:g}"
    return words


def _advice(item: Advice, width: int) -> str:
    message = f": {item.message}" if item.message else ""
    return _item(f"{change_words(item)}{message}", width, "     ", f"  {item.priority}. ")


def _item(text: str, width: int, rest: str = "    ", first: str = "  - ") -> str:
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)
