"""The published JSON Schemas of the contracts, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMAS = ("situation", "plan", "diagnosis", "audit", "rules", "check")
"""What has a published schema."""


def schema(name: str, rules: Sequence[str | Path] = ()) -> dict[str, Any]:
    """Return a schema; the same under every version of pydantic.

    Args:
        name: One of :data:`SCHEMAS`.
        rules: Folders or files of rules, whose names the schemas of files that people write take.

    Raises:
        UserError: the rules are wrong.
    """
    plain: dict[str, Any] = _without_defaults(_schema(name, rules))
    return plain


def _without_defaults(value: Any) -> Any:
    """Leave out what a JSON Schema means anyway, and newer versions of pydantic write."""
    if isinstance(value, dict):
        return {
            key: _without_defaults(item)
            for key, item in value.items()
            if (key, item) != ("additionalProperties", True)
        }
    return [_without_defaults(item) for item in value] if isinstance(value, list) else value


def _schema(name: str, rules: Sequence[str | Path]) -> dict[str, Any]:
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
