"""Where the shipped rules stand; a module of its own, because check needs little else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hpadvisor.errors import UserError


def builtin_rules() -> Path:
    """Return the folder of the rules that ship with the package.

    In an installed wheel they stand inside the package, in a checkout beside it.

    Raises:
        UserError: they are no files: the package is imported from an archive.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_rules", package.parent / "rules"):
        if folder.is_dir():
            return folder
    raise UserError(
        "an archive, in which the rules are no files", path=package.parent,
        remedy="Install it: python -m pip install FILE.whl.",
    )  # fmt: skip


def rule_files(root: Path, without: Sequence[str] = ()) -> list[Path]:
    """Return the rules files below a folder, sorted, some of its own folders left out."""
    folders = [entry for entry in sorted(root.iterdir()) if entry.name not in without]
    return [
        path
        for entry in folders
        for path in ([entry] if entry.suffix == ".yaml" else sorted(entry.rglob("*.yaml")))
    ]
