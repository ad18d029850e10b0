"""The published JSON Schemas of the contracts, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMAS = ("situation", "plan", "diagnosis", "audit", "rules", "check")
"""What has a published schema."""


def schema(name: str, rules: Sequence[str | Path] = ()) -> dict[str, Any]:
    """Return a schema.

    Args:
        name: One of :data:`SCHEMAS`.
        rules: Folders or files of rules, whose names the schemas of files that people write take.

    Raises:
        UserError: the rules are wrong.
    """
    if name == "plan":
        from hpadvisor.report.plan_json import plan_schema

        return plan_schema()
    if name == "diagnosis":
        from hpadvisor.diagnosing.model import diagnosis_schema

        return diagnosis_schema()
    if name == "audit":
        from hpadvisor.auditing.model import Audit

        return Audit.model_json_schema(mode="serialization")
    if name == "check":
        from hpadvisor.report.check.machines import json_schema as check_schema

        return check_schema()
    from hpadvisor.engine.fields import json_schema
    from hpadvisor.engine.loading import load_knowledge

    knowledge = load_knowledge(rules)
    if name == "rules":
        return json_schema(knowledge.registry.names())
    from hpadvisor.facts.situation.schema import situation_schema

    return situation_schema(knowledge.vocabulary())
