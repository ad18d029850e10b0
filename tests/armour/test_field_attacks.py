"""Attacks that succeeded once: every command of ../shared/field/attack ends well."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from benchmarks.fuzz.judging import faults_of
from benchmarks.fuzz.running import quiet_environment, run

ATTACKS = Path(__file__).resolve().parents[3] / "shared" / "field" / "attack"
CASES = sorted(ATTACKS.glob("*/command.txt")) if ATTACKS.is_dir() else []


def commands_of(case: Path) -> list[list[str]]:
    """The plain commands of a case; those with pipes and redirections are tried by hand."""
    lines = case.read_text(encoding="utf-8", errors="replace").splitlines()
    found = []
    for line in lines:
        command = line.split(";")[-1].strip()
        if command.startswith("hpadvisor ") and not any(sign in command for sign in "|<>&$`"):
            found.append(shlex.split(command)[1:])
    return found


@pytest.mark.skipif(not CASES, reason="../shared/field/attack is not there")
def test_there_are_cases() -> None:
    assert len(CASES) > 30


@pytest.mark.parametrize("case", CASES, ids=[path.parent.name for path in CASES])
def test_an_attack_ends_well(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "case"
    shutil.copytree(case.parent, folder, symlinks=True)
    for name in ("XDG_CACHE_HOME", "TMPDIR", "NO_COLOR", "COLUMNS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "")
    quiet_environment(tmp_path)
    monkeypatch.chdir(folder)
    for command in commands_of(case):
        outcome = run(command)
        faults = faults_of("input", b"some", "", outcome)
        assert not faults, (command, outcome.code, outcome.err[-300:])
