"""Small helpers of the tests: rules and situations as text, and where a mistake stands."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.errors import UserError, UserErrors
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.reading import build_situation
from hpadvisor.facts.situation.statements import read_statements
from hpadvisor.planning.understanding import understand

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {path.stem: path for path in sorted((ROOT / "hpadvisor/examples").glob("*.yaml"))}
SITUATIONS = {path.stem: path for path in sorted((ROOT / "tests/situations").glob("*.yaml"))}

MARK = "# HERE"
"""Stands in a text behind the line that a message must name."""

VOCABULARY = """\
sources:
  - {id: book, title: A book, kind: guide}
chapters:
  - {id: log-scale, title: Log scale or linear scale}
hyperparameters:
  - {id: learning_rate, title: Learning rate, type: float, scale: log, group: optimization,
     meaning: The size of a step, aliases: [lr], evidence: F, sources: [{cite: book}]}
  - {id: dropout, title: Dropout, type: float, group: regularization, minimum: 0, maximum: 1,
     meaning: Share of units that are dropped, evidence: F, sources: [{cite: book}]}
trainings:
  - {id: lora, title: Adapters, meaning: Small matrices, evidence: F, sources: [{cite: book}]}
  - {id: ppo, title: Agents, meaning: Rollouts, evidence: F, sources: [{cite: book}]}
"""
"""The least that rules of a test can refer to."""


def marked_line(text: str) -> int:
    """Return the one-based line that carries the mark."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if MARK in line)


def load_text(folder: Path, text: str, vocabulary: str = VOCABULARY) -> Knowledge:
    """Load rules of a test, without those that ship."""
    (folder / "a_vocabulary.yaml").write_text(vocabulary)
    (folder / "own.yaml").write_text(textwrap.dedent(text))
    return load_knowledge([folder], builtin=False)


def errors_of(folder: Path, text: str, vocabulary: str = VOCABULARY) -> list[UserError]:
    """Return every error of rules that must not load."""
    with pytest.raises(UserError) as raised:
        load_text(folder, text, vocabulary)
    error = raised.value
    return error.errors if isinstance(error, UserErrors) else [error]


def rule_text(rule_id: str = "ADV001", **changes: str) -> str:
    """Return a sound rule as YAML, with some of its fields replaced; an empty text drops one."""
    fields = {
        "title": "A rule",
        "topic": "advice",
        "applies_to": "[plan]",
        "evidence": "F",
        "advice": "Do it.",
        "when": "{fact: training.kind, eq: lora}",
        "sources": "[{cite: book}]",
        "examples": "[{given: {training.kind: lora}, expect: match}, "
        "{given: {training.kind: ppo}, expect: no-match}]",
    }
    lines = [f"{name}: {value}" for name, value in (fields | changes).items() if value]
    return "\n    ".join([f"  - id: {rule_id}", *lines]) + "\n"


def situation_facts_of(path: Path, knowledge: Knowledge) -> Facts:
    """Return everything that is known of a situation file."""
    situation, provenance = build_situation(read_statements(path), knowledge.vocabulary())
    return understand(situation, provenance, knowledge)


def offenders(found: Sequence[Any]) -> str:
    """Return a message that names each offender on a line of its own."""
    return "\n".join(["", *(f"  {item}" for item in found)])


def load_module(path: Path, name: str) -> ModuleType:
    """Import a file under a name, without making it known to other imports."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
