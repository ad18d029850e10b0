"""Which hyperparameter a name in a config means, and which algorithm an optimizer's name means."""

from __future__ import annotations

import re
from functools import lru_cache

from hpadvisor.readers.names import normal, role

__all__ = [
    "ADAM_FAMILY", "ADAPTIVE_FAMILY", "BOOSTING_TEXT", "CLASSIC_TEXT", "NETWORK_TEXT",
    "SGD_FAMILY", "is_boosting_name", "likely_role_of", "normal", "optimizer_of", "role_of",
]  # fmt: skip

_compiled = lru_cache(maxsize=None)(re.compile)

BOOSTING_TEXT = re.compile(r"xgboost|lightgbm|catboost|gradient.?boosting|xgb\b|lgbm|lgb\b", re.I)
CLASSIC_TEXT = re.compile(
    r"sklearn|scikit|svm|svc|random_?forest|kneighbors|logistic.?regression", re.I
)
NETWORK_TEXT = re.compile(
    r"\b(?:torch|tensorflow|keras|flax|haiku|optax|lightning|transformers|mxnet|paddle|chainer"
    r"|skorch|stable_baselines3?|scikeras|KerasClassifier|KerasRegressor|Sequential)\b"
)


def role_of(name: str) -> str | None:
    """Return the canonical hyperparameter that a (dotted) name surely means, or None.

    Args:
        name: ``model.optimizer.lr``, ``first-layer-size``, ``learningRate``.
    """
    found = role(name)
    return found.name if found is not None and found.certain else None


def likely_role_of(name: str) -> str | None:
    """Return the hyperparameter that a name likely means where it may mean another one too."""
    found = role(name)
    return found.name if found is not None and not found.certain else None


def is_boosting_name(name: str) -> bool:
    """Return whether a name belongs to trees and their boosting."""
    return role_of(name) == "boosting"


_OPTIMIZERS: tuple[tuple[str, str], ...] = (
    ("prodigy", r"prodigy|dadapt\w*|d_adapt\w*"),
    ("adamw", r"\w*adamw\w*|\w*adam_w\w*"),
    ("nadam", r"nadamw?"),
    ("radam", r"radam\w*"),
    ("adafactor", r"\w*adafactor\w*"),
    ("adamax", r"adamax"),
    ("adam", r"(?:\w+_)?(?:fused)?adam(?:_?(?:8bit|fused|torch|bnb\w*))?|fused_adam|cpu_adam|amsgrad"),  # noqa: E501
    ("lamb", r"\w*lamb"),
    ("lars", r"\w*lars\w*"),
    ("lion", r"\w*lion\w*"),
    ("muon", r"\w*muon\w*"),
    ("sgd", r"sgd\w*|(?:\w+_)?sgd|nesterov\w*|nag|momentum|gradient_?descent\w*"),
    ("rmsprop", r"rms_?prop\w*"),
    ("adagrad", r"adagrad\w*"),
    ("adadelta", r"adadelta"),
)  # fmt: skip
ADAM_FAMILY = frozenset({"adam", "adamw", "nadam", "radam", "adamax"})
ADAPTIVE_FAMILY = ADAM_FAMILY | {"rmsprop"}
"""Optimizers whose step hardly depends on the size of the gradients; rates near 1e-3."""
SGD_FAMILY = frozenset({"sgd"})


@lru_cache(maxsize=1024)
def optimizer_of(text: str, own: tuple[tuple[str, str], ...] = ()) -> str | None:
    """Return the algorithm that an optimizer's name means, or None where it is not known.

    Args:
        text: ``torch.optim.AdamW``, ``adamw_torch_fused``, ``SGD``.
        own: The framework's own meanings of names, before the usual ones.
    """
    leaf = normal(text.rsplit(".", 1)[-1].rsplit(":", 1)[-1].rsplit("/", 1)[-1])
    for word, name in own:
        if leaf == word:
            return name
    joined = leaf.replace("_", "")
    for name, pattern in _OPTIMIZERS:
        if _compiled(pattern).fullmatch(leaf) or _compiled(pattern).fullmatch(joined):
            return name
    return None
