"""An audit as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from hpadvisor.auditing.model import Audit, Check, NextParameter
from hpadvisor.engine.reasons import Why
from hpadvisor.engine.text import human
from hpadvisor.facts.searches.review import Review
from hpadvisor.report.plot import BEST
from hpadvisor.report.searches import plots
from hpadvisor.report.searches.history import history_lines
from hpadvisor.visible import one_line, shown

HEADLINES = {
    "continue": "Go on with this search.",
    "stop": "Stop this search.",
    "change_space": "Change the search space, then search on.",
    "cannot_judge": "What to do cannot be judged yet.",
}
_BY_HAND = {
    "continue": "Go on by hand, with the trainings below.",
    "stop": "More runs like these are not worth it.",
    "change_space": "Go on beyond the values that were tried.",
}
"""Of past runs: nobody searched, so there is no search to go on with or to stop."""
_UNDER = " " * 10
"""Before what stands under a drawing."""
_MARKS = {"pass": "ok", "finding": "!!", "cannot_judge": "??"}
_COLORS = {"pass": "32", "finding": "33", "cannot_judge": "36"}


def headline(audit: Audit) -> str:
    """What to do, in a sentence; past runs are no search that could go on."""
    if audit.history is None:
        return HEADLINES[audit.decision]
    if audit.decision == "continue" and not audit.history.next:
        return "Go on by hand."
    return _BY_HAND.get(audit.decision, HEADLINES[audit.decision])


def render_audit(
    audit: Audit,
    found: Review,
    *,
    width: int = 100,
    color: bool = False,
    why: bool = False,
    show_plots: bool = True,
    braille: bool = True,
    every: bool = False,
) -> str:
    """Write an audit for people.

    Args:
        audit: The audit.
        found: The statistics behind it, for the plots.
        width: Columns to fill.
        color: Whether ANSI colours are wanted.
        why: Show under each finding the rule, what matched and the sources.
        show_plots: Whether to draw.
        braille: Whether the history is drawn, too, which takes Braille dots.
        every: Show every check, those that passed and those that cannot be judged, too.
    """
    width = max(40, min(width, 110))
    audit = shown(audit)
    parts = [_head(audit, width), _decision(audit, width, color)]
    if audit.history is not None:
        parts.append(history_lines(audit.history, width, color=color))
    if show_plots:
        parts.append(_plots(audit, found, width, color=color, braille=braille))
    parts += [
        _checks(audit, width, color, why, every),
        _next(audit, width),
        _confirmation(audit, width),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _wrap(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    start = indent if first is None else first
    return textwrap.wrap(
        text, width, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
    ) or [start]


def _head(audit: Audit, width: int) -> Iterator[str]:
    study = audit.study
    metric = f" {study.metric}" if study.metric else " the score"
    yield f"{study.name} ({study.engine}, {study.direction}{metric})"
    counts = [f"{study.n_trials} trials: {study.n_complete} complete"]
    counts += [f"{n} {word}" for n, word in (
        (study.n_pruned, "pruned"), (study.n_failed, "failed"), (study.n_running, "not finished"),
    ) if n]  # fmt: skip
    yield ", ".join(counts)
    if study.best is not None:
        text = f"Best: {human(study.best.value)} (trial {study.best.number})"
        if study.best.expected_value is not None:
            again = audit.noise_between.removesuffix("s")
            text += f"; expect about {human(study.best.expected_value)} on a fresh {again}"
            between = [human(float(f"{end:.4g}")) for end in study.best.expected_between]
            text += f" ({' to '.join(between)} in four of five searches)"
        yield from _wrap(text + ".", width)
    if audit.noise is not None:
        said = " Better say it: --noise." if audit.noise_source.startswith("assumed") else ""
        text = f"Noise between {audit.noise_between}: {human(audit.noise)}"
        yield from _wrap(f"{text}, {audit.noise_source}.{said}", width)
    for note in study.notes:
        yield from _wrap(note, width, "  ", "Note: ")


def _decision(audit: Audit, width: int, color: bool) -> Iterator[str]:
    text = headline(audit)
    yield f"\x1b[1m{text}\x1b[0m" if color else text
    for reason in audit.reasons:
        yield from _wrap(reason, width, "  ")
    if audit.outlook:
        yield from _outlook(audit, width)


def _outlook(audit: Audit, width: int) -> Iterator[str]:
    """A table of chances by the number of further trials; 50 columns hold it."""
    above = "" if audit.worth is None else f"  gain > {human(float(f'{audit.worth:.2g}'))}"
    yield f"   trials  new best{above}  gain to expect"
    for row in audit.outlook:
        noise = ""
        if row.gain_in_noise is not None and width >= 60:
            noise = f" = {human(float(f'{row.gain_in_noise:.1g}'))} × noise"
        worth = "" if row.chance_of_worth is None else f"{row.chance_of_worth:>{len(above)}.0%}"
        gain = human(float(f"{row.expected_gain:.2g}"))
        yield f"  {row.trials:>+7}  {row.chance_of_new_best:>8.0%}{worth}  {gain}{noise}"


def _plots(
    audit: Audit, found: Review, width: int, *, color: bool, braille: bool
) -> Iterator[str]:
    drawn, legend = plots.history(found, width, color=color) if braille else ([], "")
    if drawn:
        yield "History"
        yield from drawn
        legend = one_line(legend)
        yield from textwrap.wrap(legend, width, initial_indent=_UNDER, subsequent_indent=_UNDER)
    if len(found.table) and found.study.parameters:
        yield ""
        counted = "tied/tried" if found.ties else "tried"
        yield from _wrap(f"Where the trials lie ({BEST} the best; choices: {counted})", width)
        yield from map(one_line, plots.slices(found, width))
    bars = plots.importance(found, width)
    if bars:
        yield ""
        text = f"Share explained of what those above leave ({len(found.judged)} trials)"
        yield from _wrap(text, width)
        yield from map(one_line, bars)


def _checks(audit: Audit, width: int, color: bool, why: bool, every: bool) -> Iterator[str]:
    """Findings whole; what passed, and what cannot be judged, in a line each."""
    yield "Checks"
    order = {"finding": 0, "cannot_judge": 1, "pass": 2}
    severity = {"error": 0, "warning": 1, "note": 2, None: 3}
    for check in sorted(audit.checks, key=lambda c: (order[c.outcome], severity[c.severity])):
        if every or check.outcome == "finding":
            yield from _check(check, width, color, why)
    if every:
        return
    for outcome, words in (("cannot_judge", "Not judged"), ("pass", "Passed")):
        titles = [_lowered(check.title) for check in audit.checks if check.outcome == outcome]
        if titles:
            text = f"{words}: {'; '.join(titles)}."
            yield from _wrap(text, width, "   ", f"{_painted(outcome, color)} ")
    yield from _wrap("--all says what each looked at, and what it would need.", width, "   ")


def _lowered(title: str) -> str:
    return title[:1].lower() + title[1:]


def _painted(outcome: str, color: bool) -> str:
    mark = _MARKS[outcome]
    return f"\x1b[{_COLORS[outcome]}m{mark}\x1b[0m" if color else mark


def _check(check: Check, width: int, color: bool, why: bool) -> Iterator[str]:
    mark = _painted(check.outcome, color)
    word = f" [{check.severity}]" if check.severity else ""
    said = "; ".join(reason.title for reason in check.rules) or check.title
    yield from _wrap(f"{said}{word}", width, "   ", f"{mark} ")
    yield from _wrap(check.message or "Nothing to say.", width, "   ")
    if why:
        for reason in check.rules:
            yield from _why(reason, width)


def _why(reason: Why, width: int) -> Iterator[str]:
    yield from _wrap(f"{reason.rule} ({reason.grade}): {reason.title}.", width, "      ", "    - ")
    for item in reason.matched:
        yield from _wrap(
            f"{item.fact} = {human(item.got)} ({item.op} {human(item.wanted)})", width, "      "
        )
    for source in reason.sources:
        locator = f", {source.locator}" if source.locator else ""
        yield from _wrap(f"Source: {source.title}{locator}", width, "        ", "      ")
    if reason.limits:
        yield from _wrap(f"Limits: {reason.limits}", width, "        ", "      ")


def _next(audit: Audit, width: int) -> Iterator[str]:
    if not audit.next_space:
        return
    yield "Next space (around the good trials)"
    name_width = min(24, max(len(item.name) for item in audit.next_space))
    for item in audit.next_space:
        text = (
            f"{item.name[:name_width]:<{name_width}}  {_range(item)}  {item.change}: {item.reason}"
        )
        yield from _wrap(text, width, "      ", "  ")


def _range(item: NextParameter) -> str:
    if item.choices is not None:
        return ", ".join(str(choice) for choice in item.choices)
    return f"{human(item.low)} to {human(item.high)} {item.scale}"


def _confirmation(audit: Audit, width: int) -> Iterator[str]:
    if audit.confirmation is None:
        return
    yield "Confirmation"
    yield from _wrap(audit.confirmation.message, width, "  ")
    numbers = [
        f"{candidate.number}{' (baseline)' if candidate.role == 'baseline' else ''}"
        for candidate in audit.confirmation.trials
    ]
    yield from _wrap(f"Trials: {', '.join(numbers)}.", width, "  ")
