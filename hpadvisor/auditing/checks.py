"""The checks: from what the rules say to one outcome each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpadvisor.auditing.check_definitions import CHECKS, CheckDefinition
from hpadvisor.auditing.model import Check
from hpadvisor.engine.conditions import facts_of
from hpadvisor.engine.entries import Rule
from hpadvisor.engine.matching import Finding, order_rules
from hpadvisor.engine.reasons import why_finding
from hpadvisor.engine.text import fill
from hpadvisor.facts.facts import Facts


def run_checks(rules: Sequence[Rule], findings: Sequence[Finding], facts: Facts) -> list[Check]:
    """Turn what the rules say into one outcome for each check.

    A rule that no check names (a user's own) becomes a check of its own where it matched.

    Args:
        rules: All rules that apply to an audit.
        findings: Those that matched.
        facts: What they judged.
    """
    by_id = {rule.id: rule for rule in rules}
    matched = {finding.rule.id: finding for finding in findings}
    checks = [_check(definition, by_id, matched, facts) for definition in CHECKS]
    named = {name for definition in CHECKS for name in definition.rules}
    extra = order_rules([f.rule for f in findings if f.rule.id not in named])
    return checks + [_own(matched[rule.id], facts) for rule in extra]


def _check(
    definition: CheckDefinition,
    rules: dict[str, Rule],
    matched: dict[str, Finding],
    facts: Facts,
) -> Check:
    found = [matched[name] for name in definition.rules if name in matched]
    numbers = {name.removeprefix("study."): facts.get(name) for name in definition.numbers}
    if found:
        return Check(
            check=definition.name,
            title=definition.title,
            outcome="finding",
            severity=min((f.rule.severity for f in found), key=_severity),
            message=" ".join(_message(finding, facts) for finding in found),
            numbers=numbers,
            rules=[why_finding(finding) for finding in found],
        )
    unknown = _unknown(definition, rules, facts)
    return Check(
        check=definition.name,
        title=definition.title,
        outcome="cannot_judge" if unknown else "pass",
        message=definition.needs if unknown else fill(definition.passed, _texts(facts)),
        numbers=numbers,
        needs=definition.needs if unknown else "",
    )


_FIRST_DECIDES = ("results_recorded", "failures", "pruning")
"""Checks that the first rule alone can pass; their other rules need more, and not always."""

_SHARES = ("_share", "_chance", "_bound", "_expected", "_implied")


def _texts(facts: Facts) -> dict[str, Any]:
    """The facts as texts show them: shares and chances in per cent, an empty list as none."""
    values: dict[str, Any] = {}
    for fact in facts:
        values[fact.name] = fact.value
        if fact.name.endswith(_SHARES) and isinstance(fact.value, float):
            values[fact.name] = f"{100 * fact.value:.3g} %"
        elif fact.value == []:
            values[fact.name] = "none"
    return values


def _message(finding: Finding, facts: Facts) -> str:
    if "{recommend." in finding.rule.advice:
        return finding.message
    return fill(finding.rule.advice, _texts(facts))


def _severity(name: str) -> int:
    return ("error", "warning", "note").index(name)


def _unknown(definition: CheckDefinition, rules: dict[str, Rule], facts: Facts) -> bool:
    """Whether the rule that decides most cannot be decided for want of facts."""
    if any(name not in facts for name in definition.requires):
        return True
    open_rules = [
        rules[name]
        for name in definition.rules
        if name in rules and rules[name].condition.evaluate(facts).truth is None
    ]
    if definition.name in _FIRST_DECIDES:
        open_rules = [rule for rule in open_rules if rule.id == definition.rules[0]]
    return any(facts_of(rule.condition) for rule in open_rules)


def _own(finding: Finding, facts: Facts) -> Check:
    numbers: dict[str, Any] = {name: facts.get(name) for name in facts_of(finding.rule.condition)}
    return Check(
        check=finding.rule.id,
        title=finding.rule.title,
        outcome="finding",
        severity=finding.rule.severity,
        message=_message(finding, facts),
        numbers=numbers,
        rules=[why_finding(finding)],
    )
