"""The audit of a confirmation: a few configurations, each with several seeds."""

from __future__ import annotations

from hpadvisor.auditing.model import Check
from hpadvisor.engine.text import human
from hpadvisor.facts.searches.review import Review

_MOST_CONFIRMED = 12


def is_confirmation(found: Review) -> bool:
    """Whether this is no search: few configurations, every one with repeated seeds.

    Settings that were combined in every way are a grid, however often each was run.
    """
    if found.finite is not None and found.finite.grid:
        return False
    table = found.table
    few = 0 < len(table) <= _MOST_CONFIRMED
    return few and all(len(trial.replicates) > 1 for trial in table.trials)


def report(found: Review, checks: list[Check]) -> str:
    """Say which configuration to go on with, and what it gains over the baseline.

    Args:
        found: The statistics of a confirmation.
        checks: Its checks, for what they say about the baseline.
    """
    table = found.table
    best = table.trials[table.best]
    text = (
        f"This is a confirmation: {len(table)} configurations with several seeds. Trial "
        f"{best.number} has the best mean, {human(best.value)} over {len(best.replicates)} seeds"
    )
    if len(found.ties) > 1:
        text += f"; {len(found.ties) - 1} more cannot be told from it, take the cheapest"
    baseline = next(check for check in checks if check.check == "baseline")
    return f"{text}. {baseline.message}"


def reword(checks: list[Check], found: Review) -> None:
    """Let the checks say what they mean for a confirmation, and not send to another one."""
    if not is_confirmation(found):
        return
    by_name = {check.check: check for check in checks}
    _baseline(by_name["baseline"], found)
    few = by_name["enough_trials"]
    if few.outcome == "finding":
        few.outcome, few.severity, few.rules = "pass", None, []
        few.message = "These configurations were chosen, so their number says nothing."
    ties = by_name["tie_set"]
    if ties.outcome == "finding":
        ties.message = (
            f"{len(found.ties)} configurations cannot be told from the best mean. Take the "
            "cheapest of them, or tell them apart by more seeds."
        )
    if by_name["optimism"].outcome == "finding" and found.optimism is not None:
        by_name["optimism"].message = (
            f"The best of {len(found.table)} means was picked for its luck too: expect about "
            f"{human(found.optimism)} less."
        )


def _baseline(check: Check, found: Review) -> None:
    """What a paired comparison on fresh seeds has shown."""
    result = found.baseline
    if result is None:
        return
    best = found.table.trials[found.table.best]
    if best.number == result.number:
        check.message = "The baseline itself has the best mean: keep it."
    elif result.method == "paired":
        seeds = len(best.replicates)
        gain, margin = human(result.gain), human(result.margin)
        told = f"on the same {seeds} seeds; chance alone gives up to {margin}"
        if result.beaten:
            check.message = f"Trial {best.number} beats the baseline by {gain} {told}."
        else:
            check.message = (
                f"Trial {best.number} is {gain} better than the baseline {told}. Keep the "
                "baseline, or look again with more seeds."
            )
