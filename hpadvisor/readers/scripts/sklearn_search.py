"""Searches of scikit-learn and of BayesSearchCV: a dictionary of lists or distributions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpadvisor.readers.scripts.finding import Where, argument
from hpadvisor.readers.scripts.folding import UNKNOWN, dotted, fold, is_number
from hpadvisor.readers.scripts.found import FoundParameter, FoundSettings, Space

_SEARCHES = {
    "GridSearchCV": ("param_grid", "grid"), "HalvingGridSearchCV": ("param_grid", "grid"),
    "RandomizedSearchCV": ("param_distributions", "random"),
    "HalvingRandomSearchCV": ("param_distributions", "random"),
    "BayesSearchCV": ("search_spaces", "bayesian"),
}  # fmt: skip


def sklearn_spaces(call: ast.Call, where: Where) -> Iterator[Space]:
    """Yield the spaces of a ``GridSearchCV(…)`` and its relatives; a list of grids is several."""
    word = dotted(call.func).rsplit(".", 1)[-1]
    if word not in _SEARCHES:
        return
    keyword, method = _SEARCHES[word]
    grid = _resolved(argument(call, 1, keyword), where)
    grids = grid.elts if isinstance(grid, ast.List) else [grid]
    for item in grids:
        parameters = list(_parameters(_resolved(item, where), where))
        if not parameters:
            continue
        settings = FoundSettings("sklearn", call)
        settings.said["method"] = method
        trials = argument(call, 2, "n_iter") if method != "grid" else None
        if trials is not None:
            settings.parts["trials"] = trials
        yield Space("sklearn", parameters, [settings])


def _resolved(item: ast.expr | None, where: Where) -> ast.expr | None:
    for _ in range(4):
        if not isinstance(item, ast.Name):
            return item
        item = where.names.of(item.id, item.lineno)
    return item


def _parameters(item: ast.expr | None, where: Where) -> Iterator[FoundParameter]:
    if isinstance(item, ast.Dict):
        for key, value in zip(item.keys, item.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield _parameter(key.value, key, value, where)
    elif isinstance(item, ast.Call) and dotted(item.func) == "dict" and not item.args:
        for word in item.keywords:
            if word.arg is not None:
                yield _parameter(word.arg, word, word.value, where)


def _parameter(
    name: str, at: ast.expr | ast.keyword, value: ast.expr, where: Where
) -> FoundParameter:
    value = _resolved(value, where) or value
    found = FoundParameter("sklearn", name, value, at, "unknown")
    if isinstance(value, ast.Tuple) and len(value.elts) in (2, 3) and _is_range(value, where):
        _tuple(found, value, where)
    elif isinstance(value, ast.Call) and not isinstance(fold(value, where.names), list):
        _distribution(found, value, where)
    elif isinstance(fold(value, where.names), list):
        found.kind = "choice"
        found.parts["choices"] = value
    return found


def _is_range(value: ast.Tuple, where: Where) -> bool:
    """Whether a tuple is a range of BayesSearchCV: ``(1e-6, 1e6, 'log-uniform')``."""
    return where.imports("skopt") and all(
        is_number(fold(item, where.names)) for item in value.elts[:2]
    )


def _tuple(found: FoundParameter, value: ast.Tuple, where: Where) -> None:
    ends = [fold(item, where.names) for item in value.elts[:2]]
    found.kind = "int" if all(isinstance(end, int) for end in ends) else "float"
    found.parts |= {"low": value.elts[0], "high": value.elts[1]}
    if len(value.elts) == 3 and fold(value.elts[2], where.names) == "log-uniform":
        found.said["log"] = True


def _distribution(found: FoundParameter, call: ast.Call, where: Where) -> None:
    """Read a distribution of scipy: ``uniform(loc, scale)`` ends at their sum."""
    word = dotted(call.func).rsplit(".", 1)[-1]
    first, second = argument(call, 0, "loc", "a", "low"), argument(call, 1, "scale", "b", "high")
    if word in ("loguniform", "reciprocal") and first is not None and second is not None:
        found.kind = "float"
        found.parts |= {"low": first, "high": second}
        found.said["log"] = True
    elif word in ("randint", "sp_randint") and first is not None and second is not None:
        found.kind = "int"
        found.parts |= {"low": first, "high": second}
    elif word in ("uniform", "sp_uniform"):
        low = fold(first, where.names) if first is not None else 0
        width = fold(second, where.names) if second is not None else 1
        if UNKNOWN not in (low, width) and is_number(low) and is_number(width):
            found.kind = "float"
            found.said |= {"low": low, "high": low + width}
