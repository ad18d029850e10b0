"""Pipes in place of files, and users without a home: the same answer, or one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.caching import cache_folder

LOSSES = "epoch,train_loss,val_loss\n" + "".join(
    f"{epoch},{2 * 0.9**epoch + 0.1:.4f},{2 * 0.9**epoch + 0.3:.4f}\n" for epoch in range(40)
)
TRIALS = "learning_rate,dropout,val_loss\n" + "".join(
    f"{10 ** (-4 + n / 10):.5g},{n % 5 / 10},{0.5 + abs(n - 11) / 40:.4f}\n" for n in range(25)
)
SITUATION = "training: {kind: rnn}\nbudget: {trainings: 20}\n"
CONFIG = "optimizer: adamw\nlearning_rate: 0.5\nepochs: 10\nbatch_size: 32\n"

linux = pytest.mark.skipif(sys.platform != "linux", reason="pipes are held on Linux alone")


def ran(
    *arguments: str, given: str | None = None, pipe: str | None = None
) -> tuple[int, str, str]:
    """Run the program; ``PIPE`` among the arguments is a pipe that gives a text once."""
    reading = None
    if pipe is not None:
        reading, writing = os.pipe()
        os.write(writing, pipe.encode())
        os.close(writing)
        arguments = tuple(one.replace("PIPE", f"/dev/fd/{reading}") for one in arguments)
    done = subprocess.run(
        [sys.executable, "-m", "hpadvisor", *arguments], input=given, text=True,
        capture_output=True, pass_fds=() if reading is None else (reading,), timeout=60,
        stdin=subprocess.DEVNULL if given is None else None, check=False,
    )  # fmt: skip
    if reading is not None:
        os.close(reading)
    return done.returncode, done.stdout, done.stderr


@linux
@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        (("diagnose", "PIPE"), LOSSES, "Verdict:"),
        (("audit", "PIPE"), TRIALS, "25 trials"),
        (("plan", "PIPE", "--no-input"), SITUATION, "TUNE"),
        (("check", "PIPE"), CONFIG, "CFG001"),
    ],
)
def test_a_pipe_is_read_as_a_file(command: tuple[str, ...], text: str, said: str) -> None:
    _, out, error = ran(*command, pipe=text)
    assert said in out
    assert not error


@linux
def test_audit_reads_standard_input() -> None:
    _, out, error = ran("audit", "-", given=TRIALS)
    assert "25 trials" in out
    assert not error
    code, _, error = ran("audit", "-", given="")
    assert code == 2
    assert "empty" in error


@linux
@pytest.mark.parametrize("argument", ["/dev/stdin", "--space=/dev/stdin", "--space=/dev/fd/0"])
def test_standard_input_is_held_under_each_of_its_names(argument: str) -> None:
    script = "import sys; from hpadvisor.cli.pipes import hold_pipes; hold_pipes(sys.argv[1:]); "
    script += "print([open('/dev/stdin').read() for _ in range(2)])"
    done = subprocess.run(
        [sys.executable, "-c", script, argument], text=True, input="twice", capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout == "['twice', 'twice']\n"


@linux
@pytest.mark.parametrize("command", ["diagnose", "audit", "plan"])
def test_a_named_pipe_is_refused_and_not_waited_for(command: str, tmp_path: Path) -> None:
    pipe = tmp_path / "runs.csv"
    os.mkfifo(pipe)
    code, _, error = ran(command, str(pipe))
    assert code == 2
    assert "a named pipe" in error
    assert len(error.splitlines()) == 1


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    assert cache_folder() is None


@linux
def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = "import os, runpy, sys; os.rmdir(os.getcwd()); sys.argv = ['hpadvisor', 'check']; "
    script += "runpy.run_module('hpadvisor', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=gone, text=True, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("hpadvisor: .: the current folder cannot be read")
    assert len(done.stderr.splitlines()) == 1


@linux
def test_closed_standard_input_is_one_line() -> None:
    script = "import runpy, sys; sys.stdin = None; sys.argv = ['hpadvisor', 'diagnose', '-']; "
    script += "runpy.run_module('hpadvisor', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script], text=True, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "<standard input>: closed" in done.stderr


def test_a_pipe_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from hpadvisor.cli import pipes

    if sys.platform != "linux":
        pytest.skip("pipes are held on Linux alone")
    monkeypatch.setattr(pipes, "MOST_BYTES", 10)
    reading, writing = os.pipe()
    os.write(writing, b"0123456789ab")
    os.close(writing)
    with pytest.raises(UserError, match="more than 2 GB"):
        pipes.hold_pipes([f"/dev/fd/{reading}"])
    os.close(reading)
