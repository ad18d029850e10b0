"""Emitted scripts at work: real trainings, kills, resumed searches, several processes."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.search.locks import FileLock
from hpadvisor.search.processes import this_process

from .conftest import Command, Emit
from .plans import CONFIRM, plan, search

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
ASHA = {"name": "asha", "min_fraction": 0.1, "reduction_factor": 3}


def trials_of(tmp_path: Path, study: str = "search") -> list[FrozenTrial]:
    backend = JournalFileBackend(str(tmp_path / "journal.log"))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.load_study(study_name=study, storage=storage).trials


def baselines(trials: list[FrozenTrial]) -> int:
    done = [trial for trial in trials if trial.state in FINISHED]
    return sum(trial.user_attrs.get("origin") == "baseline" for trial in done)


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "tune.py", *arguments], cwd=tmp_path, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "TOY_SECONDS": "0.03"},
    )  # fmt: skip


def wait_for(tmp_path: Path, finished: int, running: bool = True) -> list[FrozenTrial]:
    """Wait until some trials are finished and, if asked, one is under way."""
    for _ in range(600):
        time.sleep(0.05)
        if not (tmp_path / "journal.log").exists():
            continue
        try:
            trials = trials_of(tmp_path)
        except (KeyError, ValueError):
            continue
        begun = any(t.state == TrialState.RUNNING and t.intermediate_values for t in trials)
        if sum(t.state in FINISHED for t in trials) >= finished and (begun or not running):
            return trials
    raise AssertionError("the search did not get that far")


def test_search_of_a_real_training(emit: Emit, command: Command, tmp_path: Path) -> None:
    emit(plan(search(pruner=ASHA, epochs_per_trial=20, baseline={"eta": 1e-3}), CONFIRM))
    done = command("--target", "digits:train", "--trials", "12", "--seed", "0")
    assert done.returncode == 0, done.stderr
    trials = trials_of(tmp_path)
    assert [trial.state in FINISHED for trial in trials] == [True] * 12
    assert trials[0].state == TrialState.COMPLETE
    assert baselines(trials) == 1
    assert any(trial.state == TrialState.PRUNED for trial in trials)
    best = max(trial.values[0] for trial in trials if trial.state == TrialState.COMPLETE)
    assert best > trials[0].values[0]
    assert "<- baseline" in done.stdout
    assert "rarely bring a new best" in done.stdout
    assert "--confirm" in done.stdout


def test_killed_search_goes_on_and_loses_nothing(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan())
    process = start(tmp_path, "--target", "toy:train", "--trials", "12")
    wait_for(tmp_path, finished=4)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = trials_of(tmp_path)
    lost = [trial for trial in before if trial.state == TrialState.RUNNING]
    assert len(lost) == 1

    done = command("--target", "toy:train", "--trials", "12")
    assert done.returncode == 0, done.stderr
    after = trials_of(tmp_path)
    for old in (trial for trial in before if trial.state in FINISHED):
        assert after[old.number].values == old.values
    assert sum(trial.state in FINISHED for trial in after) == 12
    assert baselines(after) == 1
    assert after[lost[0].number].state == TrialState.FAIL
    again = [t for t in after if t.params == lost[0].params and t.state in FINISHED]
    assert len(again) == 1


def test_killed_baseline_runs_again(emit: Emit, command: Command, tmp_path: Path) -> None:
    emit(plan(search(baseline={"eta": 2.0, "activation": "gelu"})))
    process = start(tmp_path, "--target", "toy:train")
    wait_for(tmp_path, finished=0)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = command("--target", "toy:train")
    assert done.returncode == 0, done.stderr
    trials = trials_of(tmp_path)
    assert baselines(trials) == 1
    base = next(t for t in trials if t.user_attrs.get("origin") == "baseline" and t.values)
    assert base.params["eta"] == 2.0
    assert base.user_attrs["exact"] == {"activation": "gelu"}


def test_resumed_search_ends_like_one_that_was_never_stopped(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan())
    command("--target", "toy:train", "--trials", "5")
    command("--target", "toy:train", "--trials", "12")
    resumed = [trial.params for trial in trials_of(tmp_path)]
    command("--target", "toy:train", "--trials", "12", "--storage", "other.log")
    (tmp_path / "other.log").replace(tmp_path / "journal.log")
    assert [trial.params for trial in trials_of(tmp_path)] == resumed


def test_two_worker_processes_share_the_journal(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan())
    done = command("--target", "toy:train", "--workers", "2", TOY_SECONDS="0.02")
    assert done.returncode == 0, done.stderr
    trials = trials_of(tmp_path)
    assert sum(trial.state in FINISHED for trial in trials) == 12
    assert baselines(trials) == 1
    assert len({trial.user_attrs["worker"]["pid"] for trial in trials}) == 2
    assert len({tuple(trial.params.items()) for trial in trials}) == 12


def test_two_commands_at_once_set_up_once(emit: Emit, tmp_path: Path) -> None:
    emit(plan())
    processes = [start(tmp_path, "--target", "toy:train") for _ in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    trials = trials_of(tmp_path)
    assert sum(trial.state in FINISHED for trial in trials) == 12
    origins = collections.Counter(t.user_attrs.get("origin") for t in trials)
    assert origins["baseline"] == 1
    assert all(origins[f"start-{index}"] == 1 for index in range(4))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_worker_does_not_take_the_others_along(
    emit: Emit, command: Command, tmp_path: Path, workers: str
) -> None:
    emit(plan())
    done = command("--target", "toy:killing", "--workers", workers)
    assert done.returncode == 0, done.stderr
    assert "killed by signal 9" in done.stderr
    trials = trials_of(tmp_path)
    assert sum(trial.state in FINISHED for trial in trials) == 12
    assert baselines(trials) == 1
    (lost,) = (trial for trial in trials if trial.state == TrialState.FAIL)
    (again,) = (trial for trial in trials if trial.user_attrs.get("alone"))
    assert again.params == lost.params
    assert again.state == TrialState.COMPLETE


def test_half_a_line_at_the_end_of_the_journal_is_mended(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan())
    command("--target", "toy:train", "--trials", "3")
    with (tmp_path / "journal.log").open("a") as stream:
        stream.write('{"op_code":5,"worker')
    done = command("--target", "toy:train", "--trials", "6")
    assert done.returncode == 0, done.stderr
    assert sum(trial.state in FINISHED for trial in trials_of(tmp_path)) == 6


def test_lock_of_a_dead_process_is_broken_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(seconds: float) -> None:
        raise AssertionError("waited for the lock")

    monkeypatch.setattr(time, "sleep", never)
    holder = tmp_path / "journal.log.lock"
    holder.write_text(json.dumps({**this_process(), "since": "1"}))
    lock = FileLock(tmp_path / "journal.log")
    lock.acquire()
    assert json.loads(holder.read_text()) == this_process()
    with pytest.raises(AssertionError, match="waited"):
        FileLock(tmp_path / "journal.log").acquire()
    lock.release()
    assert not holder.exists()


@pytest.mark.parametrize("workers", ["1", "3"])
def test_configuration_that_kills_its_worker_is_tried_once_more_alone(
    emit: Emit, command: Command, tmp_path: Path, workers: str
) -> None:
    emit(plan(search(trials=6, trainings=6, sampler={"startup_trials": 1})))
    done = command("--target", "toy:deadly_baseline", "--workers", workers)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "Given up, its process was killed by signal 9 (memory that ran out?): eta=0.01" in words
    trials = trials_of(tmp_path)
    states = collections.Counter(trial.state.name for trial in trials)
    assert states == {"FAIL": 2, "COMPLETE": 6}
    first, second = (trial for trial in trials if trial.state == TrialState.FAIL)
    assert "error" not in first.user_attrs
    assert second.user_attrs["alone"]
    assert "killed by signal 9" in second.user_attrs["error"]
    began, ended = second.datetime_start, second.datetime_complete
    assert began is not None
    assert ended is not None
    for other in trials:
        if other.number != second.number and other.datetime_complete and other.datetime_start:
            assert other.datetime_complete <= began or other.datetime_start >= ended


def test_in_process_a_configuration_that_kills_it_is_given_up_in_the_end(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(trials=6, trainings=6, sampler={"startup_trials": 1})))
    arguments = ("--target", "toy:deadly_baseline", "--in-process")
    for _ in range(5):
        assert command(*arguments).returncode == -signal.SIGKILL
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    assert "Given up, its process ended 5 times" in done.stdout
    states = collections.Counter(trial.state.name for trial in trials_of(tmp_path))
    assert states == {"FAIL": 5, "COMPLETE": 6}


def test_a_training_that_takes_too_long_fails(
    emit: Emit, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it reports at once; where it hangs, its worker is ended, and another one goes on."""
    script = emit(plan(search(trials=5, trainings=5)))
    text, future = script.read_text(), "from __future__ import annotations\n"
    short = "import hpadvisor.search.supervising as s\ns.GRACE = 0.3\n"
    script.write_text(text.replace(future, future + short))
    done = command("--target", "toy:slow_baseline", "--workers", "2", "--trial-timeout", "0.5s")
    assert done.returncode == 0, done.stderr
    failed = [t for t in trials_of(tmp_path) if t.state == TrialState.FAIL]
    errors = sorted(t.user_attrs["error"] for t in failed)
    assert len(errors) == 2
    assert all("TimeoutError: the training took longer than 0.5 s" in e for e in errors)
    assert not any(t.user_attrs.get("alone") for t in trials_of(tmp_path))
    assert command("--target", "toy:train", "--trial-timeout", "soon").returncode == 2


def test_broken_function_stops_and_is_mended(emit: Emit, command: Command, tmp_path: Path) -> None:
    emit(plan())
    done = command("--target", "toy:broken")
    assert done.returncode == 1
    assert "3 trials in a row failed, the last with RuntimeError: out of memory" in done.stderr
    assert len([t for t in trials_of(tmp_path) if t.state == TrialState.FAIL]) == 3
    assert command("--target", "toy:train").returncode == 0
    trials = trials_of(tmp_path)
    assert sum(trial.state in FINISHED for trial in trials) == 12
    assert baselines(trials) == 1


def test_budget_holds_though_the_pruner_saves_nothing(
    emit: Emit, command: Command, tmp_path: Path
) -> None:
    emit(plan(search(pruner=ASHA, trials=20, trainings=8)))
    done = command("--target", "toy:silent")
    assert "The budget is spent: 8.0 of 8 full trainings, 8 of 20 trials" in done.stdout
    assert len([t for t in trials_of(tmp_path) if t.state in FINISHED]) == 8
    command("--target", "toy:silent", "--no-ceiling")
    assert len([t for t in trials_of(tmp_path) if t.state in FINISHED]) == 20


@pytest.mark.parametrize(
    ("standalone", "remedy"), [(False, "'hpadvisor[optuna]'"), (True, "numpy")]
)
def test_missing_optuna_is_told_in_one_line(
    command: Command, tmp_path: Path, standalone: bool, remedy: str
) -> None:
    text = emit_optuna(plan(), created_by="a test", standalone=standalone)
    (tmp_path / "tune.py").write_text(text)
    (tmp_path / "optuna.py").write_text("raise ModuleNotFoundError('No module named optuna')\n")
    done = command("--target", "toy:train")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"pip install {remedy}" in done.stderr


def test_the_function_may_stand_in_the_script(emit: Emit, command: Command) -> None:
    script = emit(plan())
    done = command()
    assert done.returncode == 2
    assert "--target is missing" in done.stderr
    stub = "raise NotWrittenError  # write it here, or name yours: --target module:function"
    text = script.read_text()
    assert stub in text
    script.write_text(text.replace(stub, "return -params['eta']"))
    assert command("--workers", "2").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "toy"], "write module:function"),
        (["--target", "toy.py:train"], "write module:function"),
        (["--target", "absent:train"], "absent cannot be imported"),
        (["--target", "toy:trian"], "did you mean toy:train?"),
        (["--target", "toy:one_argument"], "must take (params, report)"),
        (["--target", "toy:train", "--storage", "no/such/journal.log"], "folder that exists"),
        (["--target", "toy:train", "--storage", "toy.py"], "cannot be used as a journal"),
        (["--target", "toy:train", "--storage", "sqlite:///x.db"], "give a journal file"),
        (["--target", "toy:train", "--storage", "grpc://here"], "write grpc://HOST:PORT"),
        (["--target", "toy:train", "--storage", "nonsense://u:hidden@h/d"], "cannot be opened"),
        (["--storage", "j.log"], "--target is missing"),
        (["--serve", "nowhere"], "write PORT or HOST:PORT"),
        (["--serve", "1", "--storage", "grpc://a:1"], "the journal or database itself"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    emit: Emit, command: Command, tmp_path: Path, arguments: list[str], words: str
) -> None:
    emit(plan())
    before = (tmp_path / "toy.py").read_bytes()
    done = command(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr
    assert (tmp_path / "toy.py").read_bytes() == before


def test_journal_of_another_space_is_refused(emit: Emit, command: Command) -> None:
    emit(plan())
    assert command("--target", "toy:train", "--trials", "1").returncode == 0
    step = search()
    step.parameters[0].high = 0.5
    emit(plan(step))
    done = command("--target", "toy:train")
    assert done.returncode == 2
    assert "holds a search over another space" in done.stderr


def test_direction_must_be_known(emit: Emit, command: Command) -> None:
    emit(plan(direction=None))
    done = command("--target", "toy:train", "--trials", "2")
    assert done.returncode == 2
    assert "--direction" in done.stderr
    assert (
        command("--target", "toy:train", "--trials", "2", "--direction", "minimize").returncode
        == 0
    )
