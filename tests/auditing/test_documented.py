"""The page on audits names every check and rule, and covers the starting guide's lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hpadvisor.auditing.check_definitions import CHECKS
from hpadvisor.engine.knowledge import Knowledge

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## Red flags and the checklist", 1)[1].split("\n## ", 1)[0]
GUIDE = ROOT.parent / "shared" / "seed" / "hyperparameter-tuning-skill.md"


def _rows(table: str) -> list[list[str]]:
    lines = SECTION.split(f"| {table} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_rules_that_the_lists_name_exist(knowledge: Knowledge) -> None:
    known = {entry.id for entry in knowledge.entries()}
    rows = _rows("red flag") + _rows("checklist")
    for row in rows:
        named = re.findall(r"[A-Z]{3}\d{3}", row[3])
        assert named, row
        assert set(named) <= known, row


def test_every_check_and_rule_of_an_audit_is_in_the_lists() -> None:
    named = set(re.findall(r"AUD\d{3}", SECTION))
    checks = set(re.findall(r"`(\w+)`", SECTION))
    assert {rule for check in CHECKS for rule in check.rules} <= named
    assert {check.name for check in CHECKS} <= checks


@pytest.mark.skipif(not GUIDE.is_file(), reason="the starting guide is not beside the repository")
def test_every_flag_and_item_of_the_guide_has_a_row() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    flags = re.findall(r"\*\*Red Flag \d+\*\*", guide)
    checklist = guide.split("**Debugging Checklist**", 1)[1].split("\n### ", 1)[0]
    items = re.findall(r"^\d+\. \*\*", checklist, flags=re.MULTILINE)
    assert len(_rows("red flag")) == len(flags)
    assert len(_rows("checklist")) == len(items)


def test_rules_that_were_measured_carry_their_figures(knowledge: Knowledge) -> None:
    measured = {rule.id: rule.measured for rule in knowledge.rules if rule.id.startswith("AUD")}
    # what was run, and whether it was repeated, is no question of rates
    unmeasured = {"AUD022", "AUD026", "AUD027", "AUD028"}
    assert {name for name, block in measured.items() if not block} == unmeasured
    assert all(block["benchmark"] == "audit" for block in measured.values() if block)
