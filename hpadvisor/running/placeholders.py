"""A training command with placeholders, filled for one trial; no shell is ever involved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpadvisor.errors import UserError, nearest

OWN = ("seed", "epochs", "trial", "trial_dir", "config", "gpu")
"""Placeholders that the run itself fills; all others are hyperparameters."""

_PLACE = re.compile(r"\{\{([A-Za-z_][\w./-]*)\}\}|\{([A-Za-z_][\w./-]*)\}")


@dataclass(frozen=True)
class CommandLine:
    """A command as a list of arguments, some with ``{name}`` in them.

    ``{{name}}`` stands for a literal ``{name}``; braces around anything else, as in JSON, stay
    as they are.
    """

    arguments: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Every placeholder once, in order."""
        found = (match[1] for text in self.arguments for match in _PLACE.findall(text))
        return list(dict.fromkeys(name for name in found if name))

    @property
    def hyperparameters(self) -> list[str]:
        """The placeholders that are hyperparameters."""
        return [name for name in self.names if name not in OWN]

    def fill(self, values: Mapping[str, object]) -> list[str]:
        """Return the arguments with each placeholder replaced.

        Raises:
            KeyError: a placeholder has no value.
        """
        return [
            _PLACE.sub(lambda m: f"{{{m[1]}}}" if m[1] else text_of(values[m[2]]), argument)
            for argument in self.arguments
        ]


def command_line(arguments: Sequence[str]) -> CommandLine:
    """Read a command.

    Raises:
        UserError: there is none.
    """
    if not arguments:
        raise UserError(
            "no command to run",
            path="run",
            remedy="Put it behind --: hpadvisor run … -- python train.py --lr {learning_rate}",
        )
    return CommandLine(tuple(arguments))


def check_names(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse placeholders that nobody can fill.

    Args:
        names: Placeholders of a command that are hyperparameters.
        known: Every hyperparameter's canonical name, and the user's own names.

    Raises:
        UserError: a name is not known; it names the nearest one.
    """
    known = [*known]
    for name in names:
        if name not in known:
            hint = nearest(name, [*known, *OWN]) or "hpadvisor explain lists hyperparameters."
            raise UserError(
                f"{{{name}}} is no hyperparameter that is known",
                path="command",
                remedy=f"{hint} A name of your own stands in the situation: "
                f"hyperparameters: [{{name: {name}, role: …, low: …, high: …}}]",
            )


def text_of(value: object) -> str:
    """Return a value as an argument: whole floats keep their point, the shortest exact form."""
    return repr(value) if isinstance(value, float) else str(value)
