"""What a model of past runs proposes: near the best, new, legal, and not one setting at a time."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.auditing import history as rules
from hpadvisor.auditing.history import history_of
from hpadvisor.auditing.model import NextTraining
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.searches.review import review
from hpadvisor.past import past_runs
from hpadvisor.readers.searches.record import ReadOptions

RATES, DROPOUTS = (1e-4, 1e-3, 3e-3), (0.0, 0.2, 0.4)


def loss_of(rate: float, dropout: float, activation: str = "relu") -> float:
    """Lowest at a rate of 1e-2 and a dropout of .2; gelu is the better one."""
    off = 0.1 * (activation != "gelu")
    return 0.5 + 0.2 * math.log10(rate / 1e-2) ** 2 + 2 * (dropout - 0.2) ** 2 + off


def proposed(path: Path, rows: list[tuple[Any, ...]], names: str) -> list[NextTraining]:
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join([names, *lines]) + "\n", encoding="utf-8")
    params = tuple(names.split(",")[:-1])
    study = past_runs(path, load_knowledge(), ReadOptions(params=params, objective="val_loss"))
    study.history = True
    found = history_of(review(study))
    assert found is not None
    return found.next


def grid() -> list[tuple[Any, ...]]:
    return [(r, d, f"{loss_of(r, d):.5f}") for r, d in itertools.product(RATES, DROPOUTS)]


def test_nine_runs_of_a_smooth_function_are_gone_beyond_towards_its_best(tmp_path: Path) -> None:
    first = proposed(tmp_path / "runs.csv", grid(), "lr,dropout,val_loss")[0]
    assert "a model of the 9 runs" in first.reason
    assert loss_of(first.settings["lr"], first.settings["dropout"]) < loss_of(3e-3, 0.2)
    assert first.settings["lr"] > 3e-3


def test_proposals_are_new_legal_and_differ(tmp_path: Path) -> None:
    rows = [(1e-3, d, f"{1 - d:.5f}") for d in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97)]
    rows += [(1e-4, d, f"{1.2 - d:.5f}") for d in (0.0, 0.5)]
    found = proposed(tmp_path / "runs.csv", rows, "lr,dropout,val_loss")
    settings = [(one.settings["lr"], one.settings["dropout"]) for one in found]
    assert len(set(settings)) == len(settings) == 3
    assert not set(settings) & {(rate, dropout) for rate, dropout, _ in rows}
    assert all(0 <= dropout < 1 for _, dropout in settings)


def test_choices_are_combined_with_what_won(tmp_path: Path) -> None:
    """gelu won at low rates, and the best run lacks it."""
    rows = [(r, d, "relu", f"{loss_of(r, d):.5f}") for r, d in itertools.product(RATES, DROPOUTS)]
    rows += [(r, 0.2, "gelu", f"{loss_of(r, 0.2, 'gelu'):.5f}") for r in RATES[:2]]
    found = proposed(tmp_path / "runs.csv", rows, "lr,dropout,activation,val_loss")
    assert found[0].settings["activation"] == "gelu"
    assert found[0].settings["lr"] >= 3e-3


def test_fewer_runs_follow_the_chains(tmp_path: Path) -> None:
    found = proposed(
        tmp_path / "runs.csv", grid()[: rules.LEAST_FOR_A_MODEL - 1], "lr,dropout,val_loss"
    )
    assert all("a model" not in one.reason for one in found)
    assert all(len(one.changes) == 1 for one in found)


@pytest.mark.parametrize("count", [9, 8])
def test_runs_that_lack_a_setting_and_equal_scores_are_no_error(
    tmp_path: Path, count: int
) -> None:
    rows = [(r, "" if place % 3 else d, "0.5") for place, (r, d, _) in enumerate(grid())]
    found = proposed(tmp_path / "runs.csv", rows[:count], "lr,dropout,val_loss")
    assert len(found) >= 1
