"""Words of a plan that fit its kind: a model without chance in it has splits, and no seeds."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from hpadvisor.planning.model import Plan, Step

WITHOUT_SEEDS = frozenset({"svm", "k-nearest-neighbors", "linear-model"})
"""Kinds whose training draws nothing at random: trained again on the same rows, they are the same
model. What varies is the split of the data (scikit-learn user guide, controlling randomness)."""

_SEED = re.compile(r"\b([Ss])eed(s?)\b")
_TOLD = frozenset({"situation", "hyperparameters", "objective", "baseline", "starts", "sampler"})
"""Fields that hold what the user told and what programs read: no text of ours."""


def in_words_of_kind(plan: Plan) -> Plan:
    """Return a plan whose texts speak of splits where its kind of training knows no seeds.

    Args:
        plan: A plan; left as it is for any other kind.
    """
    kind = plan.situation.get("training.kind")
    if kind is None or kind.value not in WITHOUT_SEEDS:
        return plan
    changed: Plan = _reworded(plan)
    return changed


def _reworded(part: Any) -> Any:
    if isinstance(part, str):
        return _SEED.sub(lambda match: f"{'S' if match[1] == 'S' else 's'}plit{match[2]}", part)
    if isinstance(part, list):
        return [_reworded(item) for item in part]
    if isinstance(part, BaseModel):
        fields = {name: _reworded(value) for name, value in part if name not in _TOLD}
        if isinstance(part, Step):
            fields["splits"] = True
        return part.model_copy(update=fields)
    return part
