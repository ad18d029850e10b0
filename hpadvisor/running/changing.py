"""The first change that a diagnosis advises, tried before the search and judged like any change.

A baseline whose curves say that its rate is ten times too low is no place to search around. The
change is made alone and judged by the rules of ``diagnose --after``; where it wins, the search
starts from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hpadvisor.facts.situation.model import Training as Stated
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.running.baseline import SOURCE, Baseline
from hpadvisor.running.training import Outcome, TrainingFailedError

if TYPE_CHECKING:
    from hpadvisor.diagnosing.change import Change, ChangeReport
    from hpadvisor.diagnosing.model import Advice, RunDiagnosis
    from hpadvisor.planning.model import Parameter, Plan
    from hpadvisor.running.loop import Training


class Judging(Protocol):
    """What judges the logs of trainings."""

    def diagnosis(self, outcome: Outcome) -> RunDiagnosis | None:
        """Return what a training's curves say; None where they cannot be judged."""

    def changes(self, outcomes: Sequence[Outcome], said: Sequence[Change]) -> ChangeReport | None:
        """Judge trainings after changes beside the first; None where a log cannot be read."""


@dataclass(frozen=True)
class Tried:
    """A change that was tried.

    Attributes:
        words: What was changed, such as ``learning rate × 3``.
        outcome: How it was judged: ``won``, ``lost``, ``level``, ``failed``, …
        title: The same in a sentence.
        score: Its score; None where it gave none.
    """

    words: str
    outcome: str
    title: str
    score: float | None = None

    @property
    def line(self) -> str:
        """One line of it."""
        score = "" if self.score is None else f" ({self.score:.6g})"
        return f"{self.words}: {self.outcome.replace('_', ' ')}{score}"


def try_changes(
    training: Training,
    plan: Plan,
    found: Baseline,
    most: int,
    judge: Judging,
    *,
    seed: int,
    say: Callable[[str], object],
) -> tuple[Baseline, list[Tried]]:
    """Try what the diagnosis of the baseline advises, one change after the other.

    Args:
        training: The command.
        plan: The plan of the baseline, which knows what may be set, and how far.
        found: The baseline.
        most: Changes to try at most.
        judge: Judges the logs.
        seed: That of the baseline.
        say: Is told what happens.

    Returns:
        The baseline to go on with: the given one, or the best change; and what was tried.
    """
    tried: list[Tried] = []
    outcomes, changes = [found.outcomes[0]], []
    advised = [] if found.diagnosis is None else list(found.diagnosis.recommendations)
    best = found
    for _ in range(most):
        step = _next(advised, best.params, plan)
        if step is None:
            break
        change, params = step
        say(f"The diagnosis advises {change.words}: tried before the search.")
        try:
            outcome = training.train(params, _whole, seed)
        except TrainingFailedError as failed:
            tried.append(Tried(change.words, "failed", failed.failure.message))
            break
        outcomes.append(outcome)
        changes.append(change)
        report = judge.changes(outcomes, changes)
        if report is None:
            tried.append(Tried(change.words, "cannot_compare", "", outcome.score))
            break
        verdict = report.verdicts[-1]
        better = (
            outcome.score > best.score
            if (plan.objective.get("direction") or found.direction) != "minimize"
            else outcome.score < best.score
        )
        won = verdict.outcome == "won" and better
        word = verdict.outcome if won or verdict.outcome != "won" else "lost"
        tried.append(Tried(change.words, word, verdict.title, outcome.score))
        say(tried[-1].line)
        if won:
            best = Baseline([outcome], params, judge.diagnosis(outcome), before=best)
        advised = report.next
    return best, tried


def _whole(position: int, score: float) -> None:
    """A change is judged whole, so it is never ended early."""


def _next(
    advised: Sequence[Advice], params: Mapping[str, Any], plan: Plan
) -> tuple[Change, dict[str, Any]] | None:
    """Return the first advised change that the search may make, and the configuration with it."""
    from hpadvisor.diagnosing.change import Change

    items = {
        item.role or item.name: item for step in plan.search_steps for item in step.parameters
    }
    for advice in advised:
        item = items.get(advice.parameter)
        if item is None or item.name not in params:
            continue
        value = _changed(advice, params[item.name], item)
        if value is None or value == params[item.name]:
            continue
        before = params[item.name]
        factor = value / before if isinstance(before, int | float) and before > 0 else None
        change = Change(advice.parameter, factor, "the diagnosis", item.name)
        return change, {**params, item.name: value}
    return None


def _changed(advice: Advice, present: object, item: Parameter) -> float | int | None:
    """Return the advised value within what is legal; None where the advice names no number."""
    if isinstance(present, bool) or not isinstance(present, int | float) or item.choices:
        return None
    if advice.factor is not None and present > 0:
        value = float(present) * advice.factor
    elif isinstance(advice.value, int | float) and not isinstance(advice.value, bool):
        value = float(advice.value)
    else:
        return None
    if item.legal is not None:
        low, high = item.legal
        value = min(max(value, low), high)
    return round(value) if item.type == "int" else float(f"{value:.6g}")


def restated(
    hyperparameters: Sequence[Mapping[str, Any]], params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return described hyperparameters whose defaults are those of a configuration."""
    found = [dict(item) for item in hyperparameters]
    for item in found:
        if item.get("name") in params:
            item["default"] = params[item["name"]]
    return found


def restated_by(statements: Sequence[Statement], params: Mapping[str, Any]) -> list[Statement]:
    """Return the hyperparameters as described, with the values of a configuration as today's."""
    described = [one.value for one in statements if one.path == "hyperparameters"]
    items = restated(described[-1] if described else [], params)
    said = [Statement("hyperparameters", items, SOURCE)] if items else []
    roles = {item.get("name"): item.get("role") for item in items}
    for name, value in params.items():
        role = roles.get(name, name)
        if role in Stated.model_fields:
            said.append(Statement(f"training.{role}", value, SOURCE))
    return said
