"""What a sweep of Hydra's Optuna plugin wrote beside its runs: the space, not only what was tried.

Each run of it keeps the whole of Hydra's settings in ``.hydra/hydra.yaml``: the sweeper's ranges
(``tag(log, interval(1e-4, 0.1))``), its direction, how many trials it was to have, and the number
of the job.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpadvisor.readers.plain_yaml import load_plain_yaml
from hpadvisor.readers.searches.record import Parameter
from hpadvisor.readers.searches.run_settings import folder_of
from hpadvisor.readers.searches.values import number, parse

FILE = Path(".hydra") / "hydra.yaml"
_SWEEPER = "optuna"
_MOST_BYTES = 400_000
_CALL = re.compile(r"\s*(tag|int|float|interval|range|choice)\s*\((.*)\)\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep.

    Attributes:
        space: Its dimensions, by the names of the overrides.
        direction: ``maximize`` or ``minimize``; empty where several scores were optimised.
        planned: Trials that it was to have; None where it does not say.
    """

    space: dict[str, Parameter]
    direction: str
    planned: int | None


def sweep_of(runs: list[Path]) -> tuple[Sweep, list[int]] | None:
    """Return the sweep that all of some runs belong to, and the number of each; None for none.

    Args:
        runs: Their logs or folders.
    """
    found = [_settings(folder_of(place)) for place in runs]
    settings = [one for one in found if one is not None]
    if not settings or len(settings) < len(runs):
        return None
    sweepers = [one.get("sweeper", {}) for one in settings]
    numbers = [number(one.get("job", {}).get("num")) for one in settings]
    known = [int(one) for one in numbers if one is not None]
    if any(one != sweepers[0] for one in sweepers) or len(set(known)) < len(runs):
        return None
    params = sweepers[0].get("params")
    if _SWEEPER not in str(sweepers[0].get("_target_")) or not isinstance(params, dict):
        return None
    read = {str(name): dimension(str(name), text) for name, text in params.items()}
    space = {name: one for name, one in read.items() if one is not None}
    if not space or len(space) < len(params):
        return None
    direction = sweepers[0].get("direction")
    planned = number(sweepers[0].get("n_trials"))
    return Sweep(
        space,
        direction if direction in ("maximize", "minimize") else "",
        None if planned is None else int(planned),
    ), known


def overrides_of(folder: Path) -> dict[str, Any]:
    """Return what a run of a sweep was given, by the names of the overrides."""
    try:
        text = (folder / FILE.parent / "overrides.yaml").read_text(encoding="utf-8")
        raw = load_plain_yaml(text)
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = [str(word).partition("=") for word in raw] if isinstance(raw, list) else []
    return {name.lstrip("+"): parse(value.strip("'\"")) for name, sign, value in pairs if sign}


def _settings(folder: Path) -> dict[str, Any] | None:
    file = folder / FILE
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        raw = load_plain_yaml(file.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError, RecursionError):
        return None
    found = raw.get("hydra") if isinstance(raw, dict) else None
    return found if isinstance(found, dict) and found.get("mode") == "MULTIRUN" else None


def dimension(name: str, text: object) -> Parameter | None:
    """Return a dimension as the sweeper's own language spells it; None where it is none.

    Args:
        name: Its name.
        text: ``interval(0, 1)``, ``tag(log, int(interval(8, 64)))``, ``range(1, 5)``,
            ``choice(a, b)``, or values with commas.
    """
    call = _CALL.match(str(text))
    if call is None:
        words = [word for word in str(text).split(",") if word.strip()]
        return _choice(name, words) if len(words) > 1 and "(" not in str(text) else None
    word, inside = call[1], call[2]
    if word == "tag":
        first, _, rest = inside.partition(",")
        inner = dimension(name, rest)
        if inner is not None and first.strip() == "log" and inner.is_number:
            inner.scale = "log"
        return inner
    if word in ("int", "float"):
        inner = dimension(name, inside)
        if inner is not None and inner.is_number:
            inner.type = word
        return inner
    if word == "choice":
        return _choice(name, inside.split(","))
    ends = [number(part) for part in inside.split(",")]
    if None in ends or not 2 <= len(ends) <= 3:  # low, high and step
        return None
    low, high, *steps = [float(end) for end in ends if end is not None]
    if word == "interval":
        return Parameter(name, "float", low, high, "linear")
    step = steps[0] if steps else 1.0
    last = low + step * (math.ceil((high - low) / step) - 1)  # the end itself is left out
    whole = all(one == int(one) for one in (low, step))
    return Parameter(
        name, "int" if whole else "float", low, last, "linear",
        step=None if whole and step == 1 else step,
    )  # fmt: skip


def _choice(name: str, words: list[str]) -> Parameter:
    return Parameter(
        name, "categorical", choices=tuple(parse(word.strip().strip("'\"")) for word in words)
    )
