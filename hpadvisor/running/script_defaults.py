"""Today's values of a command's placeholders, where the script that it starts declares them.

Who writes ``--batch-size {batch_size}`` has a script that trains with 64 where nobody says
anything. That is today's configuration, and no table of usual values. The script is read, not run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hpadvisor.errors import UserError
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.vocabulary import OPTIMIZERS
from hpadvisor.readers.scripts.arguments import OPTIMIZER
from hpadvisor.running.placeholders import OWN

if TYPE_CHECKING:
    from hpadvisor.facts.vocabulary import Vocabulary
    from hpadvisor.readers.scripts.arguments import Default

_GLUED = re.compile(r"^-{0,2}([A-Za-z_][\w.-]*)=\{([A-Za-z_][\w./-]*)\}$")
_ALONE = re.compile(r"^\{([A-Za-z_][\w./-]*)\}$")
_FLAG = re.compile(r"^--?([A-Za-z_][\w.-]*)$")
_MOST_BYTES = 2_000_000
STOPS = "early_stopping"
"""The role of which 0 is said where a script boosts trees to their full number."""
POSITIVE = ("epochs", "learning_rate", "batch_size")
"""Roles of which 0 is no value, but means that something else decides."""


class Declared(NamedTuple):
    """The default of a placeholder.

    Attributes:
        value: What the script has where nobody gives the flag.
        place: File and line.
        flag: The flag's name.
    """

    value: bool | int | float | str
    place: str
    flag: str


def declared_defaults(arguments: Sequence[str], folder: Path) -> dict[str, Declared]:
    """Return the defaults of a command's placeholders by the source of its script.

    Args:
        arguments: The command.
        folder: Where it is started.
    """
    script = next((word for word in arguments if word.endswith(".py") and "{" not in word), None)
    if script is None:
        return {}
    text = _text(folder / script)
    if text is None:
        return {}
    defaults = _defaults(text, folder / script)
    found = {}
    for name, flag in _flags(arguments).items():
        known = defaults.get(flag.rsplit(".", 1)[-1].replace("-", "_"))
        if known is not None:
            found[name] = Declared(known.value, f"{Path(script).name}:{known.line}", flag)
    made = defaults.get(OPTIMIZER)
    if made is not None:
        place = f"{Path(script).name}:{made.line}"
        found["optimizer"] = Declared(str(made.value).lower(), place, "optimizer")
    line = _unstopped(text, folder / script)
    if line is not None:
        found.setdefault(STOPS, Declared(0, f"{Path(script).name}:{line}", "early stopping"))
    return found


def statements_of(
    declared: Mapping[str, Declared], said: Sequence[Statement], vocabulary: Vocabulary
) -> list[Statement]:
    """Return today's values as statements, where nobody said others.

    Args:
        declared: Defaults by placeholder.
        said: What is said of the situation.
        vocabulary: Names that come with the rules.
    """
    paths = {statement.path for statement in said}
    described = [one.value for one in said if one.path == "hyperparameters"]
    known = {str(item.get(key)) for item in (described or [[]])[-1] or [] if item.get("default")
             is not None for key in ("name", "role")}  # fmt: skip
    found: list[Statement] = []
    made = declared.get("optimizer")
    if made is not None and made.value in OPTIMIZERS and "training.optimizer" not in paths:
        found.append(Statement("training.optimizer", made.value, f"optimizer in {made.place}"))
    for name, one in declared.items():
        role = name if name == "epochs" else vocabulary.hyperparameters.get(name)
        role = None if role in OWN and role != "epochs" else role
        number = isinstance(one.value, int | float) and not isinstance(one.value, bool)
        if role is None or not number or {name, role} & known or f"training.{role}" in paths:
            continue
        if isinstance(one.value, int | float) and (
            one.value > 0 or (one.value == 0 and role not in POSITIVE)
        ):
            found.append(Statement(f"training.{role}", one.value, f"{one.flag} in {one.place}"))
    return found


def words_of(statements: Sequence[Statement]) -> str:
    """Say in a line where today's values come from; empty where from nowhere else."""
    if not statements:
        return ""
    flags = [(one.source.partition(" in ")[0], one.value) for one in statements]
    values = ", ".join(f"{flag} {value}" for flag, value in flags)
    script = statements[0].source.partition(" in ")[2].rpartition(":")[0]
    return f"Today's values by {script}, where you say no others: {values}."


def _defaults(text: str, path: Path) -> dict[str, Default]:
    from hpadvisor.readers.scripts.arguments import defaults_of

    try:
        return defaults_of(text, path)
    except UserError:
        return {}


def _unstopped(text: str, path: Path) -> int | None:
    """Return the line where trees are boosted to their full number; None where none surely are."""
    from hpadvisor.readers.scripts.boosting import unstopped_trees
    from hpadvisor.readers.scripts.source import parse_script

    try:
        return unstopped_trees(parse_script(text, path).module)
    except UserError:
        return None


def _text(path: Path) -> str | None:
    """Return a script's source; None where it cannot be read, or is too large."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _flags(arguments: Sequence[str]) -> dict[str, str]:
    """Return the flag of each placeholder that is the whole value of one."""
    found: dict[str, str] = {}
    for before, word in zip(["", *arguments], arguments, strict=False):
        glued, alone, flag = _GLUED.match(word), _ALONE.match(word), _FLAG.match(before)
        if glued is not None:
            found.setdefault(glued[2], glued[1])
        elif alone is not None and flag is not None:
            found.setdefault(alone[1], flag[1])
    return found
