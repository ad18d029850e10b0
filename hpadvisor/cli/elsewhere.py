"""A file that was given to the wrong command: what it is, and the command that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final, NamedTuple

from hpadvisor.errors import UserError

if TYPE_CHECKING:
    from hpadvisor.facts.situation.statements import Statement

_CONFIGS: Final = frozenset({".yaml", ".yml", ".toml", ".py", ".ipynb"})
"""Endings of configs and scripts; a log has none of them but by chance."""

_TABLES: Final = frozenset({".csv", ".tsv", ".parquet"})


class Elsewhere(NamedTuple):
    """What a file is, and the command that reads it."""

    what: str
    command: str


def elsewhere(path: Path) -> Elsewhere | None:
    """Return what a file is, where its name and content tell; None where they do not."""
    from hpadvisor.checking.as_statements import said_by_config
    from hpadvisor.checking.other_files import HEAD, no_config
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import is_situation
    from hpadvisor.readers.files import read_head

    try:
        other = no_config(path, read_head(path, HEAD).decode("utf-8", "replace"))
        if other is not None:
            command = "audit" if "hpadvisor audit" in other.remedy else "diagnose"
            return Elsewhere(other.what.removesuffix(", no config"), command)
        vocabulary = load_knowledge([], without=NOT_PLANNING).vocabulary()
        if path.suffix.lower() in (".yaml", ".yml", ".json"):
            stated = _stated(path)
            if stated and is_situation(stated, vocabulary):
                return Elsewhere("a situation", "plan")
        found = said_by_config(path, vocabulary)
    except UserError:
        return None
    if found is None or not (found.is_search or found.statements):
        return None
    if found.is_search:
        return Elsewhere(f"a search space ({found.title})", "check")
    return (
        Elsewhere(f"a training's settings ({found.title})", "plan") if found.statements else None
    )


def _stated(path: Path) -> list[Statement]:
    from hpadvisor.facts.situation.statements import read_statements

    try:
        return read_statements(path)
    except UserError:
        return []


@contextmanager
def pointing(paths: Sequence[Path | str], command: str) -> Iterator[None]:
    """Say the right command, where a command cannot read its one file because it is another's.

    Args:
        paths: What the command was given.
        command: The command that runs.
    """
    only = Path(paths[0]) if len(paths) == 1 else None
    if only is not None and only.suffix.lower() in _CONFIGS and only.is_file():
        _refuse(only, command)
    try:
        yield
    except UserError as problem:
        from hpadvisor.readers.searches.files import NO_HEADER

        # A table may hold anything: where an option would help to read it, that is said.
        by_option = only is not None and only.suffix.lower() in _TABLES and "--" in problem.remedy
        # Numbers without names may be anything; another command would only send them back.
        nameless = problem.what == NO_HEADER
        if only is not None and not by_option and not nameless and only.is_file():
            _refuse(only, command)
        raise


def _refuse(path: Path, command: str) -> None:
    found = elsewhere(path)
    if found is not None and found.command != command:
        raise UserError(
            f"{found.what}, nothing to {command}",
            path=path,
            remedy=f"It is read by: hpadvisor {found.command} {quote(str(path))}",
        )
