"""Python expressions to values, where the source alone tells them."""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from hpadvisor.readers.numbers import unusable


class _Unknown:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A value that only running the program would give."""
_DEEPEST = 40
_MOST = 2_000
"""Members of the longest list that is computed."""
_FUNCTIONS: dict[str, Any] = {
    "log": math.log, "log10": math.log10, "log2": math.log2, "exp": math.exp, "sqrt": math.sqrt,
    "float": float, "int": int, "round": round, "abs": abs, "pow": pow,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], Any] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.FloorDiv: lambda a, b: a // b, ast.Pow: lambda a, b: a**b,
    ast.Mod: lambda a, b: a % b,
}  # fmt: skip


def dotted(item: ast.expr) -> str:
    """Return ``a.b.c`` of names and attributes; what is called before them is dropped."""
    parts: list[str] = []
    while isinstance(item, ast.Attribute) and len(parts) < _DEEPEST:
        parts.append(item.attr)
        item = item.value
    if isinstance(item, ast.Name):
        parts.append(item.id)
    return ".".join(reversed(parts))


def walked(module: ast.AST) -> list[ast.AST]:
    """Return every node of a tree, from the outside inwards: ``ast.walk`` in half its time."""
    nodes = [module]
    for node in nodes:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return nodes


class Names:
    """Assignments of a module, to look up what a name stands for.

    Args:
        module: The module.
        nodes: Every node of it, where they are at hand.
    """

    def __init__(self, module: ast.Module, nodes: list[ast.AST] | None = None) -> None:
        self._assigned: dict[str, list[tuple[int, ast.expr]]] = defaultdict(list)
        self.keyed: dict[str, list[tuple[str, ast.expr, ast.stmt]]] = defaultdict(list)
        for statement in nodes or walked(module):
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                self._add(statement.targets[0], statement.value, statement)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._add(statement.target, statement.value, statement)
        for members in self._assigned.values():
            members.sort(key=lambda member: member[0])

    def _add(self, target: ast.expr, value: ast.expr, statement: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            self._assigned[target.id].append((statement.lineno, value))
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = target.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                self.keyed[target.value.id].append((key.value, value, statement))

    def of(self, name: str, line: int) -> ast.expr | None:
        """Return what was assigned to a name last before a line, or the only thing ever."""
        members = self._assigned.get(name, [])
        before = [value for at, value in members if at < line]
        if before:
            return before[-1]
        return members[0][1] if len(members) == 1 else None


def fold(item: ast.expr, names: Names, depth: int = 0) -> Any:
    """Return the value of an expression of literals, arithmetic and known names.

    Returns:
        A number, text, bool, None, tuple or list; :data:`UNKNOWN` where running would tell.
    """
    if depth > _DEEPEST:
        return UNKNOWN
    folds = _FOLDS.get(type(item))
    value = UNKNOWN if folds is None else folds(item, names, depth)
    return UNKNOWN if is_number(value) and unusable(value) else value


def _constant(item: ast.Constant, names: Names, depth: int) -> Any:
    kept = isinstance(item.value, (int, float, str, bool)) or item.value is None
    return item.value if kept else UNKNOWN


def _name(item: ast.Name, names: Names, depth: int) -> Any:
    value = names.of(item.id, item.lineno)
    return UNKNOWN if value is None or value is item else fold(value, names, depth + 1)


def _sign(item: ast.UnaryOp, names: Names, depth: int) -> Any:
    value = fold(item.operand, names, depth + 1)
    if not isinstance(item.op, (ast.USub, ast.UAdd)) or not is_number(value):
        return UNKNOWN
    return -value if isinstance(item.op, ast.USub) else value


def _members(item: ast.List | ast.Tuple | ast.Set, names: Names, depth: int) -> Any:
    return [fold(element, names, depth + 1) for element in item.elts][:_MOST]


def is_number(value: Any) -> bool:
    """Whether a folded value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _operation(item: ast.BinOp, names: Names, depth: int) -> Any:
    left, right = fold(item.left, names, depth + 1), fold(item.right, names, depth + 1)
    operator = _OPERATORS.get(type(item.op))
    if operator is None or not (is_number(left) and is_number(right)):
        return UNKNOWN
    if isinstance(item.op, ast.Pow) and (abs(right) > 400 or abs(left) > 1e6):
        return UNKNOWN
    try:
        value = operator(left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return value if is_number(value) else UNKNOWN


def _call(item: ast.Call, names: Names, depth: int) -> Any:
    name = dotted(item.func).rsplit(".", 1)[-1]
    values = [fold(argument, names, depth + 1) for argument in item.args]
    if name in ("list", "tuple", "sorted", "array") and len(values) == 1:
        return values[0] if isinstance(values[0], list) else UNKNOWN
    if name in ("range", "arange", "linspace", "logspace", "geomspace"):
        keywords = {word.arg: fold(word.value, names, depth + 1) for word in item.keywords}
        return _series(name, values, keywords)
    function = _FUNCTIONS.get(name)
    if function is None or not values or not all(is_number(value) for value in values):
        return UNKNOWN
    try:
        return function(*values)
    except (ArithmeticError, ValueError, TypeError):
        return UNKNOWN


def _series(name: str, values: list[Any], keywords: dict[str | None, Any]) -> Any:
    if not values or not all(is_number(value) for value in values):
        return UNKNOWN
    if name in ("range", "arange"):
        start, stop = (0, values[0]) if len(values) == 1 else values[:2]
        step = values[2] if len(values) > 2 else keywords.get("step", 1)
        return _even(start, stop, step)
    number = values[2] if len(values) > 2 else keywords.get("num", 50)
    if len(values) < 2 or not isinstance(number, int) or not 0 < number <= _MOST:
        return UNKNOWN
    low, high = values[:2]
    shares = [index / max(1, number - 1) for index in range(number)]
    if name == "linspace":
        return [low + (high - low) * share for share in shares]
    if name == "geomspace":
        if low <= 0 or high <= 0:
            return UNKNOWN
        low, high = math.log10(low), math.log10(high)
    if max(abs(low), abs(high)) > 300:
        return UNKNOWN
    return [10 ** (low + (high - low) * share) for share in shares]


def _even(start: Any, stop: Any, step: Any) -> Any:
    if not is_number(step) or step == 0:
        return UNKNOWN
    count = math.ceil((stop - start) / step - 1e-9)
    if count > _MOST:
        return UNKNOWN
    return [start + step * index for index in range(max(0, count))]


def _comprehension(item: ast.ListComp, names: Names, depth: int) -> Any:
    """Compute ``[2**i for i in range(4, 7)]``: one loop, no condition."""
    if len(item.generators) != 1:
        return UNKNOWN
    loop = item.generators[0]
    if loop.ifs or not isinstance(loop.target, ast.Name):
        return UNKNOWN
    members = fold(loop.iter, names, depth + 1)
    if not isinstance(members, list) or len(members) > 200:
        return UNKNOWN
    return [_with(item.elt, loop.target.id, value, names, depth) for value in members]


def _with(item: ast.expr, name: str, value: Any, names: Names, depth: int) -> Any:
    bound = _Bound(name, value)
    return fold(bound.visit(_copy(item)), names, depth + 1)


class _Bound(ast.NodeTransformer):
    def __init__(self, name: str, value: Any) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != self.name or self.value is UNKNOWN:
            return node
        return ast.copy_location(ast.Constant(self.value), node)


def _copy(item: ast.expr) -> ast.expr:
    import copy

    return copy.deepcopy(item)


_FOLDS: dict[type[ast.expr], Any] = {
    ast.Constant: _constant, ast.Name: _name, ast.UnaryOp: _sign, ast.BinOp: _operation,
    ast.List: _members, ast.Tuple: _members, ast.Set: _members, ast.ListComp: _comprehension,
    ast.Call: _call,
}  # fmt: skip


def relative_ratio(low: ast.expr, high: ast.expr, names: Names) -> float | None:
    """Return high divided by low where both are one unknown value times a number.

    ``base / 10`` and ``base * 10`` are a factor of 100 apart, whatever ``base`` is.
    """
    first, second = _scaled(low, names), _scaled(high, names)
    if first is None or second is None or first[0] != second[0] or first[1] <= 0:
        return None
    return second[1] / first[1]


def _scaled(item: ast.expr, names: Names) -> tuple[str, float] | None:
    if isinstance(item, (ast.Name, ast.Attribute)):
        return ast.dump(item), 1.0
    if not isinstance(item, ast.BinOp) or not isinstance(item.op, (ast.Mult, ast.Div)):
        return None
    factor = fold(item.right, names)
    inner = _scaled(item.left, names)
    if inner is None or not is_number(factor) or factor == 0:
        return None
    return inner[0], inner[1] * factor if isinstance(item.op, ast.Mult) else inner[1] / factor


def returns_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield what a function returns; functions inside of it return for themselves."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Return) and item.value is not None:
            yield item.value
        if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(item))
