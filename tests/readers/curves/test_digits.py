"""Digits read all at once are the numbers that reading one by one gives, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from hpadvisor.readers.curves.digits import table_of_digits


def test_numbers_are_exactly_those_of_float() -> None:
    draw = np.random.default_rng(0)
    cells = [
        f"{draw.normal() * 10.0 ** draw.integers(-3, 8):.{draw.integers(0, 7)}f}"
        for _ in range(600)
    ]
    cells[7] = cells[300] = ""
    raw = "".join(",".join(cells[row : row + 3]) + "\n" for row in range(0, 600, 3))
    table = table_of_digits(raw.encode(), b",", 200, 3)
    assert table is not None
    wanted = [float(cell) if cell else float("nan") for cell in cells]
    np.testing.assert_array_equal(table.ravel(), wanted)


@pytest.mark.parametrize(
    "raw", ["1,2\n3\n", "1,2,3\n4\n", "1,x\n2,3\n", "1,1e5\n2,3\n", "1,1.2.3\n2,3\n",
            "1,2-3\n2,3\n", "1,-\n2,3\n", "1,.\n2,3\n", "1,1234567890123456\n2,3\n"]
)  # fmt: skip
def test_all_else_is_left_to_another_reader(raw: str) -> None:
    assert table_of_digits(raw.encode(), b",", 2, 2) is None


def test_rows_of_nothing_are_no_numbers() -> None:
    table = table_of_digits(b",\n,\n", b",", 2, 2)
    assert table is not None
    assert np.isnan(table).all()
