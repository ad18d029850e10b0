"""What other tools read of the same logs: ``python -m benchmarks.reading --peers DIR``.

``DIR/bin`` holds their commands. runmedic, trainspotter and losslint list the series that they
found with their number of values; trainproof and finetune-doctor say only whether they judged
something, which is an upper bound of what they read right.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

Read = dict[str, int]
"""Role to the number of values that were read; -1 where the tool does not say it."""

LOSSES: Final = ("train_loss", "val_loss")
_TIMEOUT = 60


def _runmedic(text: str) -> Read:
    rows = re.findall(r"^ +\S.*? {2,}(\d+) {2,}.* (train_loss|val_loss)$", text, re.MULTILINE)
    return {role: int(count) for count, role in rows}


def _trainspotter(text: str) -> Read:
    found = json.loads(text)["run"]["metrics"]
    names = {"train/loss": "train_loss", "eval/loss": "val_loss"}
    return {role: found[name]["count"] for name, role in names.items() if name in found}


def _losslint(text: str) -> Read:
    (run,) = json.loads(text)["runs"]
    names = {"loss": "train_loss", "eval_loss": "val_loss"}
    return {role: -1 for name, role in names.items() if name in run["series"]}


def _trainproof(text: str) -> Read:
    return dict.fromkeys(LOSSES, -1) if json.loads(text)["reports"] else {}


def _finetune_doctor(text: str) -> Read:
    return dict.fromkeys(LOSSES, -1) if json.loads(text) else {}


PEERS: Final[dict[str, tuple[tuple[str, ...], Callable[[str], Read]]]] = {
    "runmedic": (("series", "FILE"), _runmedic),
    "trainspotter": (("analyze", "FILE", "--output", "json"), _trainspotter),
    "losslint": (("check", "FILE", "--format", "json"), _losslint),
    "trainproof": (("doctor", "FILE", "--json"), _trainproof),
    "finetune-doctor": (("FILE", "--format", "json"), _finetune_doctor),
}
"""Command line of each tool, and how its answer is read."""


def read_by(name: str, folder: Path, log: Path) -> Read:
    """What a tool reads of a log; nothing where it fails or is not installed."""
    arguments, answer = PEERS[name]
    command = [str(folder / "bin" / name), *(str(log) if a == "FILE" else a for a in arguments)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
        return answer(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return {}


def logged_losses(case: dict[str, Any], logged: dict[str, list[float]]) -> dict[str, set[int]]:
    """How many values of each loss a case holds; an empty set where any number is right."""
    wanted: dict[str, set[int]] = {}
    for role in LOSSES:
        names = case["roles"].get(role) if not case.get("refusal") else None
        if names is not None:
            choices = names if isinstance(names, list) else [names]
            free = "any" in choices
            wanted[role] = set() if free else {len(logged[one.split("+")[0]]) for one in choices}
    return wanted


def losses_right(read: Read, wanted: dict[str, set[int]]) -> bool:
    """Whether the losses that a log holds were read, each whole, and no other.

    Args:
        read: What a tool read.
        wanted: As ``logged_losses`` returns it.
    """
    if set(read) - set(wanted) and -1 not in read.values():
        return False
    return all(
        role in read and (not counts or read[role] == -1 or read[role] in counts)
        for role, counts in wanted.items()
    )
