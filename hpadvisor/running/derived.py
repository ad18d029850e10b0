"""Values that hang on others: a small table of forms, and nothing that is evaluated.

======================  ===================================================
``0.1 * learning_rate``  a factor (``×`` and ``x`` mean the same)
``batch_size / 4``       a share; whole numbers stay whole where it divides
``4 / batch_size``       a number by a value
``1 - momentum``         the rest to a number
``seed + 100``           a sum
``2 ** layers``          a power of a number
======================  ===================================================

Either side may be a number, a placeholder's name, or both sides names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hpadvisor.errors import UserError

_SIDE = r"([A-Za-z_][\w./-]*|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_FORM = re.compile(rf"\s*{_SIDE}\s+(\*\*|[*/+×÷x-])\s+{_SIDE}\s*")
_SIGNS = {"×": "*", "x": "*", "÷": "/"}


@dataclass(frozen=True)
class Derived:
    """One value that is computed from one or two others.

    Attributes:
        name: Its placeholder.
        left: A number or the name of a placeholder.
        sign: ``*``, ``/``, ``+``, ``-`` or ``**``.
        right: As ``left``.
    """

    name: str
    left: str
    sign: str
    right: str

    @property
    def needs(self) -> list[str]:
        """Names of the values that it hangs on."""
        return [side for side in (self.left, self.right) if _number(side) is None]

    def value(self, values: Mapping[str, object]) -> int | float:
        """Compute it.

        Raises:
            UserError: a value is missing or no number, or the result is none.
        """
        left, right = (self._side(side, values) for side in (self.left, self.right))
        try:
            result = _computed(left, self.sign, right)
        except (ZeroDivisionError, OverflowError):
            result = math.nan
        if isinstance(result, complex) or not math.isfinite(result):
            raise UserError(
                f"{self.left} {self.sign} {self.right} is no number for {left:g} and {right:g}",
                path=self.name,
            )
        return result

    def _side(self, side: str, values: Mapping[str, object]) -> int | float:
        number = _number(side)
        if number is not None:
            return number
        value = values.get(side)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UserError(f"{side} has no number to compute with", path=self.name)
        return value


def read_derived(given: Mapping[str, object]) -> list[Derived]:
    """Read forms by the name of the value that each gives.

    Args:
        given: Name to form, such as ``{"min_lr": "0.1 * learning_rate"}``.

    Raises:
        UserError: a form is not one of the table.
    """
    return [_read(name, str(form)) for name, form in given.items()]


def _read(name: str, form: str) -> Derived:
    match = _FORM.fullmatch(form)
    if match is None:
        raise UserError(
            f"'{form}' is no form that can be computed",
            path=name,
            remedy="Such as '0.1 * learning_rate', 'batch_size / 4', '1 - momentum'.",
        )
    left, sign, right = match.groups()
    found = Derived(name, left, _SIGNS.get(sign, sign), right)
    if name in found.needs:
        raise UserError(f"'{form}' hangs on itself", path=name)
    return found


def with_derived(values: Mapping[str, object], derived: list[Derived]) -> dict[str, object]:
    """Return values together with those that are derived from them, in any order.

    Raises:
        UserError: a derived value needs one that nobody gives.
    """
    found, left = dict(values), list(derived)
    while left:
        ready = [item for item in left if all(name in found for name in item.needs)]
        if not ready:
            item = left[0]
            missing = ", ".join(name for name in item.needs if name not in found)
            raise UserError(f"hangs on {missing}, which has no value", path=item.name)
        for item in ready:
            found[item.name] = item.value(found)
        left = [item for item in left if item not in ready]
    return found


def _computed(left: int | float, sign: str, right: int | float) -> int | float | complex:
    if sign == "*":
        return left * right
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "**":
        return float(left) ** float(right) if abs(right) > 64 else left**right
    whole = isinstance(left, int) and isinstance(right, int) and right and left % right == 0
    return left // right if whole else left / right


def _number(side: str) -> int | float | None:
    try:
        return int(side)
    except ValueError:
        pass
    try:
        return float(side)
    except ValueError:
        return None
