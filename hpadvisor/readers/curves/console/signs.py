"""Signs of a line: what joins a name to its number, ends a phrase, opens and closes brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hpadvisor.readers.curves.console.naming import counter_of
from hpadvisor.readers.curves.console.pieces import Label, Walk

_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(slots=True, frozen=True)
class Around:
    """What stands around a sign.

    Attributes:
        behind: What was read before it.
        apart: Whether a blank stands in front of it.
        after: The character that follows; empty at the end.
        following: The token that follows.
    """

    behind: str
    apart: bool
    after: str
    following: re.Match[str] | None

    @property
    def numbered(self) -> bool:
        """Whether a number follows."""
        return self.following is not None and self.following.lastgroup == "number"

    @property
    def worded(self) -> bool:
        """Whether a word follows."""
        return self.following is not None and self.following.lastgroup == "word"


def read(walk: Walk, sign: str, apart: bool, after: str, following: re.Match[str] | None) -> None:
    """Take one sign into account."""
    around = Around(walk.before, apart, after, following)
    walk.before = sign
    handler = _HANDLERS.get(sign)
    if handler is not None:
        handler(walk, sign, around)


def _joins(walk: Walk, sign: str, around: Around) -> None:
    walk.joined = walk.joined or bool(walk.phrase)
    if sign == ":" and not walk.phrase and len(walk.pieces) == 1 and walk.last is not None:
        walk.last.unit = walk.last.unit or ":"  # "12: learn: 0.4"


def _quotes(walk: Walk, sign: str, around: Around) -> None:
    walk.before = around.behind


OF_A_BAR: Final = "%|"
"""The unit of how far a bar is: "Map:  45%|####     |"."""


def _percent(walk: Walk, sign: str, around: Around) -> None:
    if around.behind == "number" and walk.last is not None:
        walk.last.percent = walk.last.percent or not walk.inner
        if around.after == "|" and walk.last.text.isdigit():
            walk.last.unit = OF_A_BAR
        walk.before = "number"


def _slash(walk: Walk, sign: str, around: Around) -> None:
    if around.behind == "+":
        walk.before = "+/-"
    else:
        walk.before = "/" if around.behind in ("number", "unit") else ""


def _minus(walk: Walk, sign: str, around: Around) -> None:
    if around.behind in ("+/-", "+"):
        walk.before = "+/-"
    elif around.apart and around.after in (" ", "-", ">") and not walk.joined:
        walk.flush()


def _plus(walk: Walk, sign: str, around: Around) -> None:
    walk.before = "+/-" if around.behind == "number" and around.after in "/-" else "+"


def _arrow(walk: Walk, sign: str, around: Around) -> None:
    if around.behind == "-" and walk.phrase:
        walk.joined = True


def _ends(walk: Walk, sign: str, around: Around) -> None:
    alone = not walk.pieces and not walk.joined
    if sign == "|" and walk.phrase and alone and around.numbered:
        walk.joined = True  # | ep_rew_mean | 21 |
    else:
        walk.flush()


def _opens(walk: Walk, sign: str, around: Around) -> None:
    close = _OPEN[sign]
    if around.behind == "/" and sign == "[":  # "Epoch [3]/[90]"
        walk.before = "/"
        walk.scopes.append((close, ""))
    elif around.behind == "number" and sign == "(" and around.numbered:
        walk.before = "number("
        walk.scopes.append((close, ""))
    elif walk.joined and walk.phrase and around.numbered:  # "lr=[1e-5]", "tensor(0.4"
        walk.before = ""
        walk.scopes.append((f"{close}list", ""))
    elif sign == "(" and walk.phrase and around.numbered and counter_of(walk.phrase):
        walk.scopes.append((close, ""))  # "Batch(100/1879)"
    elif sign == "[" and around.numbered:
        walk.opened = "["
        walk.scopes.append((close, ""))
    elif sign == "(" and walk.phrase and not walk.joined and around.worded:
        walk.scopes.append((")words", ""))  # "Epoch(train)", "time (ms)"
        walk.saved, walk.phrase = walk.phrase, []
    else:
        walk.scopes.append((close, _scope(walk, sign)))


def _scope(walk: Walk, sign: str) -> str:
    """The name of what a bracket holds: ``tot_loss[loss=0.4]``, ``'train': {'loss': 0.4}``."""
    if not walk.phrase:
        return ""
    name = "" if walk.joined and sign == "[" else walk.phrase[-1]
    walk.pieces.append(Label(walk.phrase, value=sign))
    walk.phrase, walk.joined = [], False
    return name


def _closes(walk: Walk, sign: str, around: Around) -> None:
    for place in range(len(walk.scopes) - 1, -1, -1):
        if walk.scopes[place][0].startswith(sign):
            closed = walk.scopes[place][0]
            del walk.scopes[place:]
            if closed == ")words":
                walk.phrase = [*walk.phrase, *walk.saved]
                walk.saved, walk.joined, walk.before = [], False, "word"
                return
            break
    walk.opened = ""
    walk.flush()
    number = around.behind == "number" and sign != "]"  # "train_loss=0.4]lr=0.1"
    walk.before = "number" if number else sign


_HANDLERS: Final[dict[str, Callable[[Walk, str, Around], None]]] = {
    **dict.fromkeys(":=", _joins),
    **dict.fromkeys("'\"`", _quotes),
    **dict.fromkeys("|,;*&", _ends),
    **dict.fromkeys(_OPEN, _opens),
    **dict.fromkeys(")]}", _closes),
    "%": _percent,
    "/": _slash,
    "-": _minus,
    "+": _plus,
    ">": _arrow,
}
