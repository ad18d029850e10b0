"""``hpadvisor run --engine``: Slurm by a stand-in of ``sbatch``, Ray where it is installed."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from hpadvisor.running.loop import RunOptions
from hpadvisor.running.on_slurm import says_time, submissions, write_script
from tests.cli.running import complaint, hpadvisor
from tests.running.programs import program

pytest.importorskip("optuna")

SBATCH = """#!{python}
import subprocess, sys
words = sys.argv[1:]
count = next((int(w.rpartition("-")[2]) + 1 for w in words if w.startswith("--array")), 1)
script = next(k for k, w in enumerate(words) if not w.startswith("--"))
call = ["bash", *words[script:]]
tasks = [subprocess.Popen(call, stdout=subprocess.DEVNULL) for _ in range(count)]
codes = [task.wait() for task in tasks]
with open("sbatch.log", "a") as stream:
    print(*words, file=stream)
print(100 + sum(1 for _ in open("sbatch.log")))
sys.exit(any(codes))
"""
SAID = ("--training", "vision-from-scratch", "--epochs", "3", "--metric", "val_acc",
        "--trainings", "8")  # fmt: skip
TAIL = ("--lr", "{learning_rate}", "--seed", "{seed}", "--epochs", "{epochs}")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell's")
def test_slurm_gets_three_jobs_that_carry_out_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "bin" / "sbatch"
    tool.parent.mkdir()
    tool.write_text(SBATCH.format(python=sys.executable))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    done = hpadvisor(
        "run", *SAID, "--engine", "slurm", "--workers", "2", "--slurm=--time=10", "--repeats", "0",
        "--", *program(tmp_path), *TAIL, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second, third = (tmp_path / "sbatch.log").read_text().splitlines()
    assert first.startswith("--parsable --time=10 ")
    assert second.startswith("--parsable --array=0-1 --dependency=afterok:101 --time=10 ")
    assert third.endswith(" confirm")
    ended = [
        json.loads(path.read_text())
        for path in tmp_path.glob("hpadvisor-run/trials/*/result.json")
    ]
    assert len({json.dumps(one["values"]) for one in ended}) == len(ended) >= 7


def test_without_sbatch_the_calls_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = hpadvisor("run", *SAID, "--engine", "slurm", "--workers", "4", "--",
                     *program(tmp_path), *TAIL, cwd=tmp_path)  # fmt: skip
    said = complaint(done)
    assert "sbatch is not here" in said
    assert "--array=0-3 --dependency=afterok:AFTER" in said


def test_tasks_get_what_was_said_and_not_who_submits(tmp_path: Path) -> None:
    words = [
        "a b.yaml",
        "--engine=slurm",
        "--workers",
        "3",
        "--slurm",
        "--qos=x",
        "-y",
        "--seed",
        "2",
    ]
    options = RunOptions(tmp_path / "r", gpus_per_trial=2, until="search")
    script = write_script(words, ["python", "t.py", "{learning_rate}"], options)
    text = script.read_text()
    assert "#SBATCH --gpus-per-task=2" in text
    last = shlex.split(text.splitlines()[-1])
    start = last.index("run") + 1
    assert last[start:] == ["a b.yaml", "--seed", "2", "--yes", "--until",
                            "${1:?changes, search or confirm}", "--", "python", "t.py",
                            "{learning_rate}"]  # fmt: skip
    assert [call[-1] for call in submissions(script, options, [])] == ["changes", "search"]


@pytest.mark.parametrize(
    ("said", "limits"),
    [
        # 1.5 × 3 × 2 h + 10 min; of the others what the plan's hours say, none of them pruned
        (("--trainings", "10", "--set", "budget.hours_per_training=2"), ("09:10:00", "1-")),
        (("--hours", "4"), ("06:10:00", "06:10:00")),
        (("--trainings", "10"), ("", "")),
        (("--hours", "4", "--slurm=--time=30"), ("30", "30")),
    ],
)
def test_jobs_get_a_time_limit_that_the_plan_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...], limits: tuple[str, str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = hpadvisor(
        "run", "--training", "vision-from-scratch", "--metric", "val_acc", *said, "--repeats", "1",
        "--engine", "slurm", "--", *program(tmp_path), "--lr", "{learning_rate}", cwd=tmp_path,
    )  # fmt: skip
    calls = complaint(done).partition("before: ")[2].split("; ")
    for call, limit in zip(calls, limits, strict=False):
        found = [word for word in call.split() if word.startswith("--time")]
        assert [word.startswith(f"--time={limit}") for word in found] == [True] * bool(limit)


@pytest.mark.parametrize(
    ("flag", "says"),
    [("--time=30", True), ("-t30", True), ("--comment=timetable", False), ("--mem=8G", False)],
)
def test_only_a_time_limit_is_one(flag: str, says: bool) -> None:
    assert says_time([flag]) is says


def test_gpus_that_are_named_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    flags = ("run", *SAID, "--engine", "slurm")
    command = (*program(tmp_path), *TAIL)
    complaint(hpadvisor(*flags, "--gpus", "0-3", "--", *command, cwd=tmp_path))
    text = (tmp_path / "hpadvisor-run" / "slurm.sh").read_text()
    assert "#SBATCH --gpus-per-task=1\n" in text


def test_ray_carries_out_the_same_run(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    done = hpadvisor(
        "run", *SAID, "--engine", "ray", "--workers", "2", "--repeats", "0", "--format", "json",
        "--", *program(tmp_path), *TAIL, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["winner"]["score"] > found["baseline"]["score"]
