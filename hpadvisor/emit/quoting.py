"""Texts of users inside emitted files: quoted so that a reader gets back the very same text.

One function a language: YAML, the ranges of Hydra, CSV cells, shell words. A name that an engine
cannot take is refused.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from typing import Any

from hpadvisor.errors import UserError
from hpadvisor.visible import has_control, one_line

_PLAIN_YAML = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NOT_YAML = re.compile("[^ -~\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\uf900-\ufdff]")
_KATIB = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*\Z")
_HYDRA = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\Z")
_SHORT = re.compile(r"(?s).{1,200}\Z")
"""YAML's plain keys end at 1,024 characters, with their escapes."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def yaml_text(text: str) -> str:
    """Quote a text for YAML, on one line; every reader, of YAML 1.1 or 1.2, reads it as a text."""
    written = json.dumps(text, ensure_ascii=False)
    return _NOT_YAML.sub(_yaml_escape, written)


def yaml_key(name: str) -> str:
    """Write a key or a plain word of YAML: bare where that can only be this text, else quoted."""
    if _PLAIN_YAML.match(name) and name.lower() not in _YAML_WORDS:
        return name
    return yaml_text(name)


def _yaml_escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def hydra_choice(text: str) -> str:
    """Quote a choice in Hydra's language of overrides.

    Raises:
        UserError: it holds what that language cannot quote, or would resolve.
    """
    if has_control(text) or "\\" in text or "${" in text:
        raise UserError(
            f"Hydra cannot take the choice '{text}'",
            path="--emit hydra-optuna",
            remedy="Leave backslashes, ${…} and control characters out of it.",
        )
    return '"' + text.replace('"', '\\"') + '"'


def csv_cell(value: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula; a text gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    return f"'{one_line(value)}" if value.startswith(_FORMULA) else one_line(value)


def option(name: str, value: Any) -> str:
    """Write an option of a command, ``--name=value``, as a shell takes it."""
    return shlex.quote(one_line(f"--{name}={value}"))


def check_names(engine: str, names: Iterable[str], metric: str = "") -> None:
    """Refuse names that an engine cannot take.

    Raises:
        UserError: for the first of them.
    """
    form, words = {
        "katib": (_KATIB, "letters, digits and _ . / -"),
        "wandb": (_SHORT, "at most 200 characters"),
        "hydra-optuna": (_HYDRA, "words of letters, digits, _ and -, joined by dots"),
    }[engine]
    taken = ("hydra", "defaults") if engine == "hydra-optuna" else ()
    for name in [*names, *filter(None, [metric])]:
        if form.match(name) is None or name.split(".")[0] in taken:
            raise UserError(
                f"{engine} cannot take the name '{name}'",
                path=f"--emit {engine}",
                remedy=f"It takes {words}: rename it, or write for another engine.",
            )
