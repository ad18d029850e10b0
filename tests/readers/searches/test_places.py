"""Settings and outcomes told apart by their places, and what is asked for as a whole command."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.engine.loading import load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.searches.names import names_of
from hpadvisor.readers.metrics import direction_of
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.record import ReadOptions, Study

NAMES = names_of(load_knowledge().vocabulary())


def read(path: Path, header: str, rows: list[str]) -> Study:
    path.write_text("\n".join([header, *rows]) + "\n")
    return read_search(path, ReadOptions(names=NAMES))


def settings(study: Study) -> set[str]:
    return {name for trial in study.trials for name in trial.params}


def test_what_stands_behind_the_scores_is_an_outcome(tmp_path: Path) -> None:
    rows = [
        f"{leaves},{rate},{5 - 9 * rate},{4 - 9 * rate},{gap},{gap * 3}"
        for leaves, gap in ((7, 1.25), (15, 1.5), (31, 1.75))
        for rate in (0.05, 0.1, 0.2, 0.3)
    ]
    head = "num_leaves,learning_rate,valid_rmse,train_rmse,train_gap,noise_rank"
    study = read(tmp_path / "t.csv", head, rows)
    assert settings(study) == {"num_leaves", "learning_rate"}
    behind = read(tmp_path / "u.csv", "valid_rmse,beta_x,learning_rate", [
        f"{score},{beta},{rate}" for score, beta, rate in
        ((3, 1, 0.1), (2, 1, 0.2), (4, 2, 0.1), (5, 2, 0.2))
    ])  # fmt: skip
    assert settings(behind) == {"beta_x", "learning_rate"}
    named = read(tmp_path / "v.csv", "model,valid_rmse,learning_rate,beta_x", [
        f"{model},{score},{rate},{beta}" for model, score, rate, beta in
        (("a", 3, 0.1, 1), ("a", 2, 0.2, 1), ("b", 4, 0.1, 2), ("b", 5, 0.2, 2))
    ])  # fmt: skip
    assert settings(named) == {"model", "learning_rate", "beta_x"}


def test_what_has_a_deviation_was_measured(tmp_path: Path) -> None:
    rows = [f"{d},{0.7 + d / 100},0.01,{900 - 20 * d},14.5,0.003" for d in range(3, 9)]
    head = "max_depth,val_auc_mean,val_auc_var,n_estimators,n_estimators_std,noise_var"
    study = read(tmp_path / "t.csv", head, rows)
    assert study.metric == "val_auc_mean"
    assert settings(study) == {"max_depth"}


def test_a_name_that_nobody_knows_between_two_settings_is_one(tmp_path: Path) -> None:
    cells = [
        (f"{1e-3 * 1.3**i:.5f}", f"{0.01 + i / 77:.5f}", f"{16 * (i + 1)}", f"{0.5 + i / 99}")
        for i in range(9)
    ]
    rows = [",".join(row) for row in cells]
    study = read(tmp_path / "t.csv", "lr,kernel_zeta,batch_size,val_acc", rows)
    assert settings(study) == {"lr", "kernel_zeta", "batch_size"}
    moved = [",".join((row[1], row[0], *row[2:])) for row in cells]
    edge = read(tmp_path / "u.csv", "kernel_zeta,lr,batch_size,val_acc", moved)
    assert settings(edge) == {"lr", "batch_size"}
    assert any("kernel_zeta" in note for note in edge.notes)


def test_the_weight_of_a_loss_is_a_setting(tmp_path: Path) -> None:
    assert direction_of("edge_loss_weight") is None
    assert direction_of("edge_loss") == "minimize"
    rows = [f"{rate},{w},{0.4 + w * rate}" for rate in (0.1, 0.2) for w in (0.5, 1, 2)]
    study = read(tmp_path / "t.csv", "lr,edge_loss_w,val_loss", rows)
    assert (study.metric, settings(study)) == ("val_loss", {"lr", "edge_loss_w"})


def test_plurals_are_the_same_scores() -> None:
    assert direction_of("mapes") == direction_of("rmses") == "minimize"
    assert direction_of("maps") is None


def test_f1_counts_before_its_parts_and_a_precision_of_0_9_is_no_number_format(
    tmp_path: Path,
) -> None:
    cells = ((0.1, 0.91, 0.7, 0.79), (0.2, 0.8, 0.9, 0.85), (0.3, 0.6, 0.95, 0.73))
    rows = [",".join(map(str, row)) for row in cells]
    study = read(tmp_path / "t.csv", "lr,precision,recall,f1", rows)
    assert (study.metric, settings(study)) == ("f1", {"lr"})
    formats = read(tmp_path / "u.csv", "lr,precision,val_acc",
                   ["0.1,16,0.7", "0.1,32,0.8", "0.2,16,0.6", "0.2,32,0.9"])  # fmt: skip
    assert settings(formats) == {"lr", "precision"}


def test_what_is_asked_for_is_a_whole_command_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "my runs.csv"
    rows = ["0.1,0.7,0.81", "0.2,0.8,0.6", "0.3,0.75,0.7", "0.4,0.7,0.9"]
    with pytest.raises(UserError, match=r"audit '[^']*my runs.csv' --objective val_acc"):
        read(path, "lr,val_acc,val_auc", rows)
    grid = tmp_path / "cv results.csv"
    head = "param_C,mean_test_roc_auc,mean_test_accuracy"
    with pytest.raises(UserError, match=r"audit '[^']*cv results.csv' --objective roc_auc"):
        read(grid, head, rows)


def test_a_parameter_of_some_kernels_alone_has_no_value_elsewhere(tmp_path: Path) -> None:
    rows = [f"linear,{c},,{depth},0.8" for c in (1, 2) for depth in ("", 4)]
    rows += [f"rbf,{c},{g},{depth},0.9" for c in (1, 2) for g in (0.1, 0.2) for depth in ("", 4)]
    head = "param_kernel,param_C,param_gamma,param_max_depth,mean_test_score"
    study = read(tmp_path / "cv.csv", head, rows)
    linear = [trial.params for trial in study.trials if trial.params["kernel"] == "linear"]
    assert all("gamma" not in params for params in linear)
    assert {params["max_depth"] for params in linear} == {None, 4}


@pytest.mark.parametrize("first", ["Step", "evaluations"])
def test_a_chart_over_anything_is_no_table_of_trials(tmp_path: Path, first: str) -> None:
    head = f"{first},a - val_acc,a - val_acc__MIN,a - val_acc__MAX"
    with pytest.raises(UserError, match="a chart of Weights & Biases"):
        read(tmp_path / "chart.csv", head, ["0,0.5,0.5,0.5", "1,0.6,0.6,0.6"])


def test_a_score_that_says_no_more_is_said_to_be_taken_for_rising(tmp_path: Path) -> None:
    rows = ["0.1,0.7", "0.2,0.8", "0.3,0.75"]
    vague = read(tmp_path / "t.csv", "lr,val_scores", rows)
    assert vague.direction == "maximize"
    assert any("says little of its direction" in note for note in vague.notes)
    clear = read(tmp_path / "u.csv", "lr,val_f1_score", rows)
    assert not any("says little" in note for note in clear.notes)


def test_what_was_said_is_said_again_in_the_next_command(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("lr,zeta,val_acc,val_auc\n0.1,1,0.7,0.8\n0.2,2,0.8,0.6\n0.3,1,0.6,0.9\n")
    options = ReadOptions(names=NAMES, params=("lr", "zeta"), direction="maximize")
    with pytest.raises(
        UserError, match="--direction maximize --param lr --param zeta --objective val_acc"
    ):
        read_search(path, options)


def test_a_value_that_points_at_another_setting_is_none(tmp_path: Path) -> None:
    for index, rate in enumerate((0.1, 0.2, 0.4)):
        run = tmp_path / f"run{index}"
        run.mkdir()
        where = "${.start}" if index else "v3"
        (run / "config.yaml").write_text(f"lr: {rate}\nstage: '{where}'\n")
        (run / "metrics.json").write_text(f'{{"val_acc": {0.6 + rate / 10}}}')
    assert settings(read_search(tmp_path, ReadOptions(names=NAMES))) == {"lr"}
