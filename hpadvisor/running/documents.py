"""Small documents of a run: JSON, written whole or not at all, read without complaint."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hpadvisor.errors import UserError


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a small document, whole or not at all; what is not finite is null."""
    text = json.dumps(_finite(dict(document)), default=str)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a small document; None where it is not there or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, np.floating):
        value = float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def make_folder(path: Path) -> None:
    """Make a folder that can be written to.

    Raises:
        UserError: it cannot be made, or not be written to.
    """
    reason = ""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
    if reason or not os.access(path, os.W_OK | os.X_OK):
        raise UserError(
            f"cannot be written to ({reason or 'no permission'})", path=path,
            remedy="Name another folder: -o FOLDER.",
        )  # fmt: skip
