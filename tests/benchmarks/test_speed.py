"""The speed benchmark: its logs are read by us, its limits are judged; no timing here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.speed import diagnose as speed
from hpadvisor.api import diagnose

ROOT = Path(__file__).resolve().parents[2]


def test_both_forms_of_its_log_are_the_same_run(tmp_path: Path) -> None:
    speed.write_table(tmp_path / "log.csv", 400)
    speed.write_state(tmp_path / "trainer_state.json", 400)
    verdicts = [diagnose(path).runs[0].verdict for path in sorted(tmp_path.iterdir())]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0] != "cannot_judge"


def test_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.held({"a": True, "b": None})
    assert not speed.held({"a": True, "b": False})
    assert "b: MISSED" in capsys.readouterr().out


def test_cpu_time_and_memory_of_a_command() -> None:
    seconds, memory = speed.measure([sys.executable, "-c", "x = bytearray(50_000_000)"], 1)
    assert seconds > 0
    assert 45 < memory < 500


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nope"], 2), (["--help"], 0)])
def test_the_command_names_its_parts(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "benchmarks.speed", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "diagnose|check|startup" in done.stdout
