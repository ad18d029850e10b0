"""Names of hyperparameters, as public search spaces write them, against what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.facts.configs.definitions import ROLES
from hpadvisor.readers.names import known_roles, role, words_of

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "names.tsv").read_text("utf-8").splitlines()[1:]
]


def test_the_names_are_many() -> None:
    assert len(ROWS) >= 300


@pytest.mark.parametrize(("name", "wanted"), ROWS, ids=[row[0] for row in ROWS])
def test_real_names(name: str, wanted: str) -> None:
    found = role(name)
    assert ("-" if found is None else found.name + ("" if found.certain else "?")) == wanted


def test_rules_can_name_every_role() -> None:
    assert known_roles() <= set(ROLES)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fcLayer2_size", ("fc", "layer", "2", "size")),
        ("BASE_LR", ("base", "lr")),
        ("train-batch.size", ("train", "batch", "size")),
    ],
)
def test_names_are_cut_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_only_whole_words_count() -> None:
    assert role("model_lr") != role("model")
    assert role("width") == role("depth")
    assert role("colour") is None
