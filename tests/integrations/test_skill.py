"""The skill for agents stays true: every command in it runs, every name in it exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from hpadvisor.cli.main import COMMANDS
from hpadvisor.cli.options import Engine
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.integrations.skill import NAME, install_skill, skill_text
from hpadvisor.readers.plain_yaml import load_plain_yaml
from tests.cli.running import called, complaint, hpadvisor
from tests.integrations.project import make_project

LONGEST_DESCRIPTION = 1024
LONGEST_NAME = 64


def lines_of(text: str) -> list[str]:
    """Every line of the shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


COMMAND_LINES = lines_of(skill_text())


def front_matter() -> dict[str, str]:
    _, head, _ = skill_text().split("---\n", 2)
    found = load_plain_yaml(head)
    assert isinstance(found, dict)
    return found


def test_front_matter_is_what_agents_read() -> None:
    head = front_matter()
    assert set(head) == {"name", "description"}
    assert head["name"] == NAME
    assert re.fullmatch(r"[a-z0-9-]+", NAME)
    assert len(NAME) <= LONGEST_NAME
    assert 100 < len(head["description"]) <= LONGEST_DESCRIPTION


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("skill") / "project")


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_every_command_runs(line: str, project: Path) -> None:
    program, *arguments = shlex.split(line)
    assert program == "hpadvisor"
    run = called(*arguments, cwd=project)
    assert run.returncode in (0, 1), run.stderr
    assert "Traceback" not in run.stderr
    if "-o" in arguments:
        written = project / arguments[arguments.index("-o") + 1]
        assert written.stat().st_size > 100
        written.unlink()
    else:
        assert len(run.stdout) > 100


def test_every_command_of_the_table_is_shown() -> None:
    used = {shlex.split(line)[1] for line in COMMAND_LINES}
    named = set(re.findall(r"\| `(\w+)` \|", skill_text()))
    assert named - used == {"run"}  # it trains: tests/running runs it
    assert used <= set(COMMANDS)


def test_every_name_in_it_exists() -> None:
    text = skill_text()
    known = load_knowledge([])
    for rule in re.findall(r"\b[A-Z]{3}\d{3}\b", text):
        assert known.find(rule) is not None, rule
    engines = re.search(r"engine the user has\s+\(([^)]*)\)", " ".join(text.split()))
    assert engines is not None
    assert {name.strip() for name in engines[1].split(",")} <= {item.value for item in Engine}
    for command in re.findall(r"`hpadvisor ([^`]+)`", text):
        assert called(*shlex.split(command)).returncode == 0, command


def test_what_it_says_of_the_answers_is_so(project: Path) -> None:
    plan = called("plan", "situation.yaml", "--no-input", cwd=project).stdout
    assert plan.startswith("TUNE")
    assert "Worth saying" in plan
    diagnosis = called("diagnose", "runs/metrics.csv", cwd=project).stdout
    for words in ("Verdict", "Columns read", "of 10 such runs"):
        assert words in diagnosis
    audit = called(
        "audit", "trials.csv", "--objective", "val_accuracy", "--direction", "maximize",
        cwd=project,
    ).stdout  # fmt: skip
    assert "on a fresh seed" in audit


def test_it_is_printed_and_installed(tmp_path: Path) -> None:
    assert hpadvisor("skill").stdout == skill_text()
    run = called("skill", "--install", "skills", cwd=tmp_path)
    place = tmp_path / "skills" / NAME / "SKILL.md"
    assert run.returncode == 0
    assert place.read_text(encoding="utf-8") == skill_text()


def test_an_existing_skill_is_kept(tmp_path: Path) -> None:
    place = install_skill(tmp_path)
    place.write_text("mine\n", encoding="utf-8")
    line = complaint(called("skill", "--install", tmp_path))
    assert "exists already" in line
    assert "--force" in line
    assert place.read_text(encoding="utf-8") == "mine\n"
    assert called("skill", "--install", tmp_path, "--force").returncode == 0
    assert place.read_text(encoding="utf-8") == skill_text()
