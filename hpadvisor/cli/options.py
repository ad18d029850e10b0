"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from hpadvisor.errors import UserError
from hpadvisor.report.terminal import Form, say, write

if TYPE_CHECKING:
    from hpadvisor.report.html.document import Document

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


OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="Where to write it.", metavar="FILE")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]


class RememberingCommand(TyperCommand):
    """A command that remembers its words, to say how it is called again."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words as they were typed."""
        ctx.meta["words"] = list(args)
        return super().parse_args(ctx, args)


class TextFormat(StrEnum):
    """Formats of commands that show texts."""

    TEXT = "text"
    JSON = "json"


class PageFormat(StrEnum):
    """Formats of commands that show texts or a page for a browser."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


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
    from shlex import quote

    from hpadvisor.emit.engines import ENGINES
    from hpadvisor.writing import write_text

    if output is None:
        write(text, "code")
        return
    write_text(output, text, force=force)
    run = ENGINES[engine.value].run.replace("FILE", quote(str(output)))
    say(f"Wrote {output}. Run: {run}", error=True)


def deliver(text: str, form: Form, output: Path | None, *, force: bool) -> None:
    """Write a result to a file, or to standard output where none is named.

    Raises:
        UserError: the file exists and ``force`` is off, or it cannot be written.
    """
    from hpadvisor.writing import write_text

    text = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        write(text, form)
        return
    write_text(output, text, force=force)
    say(f"Wrote {output}.", error=True)


def page_of(documents: Sequence[Document], output: Path | None) -> str:
    """Return the HTML page of documents.

    Raises:
        UserError: the page would go to a terminal, or the extra ``html`` is not installed.
    """
    from hpadvisor.report.html.rendering import html_page

    if output is None and sys.stdout.isatty():
        raise UserError(
            "a page is for a browser, not for a terminal",
            path="--format html",
            remedy="Name a file: -o page.html.",
        )
    return html_page(documents)


def print_json(document: Any) -> None:
    """Print a JSON document to standard output, stable and readable."""
    from hpadvisor.visible import json_text

    write(f"{json_text(document)}\n", "json")
