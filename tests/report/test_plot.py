"""Drawings of a terminal: axes with their units and scale, signs, rulers, and no line too long."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hpadvisor.api import audit_with_statistics
from hpadvisor.facts.searches.review import ReviewOptions
from hpadvisor.planning.model import Parameter, Step
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.report.plan_rulers import ruler_of, with_rulers
from hpadvisor.report.plan_text import render_text
from hpadvisor.report.plot import Axis, Drawn, draw, is_logarithmic, ruler
from hpadvisor.report.searches.text import render_audit
from tests.report import plans

EPOCHS = Axis("1", "40", "epochs")


def test_the_axis_names_its_ends_and_its_unit() -> None:
    curve = Drawn("train", [0.0, 0.5, 1.0], [2.0, 1.0, 0.5])
    *_, axis = lines = draw([curve], width=50, height=6, axis=EPOCHS)
    assert axis.strip().startswith("└1 ─")
    assert axis.endswith("─ 40")
    assert " epochs " in axis
    assert all(len(line) <= 50 for line in lines)
    *_, bare = draw([curve], width=50, height=6, axis=Axis("", "", "rates, log scale"))
    assert bare.strip("└─ ") == "rates, log scale"


@pytest.mark.parametrize("values", [[], [math.nan, math.nan], [1.0], [0.0, 0.0], [-1.0, 1e9]])
def test_any_values_are_drawn_or_left_out(values: list[float]) -> None:
    lines = draw([Drawn("", [0.5] * len(values), values)], width=40, axis=EPOCHS)
    assert bool(lines) is any(map(math.isfinite, values))


def test_signs_stand_over_dots_and_a_level_between_them() -> None:
    dots = Drawn("", [0.0, 0.5, 1.0], [0.0, 1.0, 2.0], joined=False)
    best = Drawn("", [1.0], [2.0], sign="◆")
    text = "\n".join(draw([dots, best], width=40, height=5, level=1.0))
    assert text.count("◆") == 1
    assert text.splitlines()[0].endswith("◆")
    assert "┄" in text.splitlines()[2]
    assert sum("\u2800" < sign <= "\u28ff" for sign in text) == 2  # dots are not joined
    assert is_logarithmic([Drawn("", [0, 1], [0.01, 1.0])])
    assert not is_logarithmic([dots])


def test_a_ruler_shows_places_on_a_range() -> None:
    line = ruler([(0.0, "•"), (1.0, "◆"), (math.nan, "x")], "1e-4", "0.1", cells=6, scale="log")
    assert line == "1e-4 ├•────◆┤ 0.1 log"


def step(**baseline: float) -> Step:
    return Step(
        name="Search", kind="search", purpose="", strategy="random", trials=4, trainings=4,
        baseline=baseline,
    )  # fmt: skip


RATE = Parameter(name="lr", type="float", low=1e-4, high=1.0, scale="log", off=0.0)


@pytest.mark.parametrize(
    ("start", "drawn"),
    [
        (1e-2, " ├────────◆───────┤"), (0.0, "◆├────────────────┤"),
        (2.0, " ├────────────────┤◆"), (1.0, " ├───────────────◆┤"),
    ],
)  # fmt: skip
def test_the_start_has_a_place_on_its_scale(start: float, drawn: str) -> None:
    assert ruler_of(RATE, step(lr=start)) == drawn


def test_listed_values_are_dots_and_choices_have_no_ruler() -> None:
    listed = Parameter(name="lr", type="float", values=[1e-2, 1e-4, 1e-3])
    assert ruler_of(listed, step(lr=1e-3)).count("•") == 2
    assert ruler_of(Parameter(name="o", type="categorical", choices=["a", "b"]), step()) == ""
    assert ruler_of(Parameter(name="n", type="int", low=3, high=3), step()) == ""


def test_rulers_are_drawn_where_there_is_room() -> None:
    assert "start on its scale" not in render_text(plans.full(), width=60)
    wide = render_text(plans.full(), width=110)
    assert "start on its scale" in wide
    assert all(len(line) <= 110 for line in wide.splitlines())
    titles, cells = ["a"], [["b"]]
    one = step()
    one.parameters = [RATE]
    assert with_rulers(titles, cells, one, 20) == (titles, cells)
    assert len(with_rulers(titles, cells, one, 80)[0]) == 2


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_search_is_drawn_in_the_same_style(tmp_path: Path, direction: str, width: int) -> None:
    rows = [f"{n},{(n * 7 % 40) / 40 + 0.1:.4f},{0.5 + (n * 11 % 40) / 99:.4f}" for n in range(40)]
    table = tmp_path / "trials.csv"
    table.write_text("trial,params_lr,score\n" + "\n".join(rows), encoding="utf-8")
    found = audit_with_statistics(
        table, ReadOptions(objective="score", direction=direction), ReviewOptions(noise=0.02)
    )
    text = render_audit(*found, width=width)
    drawing = text.partition("History\n")[2].partition("\n\n")[0]
    assert "└0 ─" in drawing
    assert " trials ─" in drawing
    assert drawing.count("◆") == 2  # the best, and its legend
    assert "┄ end of the ties" in " ".join(drawing.split())
    assert "├" in text
    assert all(len(line) <= width for line in drawing.splitlines())
    assert "\u2800" not in render_audit(*found, width=width, braille=False)
    assert "History" not in render_audit(*found, width=width, braille=False)
