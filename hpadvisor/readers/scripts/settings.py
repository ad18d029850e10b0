"""Calls that set up a search: studies, tuners, runs. What they say of method, aim and trials."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpadvisor.readers.scripts.finding import Where, argument, mentioned
from hpadvisor.readers.scripts.folding import UNKNOWN, dotted, fold
from hpadvisor.readers.scripts.found import FoundSettings

Reads = Callable[[ast.Call, Where], "FoundSettings | None"]


def _last(call: ast.Call) -> str:
    return dotted(call.func).rsplit(".", 1)[-1]


def _take(found: FoundSettings, call: ast.Call, table: dict[str, tuple[int, str]]) -> None:
    for part, (index, name) in table.items():
        item = argument(call, index, name)
        if item is not None:
            found.parts[part] = item


def optuna_study(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``optuna.create_study(direction=…, sampler=…, pruner=…)``."""
    if _last(call) != "create_study":
        return None
    found = FoundSettings("optuna", call, names=_assigned_to(call, where))
    directions = argument(call, 99, "directions")
    several = fold(directions, where.names) if directions is not None else None
    if directions is not None and not (isinstance(several, list) and len(several) == 1):
        found.said["several"] = True
    direction = argument(call, 99, "direction")
    if direction is not None:
        found.parts["direction"] = direction
    elif isinstance(several, list) and len(several) == 1:
        found.said["direction"] = several[0] if isinstance(several[0], str) else "unknown"
    elif directions is None and not any(word.arg is None for word in call.keywords):
        found.said["direction"] = "minimize"
    _sampler(argument(call, 99, "sampler"), found, where)
    pruner = argument(call, 99, "pruner")
    if pruner is not None and "NopPruner" not in ast.dump(pruner):
        found.said["early_stopping"] = True
    resumed = argument(call, 99, "load_if_exists")
    if resumed is not None and fold(resumed, where.names) is not False:
        found.said["resumed"] = True
    return found


def _sampler(item: ast.expr | None, found: FoundSettings, where: Where) -> None:
    if isinstance(item, ast.Name):
        item = where.names.of(item.id, item.lineno) or item
    if item is None:
        found.said["method"] = "tpesampler"
    elif isinstance(item, ast.Call):
        found.said["method"] = _last(item).lower()
        startup = argument(item, 99, "n_startup_trials")
        if startup is not None:
            found.parts["startup"] = startup


def optuna_optimize(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``study.optimize(objective, n_trials=…)``."""
    if _last(call) != "optimize" or not where.imports("optuna") or not call.args:
        return None
    if not isinstance(call.func, ast.Attribute):
        return None
    found = FoundSettings("optuna", call, names=mentioned(call))
    _take(found, call, {"trials": (1, "n_trials")})
    return found


def ray_run(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``tune.run(…)``, ``tune.Tuner(…)`` and ``TuneConfig(…)``."""
    name = dotted(call.func)
    if not where.imports("ray") or name.rsplit(".", 1)[-1] not in ("run", "Tuner", "TuneConfig"):
        return None
    if name.endswith("run") and not name.endswith("tune.run"):
        return None
    holders = [part for part in where.above(call) if isinstance(part, ast.Call)]
    found = FoundSettings("ray", call, names=mentioned(holders[0] if holders else call))
    _take(found, call, {"metric": (99, "metric"), "direction": (99, "mode"),
                        "trials": (99, "num_samples")})  # fmt: skip
    algorithm = argument(call, 99, "search_alg")
    found.said["method"] = "random" if algorithm is None else "bayesian"
    if argument(call, 99, "scheduler") is not None:
        found.said["early_stopping"] = True
    return found


def hyperopt_fmin(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``fmin(fn, space, algo=tpe.suggest, max_evals=…)``: it always minimizes."""
    if _last(call) != "fmin" or not where.imports("hyperopt"):
        return None
    found = FoundSettings("hyperopt", call, names=mentioned(call))
    _take(found, call, {"trials": (3, "max_evals")})
    algorithm = argument(call, 2, "algo")
    found.said["method"] = (
        "random" if "rand" in (dotted(algorithm) if algorithm else "") else "tpe"
    )
    return found


def keras_tuner_oracle(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``kt.RandomSearch(build_model, objective=…, max_trials=…)``."""
    word = _last(call)
    if word not in _KERAS_TUNERS:
        return None
    own = any(keyword.arg in ("max_trials", "executions_per_trial") for keyword in call.keywords)
    if not own and not where.imports("keras_tuner", "kerastuner"):
        return None
    found = FoundSettings("keras_tuner", call, names=mentioned(call))
    found.said["method"] = _KERAS_TUNERS[word]
    _take(found, call, {"trials": (2, "max_trials"), "startup": (99, "num_initial_points")})
    objective = argument(call, 1, "objective")
    if isinstance(objective, ast.Call):
        name = argument(objective, 0, "name")
        direction = argument(objective, 1, "direction")
        found.parts |= {"metric": name} if name is not None else {}
        found.parts |= {"direction": direction} if direction is not None else {}
    elif objective is not None:
        found.parts["metric"] = objective
    if word == "Hyperband":
        found.parts.pop("trials", None)
        found.said["early_stopping"] = True
    return found


_KERAS_TUNERS = {
    "RandomSearch": "random", "BayesianOptimization": "bayesian", "Hyperband": "hyperband",
    "GridSearch": "grid",
}  # fmt: skip


def skopt_minimize(call: ast.Call, where: Where) -> FoundSettings | None:
    """Read ``gp_minimize(objective, space, n_calls=…, n_initial_points=…)``."""
    word = _last(call)
    if word not in ("gp_minimize", "forest_minimize", "gbrt_minimize", "dummy_minimize"):
        return None
    if not where.imports("skopt"):
        return None
    found = FoundSettings("skopt", call, names=mentioned(call))
    found.said["method"] = "random" if word == "dummy_minimize" else "bayesian"
    _take(found, call, {"trials": (99, "n_calls"), "startup": (99, "n_initial_points")})
    starts = argument(call, 99, "n_random_starts")
    if starts is not None and fold(starts, where.names) not in (None, UNKNOWN):
        found.parts["startup"] = starts
    return found


SETTINGS: tuple[Reads, ...] = (
    optuna_study, optuna_optimize, ray_run, hyperopt_fmin, keras_tuner_oracle, skopt_minimize,
)  # fmt: skip


def _assigned_to(call: ast.Call, where: Where) -> set[str]:
    """Return the variables that the value of a call is put into."""
    for parent in where.above(call):
        if isinstance(parent, ast.Assign):
            return {part.id for part in parent.targets if isinstance(part, ast.Name)}
    return set()
