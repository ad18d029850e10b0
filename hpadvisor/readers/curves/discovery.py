"""Paths, folders and globs to single logs; each is recognised by its content."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.errors import UserError

_LOG_NAMES = (
    "trainer_state.json",
    "metrics.json",
    "metrics.jsonl",
    "history.json",
    "results.csv",
    "summary.csv",
    "progress.csv",
    "metrics.csv",
    "training_log.csv",
    "log.csv",
    "mlflow.db",
    "log_history.json",
)
_LOG_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".log")
_LOG_WORDS = re.compile(r"(history|metrics|log|train|curve|progress|stdout)", re.IGNORECASE)
_SKIP_FOLDERS = frozenset((".git", "__pycache__", "node_modules", ".venv", "wandb-cache"))
_CHECKPOINT = re.compile(r"^checkpoint-(\d+)$")
MAX_FILES = 100_000


def find_logs(given: list[str]) -> Iterator[Path]:
    """Yield the logs that the arguments name: files as they are, folders and globs searched.

    Raises:
        UserError: a path does not exist, or a folder or glob holds no log.
    """
    for item in given:
        path = Path(item)
        if path.is_dir():
            yield from _logs_in(path)
        elif path.exists():
            yield path
        elif any(sign in item for sign in "*?["):
            yield from _matches(item)
        else:
            raise UserError("no such file or folder", path=item, remedy="Check the path.")


def _matches(pattern: str) -> Iterator[Path]:
    names = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute patterns too
    found = [Path(name) for name in names]
    if not found:
        raise UserError("no file matches", path=pattern, remedy="Check the pattern.")
    for path in found:
        if path.is_dir():
            yield from _logs_in(path)
        else:
            yield path


def _logs_in(folder: Path) -> list[Path]:
    logs = list(_walk(folder))
    if not logs:
        raise UserError(
            "no training log in this folder",
            path=folder,
            remedy="Name a log, or a folder with CSV, JSON lines, trainer_state.json, MLflow "
            "runs or TensorBoard events.",
        )
    return logs


def _is_mlflow_run(folder: Path) -> bool:
    """Whether a folder is one run of an MLflow file store."""
    return (folder / "metrics").is_dir() and (folder / "meta.yaml").is_file()


def _walk(folder: Path) -> Iterator[Path]:
    if _is_mlflow_run(folder):
        yield folder
        return
    entries = sorted(folder.iterdir())
    folders = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    yield from _chosen_files([entry for entry in entries if entry.is_file()])
    checkpoints = [entry for entry in folders if _CHECKPOINT.match(entry.name)]
    has_state = (folder / "trainer_state.json").is_file()
    if checkpoints and not has_state:
        # Every checkpoint repeats the history: the latest one holds it whole.
        latest = max(checkpoints, key=lambda entry: int(entry.name.split("-")[1]))
        if (latest / "trainer_state.json").is_file():
            yield latest / "trainer_state.json"
    for entry in folders:
        if entry not in checkpoints and entry.name not in _SKIP_FOLDERS:
            yield from _walk(entry)


def _chosen_files(files: list[Path]) -> Iterator[Path]:
    names = {file.name for file in files}
    for file in files:
        known = file.name in _LOG_NAMES or "tfevents" in file.name
        suffixed = file.suffix.lower() in _LOG_SUFFIXES
        worded = file.suffix.lower() in (".json", ".txt", ".out") and _LOG_WORDS.search(file.name)
        if file.name == "all_results.json" or file.name.endswith("_results.json"):
            continue
        if "trainer_state.json" in names and "tfevents" in file.name:
            continue
        if known or suffixed or worded:
            yield file
