"""Which folders and stores below a folder are searches, told by the files that engines write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import (
    keras_tuner,
    mlflow_folder,
    ray_tune,
    smac,
    sqlite,
    syne_tune,
    wandb_folder,
)
from hpadvisor.readers.searches.record import ReadOptions, Study

Reader = Callable[[Path, ReadOptions], Study]
_MAX_DEPTH = 3


def candidates(path: Path, read_store: Reader, depth: int = 0) -> list[tuple[Path, Reader]]:
    """Searches in a folder and, if it is none itself, in its subfolders.

    Args:
        path: The folder.
        read_store: Reads a file that holds a search.
        depth: How deep this folder lies in the one that the user gave.

    Returns:
        Each search with what reads it.
    """
    reader = _reader_of(path)
    if reader is not None:
        return [(path, reader)]
    found: list[tuple[Path, Reader]] = []
    for child in sorted(path.iterdir()):
        if child.is_dir() and not child.is_symlink() and depth < _MAX_DEPTH:
            found += candidates(child, read_store, depth + 1)
        elif child.suffix in (".db", ".sqlite", ".sqlite3", ".log") and _is_store(child):
            found.append((child, read_store))
    return found


def _reader_of(path: Path) -> Reader | None:
    if (path / "oracle.json").is_file():
        return keras_tuner.read
    if (path / "runhistory.json").is_file():
        return smac.read
    results = (path / "results.csv.zip").is_file() or (path / "results.csv").is_file()
    if (path / "metadata.json").is_file() and results:
        return syne_tune.read
    if next(path.glob("experiment_state-*.json"), None) or _ray_trials(path):
        return ray_tune.read
    if wandb_folder.run_folders(path):
        return wandb_folder.read
    is_mlflow = next(path.glob("*/meta.yaml"), None) is not None
    return mlflow_folder.read if is_mlflow else None


def _ray_trials(path: Path) -> bool:
    """Whether folders below are Ray's trials: many scripts call their settings params.json."""
    for file in path.glob("*/params.json"):
        if any((file.parent / name).is_file() for name in ("result.json", "progress.csv")):
            return True
    return False


def _is_store(path: Path) -> bool:
    try:
        head = path.open("rb").read(4096)
    except OSError:
        return False
    if head.startswith(sqlite.MAGIC):
        return _of_an_engine(path)
    return b'"op_code"' in head.split(b"\n", 1)[0]


def _of_an_engine(path: Path) -> bool:
    """Whether a database is a search; one that cannot be read is, so that its reader says why."""
    try:
        with sqlite.opened(path) as db:
            return bool(sqlite.engine_of(sqlite.tables(db)))
    except UserError:
        return True
