"""Commands as trainings: scores while they run, ends of every kind, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpadvisor.running import children
from hpadvisor.running.placeholders import command_line
from hpadvisor.running.scores import Wanted, check_pattern
from hpadvisor.running.training import CommandTraining, TrainingFailedError, outcomes
from tests.running.programs import program

Seen = list[tuple[int, float]]


def training(tmp_path: Path, *extra: str, **settings: object) -> CommandTraining:
    arguments = [*program(tmp_path), "--lr", "{learning_rate}", "--seed", "{seed}", *extra]
    settings.setdefault("wanted", Wanted("val_acc"))
    return CommandTraining(command_line(arguments), tmp_path, **settings)  # type: ignore[arg-type]


def test_scores_are_reported_and_kept(tmp_path: Path) -> None:
    seen: Seen = []
    outcome = training(tmp_path).train({"learning_rate": 0.01}, lambda *s: seen.append(s), seed=1)
    assert outcome.status == "complete"
    assert [place for place, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert outcome.score == seen[-1][1] == pytest.approx(0.95434)
    assert [one.score for one in outcomes(tmp_path)] == [outcome.score]


def test_the_same_training_is_not_done_twice(tmp_path: Path) -> None:
    first: Seen = []
    again: Seen = []
    one = training(tmp_path)
    one.train({"learning_rate": 0.01}, lambda *s: first.append(s))
    one.train({"learning_rate": 0.01}, lambda *s: again.append(s))
    assert first == again
    one.train({"learning_rate": 0.02}, lambda *s: None)
    one.train({"learning_rate": 0.01}, lambda *s: None, seed=1)
    assert len(list(outcomes(tmp_path))) == 3


def test_a_report_that_raises_ends_the_training(tmp_path: Path) -> None:
    class PrunedError(Exception):
        pass

    def report(position: int, score: float) -> None:
        if position == 2:
            raise PrunedError

    began = time.monotonic()
    with pytest.raises(PrunedError):
        training(tmp_path, "--pause", "5").train({"learning_rate": 0.01}, report)
    assert time.monotonic() - began < 25
    (outcome,) = outcomes(tmp_path)
    assert outcome.status == "pruned"
    assert outcome.positions == [1, 2]


ENDS = {
    "memory": ("out_of_memory", "out of GPU memory"),
    "kill": ("out_of_memory", "killed, most likely for want of memory"),
    "crash": ("crash", "exit code 1: ValueError: shapes do not match"),
}


@pytest.mark.parametrize("end", ENDS)
def test_failures_are_told_apart(tmp_path: Path, end: str) -> None:
    with pytest.raises(TrainingFailedError) as caught:
        training(tmp_path, "--die", end).train({"learning_rate": 0.5}, lambda *s: None)
    kind, message = ENDS[end]
    assert caught.value.failure.kind == kind
    assert message in str(caught.value)
    (outcome,) = outcomes(tmp_path)
    assert outcome.status == "failed"


def test_a_training_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailedError, match="took longer"):
        training(tmp_path, "--pause", "60", timeout=1.0).train(
            {"learning_rate": 0.01}, lambda *s: None
        )


def test_a_metric_that_is_not_logged_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailedError, match=r"val_f1 is not logged \(logged: .*val_acc"):
        training(tmp_path, wanted=Wanted("val_f1")).train({"learning_rate": 0.01}, lambda *s: None)


def test_a_pattern_finds_the_score(tmp_path: Path) -> None:
    text = (
        "print('start')\nfor k in range(3): print(f'result after {k}: {0.5 + k / 10}% of all')\n"
    )
    command = command_line(program(tmp_path, text))
    wanted = Wanted(pattern="result after 2: {score}% of", direction="maximize")
    outcome = CommandTraining(command, tmp_path, wanted).train({}, lambda *s: None)
    assert outcome.score == 0.7


@pytest.mark.parametrize("pattern", ["", "{score}", "a {score} b {score}", "accuracy"])
def test_patterns_that_find_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(Exception, match=r"needs \{score\} once"):
        check_pattern(pattern)


def test_a_log_in_the_trial_folder_is_read(tmp_path: Path) -> None:
    text = (
        "import sys\nwith open(sys.argv[1] + '/log.csv', 'w') as f:\n"
        "    f.write('epoch,loss,val_loss\\n')\n"
        "    for k in range(8): f.write(f'{k},{2 - k / 10},{2.5 - k / 10}\\n')\n"
    )
    command = command_line([*program(tmp_path, text), "{trial_dir}"])
    outcome = CommandTraining(command, tmp_path, Wanted("val_loss")).train({}, lambda *s: None)
    assert outcome.score == pytest.approx(1.8)
    best = CommandTraining(command, tmp_path / "b", Wanted("val_loss", take="best"))
    assert best.train({}, lambda *s: None).score == pytest.approx(1.8)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no-such-program: cannot be started"):
        CommandTraining(command_line(["no-such-program"]), tmp_path).train({}, lambda *s: None)


def test_environment_and_gpus(tmp_path: Path) -> None:
    text = "from os import environ as e\nprint('val_acc', e['RUN'], e['CUDA_VISIBLE_DEVICES'])"
    one = CommandTraining(
        command_line(program(tmp_path, text)), tmp_path, Wanted(pattern="val_acc {score}"),
        environment={"RUN": "{seed}"}, gpus=[["2", "3"]],
    )  # fmt: skip
    outcome = one.train({}, lambda *s: None, seed=4)
    assert (outcome.folder / "output.log").read_text().split()[-2:] == ["4", "2,3"]


ORPHAN = """
import sys, pathlib
sys.path.insert(0, {root!r})
from hpadvisor.running.placeholders import command_line
from hpadvisor.running.training import CommandTraining
CommandTraining(command_line({command!r}), pathlib.Path({folder!r})).train({{}}, lambda *s: None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by /proc")
def test_what_a_killed_worker_left_behind_is_ended_and_nothing_else(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parents[2])
    sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
    code = ORPHAN.format(root=root, command=sleeper, folder=str(tmp_path))
    worker = subprocess.Popen([sys.executable, "-c", code])
    mark = tmp_path / "trials" / "0000" / children.PROCESS
    while not mark.exists() or not mark.read_text():
        time.sleep(0.02)
    assert children.end_orphans(tmp_path / "trials") == []  # its worker lives
    worker.kill()
    worker.wait()
    other = subprocess.Popen(sleeper)
    try:
        assert children.end_orphans(tmp_path / "trials") == [mark.parent]
        assert other.poll() is None
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert not mark.exists()
