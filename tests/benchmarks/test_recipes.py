"""The recipes are whole, split by source alone, and judged as they say."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.recipes.measuring import Answer, ask, holds, start_of
from benchmarks.recipes.recipe import CALIBRATED, VALUES, half_of, read_recipes
from hpadvisor.planning.model import Parameter

RECIPES = read_recipes()


def test_there_are_three_hundred_trainings_of_many_sources() -> None:
    assert len(RECIPES) >= 300
    assert len({recipe.source for recipe in RECIPES}) >= 50
    places = [(recipe.source, recipe.locator) for recipe in RECIPES]
    assert len(set(places)) == len(places)


def test_every_recipe_has_a_rate_and_says_nothing_of_it() -> None:
    for recipe in RECIPES:
        assert "learning_rate" in recipe.values
        assert set(recipe.values) <= set(VALUES)
        assert not any(name.split(".")[1] in VALUES for name in recipe.facts)


def test_a_source_lies_in_one_half() -> None:
    halves = defaultdict(set)
    for recipe in RECIPES:
        halves[recipe.source].add(recipe.half)
    assert all(len(found) == 1 for found in halves.values())
    assert all(half_of(source) == "development" for source in CALIBRATED)
    tests = sum(recipe.half == "test" for recipe in RECIPES)
    assert 100 <= tests <= len(RECIPES) - 100


def test_a_range_holds_what_lies_in_it_or_is_off() -> None:
    rate = Parameter(name="x", type="float", low=1e-4, high=1e-2, scale="log", off=0)
    assert holds(rate, 1e-3)
    assert holds(rate, 0)
    assert not holds(rate, 0.02)
    ranks = Parameter(name="r", type="categorical", choices=[4, 8, 64], default=8)
    assert holds(ranks, 16)
    assert not holds(ranks, 128)
    assert start_of(ranks) == 8


def test_an_answer_tells_width_and_distance() -> None:
    recipe = next(r for r in RECIPES if r.kind == "lora" and r.values["learning_rate"] == 2e-4)
    answer = next(a for a in ask(recipe) if a.name == "learning_rate")
    assert isinstance(answer, Answer)
    assert answer.inside is True
    assert answer.decades is not None
    assert 0.5 < answer.decades < 2
    assert answer.factor is not None
    assert answer.factor <= 3
