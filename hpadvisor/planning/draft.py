"""The core of a plan: the verdict, the fixes and the search, fitted to the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from hpadvisor.engine.entries import Recommendation, Rule
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, judge
from hpadvisor.engine.reasons import why_finding
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.vocabulary import RATE_TOO_HIGH
from hpadvisor.planning.budget import Budget
from hpadvisor.planning.listening import TOLD_RATE
from hpadvisor.planning.model import Parameter, Step
from hpadvisor.planning.search import Search, plan_search
from hpadvisor.planning.selection import LEFT_TO_FIX
from hpadvisor.planning.steps import fix_step
from hpadvisor.planning.values import is_number_for

VerdictName = Literal["tune", "fix_first", "leave_defaults", "collect_data", "stop"]

LEAST_SEARCH = 3
"""Trainings that must be left after a fix for a search to be planned behind it.

Two gain next to nothing over today's values, three do: regret of the default and after two and
three trainings is .416, .401, .267 on LCBench and .191, .153, .153 on the sweeps of adapters.
"""
FOLDS = 5
"""Folds of the cross-validation that stands in for data which cannot be had."""
CHALLENGE = 3
"""Trainings that show whether today's values are far from what works."""
MOST_FOLDED = 20
"""Trials of a cross-validated search: more would fit the folds, not the task."""


@dataclass(slots=True)
class Draft:
    """A plan's core: what is decided before interactions, pitfalls and tools are judged."""

    verdict: VerdictName
    findings: tuple[Finding, ...]
    steps: list[Step]
    search: Search
    budget: Budget


def rules_of(knowledge: Knowledge, topics: tuple[str, ...]) -> list[Rule]:
    """Return the rules of some topics that plans use."""
    return [r for r in knowledge.rules if r.topic in topics and "plan" in r.applies_to]


def draft_plan(situation: Situation, facts: Facts, knowledge: Knowledge) -> Draft:
    """Decide verdict and steps."""
    first = judge(rules_of(knowledge, ("verdict", "diagnosis")), facts, knowledge.registry)
    verdict = _verdict(first.findings)
    budget = Budget.of(facts)
    draft = Draft(verdict, first.findings, [], Search(), budget)
    if verdict in ("leave_defaults", "stop"):
        return draft
    if verdict == "fix_first":
        facts = _add_fixes(draft, facts)
        if draft.budget.slots < LEAST_SEARCH:
            return draft
    if verdict == "collect_data":
        _add_cross_validation(draft, situation, facts, knowledge)
        return draft
    draft.search = plan_search(situation, facts, draft.budget, knowledge, first.findings)
    if verdict == "fix_first":
        for step in draft.search.steps[:1]:
            step.purpose = f"Only once the fix has worked. {step.purpose}"
    draft.steps.extend(draft.search.steps)
    return draft


def _verdict(findings: Sequence[Finding]) -> VerdictName:
    """Return the verdict of the first finding that has one; tune, where none has."""
    for finding in findings:
        if finding.explained_by is None and finding.rule.verdict:
            return cast("VerdictName", finding.rule.verdict)
    return "tune"


def _add_fixes(draft: Draft, facts: Facts) -> Facts:
    """Add a step for each fix; a finding whose changes are all made already joins that step.

    Returns:
        The facts as they will be once the fixes are made: of changes that are tried one after
        another, only the first counts.
    """
    made: dict[str, Step] = {}
    fixed = facts.copy()
    for finding in draft.findings:
        if finding.rule.verdict != "fix_first" or finding.explained_by is not None:
            continue
        why = why_finding(finding)
        changes = [
            item
            for item in finding.rule.recommend
            if item.parameter not in made
            and not _made_already(item, facts)
            and not _against_rate(item, facts)
            and not _beyond_data(item, facts)
        ]
        if not changes and made:
            next(iter(made.values())).why.append(why)
            continue
        if draft.steps and draft.budget.slots < 1:
            continue
        step = fix_step(finding, changes, draft.budget, facts, why)
        draft.steps.append(step)
        draft.budget = draft.budget.spend(step.trainings)
        for item in changes:
            made[item.parameter] = step
        for item in changes if finding.rule.together else changes[:1]:
            _apply(item, fixed, finding.rule.id)
        if not finding.rule.together:
            later = [item.parameter for item in changes[1:]]
            fixed.put(LEFT_TO_FIX, [*fixed.get(LEFT_TO_FIX, []), *later], finding.rule.id)
    return fixed


def _against_rate(item: Recommendation, facts: Facts) -> bool:
    """Whether a change moves the rate the wrong way: it is known to be too high, or too low.

    Two symptoms may ask for opposite changes; what is known of the rate itself decides.
    """
    if item.parameter != "learning_rate" or item.factor is None:
        return False
    symptoms = set(facts.get("symptoms", ()))
    if symptoms & RATE_TOO_HIGH:
        return item.factor > 1
    return item.factor < 1 and "learning_rate_too_low" in symptoms


def _beyond_data(item: Recommendation, facts: Facts) -> bool:
    """Whether a change makes the batch larger than the training set is."""
    if item.parameter != "batch_size" or item.factor is None:
        return False
    batch, examples = facts.get("training.batch_size"), facts.get("data.train_examples")
    return None not in (batch, examples) and item.factor > 1 and batch * item.factor > examples


def _made_already(item: Recommendation, facts: Facts) -> bool:
    """Whether a change would set what is set already."""
    present = facts.get(f"training.{item.parameter}")
    return item.value is not None and item.action == "set" and item.value == present


def _apply(item: Recommendation, facts: Facts, rule: str) -> None:
    """Set the value that a recommended change leads to, where it is a value."""
    name = f"training.{item.parameter}"
    present = facts.get(name)
    if item.parameter == "learning_rate" and present is not None and TOLD_RATE not in facts:
        facts.put(TOLD_RATE, present, "as told")
    if item.value is not None:
        facts.put(name, item.value, f"after the fix of {rule}")
    elif item.factor is not None and isinstance(present, int | float) and present:
        changed = present * item.factor
        whole = isinstance(present, int) and float(changed).is_integer()
        facts.put(
            name, int(changed) if whole else float(f"{changed:.3g}"), f"after the fix of {rule}"
        )


def _add_cross_validation(
    draft: Draft, situation: Situation, facts: Facts, knowledge: Knowledge
) -> None:
    """Plan a small cross-validated search for those who cannot get more data."""
    budget = draft.budget
    folded = budget.of_folds(FOLDS, most=MOST_FOLDED)
    if folded.slots < LEAST_SEARCH:
        _add_challenge(draft, situation, facts, knowledge)
        return
    search = plan_search(situation, facts, folded, knowledge, draft.findings)
    search.steps = search.steps[:1]
    for step in search.steps:
        step.seeds = step.folds = FOLDS
        step.trainings *= FOLDS
        step.gpu_hours = budget.gpu_hours(step.trainings)
        step.parallel *= min(FOLDS, budget.parallel)
        step.purpose = (
            f"Only if no more data can be had: every trial on the same {FOLDS} folds, judged by "
            "the mean, since one split of so little data is mostly noise."
        )
    draft.search = search
    draft.steps = list(search.steps)


def _add_challenge(draft: Draft, situation: Situation, facts: Facts, knowledge: Knowledge) -> None:
    """Try what the rules recommend where today's values lie far outside of it.

    However few the data are, a rate at an end of what is legal is no baseline; the two or three
    trainings that show it need no cross-validation.
    """
    few = replace(draft.budget, trainings=min(draft.budget.slots, CHALLENGE))
    search = plan_search(situation, facts, few, knowledge, draft.findings)
    outside = [item for item in search.parameters if _outside(item, search)]
    if few.slots < 2 or not outside:
        return
    draft.search = search
    draft.steps = search.steps[:1]
    draft.steps[0].purpose = (
        f"Today's {' and '.join(item.name for item in outside)} lies far from what works: see "
        "that before anything else, data included."
    )


def _outside(parameter: Parameter, search: Search) -> bool:
    """Whether the first trial has a value that no rule for it would search."""
    value: Any = search.steps[0].baseline.get(parameter.name) if search.steps else None
    low, high = parameter.low, parameter.high
    if low is None or high is None or not is_number_for(parameter, value):
        return False
    return value != parameter.off and not low <= value <= high
