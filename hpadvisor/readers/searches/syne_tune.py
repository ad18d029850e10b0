"""Syne Tune experiment folders."""

from __future__ import annotations

import json
import zipfile
from array import array
from collections import defaultdict
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.searches.files import csv_rows, load_json
from hpadvisor.readers.searches.record import (
    MAXIMIZE,
    MINIMIZE,
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)
from hpadvisor.readers.searches.values import number, parse

_MAX_BYTES = 512 * 1024 * 1024


def read(path: str | Path, options: ReadOptions) -> Study:
    """Read a folder with ``metadata.json`` and ``results.csv.zip``.

    Traps: the space is a JSON text inside the JSON; ``st_status`` never changes, the end of a
    trial stands in ``st_decision``; a trial that reached the last step is stopped too.

    Raises:
        UserError: torn, several metrics and none chosen, or a space that is not understood.
    """
    folder = Path(path)
    meta = load_json(folder / "metadata.json")
    names = [str(name) for name in meta.get("metric_names") or [meta["metric"]]]
    if options.objective and options.objective not in names:
        raise UserError(
            f"no metric '{options.objective}'", path=path, remedy=f"There are: {', '.join(names)}."
        )
    metric = options.objective or names[0]
    mode = meta.get("metric_mode", "min")
    mode = mode[names.index(metric)] if isinstance(mode, list) else mode
    space = _space(meta["config_space"])
    rows = _rows(folder)
    trials = _trials(rows, metric, meta)
    trials += _silent(folder, {trial.number for trial in trials})
    return Study(
        folder.name,
        "syne-tune",
        options.direction or (MAXIMIZE if mode == "max" else MINIMIZE),
        metric,
        space,
        trials,
        str(path),
    )


def _space(raw: Any) -> list[Parameter]:
    entries = json.loads(raw) if isinstance(raw, str) else raw
    found = []
    for name, entry in entries.items():
        if not isinstance(entry, dict) or "domain_cls" not in entry:
            continue  # a constant
        given, kind = entry["domain_kwargs"], entry["domain_cls"]
        if "categories" in given:
            found.append(Parameter(name, "categorical", choices=tuple(given["categories"])))
            continue
        log = "Log" in str(entry.get("sampler_cls"))
        found.append(
            Parameter(
                name,
                "int" if kind in ("Integer", "FiniteRange") and "size" not in given else "float",
                float(given["lower"]),
                float(given["upper"]),
                "log" if log or given.get("log_scale") else "linear",
            )
        )
    return found


def _rows(folder: Path) -> list[dict[str, str]]:
    packed, plain = folder / "results.csv.zip", folder / "results.csv"
    if plain.is_file():
        text = plain.read_text(encoding="utf-8")
        return list(csv_rows(text, plain)[1])
    try:
        with zipfile.ZipFile(packed) as archive:
            member = archive.infolist()[0]
            if member.file_size > _MAX_BYTES:
                raise UserError("larger than 512 MB", path=packed, remedy="Check the file.")
            return list(csv_rows(archive.read(member).decode("utf-8"), packed)[1])
    except (OSError, zipfile.BadZipFile, IndexError, UnicodeDecodeError):
        raise UserError(
            "missing or unfinished",
            path=packed,
            remedy="Syne Tune writes it as the search goes on: try again, or copy it again.",
        ) from None


def _trials(rows: list[dict[str, str]], metric: str, meta: dict[str, Any]) -> list[Trial]:
    grouped: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        grouped[int(row["trial_id"])].append(row)
    axis = str((meta.get("scheduler_kwargs") or {}).get("time_attr") or "st_worker_iter")
    last = max((number(row.get(axis)) or 0.0 for row in rows), default=0.0)
    return [_trial(key, grouped[key], metric, axis, last) for key in sorted(grouped)]


def _silent(folder: Path, known: set[int]) -> list[Trial]:
    """Trials that were started and never reported: only their folders tell of them."""
    found = []
    for file in folder.glob("*/config.json"):
        if file.parent.name.isdecimal() and int(file.parent.name) not in known:
            params = load_json(file)
            found.append(Trial(int(file.parent.name), State.RUNNING, dict(params)))
    return sorted(found, key=lambda trial: trial.number)


def _trial(key: int, rows: list[dict[str, str]], metric: str, axis: str, last: float) -> Trial:
    points = [
        (number(row.get(axis)) or 0.0, value)
        for row in rows
        if (value := number(row.get(metric))) is not None
    ]
    points.sort()
    decision = rows[-1].get("st_decision", "CONTINUE")
    if points and points[-1][0] >= last:
        state = State.COMPLETE
    elif decision in ("STOP", "PAUSE"):
        state = State.PRUNED
    else:
        state = State.RUNNING  # cut off when the search ended, or still at work
    params = {
        name.removeprefix("config_"): parse(value)
        for name, value in rows[-1].items()
        if name.startswith("config_")
    }
    ended = number(rows[-1].get("st_worker_timestamp"))
    seconds = number(rows[-1].get("st_worker_time"))
    return Trial(
        key,
        state,
        params,
        points[-1][1] if points else None,
        array("d", (p[0] for p in points)),
        array("d", (p[1] for p in points)),
        start=None if ended is None or seconds is None else ended - seconds,
        end=ended,
        seconds=seconds,
    )
