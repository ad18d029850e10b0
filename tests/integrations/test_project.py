"""What ``init`` writes works as it is, and nothing is written over."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hpadvisor.integrations.project import HOOKS, SCHEMA, SITUATION, WORKFLOW, situation_text
from hpadvisor.readers.plain_yaml import load_plain_yaml
from tests.cli.running import called, complaint

ALL = (SITUATION, SCHEMA, WORKFLOW, HOOKS)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("started")
    run = called("init", cwd=folder)
    assert run.returncode == 0, run.stderr
    return folder


def read(path: Path) -> Any:
    return load_plain_yaml(path.read_text(encoding="utf-8"))


def test_everything_is_written_without_a_question(started: Path) -> None:
    assert all((started / name).is_file() for name in ALL)


def test_the_situation_plans_as_it_is(started: Path) -> None:
    run = called("plan", SITUATION, "--no-input", cwd=started)
    assert run.returncode == 0, run.stderr


def test_the_situation_names_a_schema_that_accepts_it(started: Path) -> None:
    text = (started / SITUATION).read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    schema = json.loads((started / named[1]).read_text(encoding="utf-8"))
    jsonschema.validate(load_plain_yaml(text), schema)
    jsonschema.validate(load_plain_yaml(unmarked(text)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"training": {"kind": "lorra"}}, schema)


def unmarked(text: str) -> str:
    """Take the marks off all further keys."""
    head, _, keys = text.partition("\n\n")
    assert head.startswith("#")
    return re.sub(r"^(\s*)# ", r"\1", keys, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "said",
    [{}, {"training": {"kind": "lora"}}, {"symptoms": ["plateau"]}, {"model": {"family": "cnn"}},
     {"budget": {"hours": 9.0, "parallel": 2}, "task": {"metric": "f1"}}],
)  # fmt: skip
def test_every_further_key_can_be_switched_on(said: dict[str, Any], tmp_path: Path) -> None:
    text = situation_text(said)
    whole = load_plain_yaml(unmarked(text))
    assert {"task", "training", "data", "budget", "symptoms"} <= set(whole)
    found = load_plain_yaml(text)
    for section, values in said.items():
        assert found[section] == values
        if isinstance(values, dict):
            assert whole[section].items() >= values.items()
    keys = [line.strip("# ").split(":")[0] for line in unmarked(text).splitlines() if ":" in line]
    assert len(keys) == len(set(keys))  # no section stands twice
    (tmp_path / "whole.yaml").write_text(unmarked(text), encoding="utf-8")
    run = called("plan", tmp_path / "whole.yaml", "--no-input")
    assert run.returncode == 0, run.stderr


def test_flags_fill_it_in(tmp_path: Path) -> None:
    run = called(
        "init", "situation", "--training", "lora", "--set", "budget.hours=2d", cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert read(tmp_path / SITUATION) == {"training": {"kind": "lora"}, "budget": {"hours": 48.0}}
    assert not (tmp_path / WORKFLOW).exists()
    assert "'lora'" in complaint(called("init", "--training", "lorra", cwd=tmp_path))


def test_the_job_and_the_entry_run_a_check_that_passes(started: Path) -> None:
    steps = read(started / WORKFLOW)["jobs"]["check"]["steps"]
    (job,) = [step["run"] for step in steps if "hpadvisor check" in step.get("run", "")]
    (hook,) = read(started / HOOKS)["repos"][0]["hooks"]
    for command in (job, f"{hook['entry']} {SITUATION}"):
        program, *arguments = command.split()
        assert program == "hpadvisor"
        run = called(*arguments, cwd=started)
        assert run.returncode == 0, run.stdout + run.stderr


def test_what_is_installed_can_be_named(tmp_path: Path) -> None:
    source = "git+https://example.org/hpadvisor@v0.1.0"
    run = called("init", "ci", "pre-commit", "--install-from", source, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    (install,) = [
        step["run"] for step in read(tmp_path / WORKFLOW)["jobs"]["check"]["steps"]
        if "pip install" in step.get("run", "")
    ]  # fmt: skip
    assert install == f'python -m pip install "{source}"'
    (hook,) = read(tmp_path / HOOKS)["repos"][0]["hooks"]
    assert hook["additional_dependencies"] == [source]
    line = complaint(called("init", "ci", "--install-from", 'x"; rm -rf', cwd=tmp_path))
    assert "no requirement of pip" in line


def test_pre_commit_takes_the_entry(started: Path) -> None:
    import subprocess
    import sys

    run = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", started / HOOKS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", [SITUATION, SCHEMA, WORKFLOW])
def test_nothing_is_written_where_one_file_is_there(name: Path, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    line = complaint(called("init", cwd=tmp_path))
    assert "exists already" in line
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
    assert called("init", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / name).read_text(encoding="utf-8") != "mine\n"


HOOKED = """\
# ours
repos:
- repo: https://example.org/hooks
  rev: v1.2
  hooks: [{id: tidy}]  # keep
"""


def test_hooks_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / HOOKS).write_text(HOOKED, encoding="utf-8")
    told = called("init", "pre-commit", cwd=tmp_path).stdout
    assert "Add this to its repos" in told
    assert (tmp_path / HOOKS).read_text(encoding="utf-8") == HOOKED
    assert "Added an entry" in called("init", "pre-commit", "--force", cwd=tmp_path).stdout
    text = (tmp_path / HOOKS).read_text(encoding="utf-8")
    assert text.startswith(HOOKED)
    assert [repo["repo"] for repo in load_plain_yaml(text)["repos"]][1:] == ["local"]
    again = called("init", "pre-commit", "--force", cwd=tmp_path).stdout
    assert "names hpadvisor already" in again
    assert (tmp_path / HOOKS).read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "text",
    ["repos: [{repo: local, hooks: []}]\n", "repos:\n- repo: a\nci: {skip: []}\n", "a: [\n"],
)
def test_hooks_in_another_shape_are_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / HOOKS).write_text(text, encoding="utf-8")
    told = called("init", "pre-commit", "--force", cwd=tmp_path).stdout
    assert "Add this to its repos" in told
    assert (tmp_path / HOOKS).read_text(encoding="utf-8") == text
