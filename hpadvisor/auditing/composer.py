"""From a search that was read to its audit."""

from __future__ import annotations

import math

from hpadvisor.auditing.checks import run_checks
from hpadvisor.auditing.confirmed import is_confirmation, reword
from hpadvisor.auditing.decision import confirmation, decide, outlooks
from hpadvisor.auditing.history import MOST_RUNS, history_of, set_by_hand
from hpadvisor.auditing.model import (
    Audit,
    BestTrial,
    History,
    StudyParameter,
    StudySummary,
)
from hpadvisor.auditing.next_space import next_space
from hpadvisor.auditing.untouched import with_untouched
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import judge
from hpadvisor.engine.reasons import Unknown
from hpadvisor.facts.searches.review import (
    Review,
    ReviewOptions,
    repeated_by,
    review,
    worth_of,
)
from hpadvisor.facts.searches.study_facts import facts_of
from hpadvisor.readers.searches.record import Parameter, State, Study


def compose_audit(
    study: Study, knowledge: Knowledge, options: ReviewOptions | None = None
) -> tuple[Audit, Review]:
    """Review a study.

    Args:
        study: The search as it was read.
        knowledge: The rules.
        options: What the user says beyond the search.

    Returns:
        The audit, and the statistics behind it (for plots).
    """
    by_hand = study.history or set_by_hand(study)
    study.history = by_hand and len(study.scored) <= MOST_RUNS  # more are judged as a search
    found = review(study, options)
    facts = facts_of(found)
    rules = [
        rule
        for rule in knowledge.rules
        if "audit" in rule.applies_to and rule.topic in ("search", "stopping")
    ]
    judgement = judge(rules, facts, knowledge.registry)
    checks = run_checks(rules, judgement.findings, facts)
    reword(checks, found)
    decision, reasons = decide(found, checks)
    unknown = [
        Unknown(fact=u.fact, question=u.question, would_decide=list(u.would_decide))
        for u in judgement.undecided
        if u.fact == "study.noise"
    ]
    comparable = not study.incomparable
    audit = Audit(
        study=_summary(found),
        checks=checks,
        decision=decision,
        reasons=reasons,
        outlook=outlooks(found),
        tie_set=[found.table.trials[i].number for i in found.ties],
        noise=None if found.noise is None else found.noise.sd,
        noise_source="" if found.noise is None else found.noise.meaning,
        noise_between=f"{repeated_by(found)}s",
        worth=worth_of(found),
        next_space=next_space(found, wider=decision == "change_space") if comparable else [],
        confirmation=confirmation(found) if comparable and not is_confirmation(found) else None,
        history=_history(found, knowledge) if study.history else None,
        unknown=unknown,
    )
    audit.keep_statistics(found)
    return audit, found


def _history(found: Review, knowledge: Knowledge) -> History | None:
    history = history_of(found)
    return None if history is None else with_untouched(history, found.study, knowledge)


def _summary(found: Review) -> StudySummary:
    study = found.study
    states = [trial.state for trial in study.trials]
    return StudySummary(
        name=study.name,
        engine=study.engine,
        source=study.source,
        direction=study.direction,
        metric=study.metric,
        n_trials=len(states),
        n_complete=states.count(State.COMPLETE),
        n_pruned=states.count(State.PRUNED),
        n_failed=states.count(State.FAILED),
        n_running=states.count(State.RUNNING) + states.count(State.WAITING),
        best=_best(found),
        parameters=[_parameter(found, parameter) for parameter in study.parameters],
        notes=study.notes,
    )


def _best(found: Review) -> BestTrial | None:
    table = found.table
    if not len(table):
        return None
    trial = table.trials[table.best]
    value = table.score(float(table.y[table.best]))
    best = BestTrial(number=trial.number, value=value, params=trial.params)
    if found.optimism is not None:
        high = float(table.y[table.best])
        best.expected_value = table.score(high - found.optimism.expected)
        ends = (found.optimism.high, max(0.0, found.optimism.low))
        best.expected_between = sorted(table.score(high - end) for end in ends)
    return best


def _parameter(found: Review, parameter: Parameter) -> StudyParameter:
    tested = {item.parameter: item for item in found.importances or []}
    item = tested.get(parameter.name)
    return StudyParameter(
        name=parameter.name,
        type=parameter.type,
        low=parameter.low,
        high=parameter.high,
        scale="log" if parameter.scale == "log" else "linear" if parameter.is_number else None,
        choices=None if parameter.is_number else [_finite(c) for c in parameter.choices],
        observed=parameter.observed,
        importance=None if item is None else item.share,
        p_value=None if item is None else item.p,
    )


def _finite(value: object) -> object:
    """Values that JSON can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
