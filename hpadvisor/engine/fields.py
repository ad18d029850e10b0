"""The fields of every kind of entry: one table for validation, JSON Schema and documentation."""

from __future__ import annotations

from typing import Any

from hpadvisor.facts.vocabulary import ACTIONS, DIAGNOSES, STRATEGIES, TOOLS, VERDICTS
from hpadvisor.records import Record


class Field(Record):
    """One field of an entry.

    Attributes:
        type: text, number, integer, bool, scalar, texts, scalars, mapping, object, objects,
            condition, examples or tiers.
        meaning: What it says, in a phrase.
        required: Whether it must be there.
        choices: The allowed values.
        fields: The fields of an object, or of each object of a list.
    """

    type: str
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    fields: dict[str, Field] | None = None


CITATION = {
    "cite": Field("text", "id of an entry of sources/", required=True),
    "locator": Field("text", "the part of the source: section, table, page"),
    "checked": Field("text", "year and month in which that part was re-read, as in 2026-11"),
}

COMMON: dict[str, Field] = {
    "id": Field("text", "unique over all files, never reused", required=True),
    "title": Field("text", "a short phrase", required=True),
    "status": Field("text", "maturity", choices=("preview", "stable", "deprecated")),
    "evidence": Field(
        "text", "M measured, P paper or official repository, F folk", choices=("M", "P", "F")
    ),
    "sources": Field("objects", "what it rests on, at least one", required=True, fields=CITATION),
    "chapters": Field("texts", "chapters of the starting guide that it carries"),
    "corrects": Field("text", "what of that guide it corrects"),
    "limits": Field("text", "where it does not hold"),
    "why": Field("text", "the reason, with numbers"),
    "when": Field("condition", "when it holds; always, where there is none"),
    "examples": Field("examples", "facts, and what the condition answers for them"),
}

_LEVELS = ("high", "medium", "low")

RECOMMENDATION = {
    "parameter": Field("text", "canonical hyperparameter", required=True),
    "action": Field("text", "what to do with it", required=True, choices=ACTIONS),
    "factor": Field("number", "what to multiply the present value by"),
    "value": Field("scalar", "what to set it to"),
    "low": Field("number", "low end of a range"),
    "high": Field("number", "high end of a range"),
    "scale": Field("text", "scale of the change", choices=("log", "linear")),
    "choices": Field("scalars", "values to choose from"),
    "message": Field("text", "what to say about it"),
}

PHASE = {
    "name": Field("text", "what the phase is for", required=True),
    "share": Field("number", "share of the trainings", required=True),
    "strategy": Field("text", "its strategy", required=True, choices=STRATEGIES),
}

POINTS = {
    "fact": Field("text", "the fact that is looked at", required=True),
    "below": Field("scalars", "rising limits", required=True),
    "points": Field("scalars", "points below each limit, and above all", required=True),
    "unknown": Field("number", "points where the fact is unknown"),
}

SUBJECTS = ("document", "training", "parameter", "entry")

EDITS = (
    "log-scale", "log-values", "number-with-dot", "float-limits", "drop-repeated-choice",
    "turn-direction", "drop-first", "quote", "drop-comment",
)  # fmt: skip

FIX = {
    "edit": Field("text", "the kind of edit", required=True, choices=EDITS),
    "safety": Field("text", "safe keeps what the file means", required=True,
                    choices=("safe", "unsafe")),
    "note": Field("text", "what changes by an unsafe edit"),
}  # fmt: skip

CASE = {
    "file": Field("text", "the name of the file", required=True),
    "wrong": Field("text", "content in which the rule is found", required=True),
    "right": Field("text", "content in which it is not", required=True),
    "at": Field("text", "line:column of the finding", required=True),
}

KINDS: dict[str, dict[str, Field]] = {
    "scores": {
        "fact": Field("text", "the fact that it defines, a probability", required=True),
        "meaning": Field("text", "what the probability is of", required=True),
        "start": Field("number", "the sum before any points", required=True),
        "points": Field("objects", "what each fact adds", required=True, fields=POINTS),
        "measured": Field("mapping", "how well it does; written by a benchmark"),
    },
    "rules": {
        "topic": Field(
            "text",
            "what it is about",
            required=True,
            choices=(
                "verdict", "diagnosis", "interaction", "pitfall", "stopping", "tool", "advice",
                "config", "space", "search", "curves",
            ),
        ),
        "applies_to": Field("texts", "commands that use it", required=True,
                            choices=("plan", "diagnose", "change", "check", "audit",
                                     "explain")),
        "severity": Field("text", "how bad it is", choices=("error", "warning", "note")),
        "impact": Field("text", "what the change is worth", choices=_LEVELS),
        "confidence": Field("text", "how well it is evidenced", choices=_LEVELS),
        "persona": Field("text", "who wants to hear it", choices=("default", "pedantic")),
        "diagnosis": Field("text", "what it diagnoses", choices=DIAGNOSES),
        "verdict": Field("text", "what it means for a plan", choices=VERDICTS),
        "tool": Field("text", "the tool it chooses", choices=TOOLS),
        "advice": Field("text", "what to do, imperative", required=True),
        "recommend": Field("objects", "changes, the first is done first", fields=RECOMMENDATION),
        "together": Field("bool", "whether the changes are made at once, not one after another"),
        "claims": Field(
            "mapping", "what its text says of the plan beside it; shown only where that is so"
        ),
        "trainings": Field("integer", "trainings that trying it costs"),
        "headline": Field("bool", "whether a person would name it before what a score says"),
        "after": Field("texts", "ids that come first"),
        "supersedes": Field("texts", "ids of findings that this one explains away"),
        "measured": Field("mapping", "how often it was right; written by a benchmark"),
        "milder": Field("condition", "where a warning is a note only"),
        "each": Field("text", "what check matches it against, once each", choices=SUBJECTS),
        "message": Field("text", "what is wrong here, facts in braces"),
        "at": Field("texts", "facts that a finding points at, the first that has a place"),
        "fix": Field("object", "the edit that mends it", fields=FIX),
        "cases": Field("objects", "files in which it is found and not found", fields=CASE),
    },
    "hyperparameters": {
        "type": Field("text", "type of its value", required=True,
                      choices=("float", "int", "categorical")),
        "scale": Field("text", "usual scale of a search", choices=("log", "linear")),
        "minimum": Field("number", "lowest value that makes sense"),
        "maximum": Field("number", "highest value that makes sense"),
        "off": Field("number", "the value that switches it off"),
        "choices": Field("scalars", "the values of a categorical"),
        "unit": Field("text", "unit of its value"),
        "group": Field(
            "text",
            "what it belongs to",
            required=True,
            choices=(
                "optimization", "schedule", "batch", "optimizer", "regularization", "capacity",
                "augmentation", "environment", "numerics", "abstract",
            ),
        ),
        "meaning": Field("text", "what it is", required=True),
        "aliases": Field("texts", "other names"),
        "find_start": Field("text", "how to find a start without a search"),
    },
    "trainings": {
        "meaning": Field("text", "what it covers", required=True),
        "aliases": Field("texts", "other names"),
        "assume": Field("mapping", "facts that are assumed where the user said nothing"),
        "if_pretrained": Field("text", "the kind that it is when its model is pretrained"),
    },
    "tiers": {
        "tiers": Field("tiers", "hyperparameters by tier", required=True),
        "measured": Field("mapping", "shares of the variance; written by a benchmark"),
    },
    "ranges": {
        "hyperparameter": Field("text", "canonical name", required=True),
        "low": Field("number", "low end"),
        "high": Field("number", "high end"),
        "scale": Field("text", "scale of the search", choices=("log", "linear")),
        "default": Field("scalar", "where to start", required=True),
        "choices": Field("scalars", "values to choose from, instead of low and high"),
        "off": Field("number", "the value that switches it off, a choice beside the range"),
    },
    "strategies": {
        "strategy": Field("text", "the search", required=True, choices=STRATEGIES),
        "tiers": Field("integer", "the last tier that is searched", required=True),
        "sampler": Field("mapping", "name, startup, startup_trials"),
        "prune": Field("bool", "whether bad trials are stopped early"),
        "prune_trainings": Field(
            "integer", "trainings after which no trial is stopped early any more; unstated: never"
        ),
        "phases": Field("objects", "shares of the trainings", fields=PHASE),
        "confirm": Field("mapping", "finalists, seeds, and baseline: 1 to make it a finalist"),
        "max_trainings": Field("integer", "trainings after which such a search ends"),
        "trials_per_dimension": Field(
            "integer", "trials wanted for each hyperparameter, 3 unless stated; 0 for no limit"
        ),
        "measured": Field("mapping", "regret and wins against a default search; by a benchmark"),
    },
    "pruners": {
        "pruner": Field("text", "the pruner", required=True, choices=("asha", "median", "none")),
        "settings": Field("mapping", "its settings"),
        "cost_fraction": Field("number", "expected cost of a trial, as share of a full training"),
    },
    "claims": {
        "claim": Field("text", "what is said", required=True),
        "phrases": Field("texts", "other wordings"),
        "holds": Field("text", "whether it is true", required=True,
                       choices=("yes", "partly", "no")),
        "answer": Field("text", "what is true, with numbers", required=True),
        "do_instead": Field("text", "what to do"),
    },
    "cases": {
        "setting": Field("text", "what was trained on what"),
        "rows": Field(
            "objects",
            "changes and their effects",
            fields={
                "change": Field("text", "the change", required=True),
                "effect": Field("text", "what it did", required=True),
            },
        ),
        "lesson": Field("text", "what follows", required=True),
        "caution": Field("text", "what does not follow"),
    },
    "metrics": {
        "better": Field("text", "which way is better", required=True,
                        choices=("higher", "lower", "either")),
        "family": Field("text", "what it is used for", required=True),
        "names": Field("texts", "whole words under which it is logged, joined by _",
                       required=True),
        "low": Field("number", "smallest value that it can take"),
        "high": Field("number", "largest value that it can take"),
        "percent": Field("bool", "whether it is often logged as a percentage"),
        "loss": Field("bool", "whether it may stand for the loss where none is logged"),
        "evaluated": Field("bool", "whether nobody computes it on batches of the training"),
        "order": Field("integer", "of several in one log the lowest is judged"),
    },
}  # fmt: skip
"""Fields of each kind of entry, beside :data:`COMMON`."""

BARE_KINDS: dict[str, dict[str, Field]] = {
    "sources": {
        "id": Field("text", "what entries cite", required=True),
        "title": Field("text", "title", required=True),
        "authors": Field("text", "authors"),
        "year": Field("integer", "year of publication"),
        "url": Field("text", "where it stands"),
        "kind": Field(
            "text",
            "what it is",
            required=True,
            choices=("paper", "documentation", "repository", "measurement", "guide"),
        ),
    },
    "chapters": {
        "id": Field("text", "what entries name", required=True),
        "title": Field("text", "title", required=True),
    },
}
"""Kinds that judge nothing and so carry none of the common fields."""


def fields_of(kind: str) -> dict[str, Field]:
    """Return every field of a kind of entry.

    Raises:
        KeyError: there is no such kind.
    """
    if kind in BARE_KINDS:
        return BARE_KINDS[kind]
    return COMMON | KINDS[kind]


READ_APART = ("formats", "roles")
"""Kinds in the same folders that have readers of their own: config formats, and names to roles."""

ALL_KINDS = (*KINDS, *BARE_KINDS)


def json_schema(fact_names: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a rules file, for editors.

    Args:
        fact_names: Names that conditions may use.
    """
    from hpadvisor.engine.conditions import OPERATORS

    leaf = {
        "type": "object",
        "properties": {"fact": {"enum": fact_names}, **{op: {} for op in OPERATORS}},
        "required": ["fact"],
        "additionalProperties": False,
        "minProperties": 2,
        "maxProperties": 2,
    }
    parts = {"type": "array", "items": {"$ref": "#/$defs/condition"}, "minItems": 1}
    condition = {
        "anyOf": [
            leaf,
            *(
                {"type": "object", "properties": {name: shape}, "required": [name],
                 "additionalProperties": False}
                for name, shape in (
                    ("all", parts), ("any", parts), ("not", {"$ref": "#/$defs/condition"}),
                )
            ),
        ]
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hpadvisor rules",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            kind: {"type": "array", "items": _object_schema(fields_of(kind))} for kind in ALL_KINDS
        }
        | {kind: {"type": "array", "items": {"type": "object"}} for kind in READ_APART},
        "$defs": {"condition": condition, "example": _example_schema(fact_names)},
    }


def _example_schema(fact_names: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "given": {
                "type": "object",
                "properties": {name: {} for name in fact_names},
                "additionalProperties": False,
            },
            "expect": {"enum": ["match", "no-match", "unknown"]},
        },
        "required": ["given", "expect"],
        "additionalProperties": False,
    }


def _object_schema(fields: dict[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _field_schema(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


_SCALAR = {"type": ["string", "number", "boolean"]}
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "bool": {"type": "boolean"},
    "scalar": _SCALAR,
    "texts": {"type": "array", "items": {"type": "string"}},
    "scalars": {"type": "array", "items": _SCALAR, "minItems": 1},
    "mapping": {"type": "object"},
    "condition": {"$ref": "#/$defs/condition"},
    "examples": {"type": "array", "items": {"$ref": "#/$defs/example"}},
    "tiers": {
        "type": "object",
        "patternProperties": {"^[1-5]$": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": False,
    },
}


def _field_schema(field: Field) -> dict[str, Any]:
    if field.fields is not None:
        item = _object_schema(field.fields)
        shape: dict[str, Any] = (
            {"type": "array", "items": item} if field.type == "objects" else item
        )
    else:
        shape = dict(_TYPES[field.type])
    if field.choices and field.type == "texts":
        shape["items"] = {"enum": list(field.choices)}
    elif field.choices:
        shape["enum"] = list(field.choices)
    return shape | {"description": field.meaning}
