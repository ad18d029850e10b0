"""Findings in the order in which they decide, and their changes in the order to try them."""

from __future__ import annotations

from collections.abc import Iterable

from hpadvisor.diagnosing.model import Advice, CurveFinding, Evidence, RunDiagnosis
from hpadvisor.engine.conditions import LeafTrace
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import Finding
from hpadvisor.engine.scoring import reasons
from hpadvisor.facts.facts import Facts
from hpadvisor.records import replace

_LEVEL_CONFIDENCE = {"high": 0.9, "medium": 0.7, "low": 0.5}
_IMPACT = {"high": 1.0, "medium": 0.95, "low": 0.85}
"""Low: changes that take several times the compute; a change of the rate is free to try.
Of .7, .8, .85 and .9, chosen on development parts: .9 helps more in the clinics, and advises the
rate too rarely on DeepOBS."""


def order(finding: Finding, facts: Facts) -> tuple[int, bool, float, str]:
    """Severity, then what is plain to see, then confidence × impact.

    A change that costs more must be surer to come first.
    """
    severity = {"error": 0, "warning": 1, "note": 2}[finding.rule.severity]
    worth = confidence_of(finding, facts) * _IMPACT[finding.rule.impact]
    return severity, not finding.rule.headline, -worth, finding.rule.id


def confidence_of(finding: Finding, facts: Facts) -> float:
    """The score that the rule rests on, else how often the rule was right, else its level."""
    return _grounded(finding, facts)[0]


def ground_of(finding: Finding, facts: Facts) -> str:
    """What the confidence is: of a ``score``, ``measured``, or a ``level`` of evidence."""
    return _grounded(finding, facts)[1]


def _grounded(finding: Finding, facts: Facts) -> tuple[float, str]:
    if not finding.rule.headline:
        for leaf in finding.evidence:
            if leaf.fact.startswith("score."):
                return float(facts.get(leaf.fact)), "score"
    measured = finding.rule.measured or {}
    # What was measured on the part that the rules were fitted to: the test part stays untouched.
    precision = measured.get("fitted_precision")
    if isinstance(precision, (int, float)) and measured.get("fitted_n", 0) >= 10:
        return float(precision), "measured"
    return _LEVEL_CONFIDENCE[finding.rule.confidence], "level"


def shown_finding(
    finding: Finding, facts: Facts, knowledge: Knowledge, explained: str | None
) -> CurveFinding:
    """A finding as the diagnosis shows it, with its numbers and those of the score it rests on."""
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


def advice(findings: Iterable[Finding], decided: bool) -> list[Advice]:
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
            change = Advice(**item.__dict__ | {"message": message.strip()}, rule=finding.rule.id)
            (first if place == 0 else later).append(change)
    return first + later if decided else first


def prioritise(result: RunDiagnosis) -> None:
    """Number the recommendations in their order."""
    result.recommendations = [
        replace(item, priority=place) for place, item in enumerate(result.recommendations, start=1)
    ]
