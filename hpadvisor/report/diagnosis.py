"""A diagnosis as text: curves, verdict, evidence in numbers, what to do, what it rests on."""

from __future__ import annotations

import textwrap

from hpadvisor.engine.text import human
from hpadvisor.planning.diagnosis import Advice, CurveFinding, Diagnosis, Evidence, RunDiagnosis
from hpadvisor.report.plot import MARKS, Drawn, draw

RANGE_TEST = "CUR060"
"""The rule whose finding is a suggestion, and no fault of the training."""

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
    change = f" → {change_words(first)}" if first and first.action != "keep" else ""
    verdict = _paint(_words(run), _tone(run), color)
    share = f" ({run.confidence:.0%})" if run.judged else f": {run.reason}"
    return f"{run.source}: {verdict}{share}{change}"


def _run(run: RunDiagnosis, width: int, color: bool, drawn: bool, why: bool) -> str:
    lines = [_paint(run.source, "1", color)]
    if drawn and run.curves:
        lines += _drawing(run, width, color)
    lines += [_verdict(run, width, color), ""]
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
        what = "finding is" if hidden == 1 else "findings are"
        text = f"{hidden} more {what} explained by these (--format json lists them)."
        lines.append(_item(text, width, "  ", ""))
    columns = ", ".join(f"{role} = {name}" for role, name in run.columns.items())
    lines.append(_item(f"Columns read: {columns or 'none'}", width, "  ", ""))
    lines += [_item(f"Note: {note}", width, "  ", "") for note in run.notes]
    lines += [_item(f"To sharpen: {item.question}", width, "  ", "") for item in run.unknown[:2]]
    return "\n".join(lines).rstrip()


def _verdict(run: RunDiagnosis, width: int, color: bool) -> str:
    words = _words(run)
    rest = f" ({run.confidence:.0%} sure)" if run.judged else f": {run.reason}"
    text = _item(f"Verdict: {words}{rest}", width, "  ", "")
    return text.replace(words, _paint(words, f"1;{_tone(run)}", color), 1)


def _words(run: RunDiagnosis) -> str:
    if run.judged and any(finding.rule == RANGE_TEST for finding in run.findings):
        return "a learning-rate range test that can be read"
    if run.verdict == "healthy" and run.confidence < 0.5:
        return "healthy as far as the curves show"
    return verdict_words(run.verdict)


def _drawing(run: RunDiagnosis, width: int, color: bool) -> list[str]:
    wanted = [name for name in ("train_loss", "val_loss") if name in run.curves]
    curves = [
        Drawn(name.removesuffix("_loss"), run.curves[name].x.tolist(), run.curves[name].y.tolist())
        for name in wanted
    ]
    lines = draw(curves, width=min(width, 78), marks=[mark.at for mark in run.marks], color=color)
    names = " and ".join(wanted).replace("_", " ")
    unit = {"epoch": "epochs", "step": "steps", "row": "rows"}[run.axis]
    legend = f"{names} over {human(run.epochs_or_steps)} {unit}"
    for sign, mark in zip(MARKS, run.marks, strict=False):
        legend += f"; {sign} {mark.words}"
    return [*lines, _item(legend, width, " " * 11, f"{'':>9}└ "), ""] if lines else []


def _finding(finding: CurveFinding, width: int, why: bool) -> list[str]:
    lines = [_item(f"{finding.title} ({finding.confidence:.0%}, {finding.rule})", width)]
    numbers = [item for item in finding.evidence if item.op != "exists" and (why or _tells(item))]
    for item in numbers[: None if why else 4]:
        lines.append(_item(_evidence(item), width, "        ", "      "))
    return lines


def _tells(item: Evidence) -> bool:
    """Whether evidence says more than that something is not the case, or how it was scored."""
    if item.got is False:
        return False
    return item.fact != "curve.change_helps" and not item.fact.startswith("score.")


def _evidence(item: Evidence) -> str:
    text = f"{_meaning(item.fact)}: {human(item.got)}"
    if item.op == "eq":
        return text
    if item.op == "between":
        low, high = item.wanted
        return f"{text} (between {human(low)} and {human(high)})"
    return f"{text} ({_OPERATORS.get(item.op, item.op)} {human(item.wanted)})"


def _meaning(fact: str) -> str:
    """What a fact says, in words where the registry has them."""
    from hpadvisor.facts.curve_definitions import CURVE_FACTS

    known = {definition.name: definition.meaning for definition in CURVE_FACTS}
    return known.get(fact) or fact.removeprefix("curve.").replace(".", " ").replace("_", " ")


def change_words(item: Advice) -> str:
    """A recommendation in a phrase: parameter, action and amount."""
    name = item.parameter.replace("_", " ")
    if item.action == "keep":
        return "change nothing" if item.parameter == "none" else f"keep the {name}"
    if item.action == "set" and item.value is None and item.low is None:
        return name  # the message says what to do with it
    words = f"{item.action} {name}"
    if item.factor is not None:
        words += f" × {human(item.factor)}"
    if item.value is not None:
        words += f" to {human(item.value)}"
    if item.low is not None and item.high is not None:
        words += f", search {human(item.low)} to {human(item.high)}"
    return words


def _advice(item: Advice, width: int) -> str:
    message = f": {item.message}" if item.message else ""
    return _item(f"{change_words(item)}{message}", width, "     ", f"  {item.priority}. ")


def _item(text: str, width: int, rest: str = "    ", first: str = "  - ") -> str:
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)
