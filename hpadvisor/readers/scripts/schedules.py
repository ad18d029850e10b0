"""Callbacks and schedules that watch a metric: which way they take it, and which acts first."""

from __future__ import annotations

import ast
import re

from hpadvisor.readers.scripts.finding import argument
from hpadvisor.readers.scripts.folding import Names, dotted, fold, is_number
from hpadvisor.readers.scripts.source import Source
from hpadvisor.readers.yaml_nodes import Node

Known = list[tuple[ast.Call, str]]
_WATCHERS = ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau")
_KERAS = re.compile(r"\bkeras\b")
_LIGHTNING = re.compile(r"\b(?:lightning|pytorch_lightning)\b")
_OF_TRAINING = frozenset({"loss", "accuracy", "acc", "auc", "mae", "mse", "f1", "f1_score"})
_TORCH = "torch.optim.lr_scheduler.ReduceLROnPlateau"


def schedule_nodes(
    known: Known, calls: list[ast.Call], source: Source, names: Names
) -> list[Node]:
    """Return a mapping for each call that watches a metric.

    Args:
        known: Calls of imported names, with the names written out.
        calls: Every call of the script.
        source: The script.
        names: Its assignments.
    """
    found = []
    held_out = any(
        argument(call, 99, "validation_data", "validation_split") is not None for call in calls
    )
    keras: dict[str, list[ast.Call]] = {word: [] for word in _WATCHERS}
    for call, full in known:
        word = full.rsplit(".", 1)[-1]
        if full == _TORCH:
            found += _stepped(call, calls, source, names)
        elif word in _WATCHERS and (_KERAS.search(full) or _LIGHTNING.search(full)):
            node = _watcher(call, full, source, names)
            found.append(node)
            if held_out and _KERAS.search(full) and word != "ReduceLROnPlateau":
                _mark_training(node, source, call)
            if _KERAS.search(full):
                keras[word].append(call)
    return found + _order(keras["EarlyStopping"], keras["ReduceLROnPlateau"], source, names)


def _text(item: ast.expr | None, source: Source, names: Names) -> Node | None:
    value = None if item is None else fold(item, names)
    return source.scalar(item, value) if item is not None and isinstance(value, str) else None


def _watcher(call: ast.Call, full: str, source: Source, names: Names) -> Node:
    """Lay a callback out with what it monitors; Keras watches ``val_loss`` if it is not told."""
    node = source.marked(call, "callback")
    if _LIGHTNING.search(full):
        node.pairs.append((source.word(call, "_target_"), source.scalar(call, full)))
    # Only a checkpoint's first argument is another one, its path.
    item = argument(call, 99 if full.endswith("ModelCheckpoint") else 0, "monitor")
    monitor = _text(item, source, names)
    if item is None and _KERAS.search(full) and not _unpacks(call):
        monitor = source.scalar(call, "val_loss")
    if monitor is not None:
        node.pairs.append((source.word(item or call, "monitor"), monitor))
    _add_mode(node, argument(call, 99, "mode"), source, names)
    return node


def _add_mode(node: Node, mode: ast.expr | None, source: Source, names: Names) -> None:
    """Add which way the metric goes, where the call says it; unknown where it is computed."""
    if mode is not None:
        told = _text(mode, source, names) or source.scalar(mode, "", known=False)
        node.pairs.append((source.word(mode, "mode"), told))


def _mark_training(node: Node, source: Source, call: ast.Call) -> None:
    """Mark a callback of Keras that watches the training data; its scores have no ``val_``."""
    monitor = node.get("monitor")
    at = argument(call, 0, "monitor")
    if monitor is not None and at is not None and monitor.text in _OF_TRAINING:
        marked = source.scalar(at, monitor.text)
        node.pairs.append((source.word(at, "watches_training"), marked))


def _unpacks(call: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in call.keywords)


def _stepped(call: ast.Call, calls: list[ast.Call], source: Source, names: Names) -> list[Node]:
    """Lay torch's schedule out with the metric that the script steps it with."""
    owner = next(
        (
            dotted(item.targets[0])
            for item in ast.walk(source.module)
            if isinstance(item, ast.Assign) and item.value is call and len(item.targets) == 1
        ),
        "",
    )
    steps = [
        item
        for item in calls
        if owner and dotted(item.func) == f"{owner}.step" and (item.args or item.keywords)
    ]
    metrics = {_name_of(argument(item, 0, "metrics")) for item in steps} - {""}
    if len(metrics) != 1 or _unpacks(call):
        return []
    at = argument(steps[0], 0, "metrics") or call
    node = source.marked(call, "callback")
    node.pairs.append((source.word(call, "_target_"), source.scalar(call, _TORCH)))
    node.pairs.append((source.word(at, "monitor"), source.scalar(at, metrics.pop())))
    _add_mode(node, argument(call, 1, "mode"), source, names)
    return [node]


def _name_of(item: ast.expr | None) -> str:
    """Return the name of a value; a value that is computed on the spot has none."""
    if isinstance(item, (ast.Name, ast.Attribute)):
        return dotted(item).rsplit(".", 1)[-1]
    if isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Constant):
        return str(item.slice.value)
    return ""


def _order(
    stops: list[ast.Call], falls: list[ast.Call], source: Source, names: Names
) -> list[Node]:
    """Lay the patience of the one stop beside that of the one schedule of a script."""
    if len(stops) != 1 or len(falls) != 1:
        return []
    watched = {_monitor(call, names) for call in (stops[0], falls[0])}
    stop = argument(stops[0], 2, "patience")
    fall = argument(falls[0], 2, "patience")
    if len(watched) != 1 or None in watched or stop is None or fall is None:
        return []
    if not (is_number(fold(stop, names)) and is_number(fold(fall, names))):
        return []
    node = source.marked(falls[0], "patience")
    for key, item in (("stop_patience", stop), ("plateau_patience", fall)):
        node.pairs.append((source.word(item, key), source.scalar(item, fold(item, names))))
    return [node]


def _monitor(call: ast.Call, names: Names) -> str | None:
    item = argument(call, 0, "monitor")
    value = "val_loss" if item is None else fold(item, names)
    return value if isinstance(value, str) else None
