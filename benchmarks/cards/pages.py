"""What a plan's page must not do: say a thing twice, speak of what a kind has not, lose a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hpadvisor.planning.model import Plan
from hpadvisor.report.plan_text import render_text


def said_twice(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A page says no sentence twice."""
    text = " ".join(render_text(plan, width=10_000).split())
    sentences = Counter(
        part.strip(" •") for part in re.split(r"(?<=[.!?])\s", text) if len(part.split()) > 4
    )
    for sentence, times in sentences.items():
        if times > 1:
            yield f"{times} times '{sentence[:80]}'"


TREES = frozenset({"gradient-boosting", "random-forest"})
CLASSICAL = TREES | {"svm", "k-nearest-neighbors", "linear-model"}
AGENTS = frozenset({"ppo", "sac", "dqn"})
FOREIGN: tuple[tuple[frozenset[str], str], ...] = (
    (CLASSICAL, r"\b(?:epochs?|[Dd]ropout|warm(?:up|ed)|[Cc]osine (?:decay|schedule)"
                r"|learning rate schedule|fp16|bf16|checkpoints?|gradient clipping"
                r"|[Cc]lip gradients|pretrained weights|layers)\b"),
    (TREES, r"\b(?:[Ss]tandardise|weight decay|batch size|momentum)\b"),
    (AGENTS, r"\b(?:epochs? of training|validation loss|label smoothing|folds?|[Aa]ugment\w*"
             r"|training examples|class(?:es)?)\b"),
    (frozenset({"llm-pretraining"}), r"\b(?:folds?|mixup|label smoothing|[Aa]ugment\w*)\b"),
    (
        frozenset({"gnn", "recommendation", "time-series", "tabular-mlp"}),
        r"\b(?:crops|flips|mixup)\b",
    ),
)  # fmt: skip
"""Kinds of training, and words that have no meaning for them."""


def foreign_words(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A page speaks of nothing that its kind of training does not have."""
    stated = plan.situation.get("training.kind")
    kind = None if stated is None else stated.value
    told_words = str(told).casefold()
    text = render_text(plan, width=10_000)
    for kinds, pattern in FOREIGN:
        for match in re.finditer(pattern, text) if kind in kinds else ():
            stem = match[0].casefold().rstrip("s").replace(" ", "_")
            if stem not in told_words:
                yield f"{kind}: '{text[max(0, match.start() - 60) : match.end() + 30]!r}'"
                return


def lost_names(told: dict[str, Any], plan: Plan) -> Iterator[str]:
    """A hyperparameter of the user's own is searched, held with a reason, or fixed, never lost."""
    own = [item["name"] for item in told.get("hyperparameters", ())]
    if not own or not plan.search_steps:
        return
    searched = {item.name for step in plan.search_steps for item in step.parameters}
    held = {item.name for item in plan.held_fixed}
    for name in own:
        if name not in searched | held:
            yield f"{name} is neither searched nor held"
