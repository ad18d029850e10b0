"""The diagnosis: a contract. Its JSON form is stable and versioned.

Plain records, because a diagnosis of a short log must not wait for heavier models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpadvisor.engine.entries import Recommendation
from hpadvisor.records import Record
from hpadvisor.showing import Showable

if TYPE_CHECKING:
    from hpadvisor.facts.curves.series import Curve

SCHEMA_VERSION = "1.0"


class Evidence(Record):
    """What a rule looked at: fact, operator, wanted value, found value, and where it is from."""

    fact: str
    op: str
    wanted: Any
    got: Any
    where: str


class CurveFinding(Record):
    """A rule that matched a run; ``confidence`` is a share of 1."""

    rule: str
    title: str
    diagnosis: str
    severity: str
    confidence: float
    message: str
    why: str
    evidence: list[Evidence]
    explained_by: str | None = None


class Advice(Recommendation):
    """A rule's change to one hyperparameter, in its place: priority 1 is done first."""

    priority: int = 1
    rule: str = ""


class OpenFact(Record):
    """A fact that nobody stated, the question that asks for it, and what it would decide."""

    fact: str
    question: str
    would_decide: list[str]


class Mark(Record):
    """A place of the run (a share, 0 to 1) and what is there."""

    at: float
    words: str


@dataclass(slots=True)
class RunDiagnosis:
    """What the curves of one training say.

    Attributes:
        source: File, and run within it where it holds several.
        columns: Role to column name.
        epochs_or_steps: Length of the run in units of its axis.
        verdict: A word of the vocabulary of diagnoses.
        confidence: How sure the verdict is, 0 to 1, calibrated by the clinic where it can be.
        findings: Rules that matched, the one that decides first.
        recommendations: Changes in the order in which to try them.
        unknown: Facts that would decide more.
        notes: How the log was read, what was repaired, what the curves cannot tell.
        reason: Why it cannot be judged, empty where it could.
        config: Hyperparameters found beside the log.
        curves: The cleaned curves, for drawing; not part of the JSON.
        marks: What to mark in a drawing, the best epoch first; not part of the JSON.
        best: Lowest validation (else training) loss that was logged, for comparisons.
        seen: What was logged, a line a curve, with the logged numbers; not part of the JSON.
        grounds: What the confidence of each rule is: ``score`` or ``measured`` (how often its
            change helped), or ``level`` (how well it is evidenced); not part of the JSON.
        logged: Optimizer and learning rate as the log or the config beside it says, each with who
            said so; not part of the JSON.
        span: First and last position in units of the axis; not part of the JSON.
        chances: Chance that each change of the clinic helps (``lr_x3`` …); not part of the JSON.
        along: What a drawing runs along where it is not the axis; not part of the JSON.
    """

    source: str
    columns: dict[str, str]
    epochs_or_steps: float
    verdict: str
    confidence: float
    findings: list[CurveFinding] = field(default_factory=list)
    recommendations: list[Advice] = field(default_factory=list)
    unknown: list[OpenFact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reason: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    best: float | None = None
    axis: str = "row"
    span: tuple[float, float] = (0.0, 1.0)
    along: str = ""
    chances: dict[str, float] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    grounds: dict[str, str] = field(default_factory=dict)
    logged: dict[str, tuple[Any, str]] = field(default_factory=dict)

    @property
    def judged(self) -> bool:
        """Whether a verdict was possible."""
        return self.verdict != "cannot_judge"


@dataclass(slots=True, repr=False)
class Diagnosis(Showable):
    """All runs, what their comparison says, and the command that follows."""

    runs: list[RunDiagnosis]
    comparison: list[str] = field(default_factory=list)
    next: str = ""
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """The contract: plain data, numbers finite."""
        return {
            "schema_version": self.schema_version,
            "runs": [_run_json(run) for run in self.runs],
            "comparison": self.comparison,
            "next": self.next,
        }


def _run_json(run: RunDiagnosis) -> dict[str, Any]:
    return {
        "source": run.source,
        "columns": run.columns,
        "epochs_or_steps": finite(run.epochs_or_steps),
        "axis": run.axis,
        "verdict": run.verdict,
        "confidence": round(run.confidence, 3),
        "reason": run.reason,
        "findings": [_plain(finding) for finding in run.findings],
        "recommendations": [_advice_json(item) for item in run.recommendations],
        "unknown": [_plain(item) for item in run.unknown],
        "notes": run.notes,
    }


def _advice_json(item: Advice) -> dict[str, Any]:
    return {**_plain(item), "choices": _plain(item.choices) or None}


def _plain(item: Any) -> Any:
    """Records to mappings, deeply; what is not finite becomes a text."""
    if isinstance(item, Record):
        return {name: _plain(getattr(item, name)) for name in item.record_fields}
    if isinstance(item, (list, tuple)):
        return [_plain(each) for each in item]
    return finite(item)


def finite(value: Any) -> Any:
    """Round a float for JSON; NaN and infinity as texts, which strict readers accept."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return float(f"{value:.6g}")
    return value


_NUMBER = {"type": ["number", "null"]}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def diagnosis_schema() -> dict[str, Any]:
    """The published JSON Schema of ``diagnose --format json``."""
    from hpadvisor.facts.vocabulary import ACTIONS, DIAGNOSES

    evidence = _object({"fact": _TEXT, "op": _TEXT, "wanted": {}, "got": {}, "where": _TEXT})
    finding = _object({
        "rule": _TEXT, "title": _TEXT, "diagnosis": _TEXT,
        "severity": {"enum": ["error", "warning", "note"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "message": _TEXT, "why": _TEXT, "evidence": {"type": "array", "items": evidence},
        "explained_by": {"type": ["string", "null"]},
    })  # fmt: skip
    advice = _object({
        "parameter": _TEXT, "action": {"enum": list(ACTIONS)}, "factor": _NUMBER, "value": {},
        "low": _NUMBER, "high": _NUMBER, "scale": {"enum": ["log", "linear", None]},
        "choices": {"type": ["array", "null"]}, "priority": {"type": "integer", "minimum": 1},
        "rule": _TEXT, "message": _TEXT,
    })  # fmt: skip
    unknown = _object({"fact": _TEXT, "question": _TEXT, "would_decide": _TEXTS})
    run = _object({
        "source": _TEXT,
        "columns": {"type": "object", "additionalProperties": _TEXT},
        "epochs_or_steps": {"type": "number"},
        "axis": {"enum": ["epoch", "step", "row"]},
        "verdict": {"enum": list(DIAGNOSES)},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "reason": _TEXT,
        "findings": {"type": "array", "items": finding},
        "recommendations": {"type": "array", "items": advice},
        "unknown": {"type": "array", "items": unknown},
        "notes": _TEXTS,
    })  # fmt: skip
    document = _object({
        "schema_version": {"const": SCHEMA_VERSION},
        "runs": {"type": "array", "items": run}, "comparison": _TEXTS, "next": _TEXT,
    })  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hpadvisor diagnosis",
        **document,
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
