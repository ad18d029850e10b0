"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hpadvisor.errors import UserError
from hpadvisor.report.terminal import say, write

RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules", help="Add the rules of a folder or file to those that ship.", metavar="DIR"
    ),
]


MappingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="Say what a column of a log is: val_loss=eval/nll.", metavar="ROLE=NAME"
    ),
]


class TextFormat(StrEnum):
    """Formats of commands that show texts."""

    TEXT = "text"
    JSON = "json"


class Engine(StrEnum):
    """Search engines that a search can be written for."""

    OPTUNA = "optuna"
    RAY = "ray"
    WANDB = "wandb"
    HYDRA_OPTUNA = "hydra-optuna"
    KATIB = "katib"
    SLURM = "slurm"
    HUGGINGFACE = "huggingface"
    SKLEARN = "sklearn"
    JSON = "json"
    CSV = "csv"


STANDALONE_HELP = "Write a script that needs no hpadvisor, but Optuna alone."


def column_mapping(given: list[str]) -> dict[str, str]:
    """Read the values of ``--map``: role to column name.

    Raises:
        UserError: a value is no ROLE=NAME.
    """
    mapping = {}
    for item in given:
        role, sign, name = item.partition("=")
        if not sign or not role or not name:
            raise UserError(
                f"'{item}' is no ROLE=NAME", path="--map", remedy="Such as val_loss=eval/nll."
            )
        mapping[role.strip()] = name.strip()
    return mapping


def write_emitted(text: str, engine: Engine, output: Path | None, *, force: bool) -> None:
    """Write an emitted search to a file, or to standard output where none is named.

    Raises:
        UserError: the file exists and ``force`` is off, or it cannot be written.
    """
    from hpadvisor.emit.engines import ENGINES
    from hpadvisor.writing import write_text

    if output is None:
        write(text, "code")
        return
    write_text(output, text, force=force)
    run = ENGINES[engine.value].run.replace("FILE", str(output))
    say(f"Wrote {output}. Run: {run}", error=True)


def print_json(document: Any) -> None:
    """Print a JSON document to standard output, stable and readable."""
    from hpadvisor.visible import json_text

    write(f"{json_text(document)}\n", "json")
