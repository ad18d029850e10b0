"""Cases that break other tools: one clear line, no traceback, never a false all-clear."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.errors import UserError


def one(path: Path) -> RunDiagnosis:
    return diagnose(path).runs[0]


def write(tmp_path: Path, text: str | bytes, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


HEADER = "epoch,train_loss,val_loss\n"


def curve(values: list[str]) -> str:
    return HEADER + "".join(f"{row},{value},{value}\n" for row, value in enumerate(values))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n\n",
        HEADER.encode(),
        b"\x00\x01\x02\x03\xff\xfe" * 50,
        bytes(range(256)) * 8,
        b"hello world, this is no log at all\nnor is this\nthird\n",
        b"{}",
        b"[]",
        b"{",
        b"null",
        b'{"log_history": []}',
        b"PAR1 but not really",
        b"SQLite format 3\x00 but not really",
        b"[" * 100_000,
        b'{"a": [1, "x", {}]}',
    ],
)
def test_no_log_is_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UserError) as caught:
        diagnose(write(tmp_path, content))
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("missing", ["nothing.csv", "no/*.csv"])
def test_missing_paths_are_said(tmp_path: Path, missing: str) -> None:
    with pytest.raises(UserError):
        diagnose(tmp_path / missing)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no training log"):
        diagnose(tmp_path)


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_a_handful_of_rows_cannot_be_judged(tmp_path: Path, rows: int) -> None:
    run = one(write(tmp_path, curve([str(2.0 / (row + 1)) for row in range(rows)])))
    assert run.verdict == "cannot_judge"
    assert "few" in run.reason


@pytest.mark.parametrize("token", ["nan", "NaN", "inf", "Infinity", "-inf"])
def test_nan_at_the_end_is_diverged(tmp_path: Path, token: str) -> None:
    run = one(write(tmp_path, curve(["2.3", "2.0", "2.4", "9.1", "80", token, token, token])))
    assert run.verdict == "diverged"
    assert run.recommendations[0].parameter == "learning_rate"
    assert run.recommendations[0].action == "decrease"


def test_nan_from_the_start_is_told_apart(tmp_path: Path) -> None:
    run = one(write(tmp_path, curve(["nan"] * 12)))
    assert run.verdict == "diverged"
    assert run.findings[0].rule == "CUR002"


def test_nan_after_one_value_is_diverged_and_not_constant(tmp_path: Path) -> None:
    run = one(write(tmp_path, curve(["2.3", *["nan"] * 12])))
    assert run.verdict == "diverged"
    assert run.recommendations[0].action == "decrease"


@pytest.mark.parametrize("token", ["", "null", "None", "N/A", "-"])
def test_missing_cells_are_no_values(tmp_path: Path, token: str) -> None:
    lines = [f"{row},{2.0 * 0.9**row + 0.3:.4f},{token}" for row in range(30)]
    run = one(write(tmp_path, HEADER + "\n".join(lines)))
    assert "val_loss" not in run.columns
    assert run.verdict != "diverged"


def test_truncated_last_line_is_survived(tmp_path: Path) -> None:
    text = curve([f"{2.0 * 0.9**row + 0.3:.4f}" for row in range(30)])
    run = one(write(tmp_path, text[:-9]))
    assert run.judged
    assert any("too few" in note for note in run.notes)


@pytest.mark.parametrize("value", ["0.0", "0", "1.7"])
def test_constant_and_all_zero_losses_are_no_all_clear(tmp_path: Path, value: str) -> None:
    assert one(write(tmp_path, curve([value] * 40))).verdict == "not_learning"


def test_an_accuracy_called_loss_is_not_judged_as_a_loss(tmp_path: Path) -> None:
    values = [f"{0.95 - 0.85 * math.exp(-row / 6):.4f}" for row in range(40)]
    run = one(write(tmp_path, curve(values)))
    assert run.verdict == "cannot_judge"
    assert "--map" in run.reason


def test_percentages_are_read(tmp_path: Path) -> None:
    lines = ["epoch,train_loss,val_accuracy"]
    lines += [f"{row},{2.0 * 0.9**row + 0.3:.4f},{60 + row}" for row in range(30)]
    run = one(write(tmp_path, "\n".join(lines)))
    assert any("percentage" in note for note in run.notes)
    assert float(run.curves["val_metric"].y.max()) <= 1.0


@pytest.mark.parametrize("header", ["step,rollout/ep_rew_mean,train/loss", "epoch,d_loss,g_loss"])
def test_other_kinds_cannot_be_judged(tmp_path: Path, header: str) -> None:
    body = "".join(f"{row},{row * 0.1},{1 / (row + 1)}\n" for row in range(40))
    assert one(write(tmp_path, header + "\n" + body)).verdict == "cannot_judge"


def test_a_table_without_losses_cannot_be_judged(tmp_path: Path) -> None:
    body = "".join(f"{row},{row * 2},{row * 3}\n" for row in range(40))
    run = one(write(tmp_path, "epoch,speed,memory\n" + body))
    assert run.verdict == "cannot_judge"
    assert "speed" in run.reason


def test_hostile_json_numbers(tmp_path: Path) -> None:
    lines = [json.dumps({"step": row, "loss": 1.0 / (row + 1)}) for row in range(20)]
    lines[-1] = json.dumps({"step": 19, "loss": 10**400})
    run = one(write(tmp_path, "\n".join(lines), "log.jsonl"))
    assert run.verdict == "diverged"


def test_a_million_rows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w") as stream:
        stream.write("step,train_loss,val_loss\n")
        for start in range(0, 1_000_000, 1000):
            loss = f"{0.3 + 1.7 * math.exp(-start / 1e5):.4f}"
            lines = "".join(f"{step},{loss},\n" for step in range(start, start + 999))
            stream.write(f"{lines}{start + 999},{loss},{loss}\n")
    run = one(path)
    assert run.judged
    assert run.epochs_or_steps == 999_999
    assert run.curves["val_loss"].points == 1000


def test_two_runs_in_one_file_are_judged_apart(tmp_path: Path) -> None:
    falling = "".join(f"{k},{2 * 0.9**k + 0.3:.4f}\n" for k in range(40))
    broken = "".join(f"{k},{'nan' if k > 20 else 2.0 - k / 50}\n" for k in range(40))
    runs = diagnose(write(tmp_path, "epoch,train_loss\n" + falling + broken)).runs
    assert [run.verdict == "diverged" for run in runs] == [False, True]
    assert all(any("2 runs in one file" in note for note in run.notes) for run in runs)


def test_one_broken_log_among_many_is_said_and_the_rest_judged(tmp_path: Path) -> None:
    good = write(tmp_path, curve([f"{2.0 * 0.9**row + 0.3:.4f}" for row in range(30)]), "a.csv")
    write(tmp_path, "", "b.csv")
    runs = diagnose(tmp_path).runs
    assert [run.source for run in runs] == [str(good), str(tmp_path / "b.csv")]
    assert runs[0].judged
    assert (runs[1].verdict, runs[1].reason) == ("cannot_judge", "empty. Give a training log")


def test_a_short_flat_loss_is_no_all_clear(tmp_path: Path) -> None:
    values = [f"{2.3 + 0.004 * math.sin(7 * row):.4f}" for row in range(25)]
    run = one(write(tmp_path, curve(values)))
    assert run.verdict != "healthy"
