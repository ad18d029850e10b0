"""Past runs set by hand: chains, what changes brought, what comes next, and plans from them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import hpadvisor
from hpadvisor.auditing.confirmed import is_confirmation
from hpadvisor.auditing.history import history_of
from hpadvisor.auditing.model import Audit, History
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.searches.review import review
from hpadvisor.past import past_runs
from hpadvisor.readers.searches.record import ReadOptions
from tests.cli.running import hpadvisor as command

RUNS = (
    {"lr": 1e-3, "dropout": 0.0, "hidden_size": 64},
    {"lr": 3e-4, "dropout": 0.0, "hidden_size": 64},
    {"lr": 3e-3, "dropout": 0.0, "hidden_size": 64},
    {"lr": 1e-3, "dropout": 0.1, "hidden_size": 64},
    {"lr": 1e-3, "dropout": 0.0, "hidden_size": 32},
)


def loss_of(run: dict[str, Any]) -> float:
    """Lowest at a rate of 1e-2, a dropout of .2 and wide layers."""
    return float(
        1 + 0.3 * math.log10(run["lr"] / 1e-2) ** 2 + (run["dropout"] - 0.2) ** 2
        - 0.05 * math.log2(run["hidden_size"] / 64)
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, run in enumerate(RUNS):
        place = tmp_path / "runs" / f"exp{number}"
        place.mkdir(parents=True)
        config = {**run, "batch_size": 32, "optimizer": "adamw"}
        (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
        rows = ["epoch,train_loss,val_loss"]
        for epoch in range(1, 21):
            value = loss_of(run) + 1.5 * 0.7**epoch + 0.002 * (-1) ** epoch
            rows.append(f"{epoch},{0.9 * value:.4f},{value:.4f}")
        (place / "log.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "runs"


def history(path: Path) -> History:
    audit: Audit = hpadvisor.audit(path)
    assert audit.history is not None
    return audit.history


def test_runs_stand_in_order_and_changes_are_told_apart(folder: Path) -> None:
    found = history(folder)
    assert (found.runs[0].label or found.runs[0].number) in ("exp2", 2)
    assert found.runs[0].best
    assert [run.score for run in found.runs] == sorted(run.score for run in found.runs)
    effects = {(one.parameter, one.before, one.after): one.gain for one in found.effects}
    assert set(effects) == {
        ("lr", 3e-4, 1e-3), ("lr", 1e-3, 3e-3), ("dropout", 0.0, 0.1), ("hidden_size", 32, 64),
    }  # fmt: skip
    assert all(gain > 0 for gain in effects.values())
    assert found.untouched == {"batch_size": 32, "optimizer": "adamw"}


def test_what_won_is_gone_on_with_and_taken_along(folder: Path) -> None:
    found = history_of(review(past_runs(folder, load_knowledge())))
    assert found is not None
    first, *others = found.next
    assert first.changes == {"lr": pytest.approx(9e-3)}
    assert first.settings["hidden_size"] == 64
    assert {"dropout": 0.1} in [one.changes for one in others]
    assert len(others) <= 2


def test_what_the_best_log_makes_likely_comes_first(folder: Path) -> None:
    found = history(folder).next
    assert found[0].reason.startswith("by its own log it helps in about")
    assert 1 <= len(found) <= 3
    named = [name for one in found for name in one.changes]
    assert len(named) == len(set(named))


def test_nothing_is_advised_twice_or_beyond_what_is_legal(folder: Path) -> None:
    tried = [{**run} for run in RUNS]
    for item in history(folder).next:
        assert item.settings not in tried
        assert 0 <= item.settings["dropout"] < 1
        assert isinstance(item.settings["hidden_size"], int)


def test_a_direction_that_lost_is_left(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text(
        "params_lr,params_dropout,val_loss\n0.01,0.1,1.0\n0.03,0.1,1.4\n0.01,0.2,1.3\n",
        encoding="utf-8",
    )
    outcome = command("plan", "--history", table, "--training", "tabular", "--no-input",
                      "--trainings", "12")  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr


def test_audit_shows_the_history_and_diagnose_names_it(folder: Path) -> None:
    shown = command("audit", folder, "--no-plots")
    assert "What was tried, the best first" in shown.stdout
    assert "lr 3e-4 → 0.001" in shown.stdout
    assert "(exp1, exp0)" in shown.stdout
    assert "Trainings to do next" in shown.stdout
    assert "Never changed: batch_size = 32, optimizer = adamw." in " ".join(shown.stdout.split())
    assert "Passed: " in shown.stdout
    every = command("audit", folder, "--no-plots", "--all")
    assert len(every.stdout.splitlines()) > len(shown.stdout.splitlines())
    assert f"Next: hpadvisor audit {folder}" in command("diagnose", folder).stdout


def test_a_plan_starts_from_the_best_run_and_takes_the_others_along(folder: Path) -> None:
    words = ("plan", "--history", folder, "--training", "tabular", "--trainings", "20",
             "--no-input")  # fmt: skip
    plan = json.loads(command(*words, "--format", "json").stdout)
    situation = plan["situation"]
    assert situation["training.learning_rate"]["value"] == pytest.approx(3e-3)
    assert situation["task.current"]["value"] == pytest.approx(loss_of(RUNS[2]), abs=0.02)
    assert situation["task.direction"]["value"] == "minimize"
    assert f"--history {folder}" in situation["training.learning_rate"]["source"]
    script = command(*words, "--emit", "optuna").stdout
    assert script.count('"value":') >= len(RUNS) - 1


def test_what_holds_no_runs_is_refused_in_one_line(tmp_path: Path) -> None:
    outcome = command("plan", "--history", tmp_path, "--no-input")
    assert outcome.returncode == 2
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_a_grid_with_seeds_is_no_confirmation_and_its_noise_is_known(tmp_path: Path) -> None:
    for rate in (0.002, 0.006, 0.02):
        for decay in (0.01, 0.1):
            for seed in (7, 8, 9):
                run = tmp_path / f"r{rate}_{decay}_{seed}"
                run.mkdir()
                score = 0.8 + rate * 3 - decay / 50 + (seed - 8) / 2000
                config = {
                    "training": {"learning_rate": rate, "weight_decay": decay},
                    "optimizer": {"lr": rate},
                    "experiment": {"seed": seed},
                }
                (run / "config.json").write_text(json.dumps(config))
                rows = "".join(f"{e},{1.0 / e},{score - 0.1 / e}\n" for e in range(1, 6))
                (run / "log.csv").write_text(f"epoch,train_loss,val_accuracy\n{rows}")
    found = review(past_runs(tmp_path, load_knowledge()))
    assert len(found.table) == 6
    assert all(len(trial.replicates) == 3 for trial in found.table.trials)
    assert found.noise is not None
    assert not found.noise.assumed
    assert not is_confirmation(found)
    names = [parameter.name for parameter in found.study.parameters]
    assert names == ["training/learning_rate", "training/weight_decay"]
    planned = command("plan", "--history", str(tmp_path), "--no-input")
    assert planned.returncode == 0, planned


@pytest.mark.parametrize(
    ("values", "expected"), [((128, 64), 32), ((3e-4, 3e-5), 3e-6), ((3.0, 2.0), 1.0)]
)
def test_a_setting_that_no_table_knows_goes_on_by_factors_and_never_to_nothing(
    tmp_path: Path, values: tuple[float, float], expected: float
) -> None:
    rows = "".join(f"r{i},{value},0.{7 + i}\n" for i, value in enumerate(values))
    table = tmp_path / "runs.csv"
    table.write_text(f"name,my_knob,val_acc\n{rows}")
    study = past_runs(table, load_knowledge(), ReadOptions(params=("my_knob",)))
    study.history = True
    found = history_of(review(study))
    assert found is not None
    assert found.next[0].changes == {"my_knob": pytest.approx(expected)}


def test_settings_and_long_names_of_files_are_told_apart(tmp_path: Path) -> None:
    prefix = "the_experiment_of_this_week_with_a_long_name_for_everything"
    for number in range(8):
        name = f"{prefix}_lr={0.001 * (number + 1):.3f}_wd={0.01 * (number % 3):.2f}_seed={number}"
        level = 0.5 + 0.05 * abs(number - 4)
        rows = [f"{n},{level + 0.8**n:.4f},{level + 0.1 + 0.8**n:.4f}" for n in range(20)]
        text = "epoch,train_loss,val_loss\n" + "\n".join(rows)
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    tried = json.loads(command("audit", tmp_path, "--format", "json").stdout)["history"]["runs"]
    settings = tried[0]["settings"]
    assert settings["wd"] in (0, 0.01, 0.02)
    assert isinstance(settings[f"{prefix}_lr"], float)
    shown = command("audit", tmp_path, "--no-plots").stdout
    table = shown.partition("What was tried")[2].partition("\n\n")[0].splitlines()[1:]
    assert table[0].split()[0] == "run"
    assert table[0].split()[-1] == "score"
    assert len({line.split()[0] for line in table[1:]}) == 8
