"""What is wrong with a situation, each in one line at its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.situation.values import nearest_hint


def statement_error(
    statement: Statement, what: str, inside: tuple[str | int, ...] = ()
) -> UserError:
    """An error at a statement, or at a place inside its value."""
    return UserError(
        f"{statement.path}: {what}", path=statement.source, line=statement.line_at(inside)
    )


_UNION_TAGS = ("str", "int", "float", "bool")


def errors_of(failure: ValidationError, latest: Mapping[str, Statement]) -> Iterable[UserError]:
    """What pydantic found wrong, one error a value, each at the statement that said it."""
    told: set[tuple[str, ...]] = set()
    for problem in failure.errors(include_url=False, include_context=True):
        location = [str(step) for step in problem["loc"]]
        of_union = len(location) > 1 and problem["type"] != "extra_forbidden"
        if of_union and location[-1] in _UNION_TAGS:  # one line a value, not one a type
            location.pop()
        if tuple(location) in told:
            continue
        told.add(tuple(location))
        statement, depth = _statement_at(location, latest)
        what = _pydantic_message(dict(problem), location)
        label = ".".join(location)
        yield UserError(
            f"{label}: {what}" if label else what,
            path=None if statement is None else statement.source,
            line=None if statement is None else statement.line_at(problem["loc"][depth:]),
        )


def _statement_at(
    location: list[str], latest: Mapping[str, Statement]
) -> tuple[Statement | None, int]:
    """Return the statement that an error is about, and how many steps lead to it."""
    for length in range(len(location), 0, -1):
        found = latest.get(".".join(location[:length]))
        if found is not None:
            return found, length
    section = location[0] if location else ""
    near = next((s for path, s in latest.items() if path.split(".")[0] == section), None)
    return near, len(location)


def _pydantic_message(problem: dict[str, Any], location: list[str]) -> str:
    kind, given = problem["type"], problem.get("input")
    if kind == "extra_forbidden":
        return (
            f"unknown key '{location[-1]}'.{nearest_hint(location[-1], _keys_at(location[:-1]))}"
        )
    if kind == "literal_error":
        expected = str(problem["ctx"]["expected"])
        words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
        return f"'{given}' is none of: {', '.join(words)}.{nearest_hint(str(given), words)}"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "a section is a mapping; write key: value lines under it"
    message = str(problem["msg"])
    return f"{message[0].lower()}{message[1:]}, not {given!r}"


def _keys_at(location: list[str]) -> list[str]:
    """Return the keys that may stand at a place of a situation."""
    model: Any = Situation
    for step in location:
        if step.isdigit():
            continue
        annotation = model.model_fields[step].annotation
        model = getattr(annotation, "model_fields", None) and annotation
        if model is None:
            from hpadvisor.facts.situation.model import UserHyperparameter

            model = UserHyperparameter
    return list(model.model_fields)
