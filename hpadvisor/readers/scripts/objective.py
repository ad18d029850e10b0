"""What the objective function of a search returns: a metric's name, or a score of scikit-learn."""

from __future__ import annotations

import ast

from hpadvisor.readers.scripts.finding import Where
from hpadvisor.readers.scripts.folding import dotted, fold, returns_of
from hpadvisor.readers.scripts.found import FoundSettings

_WRAPPERS = frozenset(
    {"float", "mean", "average", "nanmean", "max", "min", "median", "round", "item", "numpy",
     "abs", "detach", "cpu", "result", "tolist", "get"}
)  # fmt: skip
"""Calls after which a value is still the same metric."""
_DEEPEST = 8
_SCORERS = frozenset({"cross_val_score", "cross_validate"})
"""Functions of scikit-learn whose scores are always better when greater."""


def returned_metric(
    function: ast.FunctionDef | ast.AsyncFunctionDef, where: Where
) -> FoundSettings | None:
    """Return what an objective function returns, where all its returns say the same.

    Args:
        function: The objective.
        where: The script.
    """
    found = {}
    for value in returns_of(function):
        name, certain = _metric(value, where, 0)
        if name is None:
            return None
        found[name, certain] = value
    if len(found) != 1:
        return None
    ((name, certain), value) = next(iter(found.items()))
    settings = FoundSettings("", value)
    settings.said["metric"] = name
    if certain:
        settings.said["sense"] = "maximize"
    return settings


def _metric(item: ast.expr, where: Where, depth: int) -> tuple[str | None, bool]:
    """Return the name of a metric, and whether it surely is better when greater."""
    if isinstance(item, ast.Call):
        return _called(item, where, depth)
    if isinstance(item, ast.Name):
        value = where.names.of(item.id, item.lineno)
        if isinstance(value, ast.Call) and _scores(value):
            return "cross_val_score", True
        return item.id, False
    if isinstance(item, ast.Attribute):
        return item.attr, False
    if isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Constant):
        if _is_of_folds(item.value, where):
            return "cross_val_score", True
        key = item.slice.value
        return (key, False) if isinstance(key, str) else (None, False)
    return None, False


def _called(item: ast.Call, where: Where, depth: int) -> tuple[str | None, bool]:
    if _scores(item):
        return "cross_val_score", True
    word = dotted(item.func).rsplit(".", 1)[-1] or getattr(item.func, "attr", "")
    if word not in _WRAPPERS or depth > _DEEPEST:
        return None, False
    inner = item.args[0] if item.args else getattr(item.func, "value", None)
    if word == "get":
        named = isinstance(inner, ast.Constant) and bool(item.args)
        return (fold(item.args[0], where.names) if named else None), False
    return _metric(inner, where, depth + 1) if isinstance(inner, ast.expr) else (None, False)


def _is_of_folds(item: ast.expr, where: Where) -> bool:
    """Whether a value is what ``cross_validate`` gives: its ``test_…`` are the folds held out."""
    value = where.names.of(item.id, item.lineno) if isinstance(item, ast.Name) else item
    return isinstance(value, ast.Call) and _scores(value)


def _scores(call: ast.Call) -> bool:
    return dotted(call.func).rsplit(".", 1)[-1] in _SCORERS
