"""Which columns of a table are settings and which outcomes, by where they stand and beside what.

Names that no table knows are told by their neighbours: people write the settings side by side,
then what came of them; and what has a deviation of its own was measured, not set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

_SPREAD = re.compile(r"^(?:std[_ ]|stdev[_ ]|sd[_ ])|(?:[_ /](?:std|stdev|sd|stderr))$", re.I)
_OF_ANOTHER = re.compile(r"[_ /](?:var|variance|sem)$", re.I)


def is_deviation(name: str) -> bool:
    """Whether a column's name says a standard deviation, whatever else there is."""
    return bool(_SPREAD.search(name))


def is_spread(name: str, names: Collection[str]) -> bool:
    """Whether a column is the deviation of another, such as ``val_acc_std`` or ``f1_var``.

    Args:
        name: The column.
        names: All of them: a ``noise_var`` without a ``noise`` beside it is a setting.
    """
    if is_deviation(name):
        return True
    return bool(_OF_ANOTHER.search(name)) and stem(name) in {
        stem(other) for other in names if other != name
    }


def stem(name: str) -> str:
    """A column's name without what says that it is a mean or a deviation."""
    plain = _OF_ANOTHER.sub("", _SPREAD.sub("", name.lower())).strip("_ /")
    return plain.removeprefix("mean_").removesuffix("_mean")


def settings_by_place(
    names: Sequence[str],
    settings: Collection[str],
    scores: Collection[str],
    known: Callable[[str], bool],
    unknown: Callable[[str], bool],
) -> list[str]:
    """Settle which columns are settings, by their places.

    A column with a deviation of its own is an outcome. So is one that nobody knows behind the
    scores, where all known settings stand before them. One that nobody knows between two settings
    is a setting.

    Args:
        names: All columns, in their order.
        settings: Those that were taken for settings.
        scores: Those that are scores.
        known: Whether a column's name is that of a hyperparameter.
        unknown: Whether a column may be either: numbers, and a name that says nothing.

    Returns:
        The settings, in the order of the columns.
    """
    measured = {stem(name) for name in names if is_spread(name, names)}
    taken = {name for name in settings if stem(name) not in measured}
    at = {name: place for place, name in enumerate(names)}
    first_score = min((at[name] for name in scores if name in at), default=len(names))
    behind = {name for name in taken if at[name] > first_score}
    if behind < taken and not any(map(known, behind)):
        taken -= {name for name in behind if unknown(name)}
    return [n for n in names if n in taken or _between(n, names, taken, at, unknown, measured)]


def _between(
    name: str,
    names: Sequence[str],
    taken: Collection[str],
    at: dict[str, int],
    unknown: Callable[[str], bool],
    measured: Collection[str],
) -> bool:
    """Whether a column that nobody knows stands between two settings, beside them."""
    if not unknown(name) or stem(name) in measured:
        return False
    for step in (-1, 1):
        place = at[name] + step
        while 0 <= place < len(names) and names[place] not in taken and unknown(names[place]):
            place += step
        if not 0 <= place < len(names) or names[place] not in taken:
            return False
    return True
