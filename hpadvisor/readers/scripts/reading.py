"""A script or a notebook to the search spaces that it declares."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TypeGuard

from hpadvisor.readers.scripts.dictionaries import dictionary_spaces
from hpadvisor.readers.scripts.engines import ENGINES
from hpadvisor.readers.scripts.finding import Where, mentioned
from hpadvisor.readers.scripts.folding import Names, dotted, walked
from hpadvisor.readers.scripts.found import FoundParameter, FoundSettings, Space, as_node
from hpadvisor.readers.scripts.objective import returned_metric
from hpadvisor.readers.scripts.settings import SETTINGS
from hpadvisor.readers.scripts.sklearn_search import sklearn_spaces
from hpadvisor.readers.scripts.source import Source, parse_source
from hpadvisor.readers.yaml_nodes import Node

HINT = re.compile(
    r"\bsuggest_(?:float|int|categorical|uniform|loguniform|discrete_uniform)\s*\("
    r"|\btune\.(?:q?log)?(?:uniform|choice|grid_search|randint|quniform|rand)"
    r"|\bhp\.(?:choice|uniform|loguniform|quniform|qloguniform|randint|Float|Int|Choice)\b"
    r"|\b(?:Grid|Randomized|Bayes|HalvingGrid|HalvingRandom)SearchCV\s*\("
    r"|\bwandb\.sweep\b|[\"']_type[\"']\s*:|_type\\\"\s*:|\bskopt\b|sweep_config"
)
"""What a file with a search space in it holds; whatever lacks it is not parsed."""
_WORDS = ("suggest_", "tune.", "hp.", "SearchCV", "wandb.sweep", "_type", "skopt", "sweep_config")
"""Texts of which one stands in whatever :data:`HINT` finds; looked for first, as it costs less."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read_spaces(text: str, path: str | Path) -> list[Node]:
    """Return a root node for every search space that a script or notebook declares.

    Raises:
        UserError: it cannot be parsed.
    """
    if not any(word in text for word in _WORDS) or not HINT.search(text):
        return []
    source = parse_source(text, path)
    return [] if source is None else _spaces(source)


def _spaces(source: Source) -> list[Node]:
    every = walked(source.module)
    names = Names(source.module, every)
    where = Where(source.module, names)
    parameters: list[FoundParameter] = []
    settings: list[FoundSettings] = []
    spaces: list[Space] = []
    for item in every:
        if not isinstance(item, ast.Call):
            continue
        for declares in ENGINES:
            found = declares(item, where)
            if found is not None:
                found.group = where.group(item)
                found.conditional = where.is_conditional(item)
                if where.is_rounded(item):
                    found.said["rounded"] = True
                parameters.append(found)
                break
        else:
            spaces += sklearn_spaces(item, where)
            settings += [s for reads in SETTINGS if (s := reads(item, where)) is not None]
    spaces += _joined(parameters, settings, where)
    nodes = [as_node(space, source, names) for space in spaces]
    scaling = next((item for item in every if _scales_rate(item)), None)
    if scaling is not None:
        for node in nodes:
            node.pairs.append((source.word(scaling, "scales_rate"), source.scalar(scaling, True)))
    return nodes + dictionary_spaces(source, where)


def _scales_rate(item: ast.AST) -> TypeGuard[ast.BinOp]:
    """Whether an expression is a learning rate times or by a number: ``lr * 10``."""
    if not isinstance(item, ast.BinOp) or not isinstance(item.op, (ast.Mult, ast.Div)):
        return False
    left, right = item.left, item.right
    if isinstance(left, ast.Constant) and isinstance(item.op, ast.Mult):
        left, right = right, left
    number = isinstance(right, ast.Constant) and isinstance(right.value, (int, float))
    return number and _named(left) in ("lr", "learning_rate")


def _named(item: ast.expr) -> str:
    """Return the last part of a name, an attribute or a key."""
    if isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Constant):
        return str(item.slice.value)
    return dotted(item).rsplit(".", 1)[-1]


def _joined(
    parameters: list[FoundParameter], settings: list[FoundSettings], where: Where
) -> list[Space]:
    """Join parameters to spaces, and give each space the settings that are surely its own."""
    by_engine: dict[str, list[FoundParameter]] = defaultdict(list)
    for found in sorted(parameters, key=lambda item: (item.at.lineno, item.at.col_offset)):
        by_engine[found.engine].append(found)
    spaces: list[Space] = []
    for engine, members in by_engine.items():
        own = [item for item in settings if item.engine == engine]
        groups = _groups(members, where)
        for group in groups:
            space = Space(engine, group)
            space.settings = _settings(group, own, alone=len(groups) == 1)
            _objective(space, own, where)
            spaces.append(space)
    return spaces


def _groups(members: list[FoundParameter], where: Where) -> list[list[FoundParameter]]:
    """Group parameters by function or class; those that call each other are one group."""
    holders = {id(member.group): member.group for member in members}
    named = {
        getattr(holder, "name", ""): key for key, holder in holders.items() if holder is not None
    }
    joined = {key: key for key in holders}

    def root(key: int) -> int:
        while joined[key] != key:
            key = joined[key]
        return key

    functions = [item for item in where.module.body if isinstance(item, _FUNCTIONS)]
    for item in functions:
        used = [named[name] for name in mentioned(item) if name in named]
        mine = [id(item)] if id(item) in holders else []
        # An objective that calls two helpers with parameters searches them all.
        for key in used[1:] + mine if used else []:
            joined[root(key)] = root(used[0])
    groups: dict[int, list[FoundParameter]] = defaultdict(list)
    for member in members:
        groups[root(id(member.group))].append(member)
    return list(groups.values())


def _settings(
    group: list[FoundParameter], own: list[FoundSettings], *, alone: bool
) -> list[FoundSettings]:
    """Return the settings of a group: all of them where it is the only one and they agree."""
    if alone:
        chosen = own
    else:
        names = {getattr(member.group, "name", None) for member in group} - {None}
        chosen = [item for item in own if not names.isdisjoint(item.names)]
    if any(item.said.get("several") for item in chosen):
        return [item for item in chosen if not item.said.get("several")][:0]
    for key in ("direction", "trials", "metric", "method", "startup"):
        values = {_spelled(item, key) for item in chosen} - {None}
        if len(values) > 1:
            for item in chosen:
                item.parts.pop(key, None)
                item.said.pop(key, None)
    if any(item.said.pop("resumed", False) for item in chosen):
        for item in chosen:
            item.parts.pop("trials", None)
    return chosen


def _spelled(item: FoundSettings, key: str) -> str | None:
    if key in item.parts:
        return ast.dump(item.parts[key])
    return str(item.said[key]) if key in item.said else None


def _objective(space: Space, own: list[FoundSettings], where: Where) -> None:
    """Add what the objective of an Optuna study returns."""
    if space.engine != "optuna":
        return
    wanted = {name for item in own for name in item.names}
    groups = {id(member.group) for member in space.parameters}
    functions = [
        item
        for item in ast.walk(where.module)
        if isinstance(item, _FUNCTIONS)
        and (item.name in wanted or (id(item) in groups and "objective" in item.name))
    ]
    if len(functions) == 1:
        found = returned_metric(functions[0], where)
        if found is not None:
            space.settings.append(found)
