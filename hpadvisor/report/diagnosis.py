"""A diagnosis as text: curves, verdict, evidence in numbers, what to do, what it rests on."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Sequence

from hpadvisor.diagnosing.model import Advice, CurveFinding, Diagnosis, Evidence, RunDiagnosis
from hpadvisor.engine.text import human, of_ten
from hpadvisor.report.plot import MARKS, Axis, Drawn, draw, is_logarithmic
from hpadvisor.visible import shown

RANGE_TEST = "CUR060"
"""The rule whose finding is a suggestion, and no fault of the training."""

_RANGE_TEST = {
    "range_test.valley": "rate by the valley rule, two thirds down the longest fall",
    "range_test.steepest": "rate of the steepest descent",
    "range_test.low": "rate at which the fall begins",
    "range_test.high": "half the rate of the lowest loss",
}
_OPERATORS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}
WIDEST_DRAWING = 78
"""Characters of a drawing; a wider terminal leaves it so."""
_FIXED = "\u00a0"
"""A blank at which no line is broken."""

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
    diagnosis = shown(diagnosis)
    brief = len(diagnosis.runs) > 5
    blocks = [
        _brief(run, color) if brief else _run(run, width, color, drawn, why)
        for run in diagnosis.runs
    ]
    text = ("\n" if brief else "\n\n").join(blocks)
    if brief:
        text += f"\n\n{filled(counted_words(diagnosis.runs), width, '  ', '')}"
    if diagnosis.comparison:
        text += "\n\nCompared\n" + "\n".join(filled(line, width) for line in diagnosis.comparison)
    if diagnosis.next:
        text += f"\n\nNext: {diagnosis.next}"
    return text


def counted_words(runs: Sequence[RunDiagnosis]) -> str:
    """How many runs have which verdict, the most frequent first."""
    counts = Counter(verdict_words(run.verdict).partition(":")[0] for run in runs)
    listed = ", ".join(f"{count:,} {words}" for words, count in counts.most_common())
    return f"{len(runs):,} runs: {listed}"


def verdict_words(verdict: str) -> str:
    """A verdict as people say it."""
    return _WORDS.get(verdict, verdict.replace("_", " "))


def painted(text: str, code: str, color: bool) -> str:
    """A text in a colour, where colour is wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _tone(run: RunDiagnosis) -> str:
    if run.verdict == "healthy":
        return _COLORS["healthy"]
    return _COLORS["error"] if run.verdict in ("diverged", "not_learning") else _COLORS["warning"]


def _brief(run: RunDiagnosis, color: bool) -> str:
    first = run.recommendations[0] if run.recommendations else None
    change = f" → {change_words(first)}" if first and first.action != "keep" else ""
    verdict = painted(headline(run), _tone(run), color)
    share = f": {run.reason}" if not run.judged else f", {how_sure(run)}" if how_sure(run) else ""
    return f"{run.source}: {verdict}{share}{change}"


def _run(run: RunDiagnosis, width: int, color: bool, drawn: bool, why: bool) -> str:
    lines = [painted(run.source, "1", color)]
    if drawn and run.curves:
        lines += _drawing(run, width, color)
    lines += [_verdict(run, width, color), ""]
    if run.seen:
        lines += ["What was seen", *(filled(line, width) for line in run.seen), ""]
    lines += _findings(run, width, why)
    if run.recommendations:
        lines.append("What to do, in this order")
        lines += [advice_line(item, width) for item in run.recommendations[:6]]
        lines.append("")
    hidden = sum(finding.explained_by is not None for finding in run.findings)
    if hidden:
        what = "finding is" if hidden == 1 else "findings are"
        text = f"{hidden} more {what} explained by these (--format json lists them)."
        lines.append(filled(text, width, "  ", ""))
    columns = ", ".join(f"{role} = {name}" for role, name in run.columns.items())
    lines.append(filled(f"Columns read: {columns or 'none'}", width, "  ", ""))
    lines += [filled(f"Note: {note}", width, "  ", "") for note in run.notes]
    lines += [filled(f"To sharpen: {item.question}", width, "  ", "") for item in run.unknown[:2]]
    return "\n".join(lines).rstrip()


def _verdict(run: RunDiagnosis, width: int, color: bool) -> str:
    words = headline(run)
    sure = how_sure(run)
    rest = f": {run.reason}" if not run.judged else f"; {sure}" if sure else ""
    text = filled(f"Verdict: {words}{rest}", width, "  ", "")
    shown = r"\s+".join(map(re.escape, words.split()))  # a narrow terminal breaks the line in it
    return re.sub(shown, lambda found: painted(found[0], f"1;{_tone(run)}", color), text, count=1)


def how_sure(run: RunDiagnosis) -> str:
    """What the confidence of a verdict is, in words; empty where it is plain to see."""
    if _is_range_test(run):
        return ""
    if run.verdict == "healthy":
        return f"no single change helps in {of_ten(run.confidence)} such runs"
    first = next((one for one in run.findings if one.explained_by is None), None)
    return grounds_words(run, first) if first else ""


def grounds_words(run: RunDiagnosis, finding: CurveFinding) -> str:
    """What the confidence of a finding is: how often its change helped, or how plain it is."""
    if run.grounds.get(finding.rule) == "level":
        return {0.9: "", 0.7: "likely"}.get(finding.confidence, "possible")
    return f"the change helps in {of_ten(finding.confidence)} such runs"


def _is_range_test(run: RunDiagnosis) -> bool:
    """Whether it is a range test that gave a rate: no training that a change would help."""
    return run.judged and any(
        item.rule == RANGE_TEST and item.value for item in run.recommendations
    )


def headline(run: RunDiagnosis) -> str:
    """The verdict of a run in words."""
    if _is_range_test(run):
        return "a learning-rate range test that can be read"
    if run.verdict == "healthy" and run.confidence < 0.5:
        return "nothing stands out"
    return verdict_words(run.verdict)


def _drawing(run: RunDiagnosis, width: int, color: bool) -> list[str]:
    wanted = [name for name in ("train_loss", "val_loss") if name in run.curves]
    curves = [
        Drawn(name.removesuffix("_loss"), run.curves[name].x.tolist(), run.curves[name].y.tolist())
        for name in wanted
    ]
    unit = run.along or {"epoch": "epochs", "step": "steps", "row": "rows"}[run.axis]
    ends = ("", "") if run.along else (human(float(f"{end:.6g}")) for end in run.span)
    low, high = ends
    lines = draw(
        curves, width=min(width, WIDEST_DRAWING), marks=[mark.at for mark in run.marks],
        axis=Axis(low, high, unit), color=color,
    )  # fmt: skip
    legend = " and ".join(wanted).replace("_", " ")
    legend += ", logarithmic" if is_logarithmic(curves) else ""
    for sign, mark in zip(MARKS, run.marks, strict=False):
        legend += f"; {sign} {mark.words}"
    indent = " " * 10
    return [*lines, filled(legend, width, indent, indent), ""] if lines else []


def _findings(run: RunDiagnosis, width: int, why: bool) -> list[str]:
    """The findings, with all that they rest on where ``why`` is asked for.

    Notes follow the findings that carry a diagnosis, and say what they mean where no
    recommendation does.
    """
    shown = [finding for finding in run.findings if finding.explained_by is None]
    if not shown:
        return []
    lines = ["What it points to"]
    advised = {item.rule for item in run.recommendations}
    notes = [finding for finding in shown if finding.severity == "note"]
    faults = [finding for finding in shown if finding.severity != "note"]
    for finding in [*faults[:4], *notes[:3]]:
        sure = grounds_words(run, finding) if finding.severity != "note" else ""
        behind = ", ".join(word for word in (sure, finding.rule) if word)
        lines.append(filled(f"{finding.title} ({behind})", width))
        if why:
            lines += _leaves(finding, width)
        if finding.rule not in advised and finding.severity == "note":
            lines.append(filled(finding.message, width, "      ", "      "))
    return [*lines, ""]


def _leaves(finding: CurveFinding, width: int) -> list[str]:
    return [filled(text, width, "        ", "      ") for text in evidence_words(finding)]


def evidence_words(finding: CurveFinding) -> list[str]:
    """Everything that the rule and its score looked at, with limits, each fact once."""
    once = {item.fact: item for item in reversed(finding.evidence) if item.op != "exists"}
    return [_evidence(item) for item in finding.evidence if once.get(item.fact) is item]


def _evidence(item: Evidence) -> str:
    text = f"{_meaning(item.fact)}: {_rounded(item.got)}"
    if item.op == "eq":
        return text
    if item.op == "between":
        low, high = item.wanted
        limits = f"(between {human(low)} and {human(high)})"
    else:
        limits = f"({_OPERATORS.get(item.op, item.op)} {human(item.wanted)})"
    return f"{text} {limits.replace(' ', _FIXED)}"


def _rounded(value: object) -> str:
    """A value to three digits; what rounding errors leave of zero is zero."""
    if isinstance(value, float):
        return human(float(f"{value:.3g}") if abs(value) > 1e-9 else 0.0)
    return human(value)


def _meaning(fact: str) -> str:
    """What a fact says, in words where the registry has them."""
    from hpadvisor.facts.curves.definitions import CURVE_FACTS

    if fact.startswith("score."):
        return "chance that this change helps, by its score"
    known = {definition.name: definition.meaning for definition in CURVE_FACTS} | _RANGE_TEST
    return known.get(fact) or fact.removeprefix("curve.").replace(".", " ").replace("_", " ")


def run_line(run: RunDiagnosis, *, at: str = "") -> str:
    """The verdict of a run that goes on, and the change to make first, in one line.

    Args:
        run: The diagnosis.
        at: How far the training is, in words; its length where left out.
    """
    run = shown(run)
    place = at or human(run.epochs_or_steps)
    line = f"{run.source} at {place}: {headline(run)}"
    sure = how_sure(run)
    line += f": {run.reason}" if not run.judged else f", {sure}" if sure else ""
    if run.judged and run.recommendations and run.verdict != "healthy":
        line += f" → {change_words(run.recommendations[0])}"
    return line


def change_words(item: Advice) -> str:
    """A recommendation in a phrase: parameter, action and amount."""
    name = item.parameter.replace("_", " ")
    if item.action == "keep":
        return "change nothing" if item.parameter == "none" else f"keep the {name}"
    if item.action == "set" and item.value is None and item.low is None:
        return f"see to the {name}"  # the message says how
    words = f"{item.action} {name}"
    if item.factor is not None:
        words += f" × {human(item.factor)}"
    if item.value is not None:
        words += f" to {human(item.value)}"
    if item.low is not None and item.high is not None:
        words += f", search {human(item.low)} to {human(item.high)}"
    return words


def advice_line(item: Advice, width: int) -> str:
    """A recommendation with its place and message, in lines of a width."""
    message = f": {item.message}" if item.message else ""
    return filled(f"{change_words(item)}{message}", width, "     ", f"  {item.priority}. ")


def filled(text: str, width: int, rest: str = "    ", first: str = "  - ") -> str:
    """A text in lines of a width, the first one marked."""
    lines = textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)
    return lines.replace(_FIXED, " ")
