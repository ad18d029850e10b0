"""Fixes as edits of the text: every byte outside of them stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from hpadvisor.checking.findings import Edit, Fix
from hpadvisor.checking.rules import CheckRule
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.documents import Document
from hpadvisor.readers.yaml_nodes import Node

Maker = Callable[[Subject, Document], "list[Edit] | None"]


def make_fix(rule: CheckRule, subject: Subject, document: Document) -> Fix | None:
    """Return the fix of a finding, or None where the text does not allow one."""
    if rule.fix is None or document.syntax == "python":
        return None
    edits = _MAKERS[rule.fix["edit"]](subject, document)
    if not edits:
        return None
    ordered = tuple(sorted(edits, key=lambda edit: edit.start))
    return Fix(ordered, rule.fix["safety"] == "safe", rule.fix.get("note", ""))


def _replace(place: Place | None, text: str, document: Document) -> list[Edit] | None:
    """Replace a plain or quoted scalar, keeping its quotes."""
    if place is None or place.node.kind != "scalar" or place.path is not None:
        return None
    node = place.node
    raw = document.text[node.start : node.end]
    if raw == node.text:
        return [Edit(node.start, node.end, text)]
    if len(raw) >= 2 and raw[0] in "'\"" and raw[1:-1] == node.text:
        return [Edit(node.start + 1, node.end - 1, text)]
    return None


def _log_scale(subject: Subject, document: Document) -> list[Edit] | None:
    place = subject.place_of("parameter.distribution")
    word = subject.get("parameter.distribution")
    target = subject.get("parameter.log_kind")
    if subject.get("parameter.written_low", 0) <= 0:
        return None
    if place is not None and word and target and str(word).lower() in _EVEN:
        return _replace(place, _cased(str(word), str(target)), document)
    scale = subject.place_of("parameter.scale")
    if scale is not None and scale.node.text.startswith("interval("):
        return _replace(scale, f"tag(log, {scale.node.text})", document)
    if target and subject.get("config.format") == "wandb-sweep" and place is None:
        return _insert_before(
            subject.place_of("parameter.low"), "distribution", str(target), document
        )
    return None


_EVEN = frozenset({"uniform", "unit_linear_scale", "linear", "q_uniform"})


def _cased(word: str, target: str) -> str:
    return target.upper() if word.isupper() else target


def _insert_before(
    place: Place | None, key: str, value: str, document: Document
) -> list[Edit] | None:
    """Insert a key before another one of the same mapping, in its style."""
    if place is None or place.entry is None or place.entry.key is None:
        return None
    start = place.entry.key.start
    line_start = document.text.rfind("\n", 0, start) + 1
    indent = document.text[line_start:start]
    if indent.strip():
        return [Edit(start, start, f"{key}: {value}, ")] if "{" in indent else None
    newline = "\r\n" if document.text[:line_start].endswith("\r\n") else "\n"
    return [Edit(start, start, f"{key}: {value}{newline}{indent}")]


def _log_values(subject: Subject, document: Document) -> list[Edit] | None:
    word = str(subject.get("parameter.distribution"))
    if subject.get("config.format") != "wandb-sweep" or not word.endswith("log_uniform"):
        return None
    return _replace(subject.place_of("parameter.distribution"), f"{word}_values", document)


def _number_with_dot(subject: Subject, document: Document) -> list[Edit] | None:
    names = ("parameter.text_number", "parameter.text_choice", "entry.oddity")
    place = next((found for name in names if (found := subject.place_of(name))), None)
    if place is None or place.node.quoted:
        return None
    mended = with_dot(place.node.text)
    return None if mended is None else _replace(place, mended, document)


def with_dot(text: str) -> str | None:
    """Return a number as YAML 1.1 reads a float: ``1e-5`` → ``1.0e-5``, ``1e5`` → ``1.0e+5``."""
    match = re.fullmatch(r"([-+]?)([0-9]*)(\.[0-9]*)?[eE]([-+]?)([0-9]+)", text)
    if match is None:
        return None
    sign, whole, fraction, exponent_sign, exponent = match.groups()
    if not whole and (fraction or ".") == ".":
        return None
    fraction = fraction if fraction and fraction != "." else ".0"
    return f"{sign}{whole or '0'}{fraction}e{exponent_sign or '+'}{exponent}"


def _float_limits(subject: Subject, document: Document) -> list[Edit] | None:
    edits = []
    for name in ("parameter.low", "parameter.high"):
        place = subject.place_of(name)
        if place is None or not re.fullmatch(r"[-+]?[0-9]+", place.node.text):
            return None
        edits += _replace(place, f"{place.node.text}.0", document) or []
    return edits


def _drop_repeated_choice(subject: Subject, document: Document) -> list[Edit] | None:
    """Take the second of two equal choices out of a flow sequence."""
    place = subject.place_of("parameter.choices_repeated")
    if place is None or place.node.kind != "sequence":
        return None
    if not document.text.startswith("[", place.node.start):
        return None
    seen: list[str] = []
    for before, node in zip(place.node.items, place.node.items[1:], strict=False):
        seen.append(document.text[before.start : before.end])
        if document.text[node.start : node.end] in seen and node.kind == "scalar":
            between = document.text[before.end : node.start]
            if between.strip() == ",":
                return [Edit(before.end, node.end, "")]
    return None


def _turn_direction(subject: Subject, document: Document) -> list[Edit] | None:
    place = subject.place_of("space.direction") or subject.place_of("entry.turned")
    if place is None:
        return None
    word = place.node.text
    other = _OPPOSITE.get(word.lower())
    if other is None:
        return None
    if word.isupper():
        other = other.upper()
    elif word[0].isupper():
        other = other.capitalize()
    return _replace(place, other, document)


_OPPOSITE = {
    "minimize": "maximize", "maximize": "minimize", "min": "max", "max": "min",
    "true": "false", "false": "true", "minimise": "maximise", "maximise": "minimise",
}  # fmt: skip


def _drop_first(subject: Subject, document: Document) -> list[Edit] | None:
    """Take the first of two equal keys out, where it has whole lines to itself."""
    place = subject.place_of("entry.first_text")
    entry = None if place is None else place.entry
    if entry is None or entry.key is None or entry.node.kind != "scalar":
        return None
    if document.syntax != "yaml" or "\n" in document.text[entry.key.start : entry.node.end]:
        return None
    if _is_anchored(entry.key, entry.node, document):
        return None
    text = document.text
    start = text.rfind("\n", 0, entry.key.start) + 1
    end = text.find("\n", entry.node.end)
    end = len(text) if end < 0 else end + 1
    tail = text[entry.node.end : end].strip()
    if text[start : entry.key.start].strip() or (tail and not tail.startswith("#")):
        return None
    return [Edit(start, end, "")]


def _is_anchored(key: Node, value: Node, document: Document) -> bool:
    between = document.text[key.end : value.end]
    return "&" in between or "*" in between or value.start < key.start


def _quote(subject: Subject, document: Document) -> list[Edit] | None:
    place = subject.place_of("entry.oddity")
    return None if place is None else _replace(place, f'"{place.node.text}"', document)


def _drop_comment(subject: Subject, document: Document) -> list[Edit] | None:
    node = subject.place.node
    text = document.text
    start = node.start
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start > 0 and text[start - 1] != "\n":
        return [Edit(start, node.end, "")]
    end = node.end + 1 if text[node.end : node.end + 1] == "\n" else node.end
    if text[node.end : node.end + 2] == "\r\n":
        end = node.end + 2
    return [Edit(start, end, "")]


_MAKERS: dict[str, Maker] = {
    "log-scale": _log_scale,
    "log-values": _log_values,
    "number-with-dot": _number_with_dot,
    "float-limits": _float_limits,
    "drop-repeated-choice": _drop_repeated_choice,
    "turn-direction": _turn_direction,
    "drop-first": _drop_first,
    "quote": _quote,
    "drop-comment": _drop_comment,
}


def apply_edits(text: str, fixes: list[Fix]) -> tuple[str, list[int]]:
    """Apply fixes whose edits do not overlap, the first of two that do.

    Returns:
        The new text, and the positions of the fixes that were applied.
    """
    chosen: list[Edit] = []
    applied: list[int] = []
    for number, fix in enumerate(fixes):
        if any(_overlap(edit, other) for edit in fix.edits for other in chosen):
            continue
        chosen.extend(fix.edits)
        applied.append(number)
    for edit in sorted(chosen, key=lambda item: item.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, applied


def _overlap(one: Edit, other: Edit) -> bool:
    if one == other:
        return True
    return one.start < other.end and other.start < one.end
