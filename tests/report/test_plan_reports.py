"""Reports of a plan: text in any width, Markdown, JSON and YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from hpadvisor.planning.model import Plan
from hpadvisor.report import plan_words as words
from hpadvisor.report.plan_json import plan_schema, render_json, render_yaml
from hpadvisor.report.plan_markdown import render_markdown
from hpadvisor.report.plan_text import render_text

from . import plans

GOLDEN = Path(__file__).parent / "golden"
ANSI = re.compile(r"\x1b\[[0-9;]*m")

every_plan = pytest.mark.parametrize("plan", plans.ALL.values(), ids=plans.ALL.keys())


def test_text_is_the_golden_one() -> None:
    assert render_text(plans.full(), width=80) == (GOLDEN / "plan_80.txt").read_text("utf-8")


def test_the_full_text_is_the_golden_one() -> None:
    text = render_text(plans.full(), width=80, full=True)
    assert text == (GOLDEN / "plan_80_full.txt").read_text("utf-8")


def test_markdown_is_the_golden_one() -> None:
    assert render_markdown(plans.full()) == (GOLDEN / "plan.md").read_text("utf-8")


@every_plan
@pytest.mark.parametrize("width", [40, 60, 80, 120, 400])
@pytest.mark.parametrize("why", [False, True])
def test_no_line_is_longer_than_the_width(plan: Plan, width: int, why: bool) -> None:
    lines = render_text(plan, width=width, why=why).splitlines()
    assert [line for line in lines if len(line) > width] == []
    assert [line for line in lines if line != line.rstrip()] == []


@every_plan
@pytest.mark.parametrize("why", [False, True])
def test_colour_only_where_it_is_wanted(plan: Plan, why: bool) -> None:
    plain = render_text(plan, width=80, why=why)
    colored = render_text(plan, width=80, color=True, why=why)
    assert "\x1b" not in plain
    assert ANSI.search(colored)
    bare = "\n".join(line.rstrip() for line in ANSI.sub("", colored).splitlines())
    assert bare.rstrip("\n") == plain.rstrip("\n")


@every_plan
def test_verdict_stands_on_top(plan: Plan) -> None:
    first = words.VERDICTS[plan.verdict]
    assert render_text(plan, width=80).startswith(f"{first} · ")
    assert render_markdown(plan).startswith(f"# {first} · ")


def test_a_plan_fits_on_a_page() -> None:
    assert render_text(plans.full(), width=80).count("\n") <= 40


def test_every_number_of_a_step_is_there() -> None:
    text = " ".join(render_text(plans.full(), width=80, full=True).split())
    for piece in (
        "60 trials · 6 h", "24 full trainings", "15 h without the pruner", "top 5 %) 95.4 %",
        "ASHA from epoch 9, keeps 1 in 3", "TPE after 8 quasi-random trials", "2 at a time",
        "1e-4 to 0.01 log 0.5 (outside)", "1e-6 to 0.01, or 0 (off) log 0", "32 to 1,024",
        "none, flip, randaugment choice flip", "3 finalists × 2 seeds · 1.5 h",
        "1 h + 6 h + 1.5 h = 8.5 h of 10 h", "3,125 trainings, 65 days",
        "momentum 0.9, warmup 0.05 (tier 4",
    ):  # fmt: skip
        assert piece in text, piece


def test_why_names_rule_evidence_limits_and_source_in_place() -> None:
    text = " ".join(render_text(plans.full(), width=100, why=True).split())
    plain = " ".join(render_text(plans.full(), width=100).split())
    for piece in (
        "DIA001: published", "STR004: 25 to 49 trainings (published)",
        "matched: budget.trainings_that_fit within 25, 49: it is 30 (--hours)",
        "limits: Not for very noisy scores.", "source: Bergstra and others 2012, Random Search",
        "RNG002", "[TOL005]", "optimizer sgd [RNG009]", "It decides VER009",
    ):  # fmt: skip
        assert piece in text, piece
        assert piece not in plain, piece
    rules = ("DIA001", "VER012", "STR004", "INT001", "PIT001", "PIT003", "ADV080")
    assert all(rule in text for rule in rules)
    order = [
        text.index(piece) for piece in ("VER012", "1. Training", "STR004", "INT001", "PIT001")
    ]
    assert order == sorted(order)


def test_phases_over_one_space_show_it_once() -> None:
    text = render_text(plans.phases(), width=80, full=True)
    assert text.count("augmentation_policy") == 1
    assert "The same hyperparameters as in Explore." in text


def test_listed_values_stand_in_the_table() -> None:
    assert "0.001, 1e-4, 3.16e-4, 0.00316, 0.01   listed" in render_text(plans.listed(), width=80)


def test_text_of_the_user_is_no_markup() -> None:
    plan = plans.full(headline="Tune [bold]x[/bold] :smile:")
    assert "Tune [bold]x" not in render_markdown(plan)
    assert "[bold]x[/bold] :smile:" in render_text(plan, width=80)


@every_plan
def test_json_follows_its_schema_and_reads_back(plan: Plan) -> None:
    document = json.loads(render_json(plan))
    jsonschema.Draft202012Validator(plan_schema()).validate(document)
    assert Plan.model_validate(document) == plan


@every_plan
def test_yaml_holds_the_same_document(plan: Plan) -> None:
    assert yaml.safe_load(render_yaml(plan)) == json.loads(render_json(plan))


@every_plan
def test_markdown_tables_are_whole(plan: Plan) -> None:
    for why in (False, True):
        text = render_markdown(plan, why=why)
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len({line.replace(r"\|", "").count("|") for line in lines}) <= 1
        assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "15 min"), (1.0, "1 h"), (2.54, "2.5 h"), (107.5, "108 h"), (480.0, "20 days")],
)
def test_hours_are_written_as_people_do(value: float, text: str) -> None:
    assert words.hours(value) == text


def test_short_keeps_whole_sentences() -> None:
    text = "Go in order. Reproduce the default of .9 first. Then, by m/(m+n), run on."
    assert words.short(text, 20) == "Go in order. Reproduce the default of .9 first."
    assert words.short(text, 200) == text
    assert words.short("One phrase without end", 5) == "One phrase without end"
