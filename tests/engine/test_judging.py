"""The small cache of what a command judges by says the same as a full load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpadvisor.diagnosing.composer import ELSEWHERE
from hpadvisor.engine.judging import load_judging, restored, stored
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.records import Record, replace


def test_rules_scores_and_conditions_come_back_as_they_were() -> None:
    full = load_knowledge(without=ELSEWHERE)
    small = restored(json.loads(json.dumps(stored(full, "diagnose"))))
    rules = [rule for rule in full.rules if "diagnose" in rule.applies_to]
    assert small.rules == [replace(rule, citations=(), examples=()) for rule in rules]
    assert small.scores == [replace(score, citations=(), examples=()) for score in full.scores]
    for definition in small.registry:
        assert definition == full.registry.get(definition.name)


def test_the_cache_is_used_and_a_damaged_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HPADVISOR_NO_CACHE", raising=False)
    first = load_judging("diagnose", without=ELSEWHERE)
    (kept,) = tmp_path.rglob("diagnose*.json")
    assert load_judging("diagnose", without=ELSEWHERE).rules == first.rules
    kept.write_text("{", encoding="utf-8")
    assert load_judging("diagnose", without=ELSEWHERE).rules == first.rules


def test_own_rules_are_read_beside_those_that_ship(tmp_path: Path) -> None:
    rule = next(one for one in load_knowledge().rules if one.id == "CUR006")
    text = (
        "rules:\n  - id: OWN001\n    title: Mine\n    topic: curves\n    applies_to: [diagnose]\n"
        "    evidence: F\n    sources: [{cite: tuning-playbook}]\n"
        "    when: {fact: curve.points, ge: 5}\n    severity: note\n    impact: low\n"
        "    confidence: low\n    advice: Look at it.\n    examples:\n"
        "      - {given: {curve.points: 9}, expect: match}\n"
        "      - {given: {curve.points: 1}, expect: no-match}\n"
    )
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    ids = {one.id for one in load_judging("diagnose", [path], without=ELSEWHERE).rules}
    assert {"OWN001", rule.id} <= ids


class Point(Record):
    """A record of the tests."""

    x: float
    y: float = 0.0


def test_records_are_frozen_values() -> None:
    point = Point(1.0)
    assert point == Point(x=1.0, y=0.0)
    assert hash(point) == hash(Point(1.0, 0.0))
    assert replace(point, y=2.0) == Point(1.0, 2.0)
    assert repr(point) == "Point(x=1.0, y=0.0)"
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 3.0  # type: ignore[misc]
    with pytest.raises(TypeError, match="lacks x"):
        Point(y=1.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="2 fields, not 3"):
        Point(1.0, 2.0, 3.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no field"):
        Point(1.0, z=1.0)  # type: ignore[call-arg]
