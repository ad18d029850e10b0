"""Which logs a path, a folder or a glob stands for; and how reading many of them is shown."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from hpadvisor.api import diagnose
from hpadvisor.errors import UserError
from hpadvisor.readers.curves.discovery import find_logs

LOG = "epoch,train_loss\n" + "".join(f"{k},{2 * 0.9**k + 0.3:.4f}\n" for k in range(30))


def folders(root: Path, count: int) -> Path:
    for number in range(count):
        (root / f"run{number:03}").mkdir(parents=True)
        (root / f"run{number:03}" / "metrics.csv").write_text(LOG)
    return root


def test_folders_are_searched_and_noise_is_left_out(tmp_path: Path) -> None:
    folders(tmp_path, 2)
    for name in ("README.md", "model.pt", "all_results.json", "run000/config.yaml"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "log.csv").write_text(LOG)
    found = [path.relative_to(tmp_path).as_posix() for path in find_logs([str(tmp_path)])]
    assert found == ["run000/metrics.csv", "run001/metrics.csv"]


def test_globs_and_empty_paths(tmp_path: Path) -> None:
    folders(tmp_path, 2)
    assert len(list(find_logs([f"{tmp_path}/*/metrics.csv"]))) == 2
    with pytest.raises(UserError, match="empty path"):
        list(find_logs([""]))


def test_what_may_not_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders(tmp_path, 2)
    scan = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "run000":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert [path.parent.name for path in find_logs([str(tmp_path)])] == ["run001"]


def test_many_logs_count_up_and_keep_few_curves(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    runs = diagnose(
        folders(tmp_path, 70), on_log=lambda done, total: seen.append((done, total))
    ).runs
    assert seen == [(number, 70) for number in range(1, 71)]
    assert all(set(run.curves) <= {"train_loss", "val_loss"} for run in runs[5:60])
    assert not any(run.curves for run in runs[60:])


def diagnosed(path: Path, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hpadvisor", "diagnose", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )


def on_a_terminal(path: Path) -> str:
    """What the command writes to standard error where that is a terminal."""
    leader, follower = pty.openpty()
    process = diagnosed(path, follower)
    os.close(follower)
    text = b""
    while select.select([leader], [], [], 30)[0]:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        text += piece
    os.close(leader)
    process.wait(timeout=30)
    return text.decode("utf-8", "replace")


def test_a_bar_on_a_terminal_and_nothing_in_a_pipe(tmp_path: Path) -> None:
    many, few = folders(tmp_path / "many", 25), folders(tmp_path / "few", 3)
    assert "reading runs" in on_a_terminal(many)
    assert on_a_terminal(few) == ""
    process = diagnosed(many, subprocess.PIPE)
    assert process.communicate(timeout=30)[1] == b""
