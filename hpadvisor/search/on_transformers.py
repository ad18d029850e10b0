"""A plan on the Trainer of transformers: its search by Optuna, over the plan's space.

No seed is searched: the luckiest seed would win. The baseline, the listed and the recommended
values and the start points come first; trials of an earlier search are told to the sampler.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import optuna

from hpadvisor.search.memory import KEY, SEARCH, provenance_of
from hpadvisor.search.plan import Params, SearchPlan, read_plan
from hpadvisor.search.problems import TuneError
from hpadvisor.search.pruning import sampler_of
from hpadvisor.search.space import split, suggest_one
from hpadvisor.search.start_points import planned_points
from hpadvisor.search.storage import open_storage
from hpadvisor.search.trials import own_trials

# Fields of TrainingArguments by the canonical names; everything else goes to the model.
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


class TrainerSearch:
    """A plan's space in the Trainer's own names, and the search."""

    def __init__(self, plan: Mapping[str, Any] | SearchPlan, roles: Mapping[str, str]) -> None:
        """Take a plan.

        Args:
            plan: The plan, as plain data.
            roles: The canonical name of each hyperparameter, where it differs from its own.
        """
        self.plan = read_plan(plan)
        self.roles = dict(roles)

    def hp_space(self, trial: Any) -> Params:
        """Suggest what TrainingArguments holds; the names are its fields."""
        found = {}
        for item in self.plan.space:
            field = self.field(item["name"])
            if field is not None:
                found[field] = suggest_one(trial, {**item, "name": field})
        return found

    def model_space(self, trial: Any) -> Params:
        """Suggest the rest, for `model_init`; without a trial (the first call), the baseline."""
        rest = [item for item in self.plan.space if self.field(item["name"]) is None]
        if trial is None:
            return {item["name"]: self.plan.baseline[item["name"]] for item in rest}
        return {item["name"]: suggest_one(trial, item) for item in rest}

    def search(self, trainer: Any, storage: str | None = None, seed: int = 0) -> Any:
        """Run the search and return the best run; a journal keeps it, and the same call goes on.

        Args:
            trainer: A Trainer with a model_init.
            storage: Path of the journal; None keeps the study in memory.
            seed: Seed of the start points and of the sampler.

        Raises:
            TuneError: The plan names no direction, or the storage cannot be used.
        """
        plan = self.plan
        if plan.direction is None:
            raise TuneError("the plan names no direction: say task.direction in the situation")
        kept = open_storage(storage) if storage else optuna.storages.InMemoryStorage()
        settings: dict[str, Any] = {
            "study_name": SEARCH,
            "storage": kept,
            "sampler": sampler_of(plan, "bayesian", seed),
            "pruner": optuna.pruners.NopPruner(),
            "load_if_exists": True,
            "direction": plan.direction,
        }
        study = optuna.create_study(**settings)
        self.set_up(study, seed)
        done = own_trials([trial for trial in study.trials if trial.state.is_finished()])
        _keep_fractions(trainer.args, [self.field(item["name"]) for item in plan.space
                                       if item["type"] == "float"])  # fmt: skip
        return trainer.hyperparameter_search(
            hp_space=self.hp_space,
            compute_objective=self.objective,
            backend="optuna",
            n_trials=max(plan.trials - len(done), 0),
            **settings,
        )

    def set_up(self, study: optuna.Study, seed: int) -> None:
        """Queue the planned trials, and tell of those of an earlier search, each once."""
        if study.trials:
            return
        study.set_user_attr(KEY, self.plan.remembered(seed))
        for old in self.plan.known:
            study.add_trial(self.known(old))
        for origin, point in planned_points(self.plan, seed):
            attrs = {"origin": origin, "provenance": provenance_of(origin)}
            study.enqueue_trial(self.fixed(point), user_attrs=attrs)

    def known(self, old: Params) -> optuna.trial.FrozenTrial:
        """Return a trial of an earlier search: the sampler learns from it, nobody pays for it."""
        point = optuna.trial.FixedTrial(self.fixed(old["params"]))
        self.hp_space(point)
        self.model_space(point)
        return optuna.create_trial(
            params=point.params,
            distributions=point.distributions,
            value=old["value"],
            user_attrs={"origin": f"known-{old['number']}", "provenance": "known"},
        )

    def fixed(self, point: Params) -> Params:
        """Return a configuration under the names that the trials have."""
        values, _ = split(self.plan.space, point)
        return {self.field(name) or name: value for name, value in values.items()}

    def field(self, name: str) -> str | None:
        """Return the field of TrainingArguments that a hyperparameter is; None for the model's."""
        role = self.roles.get(name, name)
        found = FIELDS.get(role, name if name in FIELDS.values() else None)
        if found != "warmup":
            return found
        known = getattr(sys.modules.get("transformers"), "TrainingArguments", None)
        return "warmup_ratio" if hasattr(known, "warmup_ratio") else "warmup_steps"

    def objective(self, metrics: dict[str, float]) -> float:
        """Return the plan's metric among those of an evaluation.

        Raises:
            ValueError: It is not there.
        """
        metric = self.plan.metric or "loss"
        name = metric if metric.startswith("eval_") else f"eval_{metric}"
        if name not in metrics:
            found = ", ".join(sorted(metrics))
            raise ValueError(
                f"the evaluation has no {name}: let compute_metrics return it ({found})"
            )
        return metrics[name]


def _keep_fractions(arguments: Any, fields: list[str | None]) -> None:
    """Make floats of whole-numbered arguments that get fractions: the Trainer keeps the type."""
    for field in fields:
        if field is not None and isinstance(getattr(arguments, field, None), int):
            setattr(arguments, field, float(getattr(arguments, field)))
