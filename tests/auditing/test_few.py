"""Few trials: a search says what it needs, a table of runs goes on with the next training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.auditing.composer import compose_audit
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.searches.meaning import give_meaning
from hpadvisor.facts.searches.review import ReviewOptions
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial
from tests.cli.running import hpadvisor as command


def test_two_trials_of_a_search_say_what_is_needed(tmp_path: Path) -> None:
    table = tmp_path / "cv_results.csv"
    table.write_text(
        "mean_fit_time,param_C,params,split0_test_score,split1_test_score,mean_test_score,"
        "std_test_score,rank_test_score\n"
        "0.1,1.0,{'C': 1.0},0.81,0.83,0.82,0.01,2\n0.1,10.0,{'C': 10.0},0.84,0.86,0.85,0.01,1\n",
        encoding="utf-8",
    )
    outcome = command("audit", table, "--no-plots")
    assert outcome.returncode == 2
    assert "Run 8 more, then audit again" in " ".join(outcome.stdout.split())
    assert "Go on" not in outcome.stdout
    assert "Confirmation" not in outcome.stdout


def test_a_table_of_few_runs_is_a_history(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text(
        "run,lr,dropout,val_loss\na,0.001,0.1,0.50\nb,0.003,0.1,0.45\nc,0.003,0.3,0.60\n",
        encoding="utf-8",
    )
    outcome = command("audit", table, "--format", "json")
    assert outcome.returncode in (0, 1), outcome.stderr
    document = json.loads(outcome.stdout)
    assert document["decision"] == "continue"
    assert [one["score"] for one in document["history"]["runs"]] == [0.45, 0.5, 0.6]
    assert document["history"]["next"]


def test_ten_runs_of_a_table_are_judged_as_a_search(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    rows = "".join(f"{0.001 * (n + 1):.3f},{0.5 + n / 100}\n" for n in range(10))
    table.write_text(f"lr,val_loss\n{rows}", encoding="utf-8")
    document = json.loads(command("audit", table, "--format", "json").stdout)
    assert document["history"] is None


@pytest.mark.parametrize(("best", "expected"), [(8, [4, 8]), (32, [16, 32, 64])])
def test_listed_numbers_stay_a_list(best: int, expected: list[int]) -> None:
    """Where the scores rise towards the end of a list, the list gets one more, by its ratio."""
    choices = (8, 16, 32, 64)
    trials = [
        Trial(n, State.COMPLETE, {"batch_size": size, "lr": 10 ** -(1 + n % 5)},
              0.5 + 0.05 * abs(choices.index(size) - choices.index(best)) + 0.001 * (n % 7))
        for n in range(40) for size in [choices[n % 4]]
    ]  # fmt: skip
    space = [Parameter("batch_size", "categorical", choices=choices),
             Parameter("lr", "float", 1e-5, 1e-1, "log")]  # fmt: skip

    knowledge = load_knowledge()
    study = Study("s", "optuna", "minimize", "loss", space, trials)
    give_meaning(study, knowledge.vocabulary())
    audit, _ = compose_audit(study, knowledge, ReviewOptions(noise=0.003))
    size = next(one for one in audit.next_space if one.name == "batch_size")
    assert size.type == "categorical"
    assert size.choices == expected


def told(path: Path, *words: str) -> dict[str, Any]:
    outcome = command("audit", path, "--format", "json", *words)
    document: dict[str, Any] = json.loads(outcome.stdout)
    return document


def test_what_a_run_reached_is_no_setting(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    rows = "".join(f"{1e-4 * (n + 1):.4f},{64 if n % 2 else 128},{20 + n % 5},{7 + n % 3},"
                   f"{0.9 - 0.01 * (n % 6)}\n" for n in range(12))  # fmt: skip
    header = "lr,hidden_size,used_epochs,epoch_of_best,val_acc"
    table.write_text(f"{header}\n{rows}", encoding="utf-8")
    document = told(table)
    names = {one["name"] for one in document["study"]["parameters"]}
    assert names == {"lr", "hidden_size"}
    size = next(one for one in document["next_space"] if one["name"] == "hidden_size")
    assert size["low"] in (64, 128)


def test_scores_of_several_data_sets_are_told(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    rows = "".join(f"{1e-3 * (n + 1):.3f},{'cora' if n % 2 else 'pubmed'},{0.6 + n / 100}\n"
                   for n in range(12))  # fmt: skip
    table.write_text(f"lr,dataset,val_acc\n{rows}", encoding="utf-8")
    shown = " ".join(command("audit", table, "--no-plots").stdout.split())
    assert "The rows are of 2 data sets (dataset)" in shown


def test_scores_that_are_equal_but_for_rounding_hold_no_noise(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    rows = "".join(f"{1e-3 * (n + 1):.3f},{0.7 + (1e-16 * n if n < 12 else -0.01 * n)!r}\n"
                   for n in range(30))  # fmt: skip
    table.write_text(f"lr,val_acc\n{rows}", encoding="utf-8")
    assert told(table)["noise"] is None
