"""What a situation says, in terms that compare across trainings: rate and decay over the usual."""

from __future__ import annotations

import math

from hpadvisor.facts.facts import Facts

USUAL_RATE = {"sgd": 0.1, "momentum": 0.03, "adam": 3e-3, "adamw": 3e-3, "lion": 3e-4,
              "muon": 1e-2}  # fmt: skip
"""Rates that work for most small models trained from scratch: where the clinic's draws are
centred (benchmarks/clinic/draw.py, usual/draw.py). ``momentum`` is sgd with a momentum of .5 or
more."""

USUAL_DECAY = 5e-4
USUAL_DECOUPLED_DECAY = 1e-2
"""Common defaults: 5e-4 as L2 (ResNets), 1e-2 decoupled (PyTorch's AdamW)."""

FARTHEST = 3.0
"""Orders beyond which a rate is outside what the clinic tried, so that nothing is said of it."""


def relative_facts(facts: Facts) -> Facts:
    """Facts that follow from what is known of rate, optimizer and regularisation.

    The rate is compared only where the training is said to start from scratch: fine-tuning has
    other rates. Unknown stays unknown.

    Args:
        facts: ``training.…`` and ``model.…`` as far as they are known.

    Returns:
        The new facts alone.
    """
    found = Facts()
    optimizer = _optimizer(facts)
    if optimizer:
        adaptive = optimizer in ("adam", "adamw", "lion", "muon")
        found.put("training.adaptive", adaptive, f"computed: {optimizer}")
    rate = facts.get("training.learning_rate")
    scratch = facts.get("model.pretrained") is False
    if optimizer and scratch and _positive(rate):
        orders = math.log10(float(rate) / USUAL_RATE[optimizer])
        if abs(orders) <= FARTHEST:
            found.put("training.rate_orders", orders, f"computed: over {USUAL_RATE[optimizer]:g}")
    _regularization(facts, optimizer, found)
    return found


def _optimizer(facts: Facts) -> str | None:
    name = facts.get("training.optimizer")
    if name is None:
        return None
    name = str(name).casefold()
    if name == "sgd" and (facts.get("training.momentum") or 0) >= 0.5:
        return "momentum"
    return name if name in USUAL_RATE else None


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0


def _regularization(facts: Facts, optimizer: str | None, found: Facts) -> None:
    decay, dropout = facts.get("training.weight_decay"), facts.get("training.dropout")
    known = [value for value in (decay, dropout) if isinstance(value, int | float)]
    if any(value > 0 for value in known) or len(known) == 2:
        some = any(value > 0 for value in known)
        found.put("training.regularized", some, "computed: weight decay or dropout above 0")
    if optimizer and isinstance(decay, int | float) and decay >= 0:
        usual = USUAL_DECOUPLED_DECAY if optimizer in ("adamw", "lion", "muon") else USUAL_DECAY
        orders = max(-4.0, math.log10(decay / usual)) if decay > 0 else -4.0
        found.put("training.decay_orders", orders, f"computed: over {usual:g}")
