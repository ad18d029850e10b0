"""The files with which a project starts: a situation, a job of CI, an entry for pre-commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hpadvisor.errors import UserError
from hpadvisor.readers.files import read_text
from hpadvisor.readers.plain_yaml import PlainYamlError, load_plain_yaml
from hpadvisor.writing import write_text

PARTS: Final = ("situation", "ci", "pre-commit")
"""What can be written."""
SITUATION = Path("situation.yaml")
SCHEMA = Path(".hpadvisor/situation.schema.json")
WORKFLOW = Path(".github/workflows/hpadvisor.yml")
HOOKS = Path(".pre-commit-config.yaml")

_HEAD = """\
# yaml-language-server: $schema={schema}
# What is known of the training. Leave out what is not known: it stays unknown.
# Plan: hpadvisor plan {file}      Every key: hpadvisor schema situation
# Behind the marks stand further keys that decide most, with made-up values.

"""
_OPEN = {
    "task": {
        "metric": "val_accuracy", "current": 0.71, "target": 0.80, "acceptable": False,
        "noise": 0.004,
    },
    "training": {"kind": "vision-fine-tuning", "optimizer": "adamw", "learning_rate": 3e-4,
                 "epochs": 30},
    "data": {"train_examples": "50k"},
    "budget": {"hours": "2d", "hours_per_training": "45min", "parallel": 1},
    "symptoms": ["overfitting"],
}  # fmt: skip
"""Keys that decide most, with values that show their form."""

_WORKFLOW = """\
# Mistakes in training configs and search spaces, as annotations of a pull request.
name: hpadvisor
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install "{source}"
      - run: hpadvisor check --skip-unknown --format github
"""
_HOOK = """\
- repo: local
  hooks:
    - id: hpadvisor-check
      name: hpadvisor check
      entry: hpadvisor check --skip-unknown
      language: python
      additional_dependencies: ["{source}"]
      types_or: [yaml, json, toml]
      require_serial: true
"""


def write_project(
    folder: str | Path,
    parts: Sequence[str],
    situation: Mapping[str, Any],
    *,
    source: str = "",
    force: bool = False,
) -> list[str]:
    """Write the files of a project; none where one of them would be written over.

    An existing configuration of pre-commit is never replaced: with ``force`` the entry is added
    to it, else the entry is told.

    Args:
        folder: Where the project lies.
        parts: Some of :data:`PARTS`.
        situation: What is known of the training, in sections.
        source: What pip installs in CI and for pre-commit; this version's release if empty.
        force: Overwrite existing files.

    Returns:
        What was done, a text for people each.

    Raises:
        UserError: a file exists already, or cannot be written.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UserError("no such folder", path=root, remedy="Make it first.")
    source = _requirement(source)
    texts = _texts(parts, situation, source)
    for name in texts:
        if (root / name).exists() and not force:
            raise UserError(
                "exists already",
                path=root / name,
                remedy="Use --force to overwrite it, or name the parts you want: "
                f"{', '.join(PARTS)}.",
            )
    hooks = _hooks(root / HOOKS, source, force=force) if "pre-commit" in parts else []
    for name, text in texts.items():
        write_text(root / name, text, force=force, make_folders=True)
    return [*(f"Wrote {root / name}." for name in texts), *hooks]


def _requirement(source: str) -> str:
    from hpadvisor import __version__

    if set(source) & set("\"'`$\\") or not source.isprintable():
        raise UserError(
            f"'{source}' is no requirement of pip",
            path="--install-from",
            remedy="Such as git+https://example.org/hpadvisor@v0.1.0.",
        )
    return source or f"hpadvisor=={__version__}"


def _texts(parts: Sequence[str], situation: Mapping[str, Any], source: str) -> dict[Path, str]:
    from hpadvisor.report.schemas import schema
    from hpadvisor.visible import json_text

    texts = {}
    if "situation" in parts:
        texts[SITUATION] = situation_text(situation)
        texts[SCHEMA] = f"{json_text(schema('situation'))}\n"
    if "ci" in parts:
        texts[WORKFLOW] = _WORKFLOW.format(source=source)
    return texts


def situation_text(said: Mapping[str, Any]) -> str:
    """Return a situation file: what was said, and as comments what else may be.

    Args:
        said: Values in sections.
    """
    head = _HEAD.format(schema=SCHEMA.as_posix(), file=SITUATION)
    names = [*_OPEN, *(name for name in said if name not in _OPEN)]
    return head + "".join(_section(name, said.get(name), _OPEN.get(name, {})) for name in names)


def _section(name: str, said: Any, still: Any) -> str:
    """Return a section: its values, and behind marks those that may join them."""
    from hpadvisor.visible import yaml_text

    if not said and name != "training":
        return "" if not still else _marked(yaml_text({name: still}), "")
    if not isinstance(still, dict) or not isinstance(said or {}, dict):
        return yaml_text({name: said})
    known = said or {}
    values = _indented(yaml_text(known), "  ") if known else ""
    more = {key: value for key, value in still.items() if key not in known}
    return f"{name}:\n{values}" + (_marked(yaml_text(more), "  ") if more else "")


def _marked(text: str, margin: str) -> str:
    return _indented(text, f"{margin}# ")


def _hooks(path: Path, source: str, *, force: bool) -> list[str]:
    """Write or add the entry of pre-commit."""
    entry = _HOOK.format(source=source)
    if not path.exists():
        write_text(path, "repos:\n" + _indented(entry, "  "))
        return [f"Wrote {path}. Switch it on: pre-commit install"]
    before = read_text(path, kind="a configuration of pre-commit")
    if "hpadvisor" in before:
        return [f"Kept {path}: it names hpadvisor already."]
    added = _added(before, entry) if force else None
    if added is None:
        return [f"Kept {path}. Add this to its repos:\n\n{_indented(entry, '  ')}"]
    write_text(path, added, force=True)
    return [f"Added an entry to {path}."]


def _added(before: str, entry: str) -> str | None:
    """Return a configuration with the entry behind its others; None where that is not sure."""
    lines = before.splitlines()
    items = [line for line in lines if line.lstrip().startswith("- repo:")]
    if not items:
        return None
    margin = items[0][: len(items[0]) - len(items[0].lstrip())]
    text = f"{before.rstrip()}\n{_indented(entry, margin)}"
    try:
        old, new, wanted = (load_plain_yaml(one) for one in (before, text, entry))
    except PlainYamlError:
        return None
    if not isinstance(new, dict) or not isinstance(old, dict):
        return None
    expected = {**old, "repos": [*old.get("repos", []), *wanted]}
    return text if new == expected else None


def _indented(text: str, margin: str) -> str:
    return "".join(f"{margin}{line}\n" for line in text.splitlines())
