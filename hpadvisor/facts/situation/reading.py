"""Statements to one checked situation, with the provenance of every value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from hpadvisor.errors import UserError, UserErrors
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.checks import check_hyperparameters, check_search
from hpadvisor.facts.situation.errors import errors_of, statement_error
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.situation.values import TRAINING_FIELDS, training_value
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.readers.numbers import unusable


def build_situation(
    statements: Iterable[Statement], vocabulary: Vocabulary
) -> tuple[Situation, dict[str, str]]:
    """Join statements (later ones win) and check them.

    Args:
        statements: From files, flags and answers, in order of increasing weight.
        vocabulary: Names that come with the rules.

    Returns:
        The situation, and the source of each dotted path.

    Raises:
        UserErrors: every statement that cannot be, each with its place.
    """
    latest = {statement.path: statement for statement in statements}
    errors: list[UserError] = []
    values: dict[str, Any] = {}
    for statement in latest.values():
        _put(values, statement, vocabulary, errors)
    try:
        situation = Situation.model_validate(values)
    except ValidationError as failure:
        errors.extend(errors_of(failure, latest))
        raise UserErrors(errors) from None
    errors.extend(check_hyperparameters(situation, latest, vocabulary))
    errors.extend(check_search(situation, latest, vocabulary))
    if errors:
        raise UserErrors(errors)
    provenance = {
        _canonical_path(path, vocabulary): f"{item.source}:{item.line}"
        if item.line
        else item.source
        for path, item in latest.items()
    }
    return situation, provenance


def is_situation(statements: Sequence[Statement], vocabulary: Vocabulary) -> bool:
    """Whether a file is meant as a situation: half of it or more stands where one has a place."""
    known = sum(_has_place(one.path, vocabulary) for one in statements)
    return 2 * known >= len(statements)


def holds(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Whether a situation takes a statement: a kind that is known, a number within its limits."""
    if statement.value == "":
        return False
    try:
        build_situation([statement], vocabulary)
    except UserError:
        return False
    return True


def _has_place(path: str, vocabulary: Vocabulary) -> bool:
    section, dot, name = path.partition(".")
    field = Situation.model_fields.get(section)
    if field is None:
        return False
    if not dot:
        return True
    if section == "training":
        return name in TRAINING_FIELDS or name in vocabulary.hyperparameters
    return name in getattr(field.annotation, "model_fields", ())


def _canonical_path(path: str, vocabulary: Vocabulary) -> str:
    section, _, name = path.partition(".")
    if section == "training" and name not in TRAINING_FIELDS:
        return f"training.{vocabulary.hyperparameters.get(name, name)}"
    return path


def _put(
    values: dict[str, Any],
    statement: Statement,
    vocabulary: Vocabulary,
    errors: list[UserError],
) -> None:
    path = statement.path
    try:
        value = _computable(statement.value)
    except ValueError as problem:
        errors.append(statement_error(statement, str(problem)))
        return
    section, dot, name = path.partition(".")
    if section == "training" and dot:
        try:
            name, value = training_value(name, value, vocabulary)
        except ValueError as problem:
            errors.append(statement_error(statement, str(problem)))
            return
        if value is None:
            return
    if not dot:
        if section in Situation.model_fields and isinstance(value, Mapping) and not value:
            values.setdefault(section, {})
        else:
            values[section] = value
        return
    target = values.setdefault(section, {})
    if isinstance(target, dict) and value is not None:
        target[name] = value


def _computable(value: Any, *, inside: bool = False) -> Any:
    """Return a value whose numbers can be computed with; those all but zero are zero.

    Raises:
        ValueError: a number is too large, or one in a list is not finite; of others the field
            itself says that it is not.
    """
    if isinstance(value, Mapping):
        return {key: _computable(item, inside=True) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_computable(item, inside=True) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or not unusable(value):
        return value
    if abs(value) < 1:
        return 0.0
    if inside or isinstance(value, int) or math.isfinite(value):
        raise ValueError(f"a number that is {unusable(value)}")
    return value


def situation_facts(situation: Situation, provenance: Mapping[str, str]) -> Facts:
    """Turn a situation into facts; what was not said is not there."""
    facts = Facts()
    for section in ("task", "model", "training", "data", "budget", "search", "team"):
        model = getattr(situation, section)
        for name, value in model.model_dump(exclude_none=True).items():
            path = f"{section}.{name}"
            facts.put(path, value, provenance.get(path, "given"))
    if situation.symptoms is not None:
        facts.put("symptoms", list(situation.symptoms), provenance.get("symptoms", "given"))
    roles = [item.role for item in situation.hyperparameters or [] if item.role]
    if roles:
        source = provenance.get("hyperparameters", "given")
        facts.put("user.hyperparameters", roles, source)
        for item in situation.hyperparameters or []:
            path = f"training.{item.role}"
            if item.role and item.default is not None:
                facts.put(path, item.default, f"{source} ({item.name})")
    return facts
