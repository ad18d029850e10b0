"""Runs to diagnoses: facts are extracted, scored and judged; the verdict is the first finding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hpadvisor.engine.conditions import LeafTrace
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding, judge
from hpadvisor.engine.scoring import add_scores, reasons
from hpadvisor.facts.curves.extract import FEWEST_POINTS, curves_of, extract, planned_share
from hpadvisor.facts.facts import Facts
from hpadvisor.planning.diagnosis import (
    Advice,
    CurveFinding,
    Diagnosis,
    Evidence,
    OpenFact,
    RunDiagnosis,
)
from hpadvisor.planning.marks import add_marks
from hpadvisor.planning.next_command import next_command
from hpadvisor.planning.range_test import is_geometric, judge_range_test
from hpadvisor.planning.told import add_told
from hpadvisor.records import replace

if TYPE_CHECKING:
    from hpadvisor.facts.curves.series import Curve
    from hpadvisor.readers.curves.record import RunRecord

_LEVEL_CONFIDENCE = {"high": 0.9, "medium": 0.7, "low": 0.5}
_IMPACT = {"high": 1.0, "medium": 0.95, "low": 0.7}
"""Low: changes that take several times the compute; a change of the rate is free to try."""
_ASKED = 3
_NEVER_MOVED = (
    "the loss never left its start: a rate far too low, a dead model and wrong labels all look "
    "like this. The cheapest test is ten times the rate for as long again; "
    "--classes tells whether the loss is that of guessing"
)

ELSEWHERE = (
    "trainings", "importance", "ranges", "strategy", "verdicts", "diagnosis", "interactions",
    "pitfalls", "claims", "cases", "advice", "config", "space", "formats",
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
        best=_best(curves),
    )
    result.reason = run.refusal
    if run.refusal:
        return result
    facts = extract(run, curves)
    if range_test or facts.get("curve.learning_rate.rises_throughout"):
        judge_range_test(run, result, forced=range_test)
        if result.judged or range_test or is_geometric(run.series["learning_rate"].y):
            return result
    result.reason = _refusal(facts, run)
    if not result.reason:
        completed = _completed(facts, situation, knowledge, run)
        _judge(result, completed, knowledge)
        add_marks(result, completed, run)
    return result


def _best(curves: dict[str, Curve]) -> float | None:
    for role in ("val_loss", "train_loss"):
        if role in curves:
            return float(curves[role].smooth.min())
    return None


def _refusal(facts: Facts, run: RunRecord) -> str:
    """Why the curves carry no verdict, empty where they do."""
    points = facts.get("curve.points", 0)
    broken = facts.get("curve.ends_nonfinite")
    if not broken and points < FEWEST_POINTS:
        logged = "1 logged value is" if points == 1 else f"{points} logged values are"
        return f"{logged} too few; at least {FEWEST_POINTS} are needed"
    if broken and points == 0 and not facts.get("curve.nonfinite"):
        return "no value was logged"
    losses = [role for role in run.series if role.endswith("loss")]
    if not losses:
        return "only a score was logged, no loss; log the training loss too"
    if facts.get("curve.rising_like_a_score") and not broken:
        return (
            "the loss climbs as an accuracy does and stays within its limits; "
            "if it is a score, say --map train_metric=COLUMN"
        )
    return ""


def _completed(
    facts: Facts, situation: Facts | None, knowledge: Knowledge, run: RunRecord
) -> Facts:
    """Add what the user said, what follows from it, and the scores."""
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
    epochs = facts.get("training.epochs")
    if isinstance(epochs, (int, float)) and epochs > 0 and run.epoch_length:
        share = planned_share(run, epochs * run.epoch_length)
        facts.put("curve.planned_share", share, "computed from the planned epochs")
    scored = add_scores(knowledge.scores, facts)
    chances = [float(fact.value) for fact in scored if fact.name.startswith("score.")]
    if chances:
        none_helps = math.prod(1 - chance for chance in chances)
        scored.put("curve.change_helps", 1 - none_helps, "computed from all scores")
        scored = add_scores(
            [score for score in knowledge.scores if score.fact == "score.healthy"], scored
        )
    return scored


def _judge(result: RunDiagnosis, facts: Facts, knowledge: Knowledge) -> None:
    rules = [rule for rule in knowledge.rules if "diagnose" in rule.applies_to]
    judgement = judge(rules, facts, knowledge.registry)
    kept = [one for one in judgement.findings if one.rule.persona != "pedantic"]
    # A broken training explains whatever its curve would score; notes never decide.
    broken = next((one.rule.id for one in kept if one.rule.severity == "error"), None)
    ranked = sorted(kept, key=lambda one: (one.explained_by is not None, _order(one, facts)))
    for finding in ranked:
        explained = finding.explained_by
        if broken and finding.rule.id != broken and finding.rule.severity != "error":
            explained = explained or broken
        result.findings.append(_finding(finding, facts, knowledge, explained))
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
    result.recommendations += _advice([finding for finding, _ in deciding] + notes, bool(deciding))
    _prioritise(result)
    asked = [
        item for item in judgement.undecided if not item.fact.startswith(("curve.", "score."))
    ]
    result.unknown = [
        OpenFact(item.fact, item.question, list(item.would_decide)) for item in asked[:_ASKED]
    ]
    result.notes += _missing(result, facts)


def _verdict(
    result: RunDiagnosis, facts: Facts, deciding: list[Finding], shown: list[CurveFinding]
) -> None:
    if deciding:
        result.verdict = shown[0].diagnosis
        result.confidence = shown[0].confidence
        return
    if _never_moved(facts):
        result.reason = _NEVER_MOVED
        return
    result.verdict = "healthy"
    result.confidence = _healthy_confidence(facts)
    result.recommendations.append(
        Advice(
            "none",
            "keep",
            message="No single change is likely to help by more than 5 %."
            if result.confidence >= 0.5
            else "Some change may help by more than 5 %, but none is sure enough to be advised.",
        )
    )


def _never_moved(facts: Facts) -> bool:
    """Whether no loss left its start: nothing is wrong with it that could be seen, or right."""
    flat = [facts.get(f"curve.{role}.flat") for role in ("train_loss", "val_loss")]
    known = [one for one in flat if one is not None]
    return bool(known) and all(known)


def _healthy_confidence(facts: Facts) -> float:
    """The chance that no change helps, calibrated on the clinic; half where it is unknown."""
    return float(facts.get("score.healthy", 0.5))


def _order(finding: Finding, facts: Facts) -> tuple[int, float, str]:
    """Severity, then confidence × impact: a change that costs more must be surer to come first."""
    severity = {"error": 0, "warning": 1, "note": 2}[finding.rule.severity]
    worth = confidence_of(finding, facts) * _IMPACT[finding.rule.impact]
    return severity, -worth, finding.rule.id


def confidence_of(finding: Finding, facts: Facts) -> float:
    """The score that the rule rests on, else how often the rule was right, else its level."""
    for leaf in finding.evidence:
        if leaf.fact.startswith("score."):
            return float(facts.get(leaf.fact))
    measured = finding.rule.measured or {}
    # What was measured on the part that the rules were fitted to: the test part stays untouched.
    precision = measured.get("fitted_precision")
    if isinstance(precision, (int, float)) and measured.get("fitted_n", 0) >= 10:
        return float(precision)
    return _LEVEL_CONFIDENCE[finding.rule.confidence]


def _finding(
    finding: Finding, facts: Facts, knowledge: Knowledge, explained: str | None
) -> CurveFinding:
    leaves: list[LeafTrace] = list(finding.evidence)
    for fact in dict.fromkeys(leaf.fact for leaf in finding.evidence):
        table = facts.fact(fact) if fact.startswith("score.") else None
        for score in knowledge.scores:
            if table is not None and table.source == f"score {score.id}":
                leaves += reasons(score, facts)
    return CurveFinding(
        rule=finding.rule.id,
        title=finding.rule.title,
        diagnosis=finding.rule.diagnosis,
        severity=finding.rule.severity,
        confidence=round(confidence_of(finding, facts), 3),
        message=finding.message,
        why=finding.why,
        evidence=[
            Evidence(leaf.fact, leaf.op, leaf.wanted, leaf.got, leaf.where) for leaf in leaves
        ],
        explained_by=explained,
    )


def _advice(findings: Iterable[Finding], decided: bool) -> list[Advice]:
    """Recommendations in the order of their findings: first choices first, fallbacks after.

    A parameter that is named already is not named again with the same action; contrary moves of
    one parameter are kept only from the finding that ranks higher.
    """
    findings = list(findings)
    named: dict[str, str] = {}
    first: list[Advice] = []
    later: list[Advice] = []
    for finding in findings:
        for place, item in enumerate(finding.rule.recommend):
            if item.parameter in named:
                continue
            named[item.parameter] = item.action
            message = f"{item.message} {finding.message}" if place == 0 else item.message
            advice = Advice(**item.__dict__ | {"message": message.strip()}, rule=finding.rule.id)
            (first if place == 0 else later).append(advice)
    return first + later if decided else first


def _prioritise(result: RunDiagnosis) -> None:
    result.recommendations = [
        replace(item, priority=place) for place, item in enumerate(result.recommendations, start=1)
    ]


def _missing(result: RunDiagnosis, facts: Facts) -> list[str]:
    """What the curves cannot tell, with the cheap experiment that would."""
    notes = []
    if "training.epochs" in facts and "curve.planned_share" not in facts:
        notes.append("the log counts no epochs, so the planned ones are not compared with it")
    if "val_loss" not in result.columns and "val_metric" not in result.columns:
        unseen = "no validation was logged: overfitting cannot be seen"
        if result.verdict == "overfitting":
            unseen += ", and is judged here by what such training losses went with elsewhere"
        notes.append(f"{unseen}; evaluate a held-out part ten times over the run")
    if result.verdict in ("learning_rate_too_low", "underfitting", "undertrained"):
        notes.append(
            "rate, capacity and epochs look alike here; the cheapest test is three times the "
            "rate for a tenth of the run: if the loss is lower there, it was the rate"
        )
    return notes


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
    from hpadvisor.planning.comparison import compare

    command = next_command(runs, paths, columns, situation)
    return Diagnosis(list(runs), compare(runs), command)
