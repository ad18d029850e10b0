"""Runs to diagnoses: facts are extracted, scored and judged; the verdict is the first finding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hpadvisor.diagnosing.judgeable import (
    NEVER_MOVED,
    gradients_alone,
    limit_of,
    never_moved,
    score_fell,
    untold,
    without_shape,
)
from hpadvisor.diagnosing.marks import add_marks
from hpadvisor.diagnosing.model import (
    Advice,
    CurveFinding,
    Diagnosis,
    OpenFact,
    RunDiagnosis,
)
from hpadvisor.diagnosing.next_command import next_command
from hpadvisor.diagnosing.range_test import is_geometric, judge_range_test
from hpadvisor.diagnosing.ranking import advice, ground_of, order, prioritise, shown_finding
from hpadvisor.diagnosing.scored import with_scores
from hpadvisor.diagnosing.seen import add_seen
from hpadvisor.diagnosing.told import add_told, logged_of
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, judge
from hpadvisor.engine.text import of_ten
from hpadvisor.facts.curves.extract import curves_of, extract, planned_share, span_of
from hpadvisor.facts.curves.logged import logged_facts
from hpadvisor.facts.curves.pace import pace_note
from hpadvisor.facts.curves.units import in_units
from hpadvisor.facts.facts import Facts

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

_ASKED = 3

ELSEWHERE = (
    "trainings", "importance", "ranges", "strategy", "verdicts", "diagnosis", "interactions",
    "pitfalls", "claims", "cases", "advice", "config", "space", "formats", "metrics",
)  # fmt: skip
"""Folders of rules that a diagnosis does not need."""


def diagnose_run(
    run: RunRecord,
    knowledge: Knowledge,
    situation: Facts | None = None,
    *,
    range_test: bool = False,
) -> RunDiagnosis:
    """Diagnose one run.

    Args:
        run: As read.
        knowledge: The rules.
        situation: What else is known (optimizer, classes, planned epochs …).
        range_test: Read it as a learning-rate range test even where it does not look like one.
    """
    read, run = run, in_units(run)
    curves = curves_of(run)
    result = RunDiagnosis(
        source=run.source,
        columns=run.columns,
        epochs_or_steps=run.length,
        verdict="cannot_judge",
        confidence=0.0,
        notes=list(run.notes),
        config=run.config,
        curves=curves,
        axis=run.axis,
        span=span_of(run),
        best=_best(read),
    )
    result.reason = run.refusal
    if run.refusal and not gradients_alone(run):
        return result
    facts = extract(run, curves)
    result.seen = add_seen(facts, read)
    if range_test or facts.get("curve.learning_rate.rises_throughout"):
        judge_range_test(run, result, forced=range_test)
        if result.judged or range_test or is_geometric(run.series["learning_rate"].y):
            return result
    _put_planned(facts, situation, run)
    limit = limit_of(facts, run)
    result.reason = limit.reason if limit else ""
    if limit and limit.final:
        return result
    result.notes += pace_note(run, curves)
    completed = _completed(facts, situation, knowledge, run, scored=limit is None)
    result.logged = logged_of(completed)
    known = {name: completed.get(f"score.{name}") for name in CHANGES}
    result.chances = {name: float(chance) for name, chance in known.items() if chance is not None}
    if limit and limit.shapeless:
        completed = without_shape(completed)
    _judge(result, completed, knowledge)
    why = score_fell(read) if result.verdict == "healthy" else ""
    if why:
        result.verdict, result.confidence, result.reason = "cannot_judge", 0.0, why
        result.recommendations = []
    if result.judged:
        add_marks(result, completed, run)
    return result


def _best(run: RunRecord) -> float | None:
    """The lowest validation loss that was logged, else training loss."""
    for role in ("val_loss", "train_loss"):
        if role in run.series:
            return logged_facts(run, role).get("logged_best")
    return None


def _completed(
    facts: Facts,
    situation: Facts | None,
    knowledge: Knowledge,
    run: RunRecord,
    *,
    scored: bool,
) -> Facts:
    """Add what the user said, what follows from it, and the scores where the log carries them."""
    add_told(facts, situation, run)
    classes = facts.get("data.classes")
    if isinstance(classes, (int, float)) and classes >= 2:
        guess = math.log(classes)
        for role, key, name in (
            ("train_loss", "final", "train_level_vs_guessing"),
            ("val_loss", "best", "val_level_vs_guessing"),
        ):
            level = facts.get(f"curve.{role}.{key}")
            if level is not None:
                facts.put(f"curve.{name}", level / guess, "computed: over ln(classes)")
    _put_planned(facts, facts, run)
    return with_scores(facts, knowledge.scores) if scored else facts


def _put_planned(facts: Facts, told: Facts | None, run: RunRecord) -> None:
    """Add the share of the planned epochs that was run, where they are told."""
    epochs = None if told is None else told.get("training.epochs")
    if isinstance(epochs, (int, float)) and epochs > 0 and run.epoch_length:
        share = planned_share(run, epochs * run.epoch_length)
        facts.put("curve.planned_share", share, "computed from the planned epochs")


def _judge(result: RunDiagnosis, facts: Facts, knowledge: Knowledge) -> None:
    rules = [rule for rule in knowledge.rules if "diagnose" in rule.applies_to]
    judgement = judge(rules, facts, knowledge.registry)
    kept = [one for one in judgement.findings if one.rule.persona != "pedantic"]
    # A broken training explains whatever its curve would score; notes never decide.
    broken = next((one.rule.id for one in kept if one.rule.severity == "error"), None)
    ranked = sorted(kept, key=lambda one: (one.explained_by is not None, order(one, facts)))
    for finding in ranked:
        explained = finding.explained_by
        if broken and finding.rule.id != broken and finding.rule.severity != "error":
            explained = explained or broken
        result.findings.append(shown_finding(finding, facts, knowledge, explained))
        result.grounds[finding.rule.id] = ground_of(finding, facts)
    deciding = [
        (finding, shown)
        for finding, shown in zip(ranked, result.findings, strict=True)
        if shown.explained_by is None and shown.severity != "note" and shown.diagnosis
    ]
    _verdict(result, facts, [finding for finding, _ in deciding], [one for _, one in deciding])
    notes = [
        finding
        for finding, shown in zip(ranked, result.findings, strict=True)
        if shown.explained_by is None and shown.severity == "note"
    ]
    if result.judged or deciding:
        found = [finding for finding, _ in deciding] + notes
        result.recommendations += advice(found, bool(deciding))
    prioritise(result)
    asked = [
        item
        for item in judgement.undecided
        if item.question and not item.fact.startswith(("curve.", "score."))
    ]
    result.unknown = [
        OpenFact(item.fact, item.question, list(item.would_decide)) for item in asked[:_ASKED]
    ]
    result.notes += untold(result, facts)


def _verdict(
    result: RunDiagnosis, facts: Facts, deciding: list[Finding], shown: list[CurveFinding]
) -> None:
    if deciding:
        result.verdict = shown[0].diagnosis
        result.confidence = shown[0].confidence if result.judged else 0.0
        title = shown[0].title
        result.reason = "" if result.judged else f"{title[0].lower()}{title[1:]}"
        return
    if result.reason:
        return
    if never_moved(facts):
        result.reason = NEVER_MOVED
        return
    result.verdict = "healthy"
    result.confidence = _healthy_confidence(facts)
    result.recommendations.append(Advice("none", "keep", message=_left_alone(result)))


CHANGES = {
    "lr_x0.1": "a tenth of the learning rate",
    "lr_x0.3": "a third of the learning rate",
    "lr_x3": "three times the learning rate",
    "lr_x10": "ten times the learning rate",
    "regularization_up": "more regularisation",
    "regularization_down": "less regularisation",
    "capacity_x4": "a model four times as wide",
    "epochs_x3": "three times the epochs",
    "stop_at_best": "the checkpoint of the best validation",
}
"""The changes whose chance to help is known (benchmarks/clinic), in words."""


def _left_alone(result: RunDiagnosis) -> str:
    """What to say where nothing is advised: the likeliest change, where one may well help."""
    if result.confidence >= 0.5:
        return "No single change is likely to help by more than 5 %."
    known = result.chances
    if not known:
        return "Some change may help by more than 5 %, but none is sure enough to be advised."
    likeliest = max(known, key=lambda name: known[name])
    return (
        f"The change most likely to help is {CHANGES[likeliest]}: it does in "
        f"{of_ten(known[likeliest])} such runs, too few to advise it."
    )


def _healthy_confidence(facts: Facts) -> float:
    """The chance that no change helps, calibrated on the clinic; half where it is unknown."""
    return float(facts.get("score.healthy", 0.5))


def assemble(
    runs: Sequence[RunDiagnosis],
    paths: Sequence[str],
    columns: Mapping[str, str] | None = None,
    situation: Facts | None = None,
) -> Diagnosis:
    """Put runs together: comparison where there are several, and the plan that follows.

    Args:
        runs: The diagnosed runs.
        paths: Where they were read from.
        columns: Role to column name, as the user said.
        situation: What the user said of the training.
    """
    from hpadvisor.diagnosing.comparison import compare

    command = next_command(runs, paths, columns, situation)
    return Diagnosis(list(runs), compare(runs), command)
