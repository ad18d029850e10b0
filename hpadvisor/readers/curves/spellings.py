"""Numbers as platforms spell them: NaN of C libraries and spreadsheets, infinity, Fortran."""

from __future__ import annotations

import re
from typing import Final

NOT_FINITE: Final = (
    r"[-+]?(?:nan\((?:ind|snan)\)|1\.#(?:qnan|snan|ind|nan|inf)\d*|[qs]nan|\.nan|\.inf|∞"
    r"|infinity|inf|nan)|#(?:num|div/0|value)!"
)
"""A pattern of everything that is no finite number, for texts in lower case."""

_NOT_FINITE = re.compile(NOT_FINITE)
_FORTRAN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)d[-+]?\d{1,3}")


def spelled_number(text: str) -> float | None:
    """Read what ``float`` does not: ``-nan(ind)``, ``1.#INF``, ``∞``, ``#DIV/0!``, ``1d3``.

    Returns:
        NaN, an infinity or the number; None where the text is none of these.
    """
    word = text.strip().lower()
    if _FORTRAN.fullmatch(word):
        return float(word.replace("d", "e"))
    if not _NOT_FINITE.fullmatch(word):
        return None
    if "inf" not in word and "∞" not in word:
        return float("nan")
    return float("-inf") if word.startswith("-") else float("inf")
