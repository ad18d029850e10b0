"""Conditions answer true, false or unknown, and say what they looked at."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpadvisor.engine.conditions import (
    ALWAYS,
    OPERATORS,
    All,
    AnyOf,
    Condition,
    Leaf,
    Not,
    Truth,
    facts_of,
)
from hpadvisor.facts.facts import Facts

FACTS = Facts.of({"yes": True, "no": False}, "a test")


def leaf_of(truth: Truth) -> Leaf:
    """Return a leaf with a known answer for FACTS."""
    return Leaf({True: "yes", False: "no", None: "open"}[truth], "eq", True)


TRUTHS: tuple[Truth, ...] = (True, False, None)

CONJUNCTION = {
    (True, True): True, (True, False): False, (True, None): None,
    (False, True): False, (False, False): False, (False, None): False,
    (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip
DISJUNCTION = {
    (True, True): True, (True, False): True, (True, None): True,
    (False, True): True, (False, False): False, (False, None): None,
    (None, True): True, (None, False): None, (None, None): None,
}  # fmt: skip


@pytest.mark.parametrize(("pair", "expected"), CONJUNCTION.items())
def test_all_follows_kleene(pair: tuple[Truth, Truth], expected: Truth) -> None:
    assert All(tuple(leaf_of(truth) for truth in pair)).evaluate(FACTS).truth is expected


@pytest.mark.parametrize(("pair", "expected"), DISJUNCTION.items())
def test_any_follows_kleene(pair: tuple[Truth, Truth], expected: Truth) -> None:
    assert AnyOf(tuple(leaf_of(truth) for truth in pair)).evaluate(FACTS).truth is expected


@pytest.mark.parametrize(("truth", "expected"), [(True, False), (False, True), (None, None)])
def test_not_turns_round_and_leaves_unknown(truth: Truth, expected: Truth) -> None:
    assert Not(leaf_of(truth)).evaluate(FACTS).truth is expected


def test_an_entry_without_a_condition_always_holds() -> None:
    outcome = ALWAYS.evaluate(Facts())
    assert outcome.truth is True
    assert outcome.unknown == frozenset()


LEAVES: list[tuple[str, Any, Any, bool]] = [
    ("eq", "a", "a", True),
    ("eq", 1, 1.0, True),
    ("eq", "a", "b", False),
    ("ne", "a", "b", True),
    ("ne", 2, 2, False),
    ("gt", 3, 2, True),
    ("gt", 2, 2, False),
    ("ge", 2, 2, True),
    ("ge", 1.9, 2, False),
    ("lt", 1, 2, True),
    ("lt", 2, 2, False),
    ("le", 2, 2, True),
    ("le", 2.1, 2, False),
    ("between", 1, [1, 3], True),
    ("between", 3, [1, 3], True),
    ("between", 3.1, [1, 3], False),
    ("in", "a", ["a", "b"], True),
    ("in", "c", ["a", "b"], False),
    ("not_in", "c", ["a", "b"], True),
    ("not_in", "a", ["a", "b"], False),
    ("contains", ["a", "b"], "a", True),
    ("contains", ["a", "b"], "c", False),
    ("contains", "resnet18", "resnet", True),
    ("matches", "resnet18", r"resnet\d+", True),
    ("matches", "my-resnet18", r"resnet\d+", False),
    ("exists", 0, True, True),
    ("exists", 0, False, False),
]


@pytest.mark.parametrize(("op", "got", "wanted", "expected"), LEAVES)
def test_operator(op: str, got: Any, wanted: Any, expected: bool) -> None:
    outcome = Leaf("fact", op, wanted).evaluate(Facts.of({"fact": got}))
    assert outcome.truth is expected


def test_every_operator_is_tested() -> None:
    assert {op for op, *_ in LEAVES} == set(OPERATORS)


@pytest.mark.parametrize("op", sorted(set(OPERATORS) - {"exists"}))
def test_an_unknown_fact_is_unknown_for_every_operator_but_exists(op: str) -> None:
    outcome = Leaf("fact", op, [1, 2]).evaluate(Facts())
    assert outcome.truth is None
    assert outcome.unknown == {"fact"}


@pytest.mark.parametrize(("wanted", "expected"), [(True, False), (False, True)])
def test_exists_is_never_unknown(wanted: bool, expected: bool) -> None:
    outcome = Leaf("fact", "exists", wanted).evaluate(Facts())
    assert outcome.truth is expected
    assert outcome.unknown == frozenset()


def test_a_false_fact_is_known() -> None:
    facts = Facts.of({"fact": False})
    assert Leaf("fact", "eq", False).evaluate(facts).truth is True
    assert Leaf("fact", "exists", True).evaluate(facts).truth is True


def test_the_trace_names_value_and_speaker_of_every_leaf_in_order() -> None:
    condition = All((leaf_of(False), AnyOf((leaf_of(True), Not(leaf_of(None))))))
    trace = condition.evaluate(FACTS).trace
    assert [(leaf.fact, leaf.got, leaf.where, leaf.truth) for leaf in trace] == [
        ("no", False, "a test", False),
        ("yes", True, "a test", True),
        ("open", None, "", None),
    ]


def test_unknown_facts_are_named_only_while_they_would_decide() -> None:
    two_open = (Leaf("one", "eq", True), Leaf("two", "eq", True))
    assert All(two_open).evaluate(FACTS).unknown == {"one", "two"}
    assert All((*two_open, leaf_of(False))).evaluate(FACTS).unknown == frozenset()
    assert AnyOf((*two_open, leaf_of(True))).evaluate(FACTS).unknown == frozenset()


def test_facts_of_a_condition_are_counted_once() -> None:
    condition = All((leaf_of(True), Not(leaf_of(True)), AnyOf((leaf_of(None),))))
    assert facts_of(condition) == {"yes", "open"}


def conditions() -> st.SearchStrategy[Condition]:
    leaves: st.SearchStrategy[Condition] = st.sampled_from(TRUTHS).map(leaf_of)

    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(parts.map(All), parts.map(AnyOf), inner.map(Not))

    return st.recursive(leaves, joined, max_leaves=8)


@given(conditions())
def test_a_definite_answer_survives_whatever_the_unknown_facts_turn_out_to_be(
    condition: Condition,
) -> None:
    before = condition.evaluate(FACTS)
    answers = set()
    for value in (True, False):
        facts = FACTS.copy()
        facts.put("open", value, "later")
        answers.add(condition.evaluate(facts).truth)
    assert None not in answers
    if before.truth is not None:
        assert answers == {before.truth}
        assert before.unknown == frozenset()
    else:
        assert before.unknown == {"open"}


@given(conditions(), conditions())
def test_de_morgan(left: Condition, right: Condition) -> None:
    one = Not(All((left, right))).evaluate(FACTS).truth
    other = AnyOf((Not(left), Not(right))).evaluate(FACTS).truth
    assert one is other
