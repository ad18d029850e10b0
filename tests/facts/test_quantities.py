"""Quantities are read as people write them."""

from __future__ import annotations

import pytest

from hpadvisor.readers.quantities import hours, number

HOURS = {
    "48": 48.0, "0.5": 0.5, "2d": 48.0, "90min": 1.5, "2h30m": 2.5, "1d12h": 36.0,
    "1 h 30 min": 1.5, "3 days": 72.0, "1w": 168.0, "36s": 0.01, "1500ms": 1500 / 3_600_000,
    "2D": 48.0, "1e2": 100.0,
    "1,000h": 1000.0, ".5h": 0.5, "45 minutes": 0.75,
}  # fmt: skip
NUMBERS = {
    "50000": 5e4, "50k": 5e4, "50K": 5e4, "1.2M": 1.2e6, "7B": 7e9, "7b": 7e9, "5%": 0.05,
    "1,281,167": 1281167.0, "1_000": 1000.0, "3e-4": 3e-4, "-2": -2.0, "1.5 T": 1.5e12, ".1": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HOURS.items())
def test_hours(text: str, expected: float) -> None:
    assert hours(text) == pytest.approx(expected)


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items())
def test_number(text: str, expected: float) -> None:
    assert number(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two days", "'two days' is no duration; write 90min, 2h30m or 3d"),
        ("2 fortnights", "'fortnights' is no unit of time; write s, min, h, d or w"),
        ("5h and more", "'and' is no unit|is no duration"),
        ("", "an empty duration"),
        ("1e999", "'1e999' is not finite"),
        ("nan", "'nan' is no duration"),
    ],
)
def test_what_is_no_duration(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hours(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("many", "'many' is no number; write 50000, 50k or 1.2e6"),
        ("50x", "'x' is no suffix of a number; write k, M, B, T or %"),
        ("50k examples", "is no number"),
        ("inf", "'inf' is no number"),
        ("1e400", "'1e400' is not finite"),
        ("", "'' is no number"),
    ],
)
def test_what_is_no_number(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        number(text)
