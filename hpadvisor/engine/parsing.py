"""Raw conditions and examples to checked ones: unknown facts and wrong operators are refused."""

from __future__ import annotations

from typing import Any

from hpadvisor.engine.checking import Checker
from hpadvisor.engine.conditions import (
    LIST_OPERATORS,
    OPERATORS,
    ORDER_OPERATORS,
    All,
    AnyOf,
    Condition,
    Leaf,
    Not,
)
from hpadvisor.engine.entries import Example
from hpadvisor.errors import nearest
from hpadvisor.facts.registry import FactDefinition, FactRegistry, FactType
from hpadvisor.readers.patterns import problem
from hpadvisor.readers.yaml_nodes import Node

EXPECTATIONS = ("match", "no-match", "unknown")


def parse_condition(
    raw: Any, node: Node, registry: FactRegistry, checker: Checker, label: str
) -> Condition | None:
    """Parse a condition, noting every error with its line.

    Args:
        raw: Plain values of the condition.
        node: Where it stands.
        registry: The facts that it may name.
        checker: Takes the errors.
        label: The entry's id, for messages.

    Returns:
        The condition, or None where it is unsound.
    """
    if not isinstance(raw, dict) or not raw:
        checker.error(f"{label}: a condition is a mapping", node, "Write {fact: …, eq: …}.")
        return None
    if "fact" in raw:
        return _leaf(raw, node, registry, checker, label)
    if len(raw) != 1 or next(iter(raw)) not in ("all", "any", "not"):
        checker.error(
            f"{label}: a condition is one of all, any, not, or a fact with an operator",
            node,
            nearest(next(iter(raw)), ("all", "any", "not", "fact")),
        )
        return None
    word, inner = next(iter(raw.items()))
    place = node.get(word) or node
    if word == "not":
        part = parse_condition(inner, place, registry, checker, label)
        return None if part is None else Not(part)
    if not isinstance(inner, list) or not inner:
        checker.error(
            f"{label}: {word} takes a list of conditions",
            place,
            f"Write {word}: [{{fact: …}}, …].",
        )
        return None
    parts = [
        parse_condition(item, place.at((index,)), registry, checker, label)
        for index, item in enumerate(inner)
    ]
    sound = tuple(part for part in parts if part is not None)
    if len(sound) < len(parts):
        return None
    return All(sound) if word == "all" else AnyOf(sound)


def _leaf(
    raw: dict[str, Any], node: Node, registry: FactRegistry, checker: Checker, label: str
) -> Condition | None:
    name = raw["fact"]
    operators = [key for key in raw if key != "fact"]
    definition = registry.get(name) if isinstance(name, str) else None
    if definition is None:
        hint = nearest(str(name), registry.names())
        checker.error(
            f"{label}: unknown fact '{name}'",
            node.get("fact") or node,
            hint or "See: hpadvisor rules facts.",
        )
        return None
    if len(operators) != 1 or operators[0] not in OPERATORS:
        found = ", ".join(operators) or "none"
        checker.error(
            f"{label}: a leaf takes one operator, not {found}",
            node,
            f"One of: {', '.join(OPERATORS)}.",
        )
        return None
    op, wanted = operators[0], raw[operators[0]]
    problem = _operator_problem(definition, op, wanted)
    if problem:
        checker.error(f"{label}: {problem[0]}", node.get(op) or node, problem[1])
        return None
    return Leaf(definition.name, op, wanted)


def _operator_problem(definition: FactDefinition, op: str, wanted: Any) -> tuple[str, str] | None:
    """Return what is wrong with an operator for a fact, and the remedy; None where nothing is."""
    name, kind = definition.name, definition.type
    if op == "exists":
        good = isinstance(wanted, bool)
        return None if good else ("exists takes true or false", "Write exists: true.")
    shape = _shape_problem(name, kind, op)
    if shape:
        return shape
    if op in LIST_OPERATORS and not isinstance(wanted, list):
        return f"{op} takes a list", f"Write {op}: […]."
    if op == "between" and not _is_interval(wanted):
        return "between takes [low, high], low first", "Write between: [1, 9]."
    if op == "matches":
        return _pattern_problem(wanted)
    members = wanted if op in LIST_OPERATORS else [wanted]
    for member in members:
        if kind is FactType.TEXTS or (op == "contains" and kind is FactType.TEXT):
            problem = _member_problem(definition, member)
        else:
            problem = value_problem(definition, member)
        if problem:
            return problem
    return None


def _is_interval(wanted: list[Any]) -> bool:
    if len(wanted) != 2 or not all(_is_number(end) for end in wanted):
        return False
    return bool(wanted[0] <= wanted[1])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shape_problem(name: str, kind: FactType, op: str) -> tuple[str, str] | None:
    if op in ORDER_OPERATORS and not kind.is_number:
        return f"{op} does not fit {name}, which is no number", "Use eq, in or contains."
    if op == "contains" and kind not in (FactType.TEXT, FactType.TEXTS):
        return f"contains does not fit {name}, which is no list or text", "Use eq or in."
    if kind is FactType.TEXTS and op not in ("contains", "exists"):
        return f"{op} does not fit {name}, which is a list", "Use contains."
    if op == "matches" and kind is not FactType.TEXT:
        return f"matches does not fit {name}, which is no text", "Use eq."
    return None


def _pattern_problem(wanted: Any) -> tuple[str, str] | None:
    why = problem(wanted)
    return (f"matches takes a regular expression ({why})", "Mend the expression.") if why else None


def _member_problem(definition: FactDefinition, member: Any) -> tuple[str, str] | None:
    if not isinstance(member, str):
        return f"{definition.name} holds texts, not {member!r}", "Write a text."
    if definition.choices and member not in definition.choices:
        remedy = nearest(member, definition.choices) or f"One of: {', '.join(definition.choices)}."
        return f"{definition.name} never holds '{member}'", remedy
    return None


def value_problem(definition: FactDefinition, value: Any) -> tuple[str, str] | None:
    """Return why a value cannot be the fact's, and the remedy; None where it can."""
    name, kind = definition.name, definition.type
    if kind is FactType.BOOL:
        good = isinstance(value, bool)
        return None if good else (f"{name} is true or false", "Write true or false.")
    if kind.is_number:
        return (
            None
            if _is_number(value)
            else (f"{name} is a number, not {value!r}", "Write a number.")
        )
    if kind is FactType.TEXT:
        return _member_problem(definition, value)
    if not isinstance(value, list):
        return f"{name} is a list", "Write […]."
    problems = (_member_problem(definition, member) for member in value)
    return next((problem for problem in problems if problem), None)


def parse_examples(
    raw: list[dict[str, Any]], node: Node, registry: FactRegistry, checker: Checker, label: str
) -> tuple[Example, ...]:
    """Parse examples, noting unknown facts, impossible values and unknown expectations."""
    examples = []
    for index, item in enumerate(raw):
        place = node.at((index,))
        given, expect = item.get("given"), item.get("expect")
        if set(item) != {"given", "expect"} or not isinstance(given, dict):
            checker.error(
                f"{label}: an example has given: {{…}} and expect: …",
                place,
                "Add what is missing.",
            )
            continue
        if expect not in EXPECTATIONS:
            checker.error(
                f"{label}: expect is '{expect}'", place, f"One of: {', '.join(EXPECTATIONS)}."
            )
            continue
        _check_given(given, place, registry, checker, label)
        examples.append(Example(given, expect, place.line))
    return tuple(examples)


def _check_given(
    given: dict[str, Any], place: Node, registry: FactRegistry, checker: Checker, label: str
) -> None:
    for name, value in given.items():
        definition = registry.get(name)
        if definition is None:
            hint = nearest(name, registry.names()) or "See: hpadvisor rules facts."
            checker.error(f"{label}: example names unknown fact '{name}'", place, hint)
            continue
        problem = value_problem(definition, value)
        if problem:
            checker.error(f"{label}: example: {problem[0]}", place, problem[1])
