"""Files that are no configs: what they are, and which command reads them."""

from __future__ import annotations

import re
from pathlib import Path

from hpadvisor.errors import UserError
from hpadvisor.facts.configs.roles import role_of
from hpadvisor.readers.files import read_head

_PROGRAMS = {".jsonnet": "Jsonnet", ".libsonnet": "Jsonnet"}
_TABLES = frozenset({".csv", ".tsv"})
_LOGS = frozenset({".log", ".out", ".err", ".jsonl", ".ndjson"})
_STORES = frozenset({".db", ".sqlite", ".sqlite3"})
_PROGRESS = re.compile(
    r"(?i)(?:^|[_/.\s])(?:epochs?|steps?|iterations?|iter|global_step)(?:$|[_/.\s])"
)
_TRIALS = re.compile(
    r"(?i)^(?:number|trial\w*|run_?\w*|state|status|params?[_./].*|config[./].*)$"
)
_HISTORY = re.compile(r'"log_history"\s*:|"train(?:ing)?_loss"\s*:\s*\[|"val_loss"\s*:\s*\[')
_JSONNET = re.compile(
    r"\A\s*(?:(?://|#)[^\n]*\n\s*|/\*[\s\S]*?\*/\s*)*(?:local\s+\w+\s*(?:\(|=)|import\s+['\"])"
    r"|\{[\s\S]*\bstd\.\w+\("
)
_JOURNAL = re.compile(r'\A\s*\{"op_code"\s*:')
_RECORD = re.compile(
    r'\A\s*\{[^\n]*"(?:loss|epoch|step|training_iteration|iteration)"\s*:[^\n]*'
    r"(?:\}\s*(?:\n|\Z)|[^\n]{2000}\Z)"
)
_CONSOLE = re.compile(r"(?i)\bepoch\s*[\[:=]?\s*\d|\bloss\s*[:=]\s*-?\d")
HEAD = 4_000
"""Characters that tell what a file is."""
_DIAGNOSE = "Look at its curves with: hpadvisor diagnose {path}"
_AUDIT = "Review the search with: hpadvisor audit {path}"


def no_config(path: Path, head: str) -> UserError | None:
    """Return what to say of a file that is no config, or None where it may be one.

    Args:
        path: The file.
        head: The beginning of its text; empty where it is binary.
    """
    suffix = path.suffix.lower()
    if suffix in _PROGRAMS:
        return UserError(
            f"{_PROGRAMS[suffix]} is a program, and is not read",
            path=path,
            remedy=f"Check its value: jsonnet {path} > {path.stem}.json",
        )
    if path.name.startswith("events.out.tfevents"):
        return _said("TensorBoard's curves of a training, no config", _DIAGNOSE, path)
    if suffix in _STORES:
        return _said("a store of trials, no config", _AUDIT, path)
    if suffix in _TABLES:
        return _table(path, head)
    if _JOURNAL.search(head):
        return _said("a journal of trials, no config", _AUDIT, path)
    if suffix == ".txt" and not _CONSOLE.search(head):
        return None
    if (
        suffix in {*_LOGS, ".txt"}
        or _HISTORY.search(head)
        or (suffix == ".json" and _RECORD.search(head))
    ):
        return _said("a training log, no config", _DIAGNOSE, path)
    return None


def is_log(path: Path) -> bool:
    """Whether a file is a training log by its name and its beginning.

    Raises:
        UserError: it cannot be read.
    """
    error = no_config(path, read_head(path, HEAD).decode("utf-8", "replace"))
    return error is not None and "hpadvisor diagnose" in error.remedy


def log_instead(path: Path) -> UserError | None:
    """Return what to say of a ``.json`` that no parser takes since each line is a record of a log.

    Args:
        path: A file that could not be read as JSON.
    """
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    try:
        return no_config(path, read_head(path, HEAD).decode("utf-8", "replace"))
    except UserError:
        return None


def _said(what: str, remedy: str, path: Path) -> UserError:
    return UserError(what, path=path, remedy=remedy.format(path=path))


def _table(path: Path, head: str) -> UserError:
    """A table with a column of steps or epochs is a log; one of settings is a table of runs."""
    first = head.split("\n", 1)[0]
    columns = [name.strip().strip('"') for name in re.split(r"[,;\t]", first)]
    settings = sum(1 for name in columns if _TRIALS.match(name) or role_of(name) is not None)
    if settings >= 2 and not any(_PROGRESS.search(name) for name in columns):
        return _said("a table of runs, no config", _AUDIT, path)
    return _said("a training log, no config", _DIAGNOSE, path)


def refuse_other(path: Path) -> None:
    """Refuse a file whose ending says that it is no config, before it is read as one.

    Raises:
        UserError: what it is, and the command that reads it.
    """
    suffix = path.suffix.lower()
    known = suffix in {*_TABLES, *_LOGS, *_STORES, *_PROGRAMS, ".txt"}
    if not known and not path.name.startswith("events.out.tfevents"):
        return
    head = read_head(path, HEAD).decode("utf-8", "replace") if path.is_file() else ""
    error = no_config(path, head)
    if error is not None:
        raise error


def refuse_input(data: bytes) -> None:
    """Refuse standard input that is a training log or a table of runs.

    Args:
        data: What came.

    Raises:
        UserError: what it is, and the command that reads it.
    """
    head = data[: HEAD * 4].decode("utf-8", "replace").lstrip("\ufeff")[:HEAD]
    rows = [re.split(r"[,;\t]", line) for line in head.splitlines()[:3]]
    lines = head.splitlines()[:2]
    records = len(lines) > 1 and lines[1].lstrip().startswith("{") and _RECORD.search(head)
    if records or _JOURNAL.search(head):
        error = no_config(Path("-.json"), head)
    elif _JSONNET.search(head):
        raise UserError(
            "Jsonnet is a program, and is not read",
            path="standard input",
            remedy="Check its value: jsonnet - | hpadvisor check -",
        )
    elif len(rows) > 1 and len(rows[0]) > 1 and _is_row(rows[1]) and not _is_row(rows[0]):
        error = _table(Path("-"), head)
    else:
        return
    if error is not None:
        # A table of runs wants a file; a log may come this way, too.
        name = "FILE" if "audit" in error.remedy else "-"
        remedy = f"{error.remedy.rsplit(' ', 1)[0]} {name}"
        raise UserError(error.what, path="standard input", remedy=remedy)


def _is_row(cells: list[str]) -> bool:
    """Whether most cells are numbers."""
    numbers = sum(
        1 for cell in cells if re.fullmatch(r'"?\s*-?[\d.]+(?:[eE][-+]?\d+)?\s*"?', cell)
    )
    return len(cells) > 1 and 2 * numbers > len(cells)


def name_of_input(data: bytes) -> str:
    """Return a name for standard input whose ending tells the syntax that it looks like."""
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"{", b"[")):
        notebook = b'"cell_type"' in text and b'"nbformat"' in text
        return "stdin.ipynb" if notebook else "stdin.json"
    if re.search(rb"(?m)^(?:import|from|def|class)\s+\w", text):
        return "stdin.py"
    toml = re.search(rb"(?m)^\[[\w.]+\]\s*$", text) and re.search(rb"(?m)^\w+\s*=", text)
    return "stdin.toml" if toml else "stdin.yaml"
