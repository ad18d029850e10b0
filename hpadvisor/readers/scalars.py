"""What a framework's loader makes of a scalar: ``1e-5``, ``on``, ``012``, ``12:30``.

Checked by running the loaders, not assumed: PyYAML (and so W&B) reads ``1e-5`` as text, ``012``
as 10 and ``on`` as True; OmegaConf and jsonargparse mend only the floats; YAML 1.2 loaders read
all four as people mean them.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from hpadvisor.readers.numbers import spelled, unusable, usable
from hpadvisor.readers.yaml_nodes import Node, plain_scalar

LoaderProfile = Literal["yaml11", "yaml11-floats", "yaml12", "json", "toml", "python"]
"""``yaml11``: PyYAML as it comes. ``yaml11-floats``: PyYAML with the float rule mended."""


class _Unknown:
    """The type of :data:`UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()
"""A value that this file alone does not tell: an interpolation, a template, ``auto``, ``???``."""

_INTERPOLATION = re.compile(
    r"\$\{|\{\{|\{%|<[A-Za-z_][\w-]*>|\A\$\(|\A\$[A-Za-z_]|\Aauto\Z|\A\?\?\?\Z"
)
_FLOAT11 = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?\Z|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?\Z"
)
_SEXAGESIMAL_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*\Z")
_INT11 = re.compile(
    r"[-+]?0b[0-1_]+\Z|[-+]?0[0-7_]+\Z|[-+]?(?:0|[1-9][0-9_]*)\Z|[-+]?0x[0-9a-fA-F_]+\Z"
)
_SEXAGESIMAL = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+\Z")
_FLOAT_MENDED = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)|[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)\Z"
)
_BOOLS11 = {
    word: value
    for value, words in ((True, ("yes", "true", "on")), (False, ("no", "false", "off")))
    for base in words
    for word in (base, base.capitalize(), base.upper())
}
_MAX_DIGITS = 400
NUMBER_LIKE = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")


def resolve(node: Node, profile: LoaderProfile) -> Any:
    """Return what the loader makes of a scalar node.

    Args:
        node: A scalar node.
        profile: The loader.

    Returns:
        None, bool, int, float, text, or :data:`UNKNOWN`.
    """
    try:
        value = _resolved(node, profile)
    except (ValueError, OverflowError):  # 0b_, 1:1:…:1.5: the loader itself fails on these
        return UNKNOWN
    if isinstance(value, int) and unusable(value) and not isinstance(value, bool):
        return UNKNOWN
    return value


def _resolved(node: Node, profile: LoaderProfile) -> Any:
    text = node.text
    if node.tag is not None:
        return _tagged(node)
    if node.quoted:
        return UNKNOWN if _INTERPOLATION.search(text) else text
    if profile in ("yaml11", "yaml11-floats"):
        value = _yaml11(text, mended=profile == "yaml11-floats")
    elif profile == "toml":
        value = _toml(text)
    else:
        value = plain_scalar(text)
    if isinstance(value, str) and _INTERPOLATION.search(value):
        return UNKNOWN
    return value


def _tagged(node: Node) -> Any:
    tag = node.tag or ""
    if tag == "tag:yaml.org,2002:float":
        number = spelled(node.text)
        return UNKNOWN if number is None else float(number)
    if tag == "tag:yaml.org,2002:int":
        number = spelled(node.text)
        return UNKNOWN if number is None else number
    if tag == "tag:yaml.org,2002:str":
        return node.text
    return UNKNOWN


def _yaml11(text: str, *, mended: bool) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in _BOOLS11:
        return _BOOLS11[text]
    if not (text[0].isdigit() or text[0] in "+-.") or len(text) > _MAX_DIGITS:
        return text
    if _INT11.match(text):
        return _int11(text)
    if (_FLOAT_MENDED if mended else _FLOAT11).match(text):
        return float(text.replace("_", ""))
    if _SEXAGESIMAL.match(text):
        return sexagesimal(text)
    if _SEXAGESIMAL_FLOAT.match(text):
        whole, _, fraction = text.replace("_", "").rpartition(".")
        sign = -1 if text[0] == "-" else 1
        return float(sexagesimal(whole)) + sign * float(f"0.{fraction or 0}")
    return plain_scalar(text) if text.lower().lstrip("+-") in (".inf", ".nan") else text


def _int11(text: str) -> Any:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    digits = digits.lstrip("+-")
    if digits.startswith("0b"):
        return sign * int(digits, 2)
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if len(digits) > 1 and digits[0] == "0":
        return sign * int(digits, 8)
    return sign * int(digits)


def sexagesimal(text: str) -> int:
    """Return the number that YAML 1.1 makes of ``12:30`` (750)."""
    value = 0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        value = value * 60 + int(part)
    return -value if text[0] == "-" else value


def _toml(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return plain_scalar(text.replace("_", "") if text[:1].isdigit() or text[:1] in "+-" else text)


def as_number(value: Any) -> float | int | None:
    """Return a number that can be computed with, also of a text that spells one; else None."""
    return spelled(value) if isinstance(value, str) else usable(value)
