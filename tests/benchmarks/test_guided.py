"""The guided loop: what a training costs, what is chosen, what is on the board."""

from __future__ import annotations

from benchmarks.clinic.usual.guided import BASE, Guide, Point, Table, played, rate_grid


def table() -> Table:
    """A setting whose loss is lowest two rates above the base."""
    curves: dict[Point, dict[str, list[float | None]]] = {}
    test: dict[Point, float] = {}
    for rate in range(7):
        for strength in range(3):
            for size in range(2):
                level = 1.0 + 0.1 * abs(rate - 5) - 0.01 * size
                values: list[float | None] = [
                    level + (3 - level) * 0.6**step for step in range(21)
                ]
                point: Point = (rate, strength, size)
                curves[point] = {"val": values, "fresh": values, "train": values[1:]}
                test[point] = level
    return Table("drawn", True, 10.0, curves, test, 3.0)


def test_the_best_within_a_budget_counts() -> None:
    order = iter([((1, 1, 0), 1.0), ((5, 1, 0), 0.5), ((5, 1, 0), 1.0)])
    found = played(table(), order, 3)
    assert found.costs == [1.0, 1.5, 2.5]
    assert found.at(1) == BASE
    assert found.at(2) == BASE  # what is stopped at half has no result
    assert found.at(3) == (5, 1, 0)
    assert table().gained((5, 1, 1)) == 1
    assert table().gained(BASE) == 0


def test_the_loop_never_trains_a_point_twice_and_stays_on_the_board() -> None:
    known = table()
    points = [point for point, _ in Guide(halves=False).order(known, 1)]
    assert len(points) == len(set(points))
    assert BASE not in points
    assert all(point in known.test for point in [*points, *(p for p, _ in rate_grid(known, 1))])
