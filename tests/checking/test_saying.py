"""What the command says beside findings: what was not read, fixed, or brought by a change."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = (
    "method: bayes\nmetric: {name: val_loss, goal: minimize}\nparameters:\n"
    "  lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}\n"
)
MENDED = SWEEP.replace("1e-5", "1.0e-5")


def run(folder: Path, *args: str, data: bytes | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "hpadvisor", "check", *args],
        cwd=folder, input=data, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sweep.yaml").write_text(MENDED)
    return tmp_path


def test_the_last_line_and_json_say_what_was_not_read(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services: {web: {image: nginx}}\n")
    (folder / "model.jsonnet").write_text("{lr: 0.1}\n")
    (folder / "broken.yaml").write_text("a: [1\n")
    (folder / "script.py").write_text("print(1)\n")
    (folder / "outputs").mkdir()
    done = run(folder)
    assert done.stdout.splitlines()[-1] == (
        "1 config checked: nothing found; 1 not judged (named above); not read: 1 file of no "
        "known format, 1 file of an ending that is not supported, 1 output folder"
    )
    document = json.loads(run(folder, "--format", "json").stdout)
    assert {(item["path"], item["reason"]) for item in document["unread"]} == {
        ("compose.yaml", "unrecognised"), ("model.jsonnet", "not supported"),
        ("broken.yaml", "unreadable"), ("outputs", "output folder"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("log.csv", "epoch,train_loss,val_loss\n1,0.5,0.6\n", "hpadvisor diagnose log.csv"),
        ("runs.csv", "number,params_lr,value,state\n0,0.1,0.5,DONE\n", "hpadvisor audit runs.csv"),
        ("console.txt", "Epoch 1: loss: 0.5\n", "hpadvisor diagnose console.txt"),
        ("trainer_state.json", '{"log_history": [{"loss": 1.0, "step": 1}]}',
         "hpadvisor diagnose trainer_state.json"),
        ("trainer_state.json", '{"global_step": 9, "log_history": [{"learning_rate": 9}]}',
         "hpadvisor diagnose trainer_state.json"),
        ("journal.log", '{"op_code": 0, "study_name": "a"}\n', "hpadvisor audit journal.log"),
        ("study.db", "SQLite format 3", "hpadvisor audit study.db"),
        ("model.jsonnet", "{lr: 0.1}", "jsonnet model.jsonnet > model.json"),
    ],
)  # fmt: skip
def test_what_is_no_config_is_named_with_its_command(
    folder: Path, name: str, text: str, words: str
) -> None:
    (folder / name).write_text(text)
    done = run(folder, name)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (SWEEP, "stdin.yaml:4:47: error SPC006"),
        ('{"method": "bayes", "metric": {"name": "loss", "goal": "maximize"}, "parameters": {}}',
         "stdin.json:1:56: warning SPC016"),
        ("import optuna\ntrial.suggest_float('lr', 1e-5, 1e-1)\n", "stdin.py:2:1: warning SPC001"),
    ],
)  # fmt: skip
def test_a_dash_reads_standard_input(folder: Path, data: str, line: str) -> None:
    done = run(folder, "-", "--format", "concise", data=data.encode())
    assert done.stdout.startswith(line)
    assert done.returncode == 1


def test_fixes_say_what_they_did(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(SWEEP)
    done = run(folder, "--fix")
    assert "fixed sweep.yaml:4 SPC006: 1e-5 became 1.0e-5" in done.stdout
    assert (folder / "sweep.yaml").read_text() == MENDED


def test_markdown_escapes_and_counts(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(SWEEP.replace("lr:", '"l|r_*":'))
    text = run(folder, "--format", "markdown").stdout
    assert text.startswith("## hpadvisor check\n\n| severity |")
    assert "| error SPC006 | `sweep.yaml:4` |" in text
    assert r"l\|r\_\*" in text


def git(folder: Path, *args: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *args],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_only_what_a_change_brought(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    old = SWEEP + "  dropout: {min: 0.1, max: 0.9}\n"
    (tmp_path / "a.yaml").write_text(old)
    (tmp_path / "b.yaml").write_text(SWEEP)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    assert run(tmp_path, "--diff-base", "HEAD").returncode == 0
    (tmp_path / "a.yaml").write_text("# moved down\n" + old + "  seed: {values: [1, 2]}\n")
    (tmp_path / "c.yaml").write_text(SWEEP)
    done = run(tmp_path, "--diff-base", "HEAD", "--format", "concise")
    assert [line.split(" ")[:3] for line in done.stdout.splitlines()] == [
        ["a.yaml:7:3:", "note", "SPC017"], ["c.yaml:4:47:", "error", "SPC006"],
    ]  # fmt: skip
    wrong = run(tmp_path, "--diff-base", "nowhere")
    assert wrong.returncode == 2
    assert "--diff-base" in wrong.stderr
    assert wrong.stderr.count("\n") == 1


def test_a_change_needs_a_repository(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SWEEP)
    done = run(tmp_path, "--diff-base", "HEAD")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_log_of_records_in_a_folder_is_left_out_as_one(folder: Path) -> None:
    rows = [{"training_iteration": step, "val_loss": 1 / step} for step in (1, 2, 3)]
    (folder / "result.json").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    walked = run(folder, ".")
    assert (walked.returncode, walked.stderr) == (0, "")
    assert walked.stdout.endswith("not read: 1 training log\n")
    named = run(folder, "result.json")
    assert named.returncode == 2
    assert "hpadvisor diagnose result.json" in named.stderr


def test_a_config_that_names_an_epoch_in_its_first_line_is_no_log(folder: Path) -> None:
    (folder / "other.json").write_text('{"epoch": 3,\n "things": [1, 2]}\n')
    assert "training log" not in run(folder, "other.json").stderr


@pytest.mark.parametrize(
    ("data", "command"),
    [
        ("epoch,val_loss\n1,0.8\n2,0.6\n", "hpadvisor diagnose -"),
        ('{"epoch": 1, "loss": 2.5}\n{"epoch": 2, "loss": 2.1}\n', "hpadvisor diagnose -"),
        ("lr,batch_size,val_acc\n0.2,16,0.7\n0.1,16,0.8\n", "hpadvisor audit FILE"),
    ],
)
def test_a_log_or_a_table_at_standard_input_is_named(
    folder: Path, data: str, command: str
) -> None:
    done = run(folder, "-", data=data.encode())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip().endswith(command)


def test_jsonnet_at_standard_input_is_named_as_such(folder: Path) -> None:
    text = "local rate = 0.1;\n{trainer: {optimizer: {type: 'adamw', lr: rate}}}\n"
    done = run(folder, "-", data=text.encode())
    assert done.returncode == 2
    assert "Jsonnet is a program" in done.stderr
    assert "jsonnet - | hpadvisor check -" in done.stderr


def test_a_record_of_a_training_among_configs_is_told_as_a_log(folder: Path) -> None:
    (folder / "trainer_state.json").write_text(
        '{"global_step": 9, "log_history": [{"loss": 1, "learning_rate": 9}]}'
    )
    document = json.loads(run(folder, ".", "--format", "json").stdout)
    told = {item["path"]: item["reason"] for item in document["unread"]}
    assert told["trainer_state.json"] == "training log"
