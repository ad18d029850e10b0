"""Paths, folders and globs to single logs; each is recognised by its content."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.local_runs import is_wandb_own, wandb_log
from hpadvisor.readers.curves.text import EVENT_FILE, VALIDATION_FOLDERS
from hpadvisor.readers.files import refuse_pipe

_TRAINER = "trainer_state.json"
_LOG_NAMES = (
    _TRAINER,
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
        if not item:
            raise UserError("an empty path", remedy="Name a log or a folder of logs.")
        if path.is_dir():
            yield from _logs_in(path)
        elif path.exists():
            refuse_pipe(path)
            yield path
        elif any(sign in item for sign in "*?["):
            yield from _matches(item)
        else:
            yield _elsewhere(item)


def _elsewhere(item: str) -> Path:
    """A run that is named by its id, or one of a database."""
    from hpadvisor.readers.curves.local_runs import by_id, of_store

    found = Path(item) if of_store(item) else by_id(item)
    if found is None:
        raise UserError(
            "no such file or folder, and no run of that id in wandb, mlruns or mlflow.db here",
            path=item,
            remedy="Check the path.",
        )
    return found


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
            remedy="Name a log, or a folder with CSV, JSON lines, trainer_state.json, runs of "
            "MLflow or W&B, or TensorBoard events.",
        )
    return logs


def _walk(folder: Path) -> Iterator[Path]:
    run = wandb_log(folder)
    if run is not None:
        yield run  # what lies beside it repeats it, or is the client's own
        return
    files, folders = _entries(folder)
    names = {file.name for file in files}
    if "meta.yaml" in names and any(entry.name == "metrics" for entry in folders):
        yield folder  # one run of an MLflow file store
        return
    yield from _chosen_files(files)
    events = _holds_events(files)
    if events:
        yield folder  # TensorBoard takes all event files of a folder for one run
    checkpoints = [entry for entry in folders if _CHECKPOINT.match(entry.name)]
    if checkpoints and _TRAINER not in names:
        # Every checkpoint repeats the history: the latest one holds it whole.
        latest = max(checkpoints, key=lambda entry: int(entry.name.split("-")[1]))
        yield from (file for file in _entries(latest)[0] if file.name == _TRAINER)
    train = [entry for entry in folders if entry.name == "train"]
    paired = train and _holds_events(_entries(train[0])[0])
    for entry in folders:
        if paired and entry.name in VALIDATION_FOLDERS and _holds_events(_entries(entry)[0]):
            continue  # read with the training beside it
        if events and _belongs_above(entry):
            continue  # read with the events of this folder
        if entry not in checkpoints and entry.name not in _SKIP_FOLDERS:
            yield from _walk(entry)


def _holds_events(files: list[Path]) -> bool:
    """Whether files are a run of TensorBoard, which the Trainer's own log would not repeat."""
    names = [file.name for file in files]
    return _TRAINER not in names and any(name.startswith(EVENT_FILE) for name in names)


def _belongs_above(folder: Path) -> bool:
    from hpadvisor.readers.curves.event_folders import belongs_above

    return _holds_events(_entries(folder)[0]) and belongs_above(folder)


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders of a folder, sorted; of one that may not be read, none."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return [], []
    folders = [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
    return [Path(entry.path) for entry in found if _is_file(entry)], folders


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to where nobody may look
        return False


def _chosen_files(files: list[Path]) -> Iterator[Path]:
    names = {file.name for file in files}
    for file in files:
        known = file.name in _LOG_NAMES or ("tfevents" in file.name and _TRAINER not in names)
        suffixed = file.suffix.lower() in _LOG_SUFFIXES
        worded = file.suffix.lower() in (".json", ".txt", ".out") and _LOG_WORDS.search(file.name)
        if file.name == "all_results.json" or file.name.endswith("_results.json"):
            continue
        if file.name.startswith(EVENT_FILE):
            continue  # its folder is the run
        if is_wandb_own(file):
            continue
        if known or suffixed or worded:
            yield file
