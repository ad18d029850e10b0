"""What is at hand in place of a situation: a config, a script, a log, the folder of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hpadvisor.errors import UserError
from hpadvisor.readers.scripts.commands import LINES, SHELL

if TYPE_CHECKING:
    from hpadvisor.checking.as_statements import Told
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.situation.statements import Statement
    from hpadvisor.facts.vocabulary import Vocabulary


class Understood(NamedTuple):
    """What a file or folder says of a training.

    Attributes:
        title: What it is read as; empty for a situation file.
        statements: What it says, each with its place.
        logs: Logs in it, whose diagnosis says more.
    """

    title: str
    statements: Sequence[Statement]
    logs: Sequence[str | Path] = ()


def situation_of(path: str | Path, knowledge: Knowledge) -> Understood:
    """Read what is at hand as a situation: a situation file, a config, a script, a run, a log.

    Args:
        path: A situation file (``-`` is standard input), a training config of a known format, a
            training script (read by its syntax, never run), a run's folder, or a training log.
        knowledge: Its vocabulary reads the names.

    Raises:
        UserError: it tells of no training; the remedy names the command that reads it.
    """
    from hpadvisor.checking.as_statements import said_by_config, said_by_echo
    from hpadvisor.checking.other_files import is_log, refuse_other
    from hpadvisor.facts.situation.reading import is_situation
    from hpadvisor.facts.situation.statements import read_statements
    from hpadvisor.readers.files import is_folder, refuse_pipe

    if str(path) == "-":
        return Understood("", read_statements(path))
    place, vocabulary = Path(path), knowledge.vocabulary()
    if is_folder(place):
        return _of_folder(place, vocabulary)
    refuse_pipe(place)
    if is_log(place):
        echo = said_by_echo(place, vocabulary)
        if echo is None:
            return Understood("a training log", (), (path,))
        return Understood(f"a training log, and the {echo.title}", echo.statements, (path,))
    refuse_other(place)
    stated, problem = _as_situation(place)
    if stated is not None and is_situation(stated, vocabulary):
        return Understood("", stated)
    try:
        found = said_by_config(place, vocabulary)
    except UserError as error:
        raise problem or error from None
    if found is not None and found.statements:
        return Understood(found.title, found.statements)
    if found is None and problem is not None:
        raise problem
    if found is None and stated is not None:
        return Understood("", stated)
    raise _tells_nothing(place, found)


def _of_folder(folder: Path, vocabulary: Vocabulary) -> Understood:
    from hpadvisor.checking.as_statements import said_by_folder
    from hpadvisor.readers.curves.discovery import find_logs

    found = said_by_folder(folder, vocabulary)
    try:
        logs = [folder] if any(find_logs([str(folder)])) else []
    except UserError:
        logs = []
    if found is None and not logs:
        raise UserError(
            "a folder with no log and no config of a training", path=folder, remedy=_SAY_IT
        )
    title = "the folder of a run" if found is None else found.title
    return Understood(title, found.statements if found else (), logs)


def _as_situation(path: Path) -> tuple[list[Statement] | None, UserError | None]:
    """Return the statements of a YAML or JSON mapping, or why there are none."""
    from hpadvisor.facts.situation.statements import read_statements

    if path.suffix.lower() in _NEVER_SITUATIONS:
        return None, None
    try:
        return read_statements(path), None
    except UserError as problem:
        return None, problem


_NEVER_SITUATIONS = frozenset({".py", ".ipynb", ".toml"}) | SHELL | LINES

_SAY_IT = (
    "Say what you know: hpadvisor plan --training KIND --hours H --hours-per-training H, or write "
    "a situation: hpadvisor init situation."
)


def _tells_nothing(path: Path, found: Told | None) -> UserError:
    if found is not None and found.is_search:
        return UserError(
            f"a search space ({found.title}), which tells of no training",
            path=path,
            remedy=f"Check it: hpadvisor check {path}. Plan from the training's config or script.",
        )
    known = "no config that is known" if found is None else found.title
    return UserError(f"{known}, and nothing in it tells of a training", path=path, remedy=_SAY_IT)
