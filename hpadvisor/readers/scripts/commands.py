"""Settings of a command line in a shell script, and of files of ``key = value`` lines.

A script that starts trainings (``python train.py --lr 0.1``, ``torchrun``, ``fairseq-train``) says
as flags what a config says as keys. It is read by its words and never run; variables that it sets
itself are filled in, and of several commands only what they agree on is believed: a flag that one
call of a program has and another lacks is nobody's. Commands that only evaluate are passed over.
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
_SET: Final = re.compile(
    r"^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)\s*(?:[;#].*)?$"
)
_QUOTED: Final = re.compile(r"(?m)^(\s*(?:export\s+)?[A-Za-z_]\w*=)(\"[^\"]*\"|'[^']*')\s*$")
_HERE: Final = re.compile(
    r"(?m)^\s*read\s+(?:-\w+\s+)*(?:''\s+)?([A-Za-z_]\w*)\s*<<-?\s*['\"]?(\w+)['\"]?\n([\s\S]*?)\n\2$"
)
_PROGRAM: Final = re.compile(r"[\w.-]+\.py$|^fairseq-[\w-]+$|^[a-z_]+(?:\.\w+)+$")
_NO_TRAINING: Final = re.compile(
    r"(?:^|[_\W])(?:eval|evaluate|evaluation|validate|validation|test|predict|prediction|infer|inference|generate"
    r"|generation|preprocess|prepare|download|convert|export|score|interactive|tokenize|demo|plot"
    r"|sample|merge|visuali[sz]e)(?:$|[_\W])"
)
"""Words in a program's name that tell of no training, where none of ``train`` stands beside."""
_ONLY_EVALUATES: Final = frozenset({
    "eval", "evaluate", "eval_only", "test_only", "evaluate_only", "only_eval", "test",
    "only_test", "do_not_train", "predict", "inference",
})  # fmt: skip
"""Flags without a value by which a training program only evaluates."""
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
    of_programs: dict[str, set[str]] = {}
    for command in _commands(text[:MOST]):
        flags = dict(_flags(command))
        program = _program(command)
        if not _trains(program, flags):
            continue
        for name, value in flags.items():
            if agreed.setdefault(name, value) != value:
                unlike.add(name)
        # A call that names hardly anything takes its settings from elsewhere, and denies none.
        if len(flags) >= _FEWEST:
            unlike |= of_programs.setdefault(program, set(flags)) ^ set(flags)
    return {name: value for name, value in agreed.items() if name not in unlike}


_FEWEST: Final = 3


def _program(words: list[str]) -> str:
    """Return the program that a command starts: ``train.py``, or the module behind ``-m``."""
    found = (word.rsplit("/", 1)[-1] for word in words if _PROGRAM.search(word.rsplit("/", 1)[-1]))
    return next(found, "")


def _trains(program: str, flags: dict[str, str]) -> bool:
    name = program.removesuffix(".py").casefold()
    if _NO_TRAINING.search(name) and "train" not in name:
        return False
    lone = {flag.casefold() for flag, value in flags.items() if value == YES}
    return not lone & _ONLY_EVALUATES or bool({"do_train", "train"} & lone)


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
    joined = re.sub(r"\\\r?\n", " ", text)
    joined = _HERE.sub(lambda found: f"{found[1]}='{' '.join(found[3].split())}'", joined)
    joined = _QUOTED.sub(lambda found: " ".join(found[0].split("\n")), joined)
    for line in joined.splitlines():
        assigned = _SET.match(line)
        if assigned:
            values[assigned[1]] = _filled(assigned[2].strip("\"'"), values)
            continue
        filled = _filled(line, values)
        if _STARTS.search(filled) and not line.lstrip().startswith("#"):
            try:
                yield shlex.split(filled, comments=True)
            except ValueError:
                continue  # quotes that go on in another line


def _filled(text: str, values: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return values.get(found[1] or found[3], found[2] or found[0])

    return _VARIABLE.sub(value, text)


_OTHER_PARTS: Final = frozenset({
    "eval", "val", "valid", "validation", "test", "logger", "log", "ckpt", "checkpoint", "data",
    "critic", "reward", "ref", "rollout", "vllm",
})  # fmt: skip
"""Parts of dotted flags (``--eval.steps``) that say nothing of the training."""
YES: Final = "True"
"""What a flag without a value says."""


def _flags(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield ``--name value``, ``--name=value`` and ``name=value``; a flag alone says yes."""
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        if word.startswith("-") and as_number(word) is None:
            name, joined, value = word.lstrip("-").partition("=")
            *parts, name = name.split(".")
            if not _OTHER_PARTS.isdisjoint(parts):
                continue
            if parts and parts[-1] == "lora":
                name = f"lora_{name}"
            follows = not following.startswith("-") or as_number(following) is not None
            if not joined:
                value = following if following and follows else YES
        else:
            pair = _PAIR.match(word)
            name, value = (pair[1].rsplit(".", 1)[-1], pair[2]) if pair else ("", "")
        if name and value and "$" not in value:
            yield name.replace("-", "_"), value
