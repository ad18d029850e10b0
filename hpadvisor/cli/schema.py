"""``hpadvisor schema``: the published JSON Schemas of the contracts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from hpadvisor.cli.options import RulesOption, print_json

HELP = "Print the JSON Schema of a situation file, of a plan, of an audit, or of a rules file."


class SchemaName(StrEnum):
    """What has a published schema."""

    SITUATION = "situation"
    PLAN = "plan"
    AUDIT = "audit"
    RULES = "rules"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="What the schema describes.")],
    rules: RulesOption = None,
) -> None:
    """Print a schema."""
    print_json(_schema(name, rules))


def _schema(name: SchemaName, rules: RulesOption) -> dict[str, Any]:
    if name is SchemaName.PLAN:
        from hpadvisor.planning.model import Plan

        return Plan.model_json_schema()
    if name is SchemaName.AUDIT:
        from hpadvisor.planning.searches.model import Audit

        return Audit.model_json_schema(mode="serialization")
    from hpadvisor.engine.fields import json_schema
    from hpadvisor.engine.loading import load_knowledge

    knowledge = load_knowledge(rules or [])
    if name is SchemaName.RULES:
        return json_schema(knowledge.registry.names())
    from hpadvisor.facts.situation_schema import situation_schema

    return situation_schema(knowledge.vocabulary())
