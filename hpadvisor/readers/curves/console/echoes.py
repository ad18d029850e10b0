"""Settings that a log prints: "batch_size: 32", "Num examples = 60000", ``Namespace(lr=0.1)``."""

from __future__ import annotations

import re
from typing import Final

from hpadvisor.readers.curves.console.naming import part_of_phrase
from hpadvisor.readers.curves.console.plans import Plan
from hpadvisor.readers.curves.tables import Floats

ToldValue = tuple[float | str, str, str]

_CALLED: Final = {
    "batch_size": (
        "batch_size train_batch_size per_device_train_batch_size batchsize bs "
        "mini_batch_size global_batch_size total_batch_size train_bs micro_batch_size "
        "samples_per_gpu ims_per_batch train_micro_batch_size_per_gpu b_size"
    ),
    "learning_rate": (
        "lr learning_rate base_lr init_lr initial_lr learningrate max_lr peak_lr lr0 "
        "initial_learning_rate base_learning_rate lr_init"
    ),
    "dropout": (
        "dropout dropout_rate drop_rate drop_out dropout_prob p_dropout "
        "hidden_dropout_prob attention_dropout drop"
    ),
    "warmup_steps": (
        "warmup_steps num_warmup_steps warmup_iters warmup_updates lr_warmup_steps "
        "warmup_iterations"
    ),
    "warmup_epochs": "warmup_epochs num_warmup_epochs warmup_epoch",
    "warmup_share": "warmup_ratio warmup_proportion warmup_fraction",
    "weight_decay": "weight_decay wd weightdecay l2_reg weight_decay_rate",
    "epochs": (
        "epochs num_epochs max_epochs max_epoch n_epochs num_train_epochs total_epochs "
        "nepochs nepoch train_epochs epoch_num num_epoch n_epoch total_epoch "
        "training_epochs number_of_epochs"
    ),
    "steps": (
        "max_steps total_steps max_iters max_iter num_steps train_steps "
        "total_optimization_steps max_train_steps num_train_steps train_iters max_update "
        "total_iters num_iterations max_iterations niter total_training_steps "
        "num_training_steps n_iter total_iterations"
    ),
    "train_examples": (
        "num_examples train_examples num_train_examples train_size num_train_samples "
        "train_samples training_samples n_train num_train training_examples "
        "train_set_size training_set_size train_dataset_size train_images "
        "training_images num_train_images number_of_training_examples "
        "number_of_training_samples train_data_size size_of_training_set training_set "
        "train_set train_dataset training_dataset train_data"
    ),
    "validation_examples": (
        "val_examples val_size valid_size num_val_samples val_samples validation_samples "
        "validation_examples n_val num_val dev_examples dev_size val_images "
        "validation_images valid_examples eval_examples validation_size val_set_size "
        "dev_samples num_eval_examples validation_set val_set val_dataset "
        "validation_dataset valid_set validation_set_size val_dataset_size"
    ),
    "gradient_clipping": (
        "grad_clip clip_grad max_grad_norm gradient_clip_val clip_norm clip_grad_norm "
        "gradient_clipping clipnorm grad_clip_norm max_norm"
    ),
    "label_smoothing": "label_smoothing smoothing label_smooth",
    "momentum": "momentum",
    "optimizer": "optimizer optim opt optimizer_name solver_type",
    "seed": "seed random_seed manual_seed rng_seed",
    "parameters": (
        "n_parameters num_parameters trainable_parameters number_of_parameters "
        "total_params trainable_params number_of_trainable_parameters num_params "
        "n_params total_parameters model_parameters"
    ),
}
"""What the field calls a setting, and what logs call it."""

_NAMES: Final = {key: name for name, keys in _CALLED.items() for key in keys.split()}

_OPTIMIZERS: Final = re.compile(
    r"^(?:adamw?|sgd|adagrad|adadelta|rmsprop|adafactor|lion|lamb|lars|nadam|radam|adamax|sophia|"
    r"muon|adam_?w?_?(?:torch|hf|8bit|bnb|fused)\w*|paged_adamw\w*|nag|momentum)$",
    re.IGNORECASE,
)
_LIMITS: Final = {
    "batch_size": (1, 1e7), "learning_rate": (1e-12, 1e3), "dropout": (0, 1),
    "warmup_steps": (0, 1e9), "warmup_epochs": (0, 1e5), "warmup_share": (0, 1),
    "weight_decay": (0, 10), "epochs": (1, 1e6), "steps": (1, 1e10), "train_examples": (1, 1e13),
    "validation_examples": (1, 1e13), "gradient_clipping": (0, 1e6), "label_smoothing": (0, 1),
    "momentum": (0, 1), "seed": (-1e18, 1e18), "parameters": (1, 1e14),
}  # fmt: skip
"""Outside of these a number is no such setting."""


def settings_of(plan: Plan, numbers: Floats, line: int) -> dict[str, ToldValue]:
    """The settings that a line without scores prints.

    Args:
        plan: What the line means.
        numbers: Its numbers (n,).
        line: Its number in the log, from one.

    Returns:
        The field's name of each setting to its value, its name in the log and its place.
    """
    found: dict[str, ToldValue] = {}
    for setting in plan.settings:
        name = _name(setting.words)
        if name is None or name in found:
            continue
        key = " ".join(setting.words)
        if setting.slot is None:
            if name == "optimizer" and _OPTIMIZERS.match(setting.text):
                found[name] = (setting.text.lower(), key, f"line {line}")
            continue
        value = float(numbers[setting.slot])
        low, high = _LIMITS.get(name, (1.0, 0.0))
        if low <= value <= high:
            found[name] = (value, key, f"line {line}")
    return found


def told_name(key: str) -> str | None:
    """What the field calls a setting of this key; None for keys that are none."""
    return _NAMES.get(key.lower().strip("-").replace("-", "_").rpartition(".")[2])


def _name(words: list[str]) -> str | None:
    low = [re.sub(r"[-/.]", "_", word.lower().strip("-_")) for word in words]
    for length in (5, 4, 3, 2, 1):
        if length <= len(low):
            name = _NAMES.get("_".join(low[-length:]))
            if name is not None:
                return name
    if low[-1] in (
        "examples",
        "samples",
        "images",
        "size",
        "instances",
        "sentences",
        "utterances",
    ):
        part = part_of_phrase(words)
        if part == "train":
            return "train_examples"
        return "validation_examples" if part in ("val", "dev") else None
    return None
