"""Options that several commands share."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules", help="Add the rules of a folder or file to those that ship.", metavar="DIR"
    ),
]


class TextFormat(StrEnum):
    """Formats of commands that show texts."""

    TEXT = "text"
    JSON = "json"


def print_json(document: Any) -> None:
    """Print a JSON document to standard output, stable and readable."""
    import json

    json.dump(document, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")
