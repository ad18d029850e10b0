"""A search space that the user states, because the engine kept it where it is not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.readers.plain_yaml import PlainYamlError, load_plain_yaml
from hpadvisor.readers.searches.record import Parameter

_HELP = (
    "Give a list of parameters, each with name, type (float, int, categorical), low, high and "
    "scale, or choices; or the JSON of a plan."
)


def read_space(path: str | Path) -> list[Parameter]:
    """Read a space from YAML or JSON: a list, ``parameters``, a plan, or a situation.

    Raises:
        UserError: unreadable, or a parameter that is not understood.
    """
    from hpadvisor.readers.files import read_text

    text = read_text(path, kind="a search space")
    raw = _parse(text, path)
    entries = _entries(raw)
    if not isinstance(entries, list) or not entries:
        raise UserError("no parameters found", path=path, remedy=_HELP)
    return [_parameter(entry, index, path) for index, entry in enumerate(entries, start=1)]


def _parse(text: str, path: str | Path) -> Any:
    try:
        return load_plain_yaml(text)  # JSON is YAML, but for tabs
    except PlainYamlError as error:
        raise UserError(str(error), path=path, line=error.line, remedy=_HELP) from None


def _entries(raw: Any) -> Any:
    if isinstance(raw, dict):
        if isinstance(raw.get("steps"), list):
            steps = [step for step in raw["steps"] if isinstance(step, dict)]
            return next((step["parameters"] for step in steps if step.get("parameters")), None)
        return raw.get("parameters") or raw.get("next_space") or raw.get("hyperparameters")
    return raw


def _parameter(entry: Any, place: int, path: str | Path) -> Parameter:
    if not isinstance(entry, dict) or not entry.get("name"):
        raise UserError(f"parameter {place} has no name", path=path, remedy=_HELP)
    name = str(entry["name"])
    choices = entry.get("choices")
    if choices:
        if not isinstance(choices, list):
            raise UserError(f"the choices of '{name}' are no list", path=path, remedy=_HELP)
        return Parameter(name, "categorical", choices=tuple(choices))
    try:
        low, high = float(entry["low"]), float(entry["high"])  # PyYAML reads 1e-5 as a text
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"'{name}' lacks a number for low or high", path=path, remedy=_HELP
        ) from None
    scale = str(entry.get("scale") or "linear")
    kind = str(entry.get("type") or "float")
    if scale not in ("log", "linear") or kind not in ("float", "int") or not low < high:
        raise UserError(f"'{name}' has a wrong type, scale or range", path=path, remedy=_HELP)
    if scale == "log" and low <= 0:
        raise UserError(
            f"'{name}' has a log scale from {low:g}",
            path=path,
            remedy="A log scale cannot hold 0: give a lower end above it.",
        )
    return Parameter(name, kind, low, high, scale)
