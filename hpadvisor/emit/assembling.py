"""One file out of a script and the parts of ``hpadvisor.search`` that it takes.

The build step of ``--standalone``. Modules are read as text, cut at their top-level statements by
the syntax tree, and written one after another, what they import first; statements that nothing
asks for are left out. Their imports from each other fall away, all others are merged at the top.
There is one namespace then, so two modules may not define the same name: that is an error here,
and a test of the project assembles every template.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files

PACKAGE = "hpadvisor."
LIBRARY = "hpadvisor.search"
_RULE = "-" * 32


@dataclass
class Statement:
    """A top-level statement: its text with the comments above it, what it defines and uses."""

    text: str
    defines: set[str]
    uses: set[str]


@dataclass
class Module:
    """A module, cut into statements."""

    name: str
    docstring: str = ""
    statements: list[Statement] = field(default_factory=list)
    inner: dict[str, str] = field(default_factory=dict)
    """Imported names of our own package, and the modules they come from."""
    outer: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Other imported names: the module, and the name in it (None for the module itself)."""


def assemble(script: str, also: Iterable[str] = ()) -> str:
    """Return a script with the parts of the library in it that it takes.

    Args:
        script: A module that imports names from ``hpadvisor.search``.
        also: Other public names of the library, for whoever imports the file.

    Raises:
        ValueError: Two modules define the same name, or one imports in a way that is not known.
    """
    main = cut("__main__", script)
    main.inner.update({name: _place(LIBRARY, name) for name in also})
    modules = _in_order(main)
    wanted = _reachable({module.name: module for module in modules}, main)
    kept = [
        (module, [s for s in module.statements if module is main or _is_wanted(module, s, wanted)])
        for module in modules
    ]
    _check_names(kept)
    used = {(m.name, name) for m, statements in kept for s in statements for name in s.uses}
    outer = {n: place for m in modules for n, place in m.outer.items() if (m.name, n) in used}
    parts = [f'"""{main.docstring}"""\n', "from __future__ import annotations\n", _imports(outer)]
    for module, statements in kept:
        if not statements:
            continue
        title = "the plan, and the training" if module is main else module.name
        parts.append(f"\n# {_RULE} {title}\n")
        parts += [statement.text for statement in statements]
    return "\n".join(parts)


def cut(name: str, text: str) -> Module:
    """Cut a module at its top-level statements.

    Args:
        name: Dotted name.
        text: Its source.

    Raises:
        ValueError: It imports in a way that is not known here.
    """
    tree, lines = ast.parse(text), text.splitlines(keepends=True)
    module, end = Module(name), 0
    for place, node in enumerate(tree.body):
        start, end = end, node.end_lineno or 0
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said = str(node.value.value)
            if place == 0:
                module.docstring = said
            else:  # what is said of the constant above
                module.statements[-1].text += "".join(lines[start:end])
        elif isinstance(node, ast.Import | ast.ImportFrom):
            _import(module, node)
        else:
            code = "".join(lines[start:end]).lstrip("\n")
            space = "\n" if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If) else ""
            module.statements.append(Statement(space + code, set(_defines(node)), _uses(node)))
    return module


def _import(module: Module, node: ast.Import | ast.ImportFrom) -> None:
    source = node.module or "" if isinstance(node, ast.ImportFrom) else None
    if source == "__future__":
        return
    for alias in node.names:
        bound = alias.asname or alias.name
        if source is not None and source.startswith(PACKAGE):
            if bound != alias.name:
                raise ValueError(f"{module.name}: {alias.name} is imported as {bound}")
            module.inner[bound] = _place(source, bound)
        elif source is None:
            module.outer[bound.split(".")[0] if alias.asname is None else bound] = (
                alias.name,
                None,
            )
        else:
            module.outer[bound] = (source, alias.name)


def _place(source: str, name: str) -> str:
    """Return the module in which a name is defined that is imported from the library itself."""
    if source != LIBRARY:
        return source
    from hpadvisor.search import PLACES

    return f"{LIBRARY}.{PLACES[name]}"


def _defines(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
    else:  # imports under a guard
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                yield from (alias.asname or alias.name for alias in inner.names)


def _uses(node: ast.stmt) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _in_order(main: Module) -> list[Module]:
    """Return the modules that a script needs, each after those that it imports from."""
    found: dict[str, Module] = {}

    def visit(name: str, module: Module) -> None:
        for needed in module.inner.values():
            if needed not in found:
                visit(needed, cut(needed, _source(needed)))
        found.setdefault(name, module)

    visit(main.name, main)
    return list(found.values())


def _source(name: str) -> str:
    folder = files("hpadvisor").joinpath(*name.split(".")[1:-1])
    return folder.joinpath(f"{name.rsplit('.', maxsplit=1)[-1]}.py").read_text(encoding="utf-8")


def _check_names(kept: Iterable[tuple[Module, list[Statement]]]) -> None:
    """Refuse a name that means two things: there is only one namespace in the file."""
    meanings: dict[str, object] = {}
    for module, statements in kept:
        defined = {name for s in statements for name in s.defines}
        used = {name for s in statements for name in s.uses} - defined
        here: dict[str, object] = dict.fromkeys(defined, module.name)
        here |= {name: module.outer[name] for name in used if name in module.outer}
        for name, meaning in here.items():
            if meanings.setdefault(name, meaning) != meaning:
                raise ValueError(f"{name} means two things: {meanings[name]}, {meaning}")


def _is_wanted(module: Module, statement: Statement, wanted: set[tuple[str, str]]) -> bool:
    return any((module.name, name) in wanted for name in statement.defines)


def _reachable(modules: dict[str, Module], main: Module) -> set[tuple[str, str]]:
    """Return the module and name of all that the script asks for, itself or through others."""
    names = [*main.inner, *(name for s in main.statements for name in s.uses)]
    waiting = [(main.name, name) for name in names]
    wanted: set[tuple[str, str]] = set()
    while waiting:
        place, name = waiting.pop()
        module = modules[place]
        if name in module.inner:
            waiting.append((module.inner[name], name))
        elif (place, name) not in wanted:
            wanted.add((place, name))
            uses = (s.uses for s in module.statements if name in s.defines)
            waiting += [(place, used) for each in uses for used in each]
    return wanted


def _imports(outer: dict[str, tuple[str, str | None]]) -> str:
    """Return import statements, those of other packages under a guard that names them."""
    own = {n: place for n, place in outer.items() if _root(place[0]) in sys.stdlib_module_names}
    own["sys"] = ("sys", None)
    others = {name: place for name, place in outer.items() if name not in own}
    lines = list(_import_lines(own))
    if not others:
        return "\n".join(lines) + "\n"
    packages = " and ".join(sorted({_root(place[0]) for place in others.values()}))
    return "\n".join(
        [
            *lines,
            "",
            "try:",
            *(f"    {line}" for line in _import_lines(others)),
            "except ImportError as error:",
            '    if __name__ != "__main__":',
            "        raise",
            f'    sys.stderr.write(f"This script needs {packages}: pip install '
            f'{packages.replace(" and ", " ")} ({{error}})\\n")',
            "    raise SystemExit(2) from None",
            "",
        ]
    )


def _import_lines(names: dict[str, tuple[str, str | None]]) -> Iterator[str]:
    whole = {(place, name) for name, (place, inner) in names.items() if inner is None}
    for place, name in sorted(whole):
        yield f"import {place}" + ("" if name == _root(place) else f" as {name}")
    parts: dict[str, list[str]] = {}
    for name, (place, inner) in names.items():
        if inner is not None:
            parts.setdefault(place, []).append(inner if inner == name else f"{inner} as {name}")
    for place in sorted(parts):
        yield f"from {place} import {', '.join(sorted(parts[place]))}"


def _root(name: str) -> str:
    return name.split(".", maxsplit=1)[0]
