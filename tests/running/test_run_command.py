"""``hpadvisor run`` as a user gives it: a script that knows nothing of it, one line, a result."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from hpadvisor import api
from tests.cli.running import complaint, hpadvisor
from tests.running.programs import program

pytest.importorskip("optuna")

TRAIN = ("--lr", "{learning_rate}", "--seed", "{seed}", "--epochs", "{epochs}")
SAID = ("--training", "vision-from-scratch", "--epochs", "5", "--metric", "val_acc", "--set",
        "training.learning_rate=0.1")  # fmt: skip


def run(tmp_path: Path, *flags: str, tail: tuple[str, ...] = TRAIN) -> dict[str, Any]:
    command = program(tmp_path)
    done = hpadvisor("run", *SAID, *flags, "--format", "json", "--", *command, *tail, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def results(tmp_path: Path) -> list[dict[str, Any]]:
    found = sorted(tmp_path.glob("hpadvisor-run/trials/*/result.json"))
    return [json.loads(path.read_text()) for path in found]


def test_a_script_is_tuned_by_one_line(tmp_path: Path) -> None:
    found = run(tmp_path, "--trainings", "14")
    assert found["winner"]["score"] > found["baseline"]["score"] + 0.05
    assert abs(found["winner"]["params"]["learning_rate"] - 0.01) < 0.006
    assert found["baseline"]["noise"] == pytest.approx(0.001 / 2**0.5, rel=0.01)
    again = subprocess.run(
        found["winner"]["command"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "Epoch 5/5" in again.stdout


def test_the_same_command_trains_nothing_twice(tmp_path: Path) -> None:
    first = run(tmp_path, "--trainings", "8")
    count = len(results(tmp_path))
    again = run(tmp_path, "--trainings", "8")
    assert len(results(tmp_path)) == count
    assert again["winner"] == first["winner"]


def test_until_baseline(tmp_path: Path) -> None:
    found = run(tmp_path, "--trainings", "30", "--until", "baseline", "--repeats", "0")
    assert found["winner"] is None
    assert len(results(tmp_path)) == 1


def test_a_dry_run_trains_nothing_and_names_its_commands(tmp_path: Path) -> None:
    command = program(tmp_path)
    done = hpadvisor(
        "run", *SAID, "--trainings", "20", "--dry-run", "--", *command, *TRAIN, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert f"{command[1]} --lr 0.1 --seed 0 --epochs 5" in done.stdout
    assert not (tmp_path / "hpadvisor-run").exists()


def test_values_go_into_a_copy_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text(
        "# mine\noptim: {lr: 0.05, weight_decay: 0.0001}\nseed: 3  # kept\n"
    )
    text = (
        "import sys, math\nlr = None\nfor line in open(sys.argv[1]):\n"
        "    if 'lr:' in line: lr = float(line.split('lr:')[1].split(',')[0])\n"
        "for k in range(1, 6):\n"
        "    a = (1 - 0.15 * abs(math.log10(lr) + 2)) * (1 - 0.5 ** k)\n"
        "    print(f'epoch {k} val_acc {a:.5f}')\n"
    )
    done = hpadvisor(
        "run", *SAID, "--trainings", "6", "--config", "train.yaml", "--format", "json", "--",
        *program(tmp_path, text), "{config}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["baseline"]["params"]["optim.lr"] == 0.05
    pasted = subprocess.run(found["winner"]["command"], cwd=tmp_path, check=True,
                            capture_output=True, text=True)  # fmt: skip
    assert f"epoch 5 val_acc {found['winner']['score']:.5f}" in pasted.stdout
    copies = sorted(tmp_path.glob("hpadvisor-run/trials/*/train.yaml"))
    assert len(copies) >= 6
    for path in copies:
        copied = path.read_text()
        assert copied.startswith("# mine\noptim: {lr: ")
        assert copied.endswith("\nseed: 3  # kept\n")
    assert len({yaml.safe_load(path.read_text())["optim"]["lr"] for path in copies}) >= 5


def test_own_names_and_derived_values(tmp_path: Path) -> None:
    (tmp_path / "situation.yaml").write_text(
        "training: {kind: vision-from-scratch, epochs: 3}\nbudget: {trainings: 5}\n"
        "task: {metric: val_acc}\nhyperparameters:\n"
        "  - {name: eta, role: learning_rate, low: 0.001, high: 0.05, default: 0.02, scale: log}\n"
    )
    text = (
        "import sys\nlr, least = map(float, sys.argv[1:3])\nassert abs(least - lr / 10) < 1e-9\n"
        "for k in range(3): print(f'epoch {k + 1} val_acc {0.5 + lr:.5f}')\n"
    )
    done = hpadvisor(
        "run", "situation.yaml", "--derive", "min_lr=0.1 * eta", "--", *program(tmp_path, text),
        "{eta}", "{min_lr}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert all(0.001 <= one["values"]["eta"] <= 0.05 for one in results(tmp_path))


def test_a_function_is_tuned_as_before(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import math\ndef train(params, report, seed=0):\n"
        "    return 1 - 0.1 * abs(math.log10(params['learning_rate']) + 2) + 0.001 * (seed % 2)\n"
    )
    done = hpadvisor(
        "run", "--training", "vision-from-scratch", "--trainings", "10", "--target", "mine:train",
        "--direction", "maximize", "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["winner"]["score"] > found["baseline"]["score"]


def test_failures_of_configurations_do_not_end_the_run(tmp_path: Path) -> None:
    command = program(tmp_path)
    done = hpadvisor(
        "run", *SAID, "--trainings", "14", "--set", "training.learning_rate=0.02", "--format",
        "json", "--", *command, *TRAIN, "--die", "memory", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    ends = [one["status"] for one in results(tmp_path)]
    assert ends.count("failed") >= 1
    assert found["winner"]["params"]["learning_rate"] <= 0.05
    assert "Traceback" not in done.stderr


def test_a_crash_of_the_baseline_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    command = program(tmp_path)
    done = hpadvisor(
        "run", *SAID, "--trainings", "14", "--", *command, *TRAIN, "--die", "crash", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "ValueError: shapes do not match" in done.stderr
    assert "the baseline gave no score: exit code 1" in done.stderr
    assert len(results(tmp_path)) == 1


SLOW = """
import sys
lr, seed = float(sys.argv[1]), int(sys.argv[2])
weight = 1.0
for epoch in range(1, 21):
    weight *= 1 - min(lr * 4, 0.9)
    loss = 2.2 * weight + 0.1 + 0.001 * ((epoch * 7 + seed) % 3)
    print(f"epoch {epoch}/20 train_loss {loss:.5f} val_loss {1.03 * loss:.5f}", flush=True)
"""


def tune_slow(tmp_path: Path, *flags: str) -> dict[str, Any]:
    done = hpadvisor(
        "run", "--training", "vision-from-scratch", "--optimizer", "sgd", "--epochs", "20",
        "--trainings", "12", "--metric", "val_loss", "--set", "training.learning_rate=0.002",
        "--repeats", "0", "--format", "json", *flags, "--", *program(tmp_path, SLOW),
        "{learning_rate}", "{seed}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_first_change_of_the_diagnosis_is_tried_before_the_search(tmp_path: Path) -> None:
    found = tune_slow(tmp_path)
    assert found["baseline"]["params"]["learning_rate"] == 0.002
    assert found["baseline"]["verdict"] == "learning_rate_too_low"
    (change,) = found["changes"]
    assert change["outcome"] == "won"
    assert change["score"] < found["baseline"]["score"]
    first = json.loads((tmp_path / "hpadvisor-run" / "search.json").read_text())["baseline"]
    assert first["learning_rate"] > 0.002
    spent = sum(len(one["scores"]) / 20 for one in results(tmp_path))
    assert 10 <= spent <= 12  # the change is paid for by the budget


def test_no_change_is_tried_where_none_is_wanted(tmp_path: Path) -> None:
    assert tune_slow(tmp_path, "--changes", "0", "--until", "search")["changes"] == []


def test_failures_in_a_row_end_the_run_after_as_many_as_are_allowed(tmp_path: Path) -> None:
    text = "import sys\nassert float(sys.argv[1]) == 0.1, 'bad'\nprint('epoch 1 val_acc 0.5')\n"
    done = hpadvisor(
        "run", *SAID, "--trainings", "14", "--max-failures", "2", "--", *program(tmp_path, text),
        "{learning_rate}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "2 trials in a row failed" in done.stderr
    assert [one["status"] for one in results(tmp_path)] == ["complete", "failed", "failed"]


def test_an_audit_on_the_way_ends_a_search_that_is_done(tmp_path: Path) -> None:
    text = "print('epoch 1 val_acc 0.5')\n"  # whatever is set, the score is the same
    flags = ("--trainings", "24", "--repeats", "0", "--changes", "0", "--until",
             "search")  # fmt: skip
    tail = ("{learning_rate}", "{seed}")
    done = hpadvisor("run", *SAID, *flags, "--format", "json", "--", *program(tmp_path, text),
                     *tail, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ended"].startswith("stopped after 12 trials: ")
    assert len(results(tmp_path)) == 1 + 12  # the baseline's score is told to the search


def test_the_loop_from_python_with_its_page(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    said: list[str] = []
    result = api.run(
        {"training": {"kind": "vision-from-scratch", "epochs": 5}, "budget": {"trainings": 6}},
        [*program(tmp_path), *TRAIN], metric="val_acc", folder=tmp_path / "run", say=said.append,
    )  # fmt: skip
    assert result.winner is not None
    assert result.to_dict()["winner"]["params"] == result.winner
    assert said[0] == "Today's values by train.py, where you say no others: lr 0.01."
    assert said[1].startswith("baseline, seed 0: ")
    page = result.to_html()
    for word in ("Go on with", "Where the budget goes", "The search in pictures"):
        assert word in page
    assert "<table" in result._repr_html_()


def test_a_run_is_printed_as_a_page(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    flags = ("--trainings", "4", "--repeats", "0", "--until", "baseline", "--format", "html",
             "--report", "page.html")  # fmt: skip
    done = hpadvisor("run", *SAID, *flags, "--", *program(tmp_path), *TRAIN, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<!doctype html>")
    assert "Where the budget goes" in done.stdout
    assert (tmp_path / "page.html").read_text(encoding="utf-8").strip() == done.stdout.strip()


@pytest.mark.parametrize(("noise", "says"), [("0.001 * seed", False), ("0", True)])
def test_a_seed_has_no_effect_only_where_the_curves_are_the_same(
    tmp_path: Path, noise: str, says: bool
) -> None:
    text = (
        "import sys\nseed = int(sys.argv[1])\nfor k in range(1, 5):\n"
        f"    score = 0.1 * k + (k < 4) * {noise}\n"
        "    print(f'epoch {k} val_acc {score:.3f} of {sys.argv[2]}')\n"
    )
    done = hpadvisor(
        "run", *SAID, "--trainings", "12", "--until", "baseline", "--repeats", "1", "--",
        *program(tmp_path, text), "{seed}", "{learning_rate}", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert ("the seed has no effect" in done.stderr) is says


WRONG = {
    "no command": ((), ()),
    "unknown placeholder": ((), ("python", "t.py", "{learning_rat}")),
    "no placeholder": ((), ("python", "t.py")),
    "config without its place": (("--config", "c.yaml"), ("python", "{learning_rate}")),
    "place without config": ((), ("python", "{learning_rate}", "{config}")),
    "gpu without gpus": ((), ("python", "{learning_rate}", "{gpu}")),
    "no such gpus": (("--gpus", "x"), ("python", "{learning_rate}")),
    "bad derive": (("--derive", "a=b c d"), ("python", "{learning_rate}", "{a}")),
    "bad env": (("--env", "A"), ("python", "{learning_rate}")),
    "bad pattern": (("--score-pattern", "x"), ("python", "{learning_rate}")),
    "both": (("--target", "a:b"), ("python", "{learning_rate}")),
    "no program": (("--metric", "val_acc"), ("no-such-program", "{learning_rate}")),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_gets_one_line_before_anything_is_trained(tmp_path: Path, case: str) -> None:
    flags, command = WRONG[case]
    (tmp_path / "c.yaml").write_text("lr: 0.1\n")
    done = hpadvisor("run", "--trainings", "5", "--training", "vision-from-scratch",
                     "--direction", "maximize", *flags,
                     *(("--", *command) if command else ()), cwd=tmp_path)  # fmt: skip
    assert complaint(done).startswith("hpadvisor: ")
    assert not results(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by /proc")
def test_kills_at_random_lose_nothing(tmp_path: Path) -> None:
    """Kill the run and all of its processes again and again; every trial counts once."""
    generator = random.Random(7)  # noqa: S311 - no secret
    command = [
        sys.executable, "-m", "hpadvisor", "run", *SAID, "--trainings", "10", "--workers", "2",
        "--repeats", "0", "--", *program(tmp_path), *TRAIN, "--pause", "0.05",
    ]  # fmt: skip
    finished: set[str] = set()
    for _ in range(4):
        process = subprocess.Popen(
            command, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(generator.uniform(0.8, 3.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        whole = {json.dumps(one["values"]) for one in results(tmp_path)
                 if one["status"] == "complete"}  # fmt: skip
        assert finished <= whole
        finished = whole
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trained = [json.dumps(one["values"]) for one in results(tmp_path)
               if one["status"] == "complete"]  # fmt: skip
    assert len(trained) == len(set(trained))
    audit = hpadvisor("audit", "hpadvisor-run/journal.log", "--format", "json", cwd=tmp_path)
    study = json.loads(audit.stdout)["study"]
    assert study["n_complete"] == 10
    assert study["n_running"] == 0
