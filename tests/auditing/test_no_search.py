"""Runs by hand, several data sets, nothing left: no search's outlook; folds are no seeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpadvisor.api import audit


def written(path: Path, header: str, rows: list[str]) -> str:
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def folder_of_runs(root: Path, count: int) -> str:
    for i in range(count):
        run = root / f"run_{i}"
        run.mkdir(parents=True)
        settings = {"lr": round(0.001 * 1.4 ** (i % 6), 6), "dropout": 0.1 * (i % 4)}
        (run / "config.json").write_text(json.dumps(settings))
        (run / "metrics.json").write_text(json.dumps({"val_acc": 0.7 + 0.013 * ((i * 7) % 11)}))
    return str(root)


@pytest.mark.parametrize("count", [11, 18])
def test_many_runs_by_hand_print_no_outlook_of_a_search(tmp_path: Path, count: int) -> None:
    found = audit(folder_of_runs(tmp_path / "runs", count))
    assert found.history is not None
    assert found.outlook == []
    checks = {check.check: check.outcome for check in found.checks}
    assert checks["more_trials"] == checks["enough_trials"] == "cannot_judge"
    assert "new best" not in found.to_text()


def test_rows_of_several_data_sets_decide_nothing(tmp_path: Path) -> None:
    rows = [
        f"{data},{rate},{0.5 + 0.2 * k + rate + 0.001 * i}"
        for k, data in enumerate(("ponds", "rivers"))
        for i, rate in enumerate((0.01, 0.02, 0.03, 0.05, 0.08, 0.1))
    ]
    found = audit(written(tmp_path / "t.csv", "dataset,lr,val_acc", rows))
    assert found.decision == "cannot_judge"
    assert "2 data sets" in found.reasons[0]
    assert not found.next_space
    assert found.confirmation is None
    assert not found.outlook
    assert found.noise is None
    assert found.study.best is not None
    assert found.study.best.expected_value is None


def test_a_finished_grid_is_told_nothing_of_more_trials(tmp_path: Path) -> None:
    rows = [
        f"{rate},{batch},{0.6 + 0.01 * ((3 * i + j) % 7)}"
        for i, rate in enumerate((0.01, 0.03, 0.1, 0.3))
        for j, batch in enumerate((16, 32, 64))
    ]
    found = audit(written(tmp_path / "g.csv", "lr,batch_size,val_acc", rows))
    assert "0 more trials" not in found.to_text()
    assert "combinations" in found.reasons[0]


def test_folds_are_split_anew_and_seeds_are_not_named(tmp_path: Path) -> None:
    folds = [[0.80, 0.84, 0.79], [0.82, 0.85, 0.80], [0.78, 0.83, 0.77], [0.81, 0.83, 0.81]]
    rows = []
    for k in range(12):
        scores = [fold + 0.004 * k for fold in folds[k % 4]]
        rows.append(",".join(map(str, (0.1 * 2**k, *scores, sum(scores) / 3))))
    head = "param_C,split0_test_score,split1_test_score,split2_test_score,mean_test_score"
    found = audit(written(tmp_path / "cv.csv", head, rows))
    text = " ".join(found.to_text().split())
    assert "Noise between splits" in text
    assert "on a fresh split" in text
    assert "fresh seed" not in text
    assert "between seeds" not in text


def test_what_only_other_models_have_is_no_setting_of_the_best(tmp_path: Path) -> None:
    rows = [
        "knn,\"{'neighbors': 3}\",0.91",
        "boost,\"{'learning_rate': 0.1, 'depth': 4}\",0.85",
        "tree,\"{'depth': 8}\",0.86",
        "wood,\"{'depth': 6}\",0.84",
    ]
    found = audit(written(tmp_path / "m.csv", "model,params,accuracy", rows))
    assert found.history is not None
    assert "learning_rate" not in found.history.untouched
    assert all("learning_rate" not in one.changes for one in found.history.next)
