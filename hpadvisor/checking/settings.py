"""Settings of check: flags over ``.hpadvisor.yaml`` over ``pyproject.toml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpadvisor.errors import UserError

PERSONAS = ("default", "pedantic")
FAIL_ON = ("note", "warning", "error", "never")


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """What to check, and how strictly.

    Attributes:
        select: Beginnings of rule ids to use; empty uses all.
        ignore: Beginnings of rule ids to leave out.
        persona: ``pedantic`` adds the rules that only some want.
        fail_on: The lowest severity that makes the command fail; ``never`` does not.
        exclude: Patterns of paths to leave out.
        per_file_ignores: Patterns of paths, and the rules to leave out there.
        gitignore: Whether what git ignores is left out.
        rules: Folders of further rules.
        baseline: A file of findings to hide.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    persona: str = "default"
    fail_on: str = "warning"
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    gitignore: bool = True
    rules: tuple[str, ...] = ()
    baseline: str = ""


_LISTS = ("select", "ignore", "exclude", "rules")
_KEYS = (*_LISTS, "persona", "fail-on", "per-file-ignores", "gitignore", "baseline")


def load_settings(start: Path, *, top: Path | None = None) -> CheckSettings:
    """Return the settings of the nearest configuration file at or above a folder.

    Args:
        start: The folder to begin at; the search ends at a repository's root.
        top: The last folder to look in, its links followed; None where there is none.

    Raises:
        UserError: a configuration file is wrong.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        own = folder / ".hpadvisor.yaml"
        if own.is_file():
            return _from(_read_yaml(own), own)
        project = folder / "pyproject.toml"
        if project.is_file():
            table = _read_project(project)
            if table is not None:
                return _from(table, project)
        if folder == top or (folder / ".git").exists():
            break
    return CheckSettings()


def _read_yaml(path: Path) -> Any:
    from hpadvisor.readers.files import read_text
    from hpadvisor.readers.yaml_nodes import compose, construct

    roots = compose(read_text(path, kind="a settings file"), path)
    return construct(roots[0], path) if roots else {}


def _read_project(path: Path) -> Any:
    from hpadvisor.readers.files import MAX_TEXT_BYTES, read_head

    text = read_head(path, MAX_TEXT_BYTES).decode("utf-8", "replace")
    if "hpadvisor" not in text:
        return None
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool")
    except (ValueError, RecursionError) as error:  # also too many digits, too deep
        raise UserError(f"not TOML: {error}", path=path, remedy="Mend the file.") from None
    return tool.get("hpadvisor") if isinstance(tool, dict) else None


def _from(raw: Any, path: Path) -> CheckSettings:
    if not isinstance(raw, dict):
        raise UserError("no mapping of settings", path=path, remedy="Write key: value lines.")
    table = raw.get("check", raw)
    if not isinstance(table, dict):
        raise UserError("check is no mapping", path=path, remedy="Write key: value lines.")
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in _KEYS:
            raise UserError(
                f"unknown setting '{key}'",
                path=path,
                remedy=f"Known settings: {', '.join(_KEYS)}.",
            )
        values[name.replace("-", "_")] = _value(name, value, path)
    return validate(replace(CheckSettings(), **values), path)


def _value(name: str, value: Any, path: Path) -> Any:
    if name in _LISTS:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UserError(f"{name} is no list of texts", path=path, remedy="Write […].")
        return tuple(value)
    if name == "per-file-ignores":
        if not isinstance(value, dict):
            raise UserError(f"{name} is no mapping", path=path, remedy="Write pattern: [ids].")
        return tuple((str(pattern), _ids(ids, path)) for pattern, ids in value.items())
    if name == "gitignore" and not isinstance(value, bool):
        raise UserError("gitignore is true or false", path=path)
    if name in ("persona", "fail-on", "baseline") and not isinstance(value, str):
        raise UserError(f"{name} is no text", path=path)
    return value


def _ids(raw: Any, path: Path) -> tuple[str, ...]:
    ids = [raw] if isinstance(raw, str) else raw
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise UserError(
            "per-file-ignores names no list of rules", path=path, remedy="Write pattern: [ids]."
        )
    return tuple(ids)


def validate(settings: CheckSettings, path: str | Path | None = None) -> CheckSettings:
    """Return the settings, or refuse words that they do not know.

    Raises:
        UserError: persona or fail-on is unknown.
    """
    for name, value, known in (
        ("persona", settings.persona, PERSONAS),
        ("fail-on", settings.fail_on, FAIL_ON),
    ):
        if value not in known:
            raise UserError(
                f"{name} is '{value}'", path=path, remedy=f"One of: {', '.join(known)}."
            )
    return settings
