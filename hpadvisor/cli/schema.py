"""``hpadvisor schema``: the published JSON Schemas of the contracts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hpadvisor.cli.options import ForceOption, OutputOption, RulesOption, deliver


class SchemaName(StrEnum):
    """What has a published schema."""

    SITUATION = "situation"
    PLAN = "plan"
    DIAGNOSIS = "diagnosis"
    AUDIT = "audit"
    RULES = "rules"
    CHECK = "check"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="What the schema describes.")],
    rules: RulesOption = None,
    output: OutputOption = None,
    force: ForceOption = False,
) -> None:
    """Print or write a schema."""
    from hpadvisor.report.schemas import schema as of_name
    from hpadvisor.visible import json_text

    deliver(json_text(of_name(name.value, rules or [])), "json", output, force=force)
