"""The generated page is fresh, and what the documentation promises is there."""

from __future__ import annotations

from pathlib import Path

from hpadvisor.engine.loading import load_knowledge
from hpadvisor.report.check import FORMATS

ROOT = Path(__file__).resolve().parents[2]


def test_guide_names_every_form_of_output() -> None:
    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    assert [form for form in FORMATS if f"`{form}`" not in text] == []


def test_every_rule_has_a_section() -> None:
    text = (ROOT / "docs" / "check-rules.md").read_text(encoding="utf-8")
    rules = [rule.id for rule in load_knowledge().rules if "check" in rule.applies_to]
    assert [name for name in rules if f"## {name} " not in text] == []
