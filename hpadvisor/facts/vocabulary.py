"""Fixed vocabularies of the contracts: diagnoses, actions, verdicts, and the like."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hpadvisor.records import Record

DIAGNOSES: Final = (
    "healthy",
    "overfitting",
    "underfitting",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "undertrained",
    "plateau",
    "unstable",
    "diverged",
    "noisy_validation",
    "not_learning",
    "cannot_judge",
)
"""What curves or people can say of a training; symptoms use the same words."""

SYMPTOMS: Final = tuple(name for name in DIAGNOSES if name != "cannot_judge")

RATE_TOO_HIGH: Final = frozenset({"diverged", "unstable", "learning_rate_too_high"})
"""Symptoms of a learning rate that is too high."""

ACTIONS: Final = ("increase", "decrease", "set", "add", "remove", "tune", "keep")

VERDICTS: Final = ("tune", "fix_first", "leave_defaults", "collect_data", "stop")

STRATEGIES: Final = ("manual", "grid", "random", "quasirandom", "bayesian")

TASK_KINDS: Final = (
    "classification",
    "regression",
    "detection",
    "segmentation",
    "language-modeling",
    "generation",
    "translation",
    "speech-recognition",
    "ranking",
    "forecasting",
    "reinforcement-learning",
    "other",
)

MODEL_FAMILIES: Final = (
    "cnn",
    "transformer",
    "vit",
    "mlp",
    "rnn",
    "gnn",
    "unet",
    "gan",
    "gradient-boosting",
    "linear",
    "kernel",
    "forest",
    "neighbors",
    "other",
)

FAMILY_ALIASES: Final[Mapping[str, str]] = MappingProxyType({
    "resnet": "cnn", "efficientnet": "cnn", "convnext": "cnn", "vgg": "cnn", "mobilenet": "cnn",
    "densenet": "cnn", "yolo": "cnn", "convnet": "cnn", "convolutional": "cnn",
    "bert": "transformer", "roberta": "transformer", "gpt": "transformer", "llama": "transformer",
    "mistral": "transformer", "whisper": "transformer", "t5": "transformer", "llm": "transformer",
    "encoder": "transformer", "decoder": "transformer", "conformer": "transformer",
    "swin": "vit", "deit": "vit", "vision-transformer": "vit",
    "lstm": "rnn", "gru": "rnn", "recurrent": "rnn",
    "gcn": "gnn", "gat": "gnn", "graph": "gnn", "graphsage": "gnn",
    "u-net": "unet", "stylegan": "gan", "dcgan": "gan",
    "xgboost": "gradient-boosting", "lightgbm": "gradient-boosting",
    "catboost": "gradient-boosting", "gbdt": "gradient-boosting", "gbm": "gradient-boosting",
    "svm": "kernel", "svc": "kernel", "random-forest": "forest", "rf": "forest",
    "knn": "neighbors",
    "logistic-regression": "linear", "ridge": "linear", "lasso": "linear",
    "elastic-net": "linear",
    "feed-forward": "mlp", "fully-connected": "mlp",
})  # fmt: skip
"""Words that people use for a family of models."""

SYMPTOM_ALIASES: Final[Mapping[str, str]] = MappingProxyType({
    "nan": "diverged", "inf": "diverged", "exploding": "diverged", "explodes": "diverged",
    "divergence": "diverged", "loss_nan": "diverged", "exploding_gradients": "diverged",
    "overfit": "overfitting", "overfits": "overfitting", "underfit": "underfitting",
    "underfits": "underfitting", "spikes": "unstable", "oscillating": "unstable",
    "oscillates": "unstable", "instability": "unstable", "noisy": "noisy_validation",
    "noisy_loss": "noisy_validation", "slow": "learning_rate_too_low",
    "slow_convergence": "learning_rate_too_low", "lr_too_low": "learning_rate_too_low",
    "lr_too_high": "learning_rate_too_high", "stuck": "not_learning", "flat": "not_learning",
    "does_not_learn": "not_learning", "no_learning": "not_learning", "stagnates": "plateau",
    "stalled": "plateau", "still_improving": "undertrained", "ok": "healthy", "fine": "healthy",
})  # fmt: skip
"""Words that people use for what curves show."""

OPTIMIZERS: Final = (
    "sgd",
    "adam",
    "adamw",
    "rmsprop",
    "adagrad",
    "adadelta",
    "adafactor",
    "nadam",
    "radam",
    "lamb",
    "lars",
    "lion",
    "muon",
    "prodigy",
    "other",
)

TOOLS: Final = ("manual", "optuna", "optuna-workers", "ray", "wandb")


class HyperparameterType(Record):
    """What the vocabulary says of a hyperparameter's values."""

    type: str
    minimum: float | None = None
    maximum: float | None = None
    off: float | None = None
    choices: tuple[Any, ...] = ()
    scale: str = ""


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Vocabulary(Record):
    """The names that come with the rules: kinds of training and hyperparameters.

    Attributes:
        kinds: Names and aliases of kinds of training to their canonical names.
        hyperparameters: Names and aliases to canonical names.
        types: Canonical hyperparameters to the types of their values.
    """

    kinds: Mapping[str, str] = _NOTHING
    hyperparameters: Mapping[str, str] = _NOTHING
    types: Mapping[str, HyperparameterType] = _NOTHING
