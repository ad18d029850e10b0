"""What a command and a config say of the training: which hyperparameters can be set at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.running.config_copies import ConfigTemplate
from hpadvisor.running.placeholders import OWN, CommandLine, check_names

SOURCE = "the command"


@dataclass(frozen=True)
class Settable:
    """What the command lets a search set.

    Attributes:
        hyperparameters: Entries of a situation's ``hyperparameters``, under the names that the
            user's command or config has.
        written: Path in the config to the name of the hyperparameter that is written there.
    """

    hyperparameters: list[dict[str, Any]]
    written: dict[str, str]

    def statement(self) -> Statement:
        """Return them as a statement of the situation, which wins over what was said before."""
        return Statement("hyperparameters", self.hyperparameters, SOURCE)


def settable(
    command: CommandLine,
    described: Sequence[Mapping[str, Any]],
    vocabulary: Vocabulary,
    config: ConfigTemplate | None = None,
    derived: Sequence[str] = (),
) -> Settable:
    """Return what a command can set: its placeholders, and values of its config.

    Args:
        command: The command.
        described: The hyperparameters that the situation describes, which keep their bounds.
        vocabulary: Names that come with the rules.
        config: The config of which each trial gets a copy.
        derived: Names that are computed from others.

    Raises:
        UserError: a placeholder is no hyperparameter, or nothing can be set.
    """
    names = [name for name in command.hyperparameters if name not in derived]
    check_names(names, [*vocabulary.hyperparameters, *_names(described), *derived])
    entries = [_entry(name, described, vocabulary) for name in names]
    taken = {entry["name"] for entry in entries}
    written: dict[str, str] = {}
    if config is not None:
        for entry, path in _of_config(config, described, vocabulary):
            if entry["name"] not in taken and entry.get("role") not in _roles(entries):
                entries.append(entry)
                written[path] = entry["name"]
    if not entries:
        raise UserError(
            "the command sets no hyperparameter", path="run",
            remedy="Put placeholders where its values go: --lr {learning_rate}",
        )  # fmt: skip
    return Settable(entries, written)


def _names(described: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(item[key]) for item in described for key in ("name", "role") if item.get(key)]


def _roles(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(entry["role"]) for entry in entries if entry.get("role")}


def _entry(
    name: str, described: Sequence[Mapping[str, Any]], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Return a placeholder as the situation describes it, else by the role that its name is."""
    role = vocabulary.hyperparameters.get(name)
    for item in described:
        if item.get("name") == name or (role and item.get("role") == role):
            return {**item, "name": name}
    return {"name": name, "role": role}


def _of_config(
    config: ConfigTemplate, described: Sequence[Mapping[str, Any]], vocabulary: Vocabulary
) -> list[tuple[dict[str, Any], str]]:
    """Return the values of a config that can be searched, each with its path.

    Described hyperparameters are looked for by their names; where none is described, every
    value is taken whose name means one hyperparameter and no other value means the same.
    """
    found = []
    for item in described:
        path = config.find(str(item["name"]))
        found.append((_with_default(dict(item), config.value(path)), path))
    if described:
        return found
    by_role: dict[str, list[str]] = {}
    for path in config.places:
        role = config.role(path)
        if role in vocabulary.types and role not in OWN and _is_set(config.value(path)):
            by_role.setdefault(role, []).append(path)
    for role, paths in by_role.items():
        if len(paths) == 1:
            entry = _with_default({"name": paths[0], "role": role}, config.value(paths[0]))
            found.append((entry, paths[0]))
    return found


def _is_set(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_default(entry: dict[str, Any], value: object) -> dict[str, Any]:
    if entry.get("default") is None and isinstance(value, int | float | str):
        entry["default"] = value
    return entry
