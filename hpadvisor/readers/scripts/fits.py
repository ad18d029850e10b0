"""Calls of ``fit`` that hold the model against the data that it is trained on."""

from __future__ import annotations

import ast

from hpadvisor.readers.scripts.finding import argument
from hpadvisor.readers.scripts.folding import Names, dotted
from hpadvisor.readers.scripts.source import Source
from hpadvisor.readers.yaml_nodes import Node


def fit_nodes(calls: list[ast.Call], source: Source, names: Names) -> list[Node]:
    """Return a mapping for each ``fit`` whose held-out data is its training data.

    Args:
        calls: The script's calls.
        source: The script.
        names: Its assignments.
    """
    found = []
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "fit":
            continue
        given = _given(call)
        held = _held_out(call, names)
        if given and held is not None and held[1] and all(pair == given for pair in held[1]):
            found.append(_node(call, held[0], given, source))
    return found


def _given(call: ast.Call) -> tuple[str, ...]:
    """Return the source of the two things that a model is fitted to."""
    pair = argument(call, 0, "x", "X"), argument(call, 1, "y")
    if any(not isinstance(item, (ast.Name, ast.Attribute)) for item in pair):
        return ()
    return tuple(dotted(item) for item in pair if item is not None)


def _held_out(call: ast.Call, names: Names) -> tuple[str, list[tuple[str, ...]]] | None:
    """Return the keyword of the data held out, and every pair in it."""
    item = argument(call, 99, "validation_data")
    if isinstance(item, (ast.Tuple, ast.List)):
        return "validation_data", [_pair(item)]
    item = argument(call, 99, "eval_set")
    if isinstance(item, ast.Name):
        item = names.of(item.id, item.lineno)
    if item is None or not _stops(call):
        return None
    if isinstance(item, ast.Tuple):
        return "eval_set", [_pair(item)]
    if isinstance(item, ast.List) and all(isinstance(one, ast.Tuple) for one in item.elts):
        return "eval_set", [_pair(one) for one in item.elts]
    return None


def _pair(item: ast.expr) -> tuple[str, ...]:
    members = item.elts if isinstance(item, (ast.Tuple, ast.List)) else []
    return tuple(dotted(member) for member in members)


def _stops(call: ast.Call) -> bool:
    """Whether a fit of trees ends by what it is held against."""
    if argument(call, 99, "early_stopping_rounds", "use_best_model") is not None:
        return True
    callbacks = argument(call, 99, "callbacks")
    return callbacks is not None and "early_stopping" in ast.unparse(callbacks)


def _node(call: ast.Call, keyword: str, given: tuple[str, ...], source: Source) -> Node:
    node = source.marked(call, "fit")
    at = argument(call, 99, keyword) or call
    node.pairs.append((source.word(call, "fitted_to"), source.scalar(call, ", ".join(given))))
    node.pairs.append((source.word(at, keyword), source.scalar(at, ", ".join(given))))
    return node
