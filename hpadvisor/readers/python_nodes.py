"""Python config files to a tree of nodes, read as syntax, never run.

OpenMMLab's and MMEngine's (``dict(…)``, ``_base_``), detectron2's LazyConfig
(``L(AdamW)(lr=…)``, ``optimizer.lr = …``), nanoGPT's plain assignments. Module-level assignments
become the keys of one mapping; what is put into a part of a name afterwards is put there. A name
that was assigned before stands for its value; whatever else only running would give is kept as an
unknown scalar (tag :data:`UNKNOWN_TAG`).
"""

from __future__ import annotations

import ast
from pathlib import Path

from hpadvisor.readers.numbers import unusable
from hpadvisor.readers.scripts.folding import UNKNOWN, Names, dotted, fold, is_number
from hpadvisor.readers.scripts.source import UNKNOWN_TAG, Source, parse_script
from hpadvisor.readers.yaml_nodes import MAX_DEPTH, Node

__all__ = ["UNKNOWN_TAG", "compose"]

_MAPPINGS = frozenset({"dict", "ConfigDict", "Config", "edict", "EasyDict", "OrderedDict"})
_LAZY = frozenset({"L", "LazyCall"})
_UPDATES = frozenset({"update", "merge"})


def compose(text: str, path: str | Path) -> list[Node]:
    """Compose the module-level assignments of a Python text.

    Args:
        text: The source.
        path: Its name, for messages.

    Returns:
        A list with one mapping: names to values.

    Raises:
        UserError: not Python, or nested too deep.
    """
    return [_Builder(parse_script(text, path)).run()]


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.folding = Names(source.module)
        self.names: dict[str, Node] = {}
        self.root = source.whole()
        self.read = {
            item.id
            for item in ast.walk(source.module)
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)
        }

    def run(self) -> Node:
        """Collect what a module assigns, in order."""
        for statement in self.source.module.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                self._assign(statement.targets[0], statement.value)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._assign(statement.target, statement.value)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._update(statement.value)
        return self.root

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            node = self.value(value, 0)
            self.names[target.id] = node
            self._put(self.root, self.source.word(target, target.id), node)
            return
        steps = _steps(target)
        holder = None if steps is None else self._holder(steps[:-1], target)
        if holder is not None and steps is not None:
            self._put(holder, self.source.word(target, steps[-1]), self.value(value, 0))

    def _update(self, call: ast.Call) -> None:
        """Read ``optim_wrapper.update(dict(…))`` and ``model.merge(lr=…)``."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _UPDATES:
            return
        steps = _steps(call.func.value)
        if steps is None:
            return
        added = [self.value(argument, 0) for argument in call.args]
        pairs = [pair for node in added if node.kind == "mapping" for pair in node.pairs]
        pairs += self._keywords(call, 0)
        holder = self._holder(steps, call.func.value) if pairs else None
        if holder is not None:
            for key, value in pairs:
                self._put(holder, key, value)

    def _holder(self, steps: list[str], at: ast.expr) -> Node | None:
        """Return the mapping at a path, made where there is none; None where a value stands."""
        node = self.root
        for step in steps:
            found = node.get(step)
            if found is None or (found.kind == "scalar" and found.tag == UNKNOWN_TAG):
                made = self.source.node("mapping", at)
                base = "" if found is None else found.text
                if base:
                    # What another file gives under this name is not known, its last name is.
                    made.pairs.append(
                        (self.source.word(at, "_base_name_"), self.source.scalar(at, base))
                    )
                self._put(node, self.source.word(at, step), made)
                found = made
            if found.kind != "mapping":
                return None
            node = found
        return node

    def _put(self, holder: Node, key: Node, value: Node) -> None:
        """Give a name its value; in a program that runs downwards the last one stands.

        Only two plain values of one top-level name that nothing in the file reads are both kept:
        the first was never of use.
        """
        old = holder.get(key.text)
        twice = holder is self.root and key.text not in self.read
        twice = twice and old is not None and _is_plain(old) and _is_plain(value)
        if old is not None and not twice:
            holder.pairs = [pair for pair in holder.pairs if pair[0].text != key.text]
        holder.pairs.append((key, value))

    def value(self, item: ast.expr, depth: int) -> Node:
        """Turn an expression into a node; what cannot be read is an unknown scalar."""
        if depth > MAX_DEPTH:
            return self.source.scalar(item, "", known=False)
        if isinstance(item, ast.Call):
            return self._call(item, depth)
        if isinstance(item, ast.Dict):
            return self._dict(item, depth)
        if isinstance(item, (ast.List, ast.Tuple)):
            node = self.source.node("sequence", item)
            node.items = [self.value(element, depth + 1) for element in item.elts]
            return node
        if isinstance(item, ast.Name) and item.id in self.names:
            return self.names[item.id]
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Call):
            node = self.source.scalar(item, "", known=False)
            node.text = item.attr
            return node
        if isinstance(item, (ast.Name, ast.Attribute)):
            return self.source.scalar(item, dotted(item))
        return self._folded(item)

    def _folded(self, item: ast.expr) -> Node:
        value = fold(item, self.folding)
        if value is UNKNOWN or isinstance(value, list) or (is_number(value) and unusable(value)):
            return self.source.scalar(item, "", known=False)
        return self.source.scalar(item, value)

    def _call(self, item: ast.Call, depth: int) -> Node:
        lazy = isinstance(item.func, ast.Call) and dotted(item.func.func) in _LAZY
        if not lazy and (dotted(item.func) not in _MAPPINGS or item.args):
            return self.source.scalar(item, "", known=False)
        node = self.source.node("mapping", item)
        if lazy and isinstance(item.func, ast.Call) and item.func.args:
            target = item.func.args[0]
            pair = self.source.word(target, "_target_"), self.source.scalar(target, dotted(target))
            node.pairs.append(pair)
        node.pairs += self._keywords(item, depth)
        return node

    def _keywords(self, item: ast.Call, depth: int) -> list[tuple[Node, Node]]:
        return [
            (self.source.word(word, word.arg, len(word.arg)), self.value(word.value, depth + 1))
            for word in item.keywords
            if word.arg is not None
        ]

    def _dict(self, item: ast.Dict, depth: int) -> Node:
        node = self.source.node("mapping", item)
        for key, value in zip(item.keys, item.values, strict=True):
            if isinstance(key, ast.Constant):
                name = self.source.scalar(key, str(key.value))
                node.pairs.append((name, self.value(value, depth + 1)))
        return node


def _is_plain(node: Node) -> bool:
    return node.kind == "scalar" and node.tag != UNKNOWN_TAG


def _steps(item: ast.expr) -> list[str] | None:
    """Return the names that lead to a part: ``a.b["c"]`` gives a, b, c."""
    steps: list[str] = []
    while not isinstance(item, ast.Name):
        if isinstance(item, ast.Attribute):
            steps.append(item.attr)
            item = item.value
        elif isinstance(item, ast.Subscript) and isinstance(item.slice, ast.Constant):
            steps.append(str(item.slice.value))
            item = item.value
        else:
            return None
    return [item.id, *reversed(steps)]
