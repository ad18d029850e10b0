"""Values of the training section: canonical names, kinds of training, numbers within limits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from hpadvisor.errors import nearest
from hpadvisor.facts.vocabulary import HyperparameterType, Vocabulary
from hpadvisor.readers.names import role
from hpadvisor.readers.quantities import number

TRAINING_FIELDS = ("kind", "optimizer", "precision", "epochs", "steps", "hours_per_epoch")


def training_value(name: str, value: Any, vocabulary: Vocabulary) -> tuple[str, Any]:
    """Resolve a key of the training section: canonical names, aliases, checked values."""
    if name == "kind":
        return name, _kind(value, vocabulary)
    if name in TRAINING_FIELDS:
        return name, value
    canonical = vocabulary.hyperparameters.get(name) or _by_role(name, vocabulary)
    if canonical is None:
        known = (*TRAINING_FIELDS, *vocabulary.types)
        raise ValueError(f"unknown key '{name}'.{nearest_hint(name, known)}")
    kind = vocabulary.types[canonical]
    if value is None:
        return canonical, kind.off
    if canonical in TRAINING_FIELDS:
        return canonical, value
    return canonical, _hyperparameter_value(canonical, value, kind)


def _by_role(name: str, vocabulary: Vocabulary) -> str | None:
    """Return the hyperparameter that a name of a config surely means: ``trainBatchSize``."""
    found = role(name)
    sure = found is not None and found.certain and found.name in vocabulary.types
    return found.name if found is not None and sure else None


def _kind(value: Any, vocabulary: Vocabulary) -> Any:
    if value is None or not vocabulary.kinds:
        return value
    word = str(value).casefold().replace("_", "-").replace(" ", "-")
    canonical = vocabulary.kinds.get(word)
    if canonical is None:
        known = sorted(set(vocabulary.kinds.values()))
        raise ValueError(
            f"'{value}' is no kind of training.{nearest_hint(word, vocabulary.kinds)}"
            f" Kinds: {', '.join(known)}"
        )
    return canonical


def _hyperparameter_value(name: str, value: Any, kind: HyperparameterType) -> Any:
    if kind.type == "categorical":
        if kind.choices and value not in kind.choices:
            hint = nearest_hint(str(value), [str(choice) for choice in kind.choices])
            raise ValueError(f"'{value}' is no {name}.{hint}")
        return value
    amount = number(value) if isinstance(value, str) else value
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise ValueError(f"{name} is a number, not {value!r}")
    if not math.isfinite(amount):
        raise ValueError(f"{name} is {amount}, which is not finite")
    if kind.type == "int" and not float(amount).is_integer():
        raise ValueError(f"{name} is {amount:g}, which is no whole number")
    if kind.minimum is not None and amount < kind.minimum:
        raise ValueError(f"{name} is {amount:g}, below {kind.minimum:g}")
    if kind.maximum is not None and amount > kind.maximum:
        raise ValueError(f"{name} is {amount:g}, above {kind.maximum:g}")
    return amount


def nearest_hint(word: str, words: Iterable[str]) -> str:
    """Return the hint behind a sentence, with the blank that parts them."""
    hint = nearest(word, [str(item) for item in words])
    return f" {hint}" if hint else ""
