"""Subjects against rules: findings with the place they point at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from hpadvisor.checking.findings import Finding, Fix
from hpadvisor.checking.rules import CheckRule
from hpadvisor.engine.text import fill
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.documents import Document


class Matcher:
    """Matches rules, sorted by what they are matched against.

    Args:
        rules: The rules that are asked for.
    """

    def __init__(self, rules: Iterable[CheckRule]) -> None:
        self._by_each: dict[str, list[CheckRule]] = defaultdict(list)
        for rule in rules:
            self._by_each[rule.each].append(rule)

    def match(self, subjects: Sequence[Subject], document: Document) -> list[Finding]:
        """Return what the rules find in a document's subjects, in the order of the file."""
        findings: dict[tuple[str, int, str], Finding] = {}
        for subject in subjects:
            rules = self._by_each.get(subject.each)
            if rules:
                for finding in _match(rules, subject, document):
                    findings.setdefault((finding.rule.id, finding.start, finding.message), finding)
        return sorted(findings.values(), key=lambda f: (f.line, f.column, f.rule.id))


def _match(rules: list[CheckRule], subject: Subject, document: Document) -> list[Finding]:
    names = subject.names()
    matched = [
        rule for rule in rules if rule.needed <= names and rule.condition.evaluate(subject).truth
    ]
    explained = {other for rule in matched for other in rule.supersedes}
    found = (_finding(rule, subject, document) for rule in matched if rule.id not in explained)
    return [finding for finding in found if finding is not None]


def _finding(rule: CheckRule, subject: Subject, document: Document) -> Finding | None:
    place = _place(rule, subject)
    if place is None:
        return None
    values = subject.values()
    node = place.node
    mapping = node.kind != "scalar"
    return Finding(
        rule,
        document.path,
        node.line,
        node.column,
        node.line if mapping else node.end_line,
        node.column + 1 if mapping else node.end_column,
        node.start,
        place.key_path,
        fill(rule.message, values),
        fill(rule.advice, values),
        fill(rule.why, values),
        _fix(rule, subject, document),
        _milder(rule, subject),
    )


def _milder(rule: CheckRule, subject: Subject) -> bool:
    """Whether little harm is done: the rule says so, or nobody trains a model from the file."""
    if subject.get("config.is_trial") or subject.get("config.is_record"):
        return True
    return rule.milder is not None and rule.milder.evaluate(subject).truth is True


def _fix(rule: CheckRule, subject: Subject, document: Document) -> Fix | None:
    if rule.fix is None:
        return None
    from hpadvisor.checking.edits import make_fix

    return make_fix(rule, subject, document)


def _place(rule: CheckRule, subject: Subject) -> Place | None:
    """Return the place of the first fact that has one here; None where all are elsewhere."""
    elsewhere = False
    for name in rule.at:
        place = subject.place_of(name)
        if place is not None:
            if place.path is None:
                return place
            elsewhere = True
    return None if elsewhere else subject.place
