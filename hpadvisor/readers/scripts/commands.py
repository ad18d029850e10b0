"""Settings of a command line in a shell script, and of files of ``key = value`` lines.

A script that starts trainings (``python train.py --lr 0.1``, ``torchrun``, ``fairseq-train``) says
as flags what a config says as keys. It is read by its words and never run; variables that it sets
itself are filled in, and of several commands only what they agree on is believed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hpadvisor.readers.scalars import as_number

SHELL: Final = frozenset({".sh", ".bash", ".slurm", ".sbatch", ".pbs"})
"""Endings of scripts whose commands are read."""
LINES: Final = frozenset({".conf", ".cfg", ".ini", ".properties"})
"""Endings of files that may hold ``key = value`` lines."""
_STARTS: Final = re.compile(
    r"(?:^|[\s/])(?:python[\d.]*|torchrun|accelerate|deepspeed|fairseq-\w+|fairseq-hydra-train|srun"
    r"|mpirun|horovodrun|llamafactory-cli|swift|axolotl|tune|litgpt|yolo|t2t-trainer|onmt_train"
    r"|lightgbm|xgboost|colossalai|bpython|uv)\b"
)
_SET: Final = re.compile(r"^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=(\S*)\s*(?:[;#].*)?$")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")
_PAIR: Final = re.compile(r"^\+{0,2}([A-Za-z_][\w.]*)=(.+)$")
_LINE: Final = re.compile(r"^\s*([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*(?:[#;].*)?$")
_WORD: Final = re.compile(r"^[A-Za-z_]\w*$")
MOST: Final = 400_000
"""Characters that are read."""


def read_flags(text: str, path: str | Path) -> dict[str, str]:
    """Return the settings of a shell script or of a file of ``key = value`` lines.

    Args:
        text: The file's text.
        path: Its name; the ending says which of the two it is.

    Returns:
        Names without dashes, and their values as texts; empty where it starts no training.
    """
    if Path(path).suffix.lower() in LINES:
        return dict(_lines(text[:MOST]))
    agreed: dict[str, str] = {}
    unlike: set[str] = set()
    for command in _commands(text[:MOST]):
        for name, value in _flags(command):
            if agreed.setdefault(name, value) != value:
                unlike.add(name)
    return {name: value for name, value in agreed.items() if name not in unlike}


def as_echo(flags: dict[str, str]) -> str:
    """Return settings as programs print them: ``Namespace(lr=0.1, epochs=3)``."""
    held = (f"{name}={_literal(value)}" for name, value in flags.items() if _WORD.match(name))
    return f"Namespace({', '.join(held)})"


def _literal(value: str) -> str:
    number = as_number(value)
    if number is not None:
        return repr(number)
    return value.title() if value.casefold() in ("true", "false") else repr(value)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and found[2]:
            yield found[1].replace("-", "_"), found[2].strip("\"'")


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command that starts a program, with the script's own variables."""
    values: dict[str, str] = {}
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        assigned = _SET.match(line)
        if assigned:
            values[assigned[1]] = _filled(assigned[2].strip("\"'"), values)
        elif _STARTS.search(line) and not line.lstrip().startswith("#"):
            try:
                yield shlex.split(_filled(line, values), comments=True)
            except ValueError:
                continue  # quotes that go on in another line


def _filled(text: str, values: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return values.get(found[1] or found[3], found[2] or found[0])

    return _VARIABLE.sub(value, text)


def _flags(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield ``--name value``, ``--name=value`` and ``name=value``; a flag alone says nothing."""
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        if word.startswith("-") and as_number(word) is None:
            name, joined, value = word.lstrip("-").partition("=")
            if not joined and (not following.startswith("-") or as_number(following) is not None):
                value = following
        else:
            pair = _PAIR.match(word)
            name, value = (pair[1].rsplit(".", 1)[-1], pair[2]) if pair else ("", "")
        if name and value and "$" not in value:
            yield name.replace("-", "_"), value
