"""Where the shipped rules stand; a module of its own, because check needs nothing else of it."""

from __future__ import annotations

from pathlib import Path


def builtin_rules() -> Path:
    """Return the folder of the rules that ship with the package.

    In an installed wheel they stand inside the package, in a checkout beside it.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "_rules"
    return inside if inside.is_dir() else package.parent / "rules"
