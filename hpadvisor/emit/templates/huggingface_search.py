"""Search hyperparameters of a transformers Trainer, by a plan. Needs transformers and optuna.

    from tune_hf import model_space, search

    trainer = Trainer(model_init=lambda trial: build(model_space(trial)), args=..., ...)
    best = search(trainer, storage="journal.log")

The Trainer needs a `model_init`, and an evaluation whose metric is named `eval_...`. No seed is
searched: the luckiest seed would win. The baseline is the first trial; trials of an earlier search
that the plan knows are told to the sampler first.
"""

from __future__ import annotations

import sys
from typing import Any

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "metric": "score",
    "direction": "maximize",
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "points": [],
    "known": [],
    "start_points": 3,
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
    "pruner": {"name": "none"},
    "epochs": None,
    "trainings": 10.0,
    "trainings_per_trial": 1,
    "workers": 1,
    "confirm": {"finalists": 3, "seeds": 2},
    "stop_when": [],
}
# --- plan: end ---

# Fields of TrainingArguments by the plan's names; everything else goes to `model_space`.
FIELDS = {
    "learning_rate": "learning_rate",
    "weight_decay": "weight_decay",
    "warmup": "warmup",  # warmup_ratio, or warmup_steps in transformers 5, a share below 1 there
    "batch_size": "per_device_train_batch_size",
    "epochs": "num_train_epochs",
    "label_smoothing": "label_smoothing_factor",
    "lr_schedule": "lr_scheduler_type",
    "gradient_clipping": "max_grad_norm",
    "gradient_accumulation": "gradient_accumulation_steps",
    "adam_beta1": "adam_beta1",
    "adam_beta2": "adam_beta2",
    "beta1": "adam_beta1",
    "beta2": "adam_beta2",
    "adam_epsilon": "adam_epsilon",
    "epsilon": "adam_epsilon",
}
ROLES: dict[str, str] = {}  # the plan's role of each name, where they differ


def _field(name: str) -> str | None:
    role = ROLES.get(name, name)
    field = FIELDS.get(role, name if name in FIELDS.values() else None)
    if field != "warmup":
        return field
    known = getattr(sys.modules.get("transformers"), "TrainingArguments", None)
    return "warmup_ratio" if hasattr(known, "warmup_ratio") else "warmup_steps"


def _suggest(trial: Any, item: dict[str, Any], name: str) -> Any:
    log = item.get("scale") == "log"
    if "switch" in item and not trial.suggest_categorical(item["switch"], [True, False]):
        return item["off"]
    if item["type"] == "categorical":
        return trial.suggest_categorical(name, item["choices"])
    if item["type"] == "int":
        return trial.suggest_int(name, item["low"], item["high"], log=log)
    return trial.suggest_float(name, item["low"], item["high"], log=log)


def hp_space(trial: Any) -> dict[str, Any]:
    """Suggest what TrainingArguments holds; the names are its fields."""
    found = {}
    for item in PLAN["space"]:
        field = _field(item["name"])
        if field is not None:
            found[field] = _suggest(trial, item, field)
    return found


def model_space(trial: Any) -> dict[str, Any]:
    """Suggest the rest, for `model_init`; without a trial (the first call), the baseline."""
    rest = [item for item in PLAN["space"] if _field(item["name"]) is None]
    if trial is None:
        return {item["name"]: PLAN["baseline"][item["name"]] for item in rest}
    return {item["name"]: _suggest(trial, item, item["name"]) for item in rest}


def baseline_point() -> dict[str, Any]:
    """Return the baseline under the names that the trials have."""
    return _point(PLAN["baseline"])


def _point(params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in PLAN["space"]:
        value = params[item["name"]]
        if "switch" in item:
            found[item["switch"]] = value != item["off"]
            if value == item["off"]:
                continue
        found[_field(item["name"]) or item["name"]] = value
    return found


def _known(old: dict[str, Any]) -> Any:
    """Return a trial of an earlier search: the sampler learns from it, nobody pays for it."""
    import optuna

    point = optuna.trial.FixedTrial(_point(old["params"]))
    hp_space(point)
    model_space(point)
    return optuna.create_trial(
        params=point.params,
        distributions=point.distributions,
        value=old["value"],
        user_attrs={"origin": f"known-{old['number']}"},
    )


def _keep_fractions(arguments: Any) -> None:
    """Make floats of whole-numbered arguments that get fractions: the Trainer keeps the type."""
    for item in PLAN["space"]:
        field = _field(item["name"])
        if item["type"] == "float" and isinstance(getattr(arguments, field or "", None), int):
            setattr(arguments, str(field), float(getattr(arguments, str(field))))


def _objective(metrics: dict[str, float]) -> float:
    metric = PLAN["metric"] or "loss"
    name = metric if metric.startswith("eval_") else f"eval_{metric}"
    if name not in metrics:
        found = ", ".join(sorted(metrics))
        raise ValueError(f"the evaluation has no {name}: let compute_metrics return it ({found})")
    return metrics[name]


def search(trainer: Any, storage: str | None = None, seed: int = 0) -> Any:
    """Run the search and return the best run; a journal keeps it, and the same call goes on.

    Args:
        trainer: A Trainer with a model_init.
        storage: Path of the journal; None keeps the study in memory, without the baseline.
        seed: Seed of the sampler.
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    trials = sum(phase["trials"] for phase in PLAN["phases"])
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    settings: dict[str, Any] = {
        "study_name": "search",
        "sampler": optuna.samplers.TPESampler(seed=seed, multivariate=True),
        "pruner": pruner,
        "load_if_exists": True,
    }
    if storage is not None:
        settings["storage"] = JournalStorage(JournalFileBackend(storage))
        study = optuna.create_study(direction=PLAN["direction"], **settings)
        if not study.trials:
            for old in PLAN["known"]:
                study.add_trial(_known(old))
            study.enqueue_trial(baseline_point(), user_attrs={"origin": "baseline"})
        done = [trial for trial in study.trials if trial.state.is_finished()]
        trials -= sum(not str(t.user_attrs.get("origin")).startswith("known-") for t in done)
    _keep_fractions(trainer.args)
    return trainer.hyperparameter_search(
        hp_space=hp_space,
        compute_objective=_objective,
        backend="optuna",
        n_trials=max(trials, 0),
        direction=PLAN["direction"],
        **settings,
    )
