"""Other tools on the same logs, each in its own environment, their findings mapped generously.

Environments: ``PEERS/NAME/bin/python`` with the tool installed (``python -m venv PEERS/NAME``,
``PEERS/NAME/bin/pip install NAME==VERSION``). A tool that is not there is left out, visibly.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.clinic.scoring import Answer

PEERS: dict[str, list[str]] = {
    "trainproof": ["doctor", "FILE", "--json"],
    "runmedic": ["diagnose", "FILE", "--json"],
    "trainspotter": ["analyze", "FILE", "--output", "json"],
    "finetune-doctor": ["diagnose", "FILE", "-f", "json"],
    "losslint": ["check", "FILE", "--format", "json"],
}
"""Command line of each tool; FILE is the log."""

_DOWN = ("lr_x0.3", "lr_x0.1")
_UP = ("lr_x3", "lr_x10")
MEANINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"nan|non.?finite|inf\b|diverg|explod|spike|instab|unstable|oscillat", _DOWN),
    (r"overfit|memori|degrad|past.*best|regress|best.*earlier|peaked",
     ("stop_at_best", "regularization_up")),
    (r"underfit", ("capacity_x4", "epochs_x3", *_UP)),
    (r"still (improving|falling|decreasing)|undertrain|more (epochs|training)|not converged",
     ("epochs_x3", *_UP)),
    (r"not.?learning|flat|dead|never (improv|decreas)|no (progress|learning)|stagnat|stuck|slow"
     r"|zero.?loss",
     (*_UP, "capacity_x4")),
    (r"plateau|lr.?schedule|learning.?rate", (*_DOWN, *_UP)),
    (r"nois", ("lr_x0.3",)),
)  # fmt: skip
"""What findings are taken to advise, by their name and text; the first that fits counts."""

_DRIVER = r"""
import contextlib, importlib.metadata, io, json, sys
name, out, *arguments = sys.argv[1:]
files = json.load(open(out))
point = next(p for p in importlib.metadata.entry_points(group="console_scripts")
             if p.name == name or p.dist.name == name)
main = point.load()
answers = {}
for path in files:
    sys.argv = [name] + [path if a == "FILE" else a for a in arguments]
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
        try:
            main()
        except SystemExit:
            pass
        except Exception:
            pass
    answers[path] = stream.getvalue()
json.dump(answers, open(out, "w"))
"""


def ask(name: str, peers: Path, logs: Sequence[str]) -> list[list[Answer]] | None:
    """Ask one tool about logs (CSV texts); None where it is not installed.

    Returns:
        Two readings of the same output, without and with findings that are mere information; the
        report keeps the better one.
    """
    python = peers / name / "bin" / "python"
    if not python.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        paths = [_write(Path(folder), number, log, name) for number, log in enumerate(logs)]
        exchange = Path(folder) / "exchange.json"
        exchange.write_text(json.dumps(paths))
        subprocess.run(
            [str(python), "-c", _DRIVER, name, str(exchange), *PEERS[name]],
            check=False, timeout=3000, capture_output=True,
        )  # fmt: skip
        texts = json.loads(exchange.read_text())
    if isinstance(texts, list):
        return None
    return [[answer_in(texts.get(path, ""), info) for path in paths] for info in (False, True)]


def _write(folder: Path, number: int, log: str, name: str) -> str:
    """Write a log in the format that the tool knows best."""
    if name != "finetune-doctor":
        path = folder / f"run{number}.csv"
        path.write_text(log)
        return str(path)
    run = folder / f"run{number}"
    run.mkdir()
    history: list[dict[str, Any]] = []
    rows = list(csv.DictReader(io.StringIO(log)))
    for step, row in enumerate(rows, start=1):
        at = row.get("epoch")
        place = {"epoch": float(at), "step": step} if at else {"step": int(float(row["step"]))}
        for key, column in (("loss", "train_loss"), ("eval_loss", "val_loss")):
            if row.get(column):
                history.append({key: float(row[column]), **place})
    state = {"log_history": history, "max_steps": len(rows), "num_train_epochs": len(rows),
             "global_step": len(rows), "epoch": float(len(rows))}  # fmt: skip
    path = run / "trainer_state.json"
    path.write_text(json.dumps(state))
    return str(path)


_NAMES = ("id", "check", "rule", "code", "kind", "name", "title", "message", "detector")


def answer_in(text: str, information: bool = True) -> Answer:
    """The first finding of a tool's JSON that can be mapped to a change."""
    try:
        document = json.loads(text)
    except ValueError:
        return Answer((), False)
    spoke = False
    for finding in _findings(document):
        if not information and _level(finding) in ("info", "note"):
            continue
        words = json.dumps({
            key: finding[key]
            for key in _NAMES
            if key in finding
        }).lower()  # fmt: skip
        if re.search(r'"tp-pass|healthy|no (issues|problems|mechanical)|looks good', words):
            continue
        for pattern, changes in MEANINGS:
            if re.search(pattern, words):
                return Answer(changes, True)
        spoke = True
    return Answer((), spoke)


def _findings(document: Any) -> list[dict[str, Any]]:
    """All findings of a document, wherever they stand, the gravest first where it is said."""
    found: list[dict[str, Any]] = []
    if isinstance(document, list):
        for item in document:
            found += _findings(item)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in ("findings", "issues", "diagnoses", "results", "problems") and isinstance(
                value, list
            ):
                found += [item for item in value if isinstance(item, dict)]
                found += [
                    each for item in value if isinstance(item, dict) for each in _findings(item)
                ]
            elif isinstance(value, (dict, list)) and key not in ("checks", "series", "coverage"):
                found += _findings(value)
    return [one for one in found if _level(one) not in ("pass", "ok")]


def _level(finding: dict[str, Any]) -> str:
    return str(finding.get("severity", finding.get("level", ""))).lower()
