"""Files, flags and answers to one checked situation, with the provenance of every value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hpadvisor.errors import UserError, UserErrors, nearest
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation import Situation
from hpadvisor.facts.vocabulary import HyperparameterType, Vocabulary
from hpadvisor.readers.files import read_text
from hpadvisor.readers.quantities import number
from hpadvisor.readers.yaml_nodes import Node, compose, construct, plain_scalar

MAX_SITUATION_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was said: a dotted path, a value, and who said it.

    Attributes:
        path: Where it stands in a situation.
        value: What was said.
        source: The file or flag; ``line`` the line of its key there.
        node: The value's place in a file, for errors inside lists.
    """

    path: str
    value: Any
    source: str
    line: int | None = None
    node: Node | None = field(default=None, compare=False, repr=False)

    def line_at(self, steps: tuple[str | int, ...]) -> int | None:
        """Return the line of something inside the value."""
        return self.node.at(steps).line if self.node is not None and steps else self.line


def read_statements(path: str | Path) -> list[Statement]:
    """Read a situation file.

    Args:
        path: A YAML or JSON file, or ``-`` for standard input.

    Returns:
        A statement for each value, in order.

    Raises:
        UserError: missing, not YAML, not a mapping, too large, too deep.
    """
    text = read_text(path, kind="a situation file", max_bytes=MAX_SITUATION_BYTES)
    name = "<standard input>" if str(path) == "-" else str(path)
    documents = compose(text, name)
    if len(documents) != 1 or documents[0].kind != "mapping":
        line = documents[-1].line if documents else 1
        raise UserError(
            "a situation is one mapping of sections",
            path=name,
            line=line,
            remedy="Start with 'training:' or 'task:'.",
        )
    return statements_of(construct(documents[0], name), name, documents[0])


def statements_of(
    values: Mapping[str, Any], source: str, node: Node | None = None
) -> list[Statement]:
    """Turn nested values into statements: sections are opened, lists stay whole."""
    found: list[Statement] = []
    for key, value in values.items():
        line = _line(node, (key,))
        if isinstance(value, Mapping):
            for inner, item in value.items():
                inner_line = _line(node, (key, inner))
                found.append(Statement(f"{key}.{inner}", item, source, inner_line))
            if not value:
                found.append(Statement(key, {}, source, line))
        elif value is not None:
            inside = None if node is None else node.get(key)
            found.append(Statement(key, value, source, line, inside))
    return found


def _line(node: Node | None, path: tuple[str | int, ...]) -> int | None:
    if node is None:
        return None
    parent = node.at(path[:-1])
    key = parent.key_node(str(path[-1]))
    return (key or parent).line


def parse_assignment(text: str) -> Statement:
    """Read ``path=value`` of ``--set``; the value is YAML (a number, a text, a [list]).

    Raises:
        UserError: there is no equals sign, or the value is no YAML.
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise UserError(
            f"'{text}' is no assignment", path="--set", remedy="Write --set budget.hours=48."
        )
    documents = compose(value, "--set") if value.strip()[:1] in ("[", "{", '"', "'") else []
    parsed = construct(documents[0], "--set") if documents else plain_scalar(value.strip())
    return Statement(path.strip(), parsed, f"--set {path.strip()}")


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
        errors.extend(_pydantic_errors(failure, latest))
        raise UserErrors(errors) from None
    errors.extend(_check_hyperparameters(situation, latest, vocabulary))
    errors.extend(_check_search(situation, latest, vocabulary))
    if errors:
        raise UserErrors(errors)
    provenance = {
        _canonical_path(path, vocabulary): f"{item.source}:{item.line}"
        if item.line
        else item.source
        for path, item in latest.items()
    }
    return situation, provenance


def _canonical_path(path: str, vocabulary: Vocabulary) -> str:
    section, _, name = path.partition(".")
    if section == "training" and name not in _TRAINING_FIELDS:
        return f"training.{vocabulary.hyperparameters.get(name, name)}"
    return path


def _put(
    values: dict[str, Any],
    statement: Statement,
    vocabulary: Vocabulary,
    errors: list[UserError],
) -> None:
    path, value = statement.path, statement.value
    section, dot, name = path.partition(".")
    if section == "training" and dot:
        try:
            name, value = _training_value(name, value, vocabulary)
        except ValueError as problem:
            errors.append(_statement_error(statement, str(problem)))
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


_TRAINING_FIELDS = ("kind", "optimizer", "precision", "epochs", "steps", "hours_per_epoch")


def _training_value(name: str, value: Any, vocabulary: Vocabulary) -> tuple[str, Any]:
    """Resolve a key of the training section: canonical names, aliases, checked values."""
    if name == "kind":
        return name, _kind(value, vocabulary)
    if name in _TRAINING_FIELDS:
        return name, value
    canonical = vocabulary.hyperparameters.get(name)
    if canonical is None:
        known = (*_TRAINING_FIELDS, *vocabulary.types)
        raise ValueError(f"unknown key '{name}'.{_nearest(name, known)}")
    kind = vocabulary.types[canonical]
    if value is None:
        return canonical, kind.off
    if canonical in _TRAINING_FIELDS:
        return canonical, value
    return canonical, _hyperparameter_value(canonical, value, kind)


def _kind(value: Any, vocabulary: Vocabulary) -> Any:
    if value is None or not vocabulary.kinds:
        return value
    word = str(value).casefold().replace("_", "-").replace(" ", "-")
    canonical = vocabulary.kinds.get(word)
    if canonical is None:
        known = sorted(set(vocabulary.kinds.values()))
        raise ValueError(
            f"'{value}' is no kind of training.{_nearest(word, vocabulary.kinds)}"
            f" Kinds: {', '.join(known)}"
        )
    return canonical


def _hyperparameter_value(name: str, value: Any, kind: HyperparameterType) -> Any:
    if kind.type == "categorical":
        if kind.choices and value not in kind.choices:
            hint = _nearest(str(value), [str(choice) for choice in kind.choices])
            raise ValueError(f"'{value}' is no {name}.{hint}")
        return value
    amount = number(value) if isinstance(value, str) else value
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise ValueError(f"{name} is a number, not {value!r}")
    if not math.isfinite(amount):
        raise ValueError(f"{name} is {amount}, which is not finite")
    if kind.type == "int" and not float(amount).is_integer():
        raise ValueError(f"{name} is {amount:g}, which is no whole number")
    if kind.minimum is not None and amount < kind.minimum:
        raise ValueError(f"{name} is {amount:g}, below {kind.minimum:g}")
    if kind.maximum is not None and amount > kind.maximum:
        raise ValueError(f"{name} is {amount:g}, above {kind.maximum:g}")
    return amount


def _nearest(word: str, words: Iterable[str]) -> str:
    """Return the hint behind a sentence, with the blank that parts them."""
    hint = nearest(word, [str(item) for item in words])
    return f" {hint}" if hint else ""


def _statement_error(
    statement: Statement, what: str, inside: tuple[str | int, ...] = ()
) -> UserError:
    return UserError(
        f"{statement.path}: {what}", path=statement.source, line=statement.line_at(inside)
    )


_UNION_TAGS = ("str", "int", "float", "bool")


def _pydantic_errors(
    failure: ValidationError, latest: Mapping[str, Statement]
) -> Iterable[UserError]:
    told: set[tuple[str, ...]] = set()
    for problem in failure.errors(include_url=False, include_context=True):
        location = [str(step) for step in problem["loc"]]
        if location and location[-1] in _UNION_TAGS:  # one line a value, not one a type
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
        return f"unknown key '{location[-1]}'.{_nearest(location[-1], _keys_at(location[:-1]))}"
    if kind == "literal_error":
        expected = str(problem["ctx"]["expected"])
        words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
        return f"'{given}' is none of: {', '.join(words)}.{_nearest(str(given), words)}"
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
            from hpadvisor.facts.situation import UserHyperparameter

            model = UserHyperparameter
    return list(model.model_fields)


def _check_hyperparameters(
    situation: Situation, latest: Mapping[str, Statement], vocabulary: Vocabulary
) -> Iterable[UserError]:
    statement = latest.get("hyperparameters")
    if statement is None:
        return
    names: set[str] = set()
    roles: dict[str, str] = {}
    for index, item in enumerate(situation.hyperparameters or []):
        if item.name in names:
            yield _statement_error(statement, f"'{item.name}' stands twice", (index,))
        names.add(item.name)
        role = item.role or vocabulary.hyperparameters.get(item.name.casefold())
        if role is None:
            continue
        canonical = vocabulary.hyperparameters.get(role)
        if canonical is None and vocabulary.hyperparameters:
            hint = _nearest(role, vocabulary.types)
            yield _statement_error(statement, f"{item.name}: '{role}' is no role.{hint}", (index,))
            continue
        item.role = canonical or role
        if item.role in roles:
            yield _statement_error(
                statement,
                f"'{roles[item.role]}' and '{item.name}' both have the role {item.role};"
                " keep one, or leave the role out",
                (index,),
            )
        roles[item.role] = item.name


def _check_search(
    situation: Situation, latest: Mapping[str, Statement], vocabulary: Vocabulary
) -> Iterable[UserError]:
    own = {item.name for item in situation.hyperparameters or []}
    for field_name in ("tune", "fixed"):
        names: list[str] | None = getattr(situation.search, field_name)
        statement = latest.get(f"search.{field_name}")
        if not names or statement is None:
            continue
        resolved = []
        for name in names:
            canonical = vocabulary.hyperparameters.get(name)
            if name not in own and canonical is None and vocabulary.hyperparameters:
                hint = _nearest(name, (*own, *vocabulary.types))
                yield _statement_error(statement, f"'{name}' is no hyperparameter.{hint}")
            resolved.append(name if name in own else canonical or name)
        setattr(situation.search, field_name, list(dict.fromkeys(resolved)))
    both = set(situation.search.tune or []) & set(situation.search.fixed or [])
    if both and "search.fixed" in latest:
        names_of_both = ", ".join(sorted(both))
        yield _statement_error(
            latest["search.fixed"], f"{names_of_both}: to be tuned and fixed at once; choose one"
        )


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
