"""Quantiles of Student's t, for the few degrees of freedom of a few seeds."""

from __future__ import annotations

import math

_STEPS = 200
_MANY = 50


def student_tail(chance: float, freedom: float) -> float:
    """The value that a variable of Student's t exceeds with a chance under one half.

    By bisection on t = √freedom / tan θ, where the density becomes that of a power of the sine;
    for many degrees of freedom by Cornish and Fisher's expansion around the normal quantile.

    Args:
        chance: The upper tail, below one half.
        freedom: Degrees of freedom, 1 at least; they need not be whole.
    """
    if freedom > _MANY:
        return _near_normal(chance, freedom)
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    constant /= math.sqrt(math.pi)

    def tail(angle: float) -> float:
        """The integral of the sine's power from 0 on, by Simpson, over the root of the angle."""
        shares = [k / _STEPS for k in range(_STEPS + 1)]
        heights = [2 * at * math.sin(angle * at * at) ** (freedom - 1) for at in shares]
        odd, even = sum(heights[1::2]), sum(heights[2:-1:2])
        return float(constant * angle * (heights[-1] + 4 * odd + 2 * even) / (3 * _STEPS))

    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) < chance else (low, middle)
    return math.sqrt(freedom) / math.tan(high)


def _near_normal(chance: float, freedom: float) -> float:
    from statistics import NormalDist

    z = -NormalDist().inv_cdf(chance)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
