"""Findings and knowledge to a plan: the one place where verdict, steps and reasons meet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hpadvisor.engine.conditions import facts_of
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, judge
from hpadvisor.engine.reasons import Unknown, Why, why_finding
from hpadvisor.engine.text import human, singular
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.derived import workers_share
from hpadvisor.facts.situation.model import Situation
from hpadvisor.planning.alternatives import budget_words, summary_of
from hpadvisor.planning.claims import Shape, contradicted
from hpadvisor.planning.draft import Draft, draft_plan, rules_of
from hpadvisor.planning.expectation import expectations
from hpadvisor.planning.model import Alternative, Expectation, Plan, Stated, Tool
from hpadvisor.planning.plan_facts import plan_facts, total_hours
from hpadvisor.planning.sizing import AGENTS, TABLES
from hpadvisor.planning.understanding import doubts, undecided, understand
from hpadvisor.planning.wording import in_words_of_kind

MOST_UNKNOWN = 8


def build_plan(situation: Situation, provenance: Mapping[str, str], knowledge: Knowledge) -> Plan:
    """Compose a plan.

    Args:
        situation: What the user told.
        provenance: Who said what, by dotted path.
        knowledge: Rules and tables.

    Returns:
        A plan that never costs more than the budget and never leaves the user's legal values.
    """
    facts = understand(situation, provenance, knowledge)
    draft = draft_plan(situation, facts, knowledge)
    known = plan_facts(facts, draft.verdict, draft.search, draft.steps)
    later = judge(rules_of(knowledge, _LATER), known, knowledge.registry)
    shape = Shape(tuple(draft.steps), facts)
    notes = [
        finding
        for finding in later.findings
        if finding.explained_by is None and not contradicted(finding.rule.claims, shape)
    ]
    _add_stoprules_of(draft, notes)
    plan = Plan(
        verdict=draft.verdict,
        headline=_headline(draft, facts),
        reasons=_reasons(draft, shape),
        situation={fact.name: Stated(value=fact.value, source=fact.source) for fact in facts},
        objective={"metric": facts.get("task.metric"), "direction": facts.get("task.direction")},
        steps=draft.steps,
        cost_hours=total_hours(draft.steps),
        budget_hours=facts.get("budget.hours"),
        trainings=sum(step.trainings for step in draft.steps),
        trainings_that_fit=facts.get("budget.trainings_that_fit"),
        held_fixed=draft.search.held,
        hyperparameters=[
            item.model_dump(exclude_none=True) for item in situation.hyperparameters or []
        ],
        interactions=_notes(notes, "interaction"),
        pitfalls=_notes(notes, "pitfall"),
        advice=_notes(notes, "advice") if draft.steps else [],
        alternatives=_alternatives(situation, facts, knowledge, draft),
        expect=_expect(facts, draft),
        grid=draft.search.grid,
        tool=_tool(notes, situation, draft),
        warnings=[*doubts(situation, facts, knowledge), *_warnings(facts, draft)],
        unknown=_unknown(facts, knowledge, draft),
    )
    return in_words_of_kind(plan)


def facts_of_plan(
    situation: Situation, provenance: Mapping[str, str], knowledge: Knowledge
) -> Facts:
    """Return what rules that judge a plan see: the situation's facts and those of its plan."""
    facts = understand(situation, provenance, knowledge)
    draft = draft_plan(situation, facts, knowledge)
    return plan_facts(facts, draft.verdict, draft.search, draft.steps)


_LATER = ("interaction", "pitfall", "stopping", "tool", "advice")


def _add_stoprules_of(draft: Draft, notes: Sequence[Finding]) -> None:
    searching = [step for step in draft.steps if step.kind == "search"]
    if searching:
        searching[-1].stop_when = [
            finding.message for finding in notes if finding.rule.topic == "stopping"
        ]
        searching[-1].why += [why_finding(f) for f in notes if f.rule.topic == "stopping"]


def _notes(notes: Sequence[Finding], topic: str) -> list[Why]:
    return [why_finding(finding) for finding in notes if finding.rule.topic == topic]


def _reasons(draft: Draft, shape: Shape) -> list[Why]:
    """Return the findings that made the verdict first, then the others that still stand.

    A finding that speaks for another verdict, or of a plan other than this one, is no reason.
    """
    standing = [
        finding
        for finding in draft.findings
        if finding.explained_by is None
        and finding.rule.verdict in ("", draft.verdict)
        and not contradicted(finding.rule.claims, shape)
    ]
    deciding = [finding for finding in standing if finding.rule.verdict == draft.verdict]
    others = [finding for finding in standing if finding not in deciding]
    return [why_finding(finding) for finding in (*deciding, *others)]


def _headline(draft: Draft, facts: Facts) -> str:
    """Return the plan in one sentence."""
    steps = [step for step in draft.steps if step.kind == "search"]
    if draft.verdict == "leave_defaults":
        return "Leave the hyperparameters as they are."
    if draft.verdict == "stop":
        return "Do not start: the budget does not pay for one full training."
    if draft.verdict == "collect_data":
        return "Collect data first: with this little, no search can tell settings apart."
    if draft.verdict == "fix_first":
        after = ", then search" if steps else ""
        return f"Fix this first: {draft.steps[0].name[0].lower()}{draft.steps[0].name[1:]}{after}."
    if not steps:
        return "Tune, but nothing that can be searched is known yet."
    trials = sum(step.trials for step in steps)
    count = draft.search.parameters
    what = count[0].name if len(count) == 1 else f"{len(count)} hyperparameters"
    cost, hours = total_hours(draft.steps), facts.get("budget.hours")
    price = "" if cost is None else f", about {human(round(cost, 1))} h"
    of = f" of {human(round(hours, 1))} h" if price and hours is not None else ""
    return singular(f"Tune {what} in {trials} trials{price}{of}.")


def _alternatives(
    situation: Situation, facts: Facts, knowledge: Knowledge, draft: Draft
) -> list[Alternative]:
    """Return what half and four times the budget would change."""
    fit = facts.get("budget.trainings_that_fit")
    if fit is None or draft.verdict in ("leave_defaults", "collect_data"):
        return []
    found = []
    for factor, label in ((0.5, "Half the budget"), (4.0, "Four times the budget")):
        scaled = facts.copy()
        scaled.put("budget.trainings_that_fit", float(int(fit * factor + 1e-9)), "scaled")
        if "budget.workers_share" in facts:
            share = workers_share(facts.get("budget.parallel", 1), max(fit * factor, 1))
            scaled.put("budget.workers_share", share, "scaled")
        other = draft_plan(situation, scaled, knowledge)
        found.append(
            Alternative(
                budget=f"{label} ({budget_words(facts, factor)})",
                trainings=sum(step.trainings for step in other.steps),
                summary=summary_of(other.steps, other.search.parameters, draft.search.parameters),
            )
        )
    return found


def _expect(facts: Facts, draft: Draft) -> list[Expectation]:
    """Return what such plans were measured to be worth, where this one is nothing but a search."""
    searches = any(step.kind == "search" and step.folds == 1 for step in draft.steps)
    return expectations(facts) if draft.verdict == "tune" and searches else []


def _tool(notes: Sequence[Finding], situation: Situation, draft: Draft) -> Tool | None:
    """Return the tool of the first rule that matched, or the one the user prefers."""
    if not any(step.kind == "search" for step in draft.steps):
        return None
    advised = [finding for finding in notes if finding.rule.topic == "tool" and finding.rule.tool]
    wished = situation.search.tool
    if wished is not None:
        agreeing = [finding for finding in advised if finding.rule.tool == wished]
        reason = agreeing[0].message if agreeing else "You asked for it."
        if not agreeing and advised:
            reason += f" Without a preference it would be {advised[0].rule.tool}."
        return Tool(name=wished, reason=reason, rules=[f.rule.id for f in agreeing or advised[:1]])
    if not advised:
        return None
    first = advised[0]
    return Tool(name=first.rule.tool, reason=first.message, rules=[first.rule.id])


def _what_would_fit(facts: Facts) -> list[str]:
    """Return what budgets would pay for, where this one pays for no training."""
    each = facts.get("budget.hours_per_training")
    if each is None:
        return []
    parallel = facts.get("budget.parallel", 1)
    rounds = [math.ceil(trainings / parallel) * each for trainings in (1, 3, 10)]
    default, sides, search = (human(round(hours, 1)) for hours in rounds)
    return [
        f"one training takes {human(round(each, 1))} h: {default} h would pay for the default, "
        f"{sides} h for the default and two learning rates around it, {search} h for a search"
    ]


def _warnings(facts: Facts, draft: Draft) -> list[str]:
    warnings = list(draft.search.warnings)
    if draft.verdict == "stop":
        warnings += _what_would_fit(facts)
    if draft.budget.assumed and draft.verdict not in ("leave_defaults", "stop"):
        warnings.insert(
            0,
            f"nothing is said of the budget or the time of a training: planned for "
            f"{draft.budget.trainings:g} trainings",
        )
    used = {name for entry in draft.search.entries for name in facts_of(entry.condition)}
    kind = facts.get("training.kind")
    assumed = [
        fact
        for fact in facts
        if fact.source.startswith("assumed") and fact.name in used and fact.value != kind
    ]
    if assumed:
        words = "; ".join(f"{fact.name} {human(fact.value)}" for fact in assumed)
        warnings.insert(0, f"assumed, because nothing was said: {words}")
    return warnings


def _unknown(facts: Facts, knowledge: Knowledge, draft: Draft) -> list[Unknown]:
    """Return the facts worth stating: those that would decide a verdict, a range or the search."""
    searched = {parameter.role for parameter in draft.search.parameters}
    entries = [
        *rules_of(knowledge, ("verdict", "diagnosis")),
        *knowledge.tiers,
        *knowledge.strategies,
        *knowledge.pruners,
        *(item for item in knowledge.ranges if item.hyperparameter in searched),
    ]
    kind = str(facts.get("training.kind", ""))
    found = [item for item in undecided(entries, facts, knowledge) if _fits(item.fact, kind)]
    return [
        Unknown(fact=item.fact, question=item.question, would_decide=list(item.would_decide))
        for item in found[:MOST_UNKNOWN]
    ]


_WITHOUT_EPOCHS = TABLES | AGENTS
_OF_NETWORKS = frozenset({
    "training.epochs", "training.optimizer", "symptoms", "training.steps", "training.dropout",
    "training.lr_schedule", "training.warmup", "training.batch_size", "training.weight_decay",
    "training.gradient_clipping",
})  # fmt: skip


def _fits(fact: str, kind: str) -> bool:
    """Whether a question makes sense for a kind: agents have no data, trees no epochs."""
    if fact in _OF_NETWORKS:
        return kind not in (_WITHOUT_EPOCHS if fact == "training.epochs" else TABLES)
    return not (fact.startswith("data.") and kind in AGENTS)
