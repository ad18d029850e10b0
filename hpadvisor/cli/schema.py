"""``hpadvisor schema``: the published JSON Schemas of the contracts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from hpadvisor.cli.options import RulesOption, print_json

HELP = "Print a JSON Schema: of a situation, plan, diagnosis, audit, check, or rules file."


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
) -> None:
    """Print a schema."""
    print_json(_schema(name, rules))


def _schema(name: SchemaName, rules: RulesOption) -> dict[str, Any]:
    if name is SchemaName.PLAN:
        from hpadvisor.report.plan_json import plan_schema

        return plan_schema()
    if name is SchemaName.DIAGNOSIS:
        from hpadvisor.diagnosing.model import diagnosis_schema

        return diagnosis_schema()
    if name is SchemaName.AUDIT:
        from hpadvisor.auditing.model import Audit

        return Audit.model_json_schema(mode="serialization")
    if name is SchemaName.CHECK:
        from hpadvisor.report.check.machines import json_schema as check_schema

        return check_schema()
    from hpadvisor.engine.fields import json_schema
    from hpadvisor.engine.loading import load_knowledge

    knowledge = load_knowledge(rules or [])
    if name is SchemaName.RULES:
        return json_schema(knowledge.registry.names())
    from hpadvisor.facts.situation.schema import situation_schema

    return situation_schema(knowledge.vocabulary())
