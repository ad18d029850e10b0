"""A script as somebody else wrote it, tuned by one line that says as little as can be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

from hpadvisor.readers.scripts.arguments import Default, defaults_of
from hpadvisor.running.script_defaults import Declared, declared_defaults
from tests.cli.running import complaint, hpadvisor
from tests.running.programs import program

SCRIPT = """
import argparse, math
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.5)
p.add_argument("-b", "--batch-size", type=int, default=48)
p.add_argument("--gamma", type=float, default=0.7)
p.add_argument("--rounds", type=int)
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--seed", type=int, default=1)
a = p.parse_args()
quality = 1 - 0.15 * abs(math.log10(a.lr) + 1)
for epoch in range(1, a.epochs + 1):
    for batch in range(4):
        done = f"[{batch * 300}/1200 ({batch * 25}%)]"
        print(f"Train Epoch: {epoch} {done}\\tLoss: {2.5 / epoch:.6f}")
    right = int(600 * quality * (1 - 0.5 ** epoch))
    accuracy = f"{right}/600 ({right / 6:.0f}%)"
    print(f"\\nTest set: Average loss: {1 / epoch:.4f}, Accuracy: {accuracy}\\n", flush=True)
"""
TAIL = ("--lr", "{learning_rate}", "--batch-size", "{batch_size}", "--seed", "{seed}",
        "--epochs", "{epochs}")  # fmt: skip


def run(tmp_path: Path, *flags: str, tail: tuple[str, ...] = TAIL) -> tuple[dict[str, Any], str]:
    done = hpadvisor("run", "--training", "vision-from-scratch", *flags, "--format", "json", "--",
                     *program(tmp_path, SCRIPT), *tail, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found, done.stderr


def test_todays_values_are_those_of_the_script(tmp_path: Path) -> None:
    found, said = run(tmp_path, "--trainings", "4")
    assert "by train.py, where you say no others: lr 0.5, batch-size 48, epochs 3." in said
    first = json.loads((tmp_path / "hpadvisor-run/trials/0000/command.json").read_text())["values"]
    assert first == {"learning_rate": 0.5, "batch_size": 48, "seed": 0, "epochs": 3}
    assert found["baseline"]["params"]["learning_rate"] == 0.5


def test_what_the_user_says_counts_before_the_script(tmp_path: Path) -> None:
    flags = ("--trainings", "3", "--epochs", "2", "--set", "training.learning_rate=0.2")
    _, said = run(tmp_path, *flags)
    assert "where you say no others: batch-size 48." in said
    first = json.loads((tmp_path / "hpadvisor-run/trials/0000/command.json").read_text())["values"]
    assert (first["learning_rate"], first["epochs"]) == (0.2, 2)


def test_the_score_and_its_direction_are_those_of_the_log(tmp_path: Path) -> None:
    found, said = run(tmp_path, "--trainings", "4")
    assert "The score is test_Accuracy, higher is better" in said
    assert "UserWarning" not in said
    assert found["winner"]["score"] >= found["baseline"]["score"]
    for path in tmp_path.glob("hpadvisor-run/trials/*/result.json"):
        one = json.loads(path.read_text())
        assert one["column"] == "test_Accuracy"
        assert len(one["scores"]) == 3  # none of the losses that are logged first
        assert max(one["scores"]) <= 1


def test_a_placeholder_that_the_plan_does_not_move_is_filled_or_refused(tmp_path: Path) -> None:
    run(tmp_path, "--trainings", "3", tail=(*TAIL, "--gamma", "{gamma}"))
    first = json.loads((tmp_path / "hpadvisor-run/trials/0000/command.json").read_text())["values"]
    assert first["gamma"] == 0.7
    done = hpadvisor(
        "run", "--training", "vision-from-scratch", "--trainings", "3", "--dry-run", "--",
        *program(tmp_path, "print('a script without a default')"), "--lr", "{learning_rate}",
        "--gamma", "{gamma}", cwd=tmp_path,
    )  # fmt: skip
    assert "{gamma}" in complaint(done)


def test_a_function_whose_score_has_no_direction_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def train(params, report):\n    raise SystemExit('run')\n")
    done = hpadvisor("run", "--training", "vision-from-scratch", "--trainings", "3", "--target",
                     "mine:train", cwd=tmp_path)  # fmt: skip
    assert "--direction maximize" in complaint(done)


DECLARED = """
import argparse, torch
from dataclasses import dataclass
LR = 3e-4
dropout = 0.1
@dataclass
class Config:
    warmup: int = 100
    width: int = 64
p = argparse.ArgumentParser()
p.add_argument("-l", "--learning-rate", default=LR)
p.add_argument("--width", default=128)
p.add_argument("--depth", default=None)
p.add_argument("--decay", default=0.1)
p.add_argument("--decay", default=0.2)
optimizer = torch.optim.AdamW([], lr=LR, weight_decay=0.05)
"""


def test_defaults_of_a_script() -> None:
    found = defaults_of(DECLARED, "train.py")
    assert found["learning_rate"] == found["l"] == Default(3e-4, 11)
    assert found["width"] == Default(128, 12)  # what is declared counts before a field
    assert found["warmup"] == Default(100, 8)
    assert found["dropout"] == Default(0.1, 5)
    assert found["optimizer_class"].value == "AdamW"
    assert not {"depth", "decay", "weight_decay"} & set(found)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("python", "t.py", "--width", "{w}"), {"w": Declared(128, "t.py:12", "width")}),
        (("torchrun", "t.py", "--width={w}"), {"w": Declared(128, "t.py:12", "width")}),
        (("python", "t.py", "optim.width={w}"), {"w": Declared(128, "t.py:12", "optim.width")}),
        (("python", "t.py", "--name", "{w}_x"), {}),
        (("python", "t.py", "--depth", "{w}"), {}),
        (("python", "other.py", "--width", "{w}"), {}),
        (("python", "-m", "t", "--width", "{w}"), {}),
    ],
)
def test_flags_and_their_placeholders(
    tmp_path: Path, arguments: tuple[str, ...], expected: dict[str, Declared]
) -> None:
    (tmp_path / "t.py").write_text(DECLARED)
    found = declared_defaults(arguments, tmp_path)
    assert {name: one for name, one in found.items() if name != "optimizer"} == expected


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ((), "--training tabular-mlp"),
        (("--training", "random-forest"), "[{name: n_estimators, low: …, high: …}]"),
        (("--training", "tabular-mlp", "--set", "data.train_examples=8"), "Collect data first"),
    ],
)
def test_where_nothing_can_be_searched_it_says_what_to_do(
    tmp_path: Path, flags: tuple[str, ...], said: str
) -> None:
    done = hpadvisor(
        "run", *flags, "--trainings", "6", "--dry-run", "--", *program(tmp_path, "print(1)"),
        "--trees", "{n_estimators}", cwd=tmp_path,
    )  # fmt: skip
    assert "the plan has nothing to search" in complaint(done)
    assert said in complaint(done)


TREES = """
import argparse
import xgboost as xgb
p = argparse.ArgumentParser()
p.add_argument("--rate", type=float, default=0.2)
p.add_argument("--trees", type=int, default=90)
a = p.parse_args()
model = xgb.XGBRegressor(n_estimators=a.trees, learning_rate=a.rate{more})
"""


@pytest.mark.parametrize(("more", "searched"), [("", True), (", early_stopping_rounds=25", False)])
def test_the_number_of_trees_is_searched_where_nothing_stops_them(
    tmp_path: Path, more: str, searched: bool
) -> None:
    done = hpadvisor(
        "run", "--training", "gradient-boosting", "--trainings", "40", "--metric", "val_rmse",
        "--dry-run", "--", *program(tmp_path, TREES.format(more=more)), "--rate",
        "{learning_rate}", "--trees", "{n_estimators}", cwd=tmp_path,
    )  # fmt: skip
    lines = [line.split("--trees ")[1] for line in done.stdout.splitlines() if "--trees" in line]
    assert lines[0].strip() == "90"
    assert (len({line.strip() for line in lines}) > 3) is searched
    assert ("early stopping 0" in done.stderr) is searched


SHORT = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.03)
a = p.parse_args()
print({said}, end="")
"""


def tuned(tmp_path: Path, said: str, *flags: str) -> tuple[int, str]:
    done = hpadvisor(
        "run", "--training", "tabular-mlp", "--trainings", "3", *flags, "--until", "baseline",
        "--", *program(tmp_path, SHORT.format(said=said)), "--lr", "{learning_rate}", cwd=tmp_path,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_last_line_counts_without_an_end(tmp_path: Path) -> None:
    code, said = tuned(tmp_path, "'epoch 1 val_acc 0.5\\nepoch 2 val_acc 0.625'")
    assert code == 0
    assert "val_acc 0.625" in said or "score 0.625" in said


def test_a_number_without_a_name_is_no_score(tmp_path: Path) -> None:
    code, said = tuned(tmp_path, "0.934")
    assert code == 2
    assert "--score-pattern" in said


def test_a_baseline_that_scores_nothing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    code, said = tuned(tmp_path, "'val_acc nan'", "--metric", "val_acc")
    assert code == 2
    assert "the baseline's score is nan" in said
    assert "--set training.learning_rate=" in said


@pytest.mark.parametrize("allowed", [True, False])
def test_a_folder_that_cannot_be_written_to_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    from hpadvisor.errors import UserError
    from hpadvisor.running import documents

    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match=r"cannot be written to .*-o FOLDER"):
        documents.make_folder(tmp_path / "file" / "run")
    monkeypatch.setattr("os.access", lambda path, mode: allowed)
    if allowed:
        documents.make_folder(tmp_path / "run")
        assert (tmp_path / "run").is_dir()
    else:
        with pytest.raises(UserError, match="no permission"):
            documents.make_folder(tmp_path / "run")
