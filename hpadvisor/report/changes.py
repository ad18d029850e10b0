"""Changes that were made, as text: verdicts with numbers, the best run, what comes next."""

from __future__ import annotations

from hpadvisor.diagnosing.change import ChangeReport, ChangeVerdict
from hpadvisor.engine.text import human, of_ten
from hpadvisor.report.diagnosis import advice_line, filled, headline, painted
from hpadvisor.visible import shown

NOTHING_LEFT = "Nothing is left that this log speaks for: plan a search."
_COLORS = {"won": "32", "go_on": "32", "lost": "33", "stop": "33"}


def changes_text(report: ChangeReport, *, width: int, color: bool) -> str:
    """Render what came of changes.

    Args:
        report: What to show.
        width: Characters of a line.
        color: Whether colour codes are wanted.
    """
    report = shown(report)
    base = painted(report.base.source, "1", color)
    blocks = [f"{base}\nBefore any change: {headline(report.base)}"]
    blocks += [_verdict(one, width, color) for one in report.verdicts]
    if len(report.verdicts) > 1 or report.best != report.base.source:
        blocks.append(f"Best run so far: {report.best}")
    if report.next:
        lines = ["What to do next, in this order"]
        lines += [advice_line(item, width) for item in report.next[:4]]
        blocks.append("\n".join(lines))
    elif not any(one.outcome in ("go_on", "too_early") for one in report.verdicts):
        blocks.append(filled(NOTHING_LEFT, width, "", ""))
    if report.notes:
        blocks.append("\n".join(filled(f"Note: {note}", width, "  ", "") for note in report.notes))
    return "\n\n".join(blocks)


def _verdict(one: ChangeVerdict, width: int, color: bool) -> str:
    title = painted(f"{one.after}: {changed_words(one)}", "1", color)
    said = painted(one.title, _COLORS.get(one.outcome, "36"), color)
    numbers = numbers_words(one)
    line = filled(f"{said}: {numbers}" if numbers else said, width, "  ", "")
    return "\n".join([title, line, filled(advice_words(one), width, "  ", "  ")])


def changed_words(one: ChangeVerdict) -> str:
    """What was changed."""
    return ", ".join(change.words for change in one.changes) or "a change that neither log tells"


def advice_words(one: ChangeVerdict) -> str:
    """What to do, with the chance where the run still goes."""
    if one.chance is None or one.outcome not in ("stop", "go_on"):
        return one.advice
    return f"{one.advice} It ends clearly better in {of_ten(one.chance)} such cases."


def numbers_words(one: ChangeVerdict) -> str:
    """How the losses compare; empty where they do not."""
    if one.levels is None or one.gain is None:
        return ""
    way = "lower" if one.gain >= 0 else "higher"
    at = "" if one.share is None or one.share >= 0.95 else f" after {one.share:.0%} of the run"
    text = (
        f"{one.loss} loss {abs(one.gain):.1%} {way}{at} "
        f"({human(one.levels.after)}, before {human(one.levels.before)})"
    )
    if one.noise:
        text += f", noise about {one.noise:.1%}"
    return text
