"""A plan's page names the command that goes on from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.cli.plan_output import again


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["a b.sh", "--full", "--format", "text"], "hpadvisor plan 'a b.sh'"),
        (["--trainings=9", "--emit=optuna", "-o", "x", "--force"], "hpadvisor plan --trainings=9"),
        (["-", "--no-input"], "hpadvisor plan SITUATION"),
    ],
)  # fmt: skip
def test_a_plan_says_how_it_is_made_again(words: list[str], wanted: str) -> None:
    assert again(words, None, asked=False) == wanted
    assert again(words, None, asked=True) == "hpadvisor plan SITUATION"
    assert again(words, Path("s.yaml"), asked=True) == "hpadvisor plan s.yaml"
