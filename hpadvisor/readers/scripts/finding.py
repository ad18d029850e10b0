"""Where a call stands in a script: what holds it, what names it, what the script imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hpadvisor.readers.scripts.folding import Names, walked

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def argument(call: ast.Call, index: int, *names: str) -> ast.expr | None:
    """Return an argument by its name, or by its position where nothing is unpacked before it."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    before = call.args[: index + 1]
    if len(before) <= index or any(isinstance(item, ast.Starred) for item in before):
        return None
    return before[index]


def text_of(item: ast.expr | ast.keyword) -> str:
    """Return a name as text, with ``{}`` for what only running would tell."""
    if isinstance(item, ast.keyword):
        return item.arg or "{}"
    if isinstance(item, ast.Constant):
        return str(item.value)
    if isinstance(item, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in item.values
        )
    if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
        return text_of(item.func.value) if item.func.attr == "format" else "{}"
    if isinstance(item, ast.BinOp) and isinstance(item.op, (ast.Add, ast.Mod)):
        joined = isinstance(item.op, ast.Add)
        return text_of(item.left) + (text_of(item.right) if joined else "")
    return "{}"


class Where:
    """Parents of every node of a module, its imports, and the names that it assigns.

    Args:
        module: The module.
        names: Its assignments.
    """

    def __init__(self, module: ast.Module, names: Names) -> None:
        self.module = module
        self.names = names
        self._parents: dict[ast.AST, ast.AST] = {}
        self._imported: set[str] = set()
        for parent in walked(module):
            self._parents.update(dict.fromkeys(ast.iter_child_nodes(parent), parent))
            if isinstance(parent, ast.Import):
                self._imported.update(name.name.split(".")[0] for name in parent.names)
            elif isinstance(parent, ast.ImportFrom) and parent.module:
                self._imported.add(parent.module.split(".")[0])

    def imports(self, *packages: str) -> bool:
        """Whether the script imports one of several packages."""
        return not self._imported.isdisjoint(packages)

    def above(self, item: ast.AST) -> Iterator[ast.AST]:
        """Yield what holds a node, from the inside outwards."""
        while item in self._parents:
            item = self._parents[item]
            yield item

    def key_of(self, call: ast.Call) -> ast.expr | ast.keyword | None:
        """Return the key, keyword or index under which the value of a call is put."""
        child: ast.AST = call
        for parent in self.above(call):
            if isinstance(parent, ast.Dict):
                for key, value in zip(parent.keys, parent.values, strict=True):
                    if value is child:
                        return key
                return None
            if isinstance(parent, ast.keyword):
                return parent
            if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
                target = parent.targets[0]
                if isinstance(target, ast.Subscript):
                    return target.slice
                return target if isinstance(target, ast.Name) else None
            if isinstance(parent, ast.stmt):
                return None
            child = parent
        return None

    def group(self, item: ast.AST) -> object:
        """Return the outermost function or class that holds a node, else its dictionary."""
        found: object = None
        outer_dict: object = None
        for parent in self.above(item):
            if isinstance(parent, (*_FUNCTIONS, ast.ClassDef)):
                found = parent
            if isinstance(parent, ast.Dict):
                outer_dict = parent
        return found if found is not None else outer_dict

    def is_conditional(self, item: ast.AST) -> bool:
        """Whether a node stands in a branch or a loop of the function that holds it."""
        child: ast.AST = item
        for parent in self.above(item):
            if isinstance(parent, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
                return False
            if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
                return not _is_main(parent)
            if isinstance(parent, (ast.For, ast.While, ast.comprehension, ast.ListComp)):
                return True
            child = parent
        return False

    def is_rounded(self, item: ast.AST) -> bool:
        """Whether the value of a node is turned into a whole number at once."""
        parent = self._parents.get(item)
        if not isinstance(parent, ast.Call) or not isinstance(parent.func, ast.Name):
            return False
        return parent.func.id in ("int", "round")


def _is_main(item: ast.If | ast.IfExp) -> bool:
    test = item.test
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and (
        test.left.id == "__name__"
    )  # fmt: skip


def mentioned(item: ast.AST) -> set[str]:
    """Return every name that stands in an expression or a function."""
    return {part.id for part in ast.walk(item) if isinstance(part, ast.Name)}
