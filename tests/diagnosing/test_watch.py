"""A growing log: only what was appended is read, and only a changed verdict is said."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpadvisor.api import watch
from hpadvisor.cli.watching import watch_logs
from hpadvisor.errors import UserError
from hpadvisor.readers.curves.following import Follower
from hpadvisor.readers.curves.reading import read_log

HEADER = "epoch,train_loss,val_loss\n"


def csv_row(place: int) -> str:
    return f"{place},{2 * 0.97**place + 0.1:.4f},{2 * 0.97**place + 0.2:.4f}\n"


def json_row(place: int) -> str:
    more = {"val_loss": 0.5} if place % 10 == 9 else {}
    return json.dumps({"step": place, "loss": round(2 * 0.97**place, 4), **more}) + "\n"


def console_row(place: int) -> str:
    return f"epoch {place}\n  train loss=0.{900 - place} val_loss: 0.{950 - place}\n"


KINDS: dict[str, tuple[str, Callable[[int], str]]] = {
    "csv": (HEADER, csv_row),
    "jsonl": ("", json_row),
    "console": ("starting\n", console_row),
}


def write(path: Path, kind: str, rows: int) -> int:
    head, row = KINDS[kind]
    return path.write_text(head + "".join(row(place) for place in range(rows)), "utf-8")


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def same(found: Any, wanted: Any) -> None:
    assert list(found.columns) == list(wanted.columns)
    for name, column in wanted.columns.items():
        np.testing.assert_array_equal(found.columns[name].present, column.present)
        np.testing.assert_array_equal(
            found.columns[name].values[column.present], column.values[column.present]
        )


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_was_appended_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    first = write(path, kind, 100)
    follower = Follower(path)
    assert follower.tables() is not None
    assert follower.read_bytes == first
    assert follower.tables() is None
    for place in range(100, 130, 10):
        append(path, "".join(KINDS[kind][1](one) for one in range(place, place + 10)))
        (table,) = follower.tables() or []
    assert follower.read_bytes == path.stat().st_size
    same(table, next(read_log(path)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_half_written_line_waits_for_its_end(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    write(path, kind, 80)
    follower = Follower(path)
    (before,) = follower.tables() or []
    line = KINDS[kind][1](80)
    append(path, line[:-5])
    found = follower.tables()
    assert found is None or found[0].rows == before.rows
    append(path, line[-5:])
    (after,) = follower.tables() or []
    assert after.rows == before.rows + 1
    same(after, next(read_log(path)))


def test_a_short_log_leaves_its_half_written_line_out(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "".join(map(csv_row, range(10))) + "10,0.0", "utf-8")
    (table,) = Follower(path).tables() or []
    assert table.rows == 10


@pytest.mark.parametrize("rows", [100, 70, 20])
def test_a_truncated_log_is_read_anew(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "log.csv"
    write(path, "csv", 120)
    follower = Follower(path)
    follower.tables()
    write(path, "csv", rows)
    os.utime(path, ns=(1, 1))
    (table,) = follower.tables() or []
    assert table.rows == rows


def test_a_rotated_log_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write(path, "csv", 100)
    follower = Follower(path)
    follower.tables()
    path.rename(tmp_path / "log.csv.1")
    other = "epoch,train_loss,val_loss\n" + "".join(f"{k},{5 - k / 100},3.0\n" for k in range(200))
    path.write_text(other, "utf-8")
    (table,) = follower.tables() or []
    assert table.rows == 200
    assert table.columns["train_loss"].values[0] == 5


def test_a_rewritten_header_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write(path, "csv", 100)
    follower = Follower(path)
    follower.tables()
    more = "epoch,train_loss,val_loss,lr\n"
    more += "".join(f"{csv_row(k).strip()},0.1\n" for k in range(101))
    path.write_text(more, "utf-8")
    (table,) = follower.tables() or []
    assert "lr" in table.columns
    assert table.rows == 101


def test_documents_are_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    follower = Follower(path)
    for rows in (10, 20):
        history = [{"step": k, "loss": 2 / (k + 1)} for k in range(rows)]
        path.write_text(json.dumps({"log_history": history}), "utf-8")
        (table,) = follower.tables() or []
        assert table.rows == rows


def falling(rows: int) -> str:
    return "epoch,train_loss\n" + "".join(f"{k},{2 - k / 100}\n" for k in range(rows))


def test_a_verdict_is_said_once_and_again_when_it_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(falling(80), "utf-8")
    watched = watch([path])
    watch_logs(watched, 0.0, looks=3)
    assert len(capsys.readouterr().out.splitlines()) == 1
    append(path, "".join(f"{k},nan\n" for k in range(80, 90)))
    watch_logs(watched, 0.0, looks=2)
    (line,) = capsys.readouterr().out.splitlines()
    assert "diverged" in line
    assert "learning rate" in line


def test_a_log_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "later.csv"
    watched = watch([path])
    watch_logs(watched, 0.0, looks=2)
    assert "waiting" in capsys.readouterr().err
    path.write_text(falling(4), "utf-8")
    watch_logs(watched, 0.0, looks=1)
    assert "cannot judge" in capsys.readouterr().out
    path.write_text(falling(60), "utf-8")
    watch_logs(watched, 0.0, looks=1)
    assert "cannot judge" not in capsys.readouterr().out


def test_new_runs_of_a_folder_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(falling(60), "utf-8")
    watched = watch([tmp_path])
    watch_logs(watched, 0.0, looks=1)
    (tmp_path / "b.csv").write_text(falling(60), "utf-8")
    capsys.readouterr()
    watch_logs(watched, 0.0, looks=1)
    (line,) = capsys.readouterr().out.splitlines()
    assert "b.csv" in line


def test_standard_input_cannot_be_followed() -> None:
    with pytest.raises(UserError, match="standard input"):
        watch_logs(watch(["-"]), 0.0, looks=1)


def test_lines_before_the_first_score_do_not_hide_it(tmp_path: Path) -> None:
    """A log that is looked at before it holds anything is read from its start later on."""
    path = tmp_path / "output.log"
    follower = Follower(path)
    seen: list[float] = []
    lines = ["Using device: cpu\n", "-" * 60 + "\n"]
    lines += [
        f"| end of epoch {k} | time: 2.1s | valid loss {7 - k / 8:.2f} |\n" for k in (1, 2, 3)
    ]
    for line in lines:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line)
        with contextlib.suppress(UserError):
            (table,) = follower.tables() or []
            seen = [float(value) for value in table.columns["valid_loss"].values]
    assert seen == [6.88, 6.75, 6.62]
