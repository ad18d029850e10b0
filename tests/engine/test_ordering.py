"""Findings come in one order, whatever the order of the rules; superseded ones stay, explained."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hpadvisor.engine.conditions import ALWAYS, All, Condition, Leaf
from hpadvisor.engine.entries import Entry, Rule
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.matching import (
    LEVEL_RANK,
    SEVERITY_RANK,
    holding,
    judge,
    most_specific,
    order_rules,
    rank_undecided,
    rule_rank,
)
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.registry import FactRegistry
from hpadvisor.facts.situation.definitions import SITUATION_FACTS

REGISTRY = FactRegistry(SITUATION_FACTS)


def rule(
    rule_id: str,
    *,
    severity: str = "note",
    impact: str = "medium",
    confidence: str = "medium",
    after: tuple[str, ...] = (),
    supersedes: tuple[str, ...] = (),
    condition: Condition = ALWAYS,
    status: str = "stable",
) -> Rule:
    return Rule(
        id=rule_id, title=rule_id, kind="rules", path="rules/own.yaml", line=1,
        severity=severity, impact=impact, confidence=confidence, after=after,
        supersedes=supersedes, condition=condition, status=status, advice=f"Do {rule_id}.",
    )  # fmt: skip


def ids(rules: list[Rule]) -> list[str]:
    return [item.id for item in rules]


def test_severity_comes_before_worth() -> None:
    rules = [
        rule("A", severity="note", impact="high", confidence="high"),
        rule("B", severity="warning", impact="low", confidence="low"),
        rule("C", severity="error", impact="low", confidence="low"),
    ]
    assert ids(order_rules(rules)) == ["C", "B", "A"]


def test_worth_is_impact_times_confidence() -> None:
    rules = [
        rule("A", impact="high", confidence="low"),  # 3
        rule("B", impact="medium", confidence="medium"),  # 4
        rule("C", impact="high", confidence="medium"),  # 6
        rule("D", impact="low", confidence="high"),  # 3
    ]
    assert ids(order_rules(rules)) == ["C", "B", "A", "D"]


def test_the_id_breaks_ties() -> None:
    assert ids(order_rules([rule("B"), rule("C"), rule("A")])) == ["A", "B", "C"]


def test_after_wins_over_severity() -> None:
    rules = [rule("A", severity="error", after=("B",)), rule("B", severity="note"), rule("C")]
    assert ids(order_rules(rules)) == ["B", "A", "C"]


def test_after_names_of_rules_that_did_not_match_are_ignored() -> None:
    assert ids(order_rules([rule("A", after=("Z",)), rule("B")])) == ["A", "B"]


@st.composite
def acyclic_rules(draw: st.DrawFn) -> list[Rule]:
    count = draw(st.integers(1, 8))
    rules = []
    for index in range(count):
        earlier = [f"R{other}" for other in range(index)]
        after = (
            draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []
        )
        rules.append(
            rule(
                f"R{index}",
                severity=draw(st.sampled_from(list(SEVERITY_RANK))),
                impact=draw(st.sampled_from(list(LEVEL_RANK))),
                confidence=draw(st.sampled_from(list(LEVEL_RANK))),
                after=tuple(after),
            )
        )
    return rules


@given(acyclic_rules(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_loading(
    rules: list[Rule], shuffler: object
) -> None:
    expected = ids(order_rules(rules))
    shuffled = list(rules)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ids(order_rules(shuffled)) == expected


@given(acyclic_rules())
def test_every_rule_follows_those_of_its_after_and_else_its_rank(rules: list[Rule]) -> None:
    ordered = order_rules(rules)
    assert sorted(ids(ordered)) == sorted(ids(rules))
    place = {item.id: index for index, item in enumerate(ordered)}
    assert all(place[name] < place[item.id] for item in rules for name in item.after)
    for index, item in enumerate(ordered):
        done = set(ids(ordered[:index]))
        ready = [other for other in ordered[index:] if set(other.after) <= done]
        assert item == min(ready, key=rule_rank)


def test_a_superseded_finding_is_kept_and_marked() -> None:
    rules = [rule("A", supersedes=("B",)), rule("B", severity="error"), rule("C")]
    findings = judge(rules, Facts(), REGISTRY).findings
    assert [(item.rule.id, item.explained_by) for item in findings] == [
        ("B", "A"),
        ("A", None),
        ("C", None),
    ]


def test_a_rule_that_did_not_match_explains_nothing_away() -> None:
    absent = Leaf("model.pretrained", "eq", True)
    rules = [rule("A", supersedes=("B",), condition=absent), rule("B")]
    findings = judge(rules, Facts(), REGISTRY).findings
    assert [(item.rule.id, item.explained_by) for item in findings] == [("B", None)]


def test_deprecated_rules_do_not_match() -> None:
    assert judge([rule("A", status="deprecated")], Facts(), REGISTRY).findings == ()
    assert holding([rule("A", status="deprecated")], Facts()) == []


def test_a_finding_carries_only_the_leaves_that_were_true() -> None:
    condition = All((Leaf("model.pretrained", "eq", True), Leaf("data.classes", "gt", 2)))
    facts = Facts.of({"model.pretrained": True, "data.classes": 10}, "situation.yaml:3")
    (finding,) = judge([rule("A", condition=condition)], facts, REGISTRY).findings
    assert [(leaf.fact, leaf.got, leaf.where) for leaf in finding.evidence] == [
        ("model.pretrained", True, "situation.yaml:3"),
        ("data.classes", 10, "situation.yaml:3"),
    ]


def test_messages_are_filled_with_facts() -> None:
    item = Rule(
        id="A", title="A", kind="rules", path="p", line=1,
        advice="Use {data.train_examples} examples, not {data.classes}.", why="{budget.hours} h",
    )  # fmt: skip
    facts = Facts.of({"data.train_examples": 50000.0, "budget.hours": 0.5})
    (finding,) = judge([item], facts, REGISTRY).findings
    assert finding.message == "Use 50,000 examples, not ?."
    assert finding.why == "0.5 h"


def test_undecided_facts_are_ranked_decisive_first_then_by_what_they_decide() -> None:
    open_entries = {"team.size": ["A", "B", "C"], "training.kind": ["A"], "model.name": ["A", "B"]}
    ranked = rank_undecided(open_entries, REGISTRY)
    assert [item.fact for item in ranked] == ["training.kind", "team.size", "model.name"]
    assert ranked[0].question == "What kind of training is it?"
    assert ranked[1].question == "People who work with the results?"
    assert ranked[1].would_decide == ("A", "B", "C")


def entry(entry_id: str, facts: int, evidence: str) -> Entry:
    leaves = tuple(Leaf(f"fact.{index}", "exists", False) for index in range(facts))
    return Entry(
        id=entry_id, title="", kind="ranges", path="", line=1, evidence=evidence,
        condition=All(leaves),
    )  # fmt: skip


def test_most_specific_takes_the_most_facts_then_the_better_evidence() -> None:
    entries = [
        entry("A", 1, "M"), entry("B", 2, "F"), entry("C", 2, "M"), entry("D", 2, "P"),
        entry("E", 2, ""),
    ]  # fmt: skip
    assert [item.id for item in most_specific(entries)] == ["C", "D", "B", "E"]
    assert most_specific([]) == []


def test_shipped_rules_load_in_the_same_order_twice(knowledge: Knowledge) -> None:
    from hpadvisor.engine.loading import load_knowledge

    again = load_knowledge()
    assert [item.id for item in again.entries()] == [item.id for item in knowledge.entries()]
    assert ids(order_rules(again.rules)) == ids(order_rules(knowledge.rules[::-1]))


def test_own_rules_are_added_to_those_that_ship(tmp_path: Path, knowledge: Knowledge) -> None:
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.engine.matching import run_example
    from hpadvisor.engine.template import RULE_TEMPLATE

    (tmp_path / "own.yaml").write_text(RULE_TEMPLATE)
    both = load_knowledge([tmp_path])
    added = [item for item in both.rules if item.path.startswith(str(tmp_path))]
    assert [item.id for item in added] == ["OWN001"]
    assert len(both.rules) == len(knowledge.rules) + 1
    assert {run_example(added[0], item) for item in added[0].examples} == {
        "match", "no-match", "unknown",
    }  # fmt: skip
    assert all(run_example(added[0], item) == item.expect for item in added[0].examples)
