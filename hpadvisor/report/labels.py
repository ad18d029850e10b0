"""Names short enough for a picture or a table, and still different from each other."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 26
"""Letters of a name beside a picture."""
_SEPARATORS = "/._-=, []"
_SHARED = 6
"""Letters that names must begin with alike before they are left out."""
_TAIL = 0.6
"""Share of a shortened name that its end keeps: what differs mostly stands there."""


def short_labels(names: Sequence[str], longest: int = LONGEST) -> dict[str, str]:
    """Shorten names: what all begin with goes first, then their middles.

    Args:
        names: What is shown together.
        longest: Letters that a name may have.

    Returns:
        Each name to its label; labels of different names differ.
    """
    once = list(dict.fromkeys(names))
    if all(len(name) <= longest for name in once):
        return {name: name for name in once}
    shared = _shared(once)
    labels = {name: _cut(f"…{name[len(shared) :]}" if shared else name, longest) for name in once}
    if len(set(labels.values())) == len(once):
        return labels
    return {name: f"{number}: {labels[name]}" for number, name in enumerate(once, 1)}


def _shared(names: Sequence[str]) -> str:
    """What all names begin with, up to the end of a word; empty where it is short."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    alike = next(
        (n for n, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1),
        len(first),
    )
    prefix = first[:alike]
    end = max((prefix.rfind(sign) for sign in _SEPARATORS), default=-1) + 1
    return prefix[:end] if end >= _SHARED else ""


def _cut(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    tail = int(longest * _TAIL)
    return f"{name[: longest - tail - 1]}…{name[-tail:]}"
