"""The parts that a Hydra defaults list composes, parts of parts included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hpadvisor.readers.documents import Document
from hpadvisor.readers.yaml_nodes import Node

MAX_ANCESTORS = 4
_MAX_PARTS = 60
_MAX_DEPTH = 8

Read = Callable[[Path], Document | None]


class _Choice(NamedTuple):
    """One entry of a defaults list: a group and the option chosen in it."""

    group: tuple[str, ...]
    option: str
    absolute: bool
    overrides: bool
    optional: bool


def parts_of(path: Path, read: Read) -> list[tuple[tuple[str, ...], Document]]:
    """Return the parts that a config's defaults list composes, each with its group.

    A part stands before the parts it names itself, whose values it overrides; an ``override``
    entry takes the place of what was chosen before. What is interpolated, missing or Hydra's own
    is left out.

    Args:
        path: The config.
        read: Reads a file; None where it cannot be read.
    """
    chosen: dict[tuple[str, ...], list[tuple[tuple[str, ...], Document]]] = {}
    _compose(path, (), read, chosen, 0)
    return [part for parts in chosen.values() for part in parts]


def _compose(
    path: Path,
    package: tuple[str, ...],
    read: Read,
    chosen: dict[tuple[str, ...], list[tuple[tuple[str, ...], Document]]],
    depth: int,
) -> None:
    document = read(path)
    if document is None or depth > _MAX_DEPTH:
        return
    for choice in _choices(document):
        group = choice.group if choice.absolute else (*package, *choice.group)
        file = _file(path, choice, depth)
        part = None if file is None else read(file)
        if file is None or part is None or sum(map(len, chosen.values())) >= _MAX_PARTS:
            continue
        held = chosen.setdefault(group, [])
        if choice.overrides:
            held.clear()
        if all(known is not part for _, known in held):
            held.append((group, part))
            _compose(file, group, read, chosen, depth + 1)


def is_whole(path: Path, read: Read) -> bool:
    """Whether every file that the parts of a config name themselves is there.

    Args:
        path: The config.
        read: Reads a file; None where it cannot be read.
    """
    return all(
        choice.optional or _file(Path(part.path), choice, 1) is not None
        for _, part in parts_of(path, read)
        for choice in _choices(part)
    )


def _choices(document: Document) -> Iterator[_Choice]:
    for root in document.roots:
        defaults = root.get("defaults") if root.kind == "mapping" else None
        for item in [] if defaults is None else defaults.items:
            choice = _choice(item)
            if choice is not None:
                yield choice


def _choice(item: Node) -> _Choice | None:
    """Read an entry; None where it names no file that can be told."""
    if item.kind == "scalar":
        words = ["", item.text]
    elif item.kind == "mapping" and item.pairs and item.pairs[0][1].kind == "scalar":
        words = [item.pairs[0][0].text, item.pairs[0][1].text]
    else:
        return None
    *before, group = words[0].split(" ")
    group, option = group.split("@")[0], words[1].split("@")[0].removesuffix(".yaml")
    if option in ("", "_self_", "???", "null") or "${" in option or "hydra" in group:
        return None
    whole = PurePosixPath(f"{group}/{option}" if group else option)
    steps = tuple(step for step in whole.parts if step != "/")
    if not steps or ".." in steps:
        return None
    named = tuple(step for step in group.split("/") if step) if group else steps[:-1]
    return _Choice(
        named,
        option if group else steps[-1],
        absolute=whole.is_absolute(),
        overrides="override" in before,
        optional="optional" in before,
    )


def _file(path: Path, choice: _Choice, depth: int) -> Path | None:
    """Return the file of an entry: beside the config, or from a folder above where it may be."""
    above = list(path.resolve().parents)[1:MAX_ANCESTORS]
    beside = [] if choice.absolute and depth else [path.parent]
    for folder in [*beside, *(above if choice.absolute or not depth else [])]:
        candidate = folder.joinpath(*choice.group) / f"{choice.option}.yaml"
        if is_file(candidate) and candidate.resolve() != path.resolve():
            return candidate
    return None


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
