"""Calls that declare a searched parameter: Optuna, Hyperopt, Ray Tune, KerasTuner, skopt."""

from __future__ import annotations

import ast
from collections.abc import Callable

from hpadvisor.readers.scripts.finding import Where, argument, text_of
from hpadvisor.readers.scripts.folding import dotted, fold, is_number, relative_ratio
from hpadvisor.readers.scripts.found import FoundParameter

Declares = Callable[[ast.Call, Where], "FoundParameter | None"]


def _limits(found: FoundParameter, call: ast.Call, where: Where, names: list[list[str]]) -> None:
    """Take low and high from the arguments at their positions or by their names."""
    for part, (index, *words) in zip(("low", "high"), names, strict=True):
        item = argument(call, int(index), *words)
        if item is not None:
            found.parts[part] = item
    if "low" in found.parts and "high" in found.parts:
        ratio = relative_ratio(found.parts["low"], found.parts["high"], where.names)
        if ratio is not None:
            found.said["ratio"] = ratio


def optuna(call: ast.Call, where: Where) -> FoundParameter | None:
    """Read ``trial.suggest_float("lr", 1e-5, 1e-1, log=True)`` and its relatives."""
    word = dotted(call.func).rsplit(".", 1)[-1]
    if not isinstance(call.func, ast.Attribute) or word not in _SUGGEST:
        return None
    name = argument(call, 0, "name")
    if name is None:
        return None
    found = FoundParameter("optuna", text_of(name), call, name, _SUGGEST[word])
    if word == "suggest_categorical":
        choices = argument(call, 1, "choices")
        found.parts |= {"choices": choices} if choices is not None else {}
        return found
    _limits(found, call, where, [["1", "low"], ["2", "high"]])
    log, step = argument(call, 99, "log"), argument(call, 99, "step", "q")
    if word == "suggest_loguniform" or (log is not None and fold(log, where.names) is True):
        found.said["log"] = True
    elif log is not None and fold(log, where.names) is not False:
        found.said["kind"] = "unknown"
    if step is not None and fold(step, where.names) is not None:
        found.parts["step"] = step
    return found


_SUGGEST = {
    "suggest_float": "float", "suggest_int": "int", "suggest_categorical": "categorical",
    "suggest_uniform": "float", "suggest_loguniform": "float", "suggest_discrete_uniform": "float",
}  # fmt: skip


def hyperopt(call: ast.Call, where: Where) -> FoundParameter | None:
    """Read ``hp.loguniform("lr", np.log(1e-5), np.log(1e-1))``: its limits are exponents."""
    owner, _, word = dotted(call.func).rpartition(".")
    if owner.rsplit(".", 1)[-1] != "hp" or word not in _HYPEROPT or not where.imports("hyperopt"):
        return None
    name = argument(call, 0, "label")
    if name is None:
        return None
    found = FoundParameter("hyperopt", text_of(name), call, name, word)
    if word in ("choice", "pchoice"):
        choices = argument(call, 1, "options")
        if choices is not None and word == "choice":
            found.parts["choices"] = choices
        return found
    if word == "randint" and len(call.args) == 2:
        found.parts["high"] = call.args[1]
        found.said["low"] = 0
        return found
    _limits(found, call, where, [["1", "low"], ["2", "high", "upper"]])
    step = argument(call, 3, "q")
    if word.startswith("q") and step is not None:
        found.parts["step"] = step
    return found


_HYPEROPT = frozenset(
    {"choice", "pchoice", "uniform", "quniform", "loguniform", "qloguniform", "randint",
     "uniformint", "normal", "qnormal", "lognormal", "qlognormal"}
)  # fmt: skip


def ray(call: ast.Call, where: Where) -> FoundParameter | None:
    """Read ``"lr": tune.loguniform(1e-5, 1e-1)``, wherever the key stands."""
    owner, _, word = dotted(call.func).rpartition(".")
    if owner.rsplit(".", 1)[-1] != "tune" or word not in _RAY:
        return None
    name = where.key_of(call)
    if name is None:
        return None
    found = FoundParameter("ray", text_of(name), call, name, word)
    if word in ("choice", "grid_search"):
        choices = argument(call, 0, "categories", "values")
        found.parts |= {"choices": choices} if choices is not None else {}
        return found
    _limits(found, call, where, [["0", "lower"], ["1", "upper"]])
    step = argument(call, 2, "q")
    if word.startswith("q") and step is not None:
        found.parts["step"] = step
    return found


_RAY = frozenset(
    {"uniform", "quniform", "loguniform", "qloguniform", "randint", "qrandint", "lograndint",
     "qlograndint", "choice", "grid_search", "randn", "qrandn"}
)  # fmt: skip


def keras_tuner(call: ast.Call, where: Where) -> FoundParameter | None:
    """Read ``hp.Float("lr", 1e-4, 1e-2, sampling="log")``."""
    word = dotted(call.func).rsplit(".", 1)[-1]
    if not isinstance(call.func, ast.Attribute) or word not in ("Float", "Int", "Choice"):
        return None
    # Only KerasTuner has these words in capitals; a notebook's import may stand in another file.
    if dotted(call.func) != f"hp.{word}" and not where.imports("keras_tuner", "kerastuner"):
        return None
    name = argument(call, 0, "name")
    if name is None or not isinstance(fold(name, where.names), str):
        return None
    found = FoundParameter("keras_tuner", text_of(name), call, name, word.lower())
    if word == "Choice":
        choices = argument(call, 1, "values")
        found.parts |= {"choices": choices} if choices is not None else {}
        return found
    _limits(found, call, where, [["1", "min_value"], ["2", "max_value"]])
    step, sampling = argument(call, 3, "step"), argument(call, 4, "sampling")
    word_of_sampling = None if sampling is None else fold(sampling, where.names)
    if isinstance(word_of_sampling, str) and word_of_sampling.lower() == "log":
        found.said["log"] = True
    elif step is not None and is_number(fold(step, where.names)):
        found.parts["step"] = step
    return found


def skopt(call: ast.Call, where: Where) -> FoundParameter | None:
    """Read ``Real(1e-5, 1e-1, prior="log-uniform", name="lr")`` and its relatives."""
    word = dotted(call.func).rsplit(".", 1)[-1]
    if word not in ("Real", "Integer", "Categorical") or not where.imports("skopt"):
        return None
    name = argument(call, 99, "name") or where.key_of(call)
    if name is None:
        return None
    found = FoundParameter("skopt", text_of(name), call, name, word.lower())
    if word == "Categorical":
        choices = argument(call, 0, "categories")
        found.parts |= {"choices": choices} if choices is not None else {}
        return found
    _limits(found, call, where, [["0", "low"], ["1", "high"]])
    prior = argument(call, 2, "prior")
    if prior is not None and fold(prior, where.names) == "log-uniform":
        found.said["log"] = True
    return found


ENGINES: tuple[Declares, ...] = (optuna, ray, hyperopt, keras_tuner, skopt)
