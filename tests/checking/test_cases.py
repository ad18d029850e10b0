"""Every rule finds its wrong file at the stated place, and nothing of its own in the right one."""

from __future__ import annotations

import pytest

from hpadvisor.checking.running import check_text
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.engine.entries import Rule
from hpadvisor.engine.loading import load_knowledge

RULES = [rule for rule in load_knowledge().rules if "check" in rule.applies_to]
CASES = [
    pytest.param(rule, case, id=f"{rule.id}-{number}")
    for rule in RULES
    for number, case in enumerate(rule.cases)
]
ELSEWHERE = {"SPC024": "test_hydra.py", "SPC048": "test_hydra.py", "CFG021": "test_groups.py"}
"""Rules that compare files, and the tests that hold them instead."""

PEDANTIC = CheckSettings(persona="pedantic")


def places(rule: Rule, text: str, name: str) -> list[str]:
    result = check_text(text.encode(), name, PEDANTIC)
    return [f"{f.line}:{f.column}" for f in result.findings if f.rule.id == rule.id]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_wrong_file_is_found_at_its_place(rule: Rule, case: dict[str, str]) -> None:
    assert places(rule, case["wrong"], case["file"]) == [case["at"]]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_right_file_is_silent(rule: Rule, case: dict[str, str]) -> None:
    result = check_text(case["right"].encode(), case["file"], PEDANTIC)
    assert [f.rule.id for f in result.findings if f.rule.id == rule.id] == []
    assert result.files[0].formats, "the right file is not recognised, so its silence says nothing"


def test_every_rule_has_a_case() -> None:
    bare = {rule.id for rule in RULES if not rule.cases}
    assert bare == set(ELSEWHERE)


def test_every_rule_says_what_the_page_needs() -> None:
    lacking = [
        rule.id for rule in RULES if not (rule.message and rule.advice and rule.why and rule.each)
    ]
    assert lacking == []
