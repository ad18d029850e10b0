"""The chances that changes help, from facts of the kind that they were measured on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from hpadvisor.engine.entries import Score
from hpadvisor.engine.scoring import add_scores
from hpadvisor.facts.facts import Facts

FEWEST_EVALUATIONS = 5
"""Fewer validation losses have no shape; then training is judged alone."""

_KNOWN_FAMILIES: Final = ("classification",)
"""The trainings that the scores were fitted to log an accuracy; other scores have other scales."""


def with_scores(facts: Facts, scores: Sequence[Score]) -> Facts:
    """Return the facts with the chance that each change helps, and that some change does.

    Args:
        facts: Everything that is known of the run.
        scores: The score tables.
    """
    fitted = _fitted(facts)
    scored = add_scores(scores, fitted)
    chances = [float(fact.value) for fact in scored if fact.name.startswith("score.")]
    if chances:
        none_helps = math.prod(1 - chance for chance in chances)
        scored.put("curve.change_helps", 1 - none_helps, "computed from all scores")
        healthy = [score for score in scores if score.fact == "score.healthy"]
        scored = add_scores(healthy, scored)
    completed = facts.copy()
    for fact in scored:
        completed.put(fact.name, fact.value, fact.source)
    return completed


def _fitted(facts: Facts) -> Facts:
    """The facts that the scores may look at."""
    left_out = [
        f"curve.{role}."
        for role in ("train_metric", "val_metric")
        if facts.get(f"curve.{role}.family", _KNOWN_FAMILIES[0]) not in _KNOWN_FAMILIES
    ]
    if facts.get("curve.val_loss.points", FEWEST_EVALUATIONS) < FEWEST_EVALUATIONS:
        left_out += ["curve.val_loss.", "curve.gap."]
    if not left_out:
        return facts
    return Facts({fact.name: fact for fact in facts if not fact.name.startswith(tuple(left_out))})
