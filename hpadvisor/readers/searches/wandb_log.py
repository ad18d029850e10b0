"""The binary log of a W&B run (``run-ID.wandb``), which offline runs leave alone.

It is a LevelDB log (blocks of 32 KiB, framed pieces) of protocol buffers; the field numbers read
here are fixed parts of the format. The client's own reader is gone from its current versions.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpadvisor.readers.curves.tfevents import message_fields as fields_of

_BLOCK, _HEAD, _START = 32768, 7, 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_HISTORY, _SUMMARY, _CONFIG, _RUN, _EXIT = 2, 3, 5, 17, 18
_RUN_ID, _RUN_CONFIG, _RUN_SUMMARY, _RUN_NAME = 1, 4, 5, 8
_KEY, _NESTED, _INTEGER, _NUMBER, _JSON = 1, 2, 5, 6, 16
_MOST = 512 * 1024 * 1024


@dataclass(slots=True)
class WandbRun:
    """What a run wrote down.

    Attributes:
        config: Settings by name, nested ones by dots; W&B's own left out.
        summary: Last values by name.
        history: Rows of values by name, in the order in which they were logged.
        name: The name that people see, empty without one.
        exit_code: How it ended; None where it has not.
    """

    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    name: str = ""
    exit_code: int | None = None


def read_run(path: Path) -> WandbRun:
    """Read a run's log as far as it was written; a torn end is left out."""
    found = WandbRun()
    for record in _records(path):
        for number, _, value in fields_of(record):
            if isinstance(value, bytes):
                _take(found, number, value)
    return found


def _take(run: WandbRun, number: int, data: bytes) -> None:
    """Take what one part of a record tells."""
    if number == _HISTORY:
        row = {k: float(v) for k, v in _items(data) if _is_number(v) and k != "_timestamp"}
        run.history += [row] if row else []
    elif number == _SUMMARY:
        run.summary.update(_items(data))
    elif number == _CONFIG:
        run.config.update(_settings(data))
    elif number == _EXIT:
        codes = [value for place, _, value in fields_of(data) if place == 1]
        run.exit_code = int(codes[0]) if codes and isinstance(codes[0], int) else 0
    elif number == _RUN:
        _take_head(run, data)


def _take_head(run: WandbRun, data: bytes) -> None:
    """Take what a run says of itself at its start."""
    for place, _, value in fields_of(data):
        if not isinstance(value, bytes):
            continue
        if place == _RUN_NAME or (place == _RUN_ID and not run.name):
            run.name = value.decode("utf-8", "replace")
        elif place == _RUN_CONFIG:
            run.config.update(_settings(value))
        elif place == _RUN_SUMMARY:
            run.summary.update(_items(value))


def _settings(data: bytes) -> dict[str, Any]:
    return {k: v for k, v in _items(data) if not k.startswith("_") and not k.endswith("._wandb")}


def _items(data: bytes) -> Iterator[tuple[str, Any]]:
    """The items of a history, summary or config record, nested values spread by dots."""
    for number, _, value in fields_of(data):
        if number != 1 or not isinstance(value, bytes):
            continue
        names: list[str] = []
        found: Any = None
        for part, _, inner in fields_of(value):
            if part in (_KEY, _NESTED) and isinstance(inner, bytes):
                names.append(inner.decode("utf-8", "replace"))
            elif part == _JSON and isinstance(inner, bytes):
                found = _parsed(inner)
            elif part == _NUMBER and isinstance(inner, bytes) and len(inner) == 8:
                found = struct.unpack("<d", inner)[0]
            elif part == _INTEGER and isinstance(inner, int):
                found = inner
        if names:
            yield from _spread(".".join(names), found)


def _spread(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < 6:
        for key, inner in value.items():
            yield from _spread(f"{name}.{key}", inner, depth + 1)
    else:
        yield name, value


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or value in ("NaN", "Infinity", "-Infinity")


def _records(path: Path) -> Iterator[bytes]:
    """Whole records, put together from their pieces."""
    if path.stat().st_size > _MOST:
        return
    data = path.read_bytes()
    place, parts = _START, b""
    while place + _HEAD <= len(data):
        left = _BLOCK - place % _BLOCK
        if left < _HEAD:  # too little for a head: the rest of the block is padding
            place += left
            continue
        (_, length, kind) = struct.unpack("<IHB", data[place : place + _HEAD])
        piece = data[place + _HEAD : place + _HEAD + length]
        if len(piece) < length or (kind == 0 and length == 0):
            return
        place += _HEAD + length
        parts = piece if kind in (_FULL, _FIRST) else parts + piece
        if kind in (_FULL, _LAST):
            yield parts
            parts = b""


def duration(run: WandbRun) -> float | None:
    """Run time in seconds, by the summary or the last row."""
    for source in (run.summary, *reversed(run.history[-1:])):
        for name in ("_runtime", "_wandb.runtime"):
            value = source.get(name)
            if isinstance(value, int | float) and math.isfinite(value):
                return float(value)
    return None
