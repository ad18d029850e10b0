"""Every entry's own examples, one test each: ``pytest -k DIA001`` runs those of one entry."""

from __future__ import annotations

import pytest

from hpadvisor.engine.entries import Entry, Example
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.matching import run_example
from hpadvisor.errors import UserError


def _knowledge() -> Knowledge | None:
    """Return the shipped rules; None where they do not load, which one test then says."""
    try:
        return load_knowledge()
    except UserError:
        return None


def _examples() -> list[object]:
    knowledge = _knowledge()
    found: list[object] = []
    for entry in knowledge.entries() if knowledge else ():
        for index, example in enumerate(entry.examples):
            name = f"{entry.id}-{index}-{example.expect}"
            found.append(pytest.param(entry, example, id=name))
    return found


def test_the_shipped_rules_load() -> None:
    assert list(load_knowledge().entries())


@pytest.mark.parametrize(("entry", "example"), _examples())
def test_example(entry: Entry, example: Example) -> None:
    got = run_example(entry, example)
    assert got == example.expect, f"{entry.path}:{example.line}: {example.given} gives {got}"
