"""Emitted files hold the names, choices and metrics that were meant, and nothing else."""

from __future__ import annotations

import ast
import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hpadvisor.emit.engines import ENGINES, emit
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Parameter, Plan
from hpadvisor.visible import has_control
from tests.emit.plans import search

HOSTILE = [
    'x:\n    value: 1\ncommand: [sh, -c, "touch PWN"]\nparameters:\n  lr', "a: b", "[x]", "@x",
    "*", "%s", "- x", "true", "yes", "on", "null", "1", "0x10", "12:30", "a\\b", 'q"q', "it's",
    "x # y", "a\nb", "\x1b[2J", "\x85", "\u202ex", "\u2028", "é", "学習率", "=1+1", "+1", "@a",
    "=cmd|'/C calc'!A0", "${x}", "$(touch PWN)", "`touch PWN`", "END_OF_SEARCH_SCRIPT", '"""',
    "\ufeff", "m\n---\napiVersion: v1\nkind: Pod", "{a: b}", "&a", "!!python/object:os.system",
    "\U000e0041", "a,b", "--x", "y", "~", "|", ">", "?", "\x7f",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
)


def plan(name: str, choice: str, metric: str) -> Plan:
    parameters = [
        Parameter(name=name, type="float", low=1e-4, high=1e-1, scale="log", default=1e-2),
        Parameter(name="kind", type="categorical", choices=[choice, "other", True, 3]),
    ]
    return Plan(
        verdict="tune", headline=f"Search {name}", reasons=[], situation={},
        objective={"metric": metric, "direction": "maximize"},
        steps=[search(parameters=parameters, stop_when=[])],
    )  # fmt: skip


def written(engine: str, name: str, choice: str, metric: str) -> str | None:
    """The text; None where the engine refuses a name, which is one line."""
    try:
        text = emit(plan(name, choice, metric), engine, created_by=f"a test from {name}")
    except UserError as error:
        refusal = str(error)
        text = ""
    else:
        refusal = ""
    assert not has_control(refusal)
    assert not has_control(text.replace("\n", "").replace("\t", "")), engine
    return text or None


def check(engine: str, name: str, choice: str, metric: str) -> None:
    if name in ("kind", "use_kind"):
        return
    text = written(engine, name, choice, metric)
    if text is not None:
        CHECKS[engine](text, name, choice, metric)


def _wandb(text: str, name: str, choice: str, metric: str) -> None:
    sweep = yaml.safe_load(text)
    assert set(sweep) == {"program", "method", "metric", "run_cap", "parameters"}
    assert sweep["metric"] == {"name": metric, "goal": "maximize"}
    assert set(sweep["parameters"]) == {name, "kind"}
    assert sweep["parameters"]["kind"] == {"values": [choice, "other", True, 3]}


def _katib(text: str, name: str, choice: str, metric: str) -> None:
    (document,) = yaml.safe_load_all(text)
    assert document["kind"] == "Experiment"
    assert document["spec"]["objective"]["objectiveMetricName"] == metric
    first, second = document["spec"]["parameters"]
    assert first["name"] == name
    assert second["feasibleSpace"] == {"list": [choice, "other", "true", "3"]}
    assert document["spec"]["trialTemplate"]["trialParameters"][0]["reference"] == name


def _hydra(text: str, name: str, choice: str, metric: str) -> None:
    config = yaml.safe_load(text)
    assert set(config) == {"defaults", "hydra", name, "kind"}
    params = config["hydra"]["sweeper"]["params"]
    assert set(params) == {name, "kind"}
    quoted = choice.replace('"', '\\"')
    assert params["kind"] == f'choice("{quoted}", "other", true, 3)'


def _python(text: str, name: str, choice: str, metric: str) -> None:
    tree = ast.parse(text)
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert name in strings
    assert choice in strings


def _slurm(text: str, name: str, choice: str, metric: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    marks = [line for line in text.splitlines() if line == "END_OF_SEARCH_SCRIPT"]
    assert len(marks) == 1


def _json(text: str, name: str, choice: str, metric: str) -> None:
    document = json.loads(text)
    assert document["metric"] == metric
    assert set(document["trials"][0]["params"]) == {name, "kind"}


def _csv(text: str, name: str, choice: str, metric: str) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {5}
    for row in rows:
        for cell in row:
            assert not cell.startswith(("=", "@", "\t", "\r"))
            assert not cell.startswith(("+", "-")) or _is_number(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


CHECKS: dict[str, Any] = {
    "wandb": _wandb, "katib": _katib, "hydra-optuna": _hydra, "optuna": _python, "ray": _python,
    "huggingface": _python, "sklearn": _python, "slurm": _slurm, "json": _json, "csv": _csv,
}  # fmt: skip


def test_every_engine_is_checked() -> None:
    assert set(CHECKS) == set(ENGINES)


@pytest.mark.parametrize("engine", CHECKS)
def test_hostile_names_choices_and_metrics(engine: str) -> None:
    for text in HOSTILE:
        if engine == "slurm" and text not in [HOSTILE[0], "END_OF_SEARCH_SCRIPT", '"""']:
            continue
        check(engine, text, "relu", "score")
        check(engine, "lr", text, "score")
        check(engine, "lr", "relu", text)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.sampled_from(["wandb", "katib", "hydra-optuna", "json", "csv"]))
def test_any_text(name: str, choice: str, metric: str, engine: str) -> None:
    check(engine, name, choice, metric)


def test_the_command_to_run_is_quoted(tmp_path: Path) -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "hpadvisor", "plan", "--example", "lora-7b", "--no-input", "--emit",
         "wandb", "-o", "a $(x).yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "wandb sweep 'a $(x).yaml'" in done.stderr
