"""A plan for programs: JSON by the exported schema, and the same as YAML."""

from __future__ import annotations

from typing import Any

from hpadvisor.planning.model import Plan
from hpadvisor.visible import json_text, yaml_text


def render_json(plan: Plan) -> str:
    """Return the plan as JSON, indented, keys in the order of the model."""
    return json_text(plan.model_dump(mode="json"))


def render_yaml(plan: Plan, *, escaped: bool = False) -> str:
    """Return the same document as YAML, in ASCII where that is asked for."""
    return yaml_text(plan.model_dump(mode="json"), escaped=escaped)


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a plan."""
    schema = Plan.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
