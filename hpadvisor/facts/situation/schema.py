"""The JSON Schema of a situation file, with the names that come with the rules."""

from __future__ import annotations

from typing import Any

from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.vocabulary import Vocabulary


def situation_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the schema: the model's, with kinds and hyperparameters of the vocabulary."""
    schema = Situation.model_json_schema()
    training = schema["$defs"]["Training"]
    properties = training["properties"]
    properties["kind"] = {
        "enum": sorted({*vocabulary.kinds}),
        "description": "kind of training",
    }
    for name, kind in vocabulary.types.items():
        if name in properties:
            continue
        shape: dict[str, Any] = {"type": ["number", "string", "null"]}
        if kind.type == "categorical":
            shape = {"enum": list(kind.choices)} if kind.choices else {"type": "string"}
        properties[name] = shape
    training["additionalProperties"] = False
    for section in schema["properties"].values():
        # A section whose keys are all marked as comments is empty. Older pydantic wraps the name.
        wrapped = section.pop("allOf", [{}])
        target = section.pop("$ref", None) or wrapped[0].get("$ref")
        if target is not None:
            section["anyOf"] = [{"$ref": target}, {"type": "null"}]
    schema["title"] = "hpadvisor situation"
    return schema
