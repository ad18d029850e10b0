"""What looks like a score and is none, like no place and is one, titles above tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.facts.curves.extract import extract
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

LOSSES = [0.95, 0.84, 0.77, 0.72, 0.7]


def read(folder: Path, text: str, name: str = "train.log") -> RunRecord:
    path = folder / name
    path.write_text(text, "utf-8")
    (run,) = read_runs([str(path)])
    return run


def rows(layout: str) -> str:
    return "".join(layout.format(k=k, t=t, v=t + 0.1) for k, t in enumerate(LOSSES, start=1))


@pytest.mark.parametrize("cost", ["reader_cost", "avg_batch_cost", "data_cost", "time_cost"])
def test_a_cost_of_time_is_no_score(tmp_path: Path, cost: str) -> None:
    run = read(tmp_path, rows(f"epoch: {{k}}, loss: {{t}}, lr: 0.01, {cost}: 0.0{{k}} s\n"))
    assert set(run.series) == {"train_loss", "learning_rate"}


def test_a_cost_alone_is_the_loss(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch: {k}, average cost: {t}\n"))
    assert run.series["train_loss"].y.tolist() == LOSSES


@pytest.mark.parametrize(
    "heading", ["## Epoch no. = {k}", "Epoch No: {k}", "epoch nr. {k}", "Epoch number {k}"]
)
def test_the_number_of_an_epoch_is_the_axis(tmp_path: Path, heading: str) -> None:
    run = read(tmp_path, rows(heading + "\nTrain loss: {t} Val loss: {v}\n"))
    assert run.axis == "epoch"
    assert run.series["train_loss"].x.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("# Epoch,AUROC,Val_loss\n", "epoch {k},0.7{k},{v}\n"),
        ("Epoch,AUROC,Val_loss\n", "{k}/9,0.7{k},{v}\n"),
        ("| Epoch | AUROC | Val_loss |\n|---|---|---|\n", "| epoch {k} | 0.7{k} | {v} |\n"),
    ],
)
def test_scores_beside_a_loss_of_validation_alone(tmp_path: Path, head: str, row: str) -> None:
    run = read(tmp_path, head + rows(row))
    assert run.axis == "epoch"
    assert set(run.series) == {"val_loss", "val_metric"}
    assert run.series["val_metric"].x.tolist() == [1, 2, 3, 4, 5]
    assert run.planned == (9 if "{k}/9" in row else None)


def test_words_of_several_kinds_are_no_places(tmp_path: Path) -> None:
    text = "epoch,loss\nwarm 1,0.9\ncool 2,0.8\nwarm 3,0.7\n"
    assert read(tmp_path, text, "log.csv").axis == "row"


def test_a_training_score_of_another_kind_is_read_and_not_compared(tmp_path: Path) -> None:
    layout = "Epoch: 000{k} train_loss= {t} train_acc= 0.5{k} val_roc= 0.7{k} val_ap= 0.7{k}\n"
    run = read(tmp_path, rows(layout))
    assert run.series["train_metric"].column == "train_acc"
    assert "curve.val_metric.below_train" not in {fact.name for fact in extract(run)}
    alike = read(tmp_path, rows("epoch {k} train_acc= 0.5{k} val_acc= 0.4{k}\n"))
    assert "curve.val_metric.below_train" in {fact.name for fact in extract(alike)}


@pytest.mark.parametrize(
    "title", ["Unseen speakers, plain model, rate 1e-4\n\n", "# made by the second script\n", ""]
)
def test_a_title_above_a_table_and_blank_lines(tmp_path: Path, title: str) -> None:
    run = read(tmp_path, title + "epoch,loss,val_loss\n\n" + rows("{k},{t},{v}\n\n"), "log.csv")
    assert run.series["train_loss"].y.tolist() == LOSSES
    assert run.axis == "epoch"


def test_names_behind_a_hash(tmp_path: Path) -> None:
    run = read(tmp_path, "# epoch loss val_loss\n" + rows("{k} {t} {v}\n"), "log.txt")
    assert run.series["train_loss"].y.tolist() == LOSSES


def test_finished_runs_with_their_best_epoch(tmp_path: Path) -> None:
    text = "".join(
        f"Round={k} BestEpoch= {e} MAE=0.3{k}\n" for k, e in enumerate((45, 52, 38, 47))
    )
    run = read(tmp_path, text)
    assert run.refusal_kind == "run_table"
    assert "audit" in run.refusal
    rising = "".join(f"Round={k} BestEpoch= {k} MAE=0.3{k}\n" for k in range(4))
    assert read(tmp_path, rising).refusal_kind == ""


def test_names_in_brackets(tmp_path: Path) -> None:
    run = read(tmp_path, rows("- INFO - [epoch]: {k}, [batch]: 100, [loss]: {t}\n"))
    assert run.series["train_loss"].y.tolist() == LOSSES
    assert run.axis == "epoch"


def test_the_second_number_of_a_pair_is_of_the_same_measure(tmp_path: Path) -> None:
    text = rows("= EPOCH {k}/9 =\nloss train: {t}  eval: {v}\nacc train: 0.4{k}  eval: 0.3{k}\n")
    run = read(tmp_path, text)
    assert run.series["val_loss"].y.tolist() == [loss + 0.1 for loss in LOSSES]
    assert run.series["val_metric"].y.tolist() == [0.31, 0.32, 0.33, 0.34, 0.35]


def test_numbers_that_name_a_part_alone_are_no_losses_beside_a_loss(tmp_path: Path) -> None:
    run = read(tmp_path, rows("[Epoch {k}] train=0.4{k} val=0.3{k} loss={t} time: 12.7\n"))
    assert set(run.series) == {"train_loss"}
    assert run.series["train_loss"].y.tolist() == LOSSES
    alone = read(tmp_path, rows("Epoch {k} train: {t} val: {v}\n"))
    assert set(alone.series) == {"train_loss", "val_loss"}


def test_averaged_stats_tell_the_mean_and_bare_scores_are_of_training(tmp_path: Path) -> None:
    layout = (
        "Epoch: [{k}]  [9/9]  loss: 0.5 (0.6)  SSIM: 0.1{k} (0.2)\n"
        "[Train] averaged stats: loss: 0.5 ({t})  SSIM: 0.1 (0.2)\n"
        "[Val] averaged stats: loss: 0.5 ({v})  SSIM: 0.1 (0.7{k})\n"
    )
    run = read(tmp_path, rows(layout))
    assert run.series["val_loss"].y.tolist() == [loss + 0.1 for loss in LOSSES]
    assert run.series["val_metric"].y.tolist() == [0.71, 0.72, 0.73, 0.74, 0.75]


def test_a_rate_on_a_line_of_its_own_in_the_first_epoch(tmp_path: Path) -> None:
    text = rows("== Starting epoch {k} ==\n 100 - words/s - LR = 0.00{k}\nloss: {t}\n")
    assert len(read(tmp_path, text).series["learning_rate"].y) == 5


def test_places_in_brackets_behind_a_score_are_no_values(tmp_path: Path) -> None:
    text = "".join(f"Loss [{k}, 100](epoch, minibatch):  {t}\n" for k, t in enumerate(LOSSES))
    run = read(tmp_path, text)
    assert run.axis == "epoch"
    assert run.series["train_loss"].y.tolist() == LOSSES


def test_a_rate_right_behind_a_bar(tmp_path: Path) -> None:
    run = read(tmp_path, rows("Epoch {k}: 10%|#  | 1/9 [00:02, 1it/s, loss={t}]lr=[0.0] nan=0\n"))
    assert run.series["learning_rate"].y.tolist() == [0.0] * 5
    assert run.series["train_loss"].y.tolist() == LOSSES


def test_rows_that_are_named_by_their_part(tmp_path: Path) -> None:
    layout = (
        "Epoch   {k}/9\nTraining: 100%|####| 63/63 [00:00<00:00, 666.06it/s]\n"
        "│ Survived │ loss │ roc_auc │ accuracy │\n"
        "│ train │ {t} │ 0.8{k} │ 0.6{k} │\n│ vali │ {v} │ 0.7{k} │ 0.5{k} │\n"
        "│ test │ 1.9{k} │ 0.7{k} │ 0.4{k} │\n"
    )
    run = read(tmp_path, rows(layout))
    assert run.axis == "epoch"
    assert run.series["train_loss"].y.tolist() == LOSSES
    assert run.series["val_loss"].y.tolist() == [loss + 0.1 for loss in LOSSES]
    assert run.series["val_metric"].y.tolist() == [0.51, 0.52, 0.53, 0.54, 0.55]


def test_how_far_a_bar_of_a_part_is_no_epoch(tmp_path: Path) -> None:
    text = "".join(
        f"Epoch {e}/3\nTraining: {25 * b}%|##| {b}/4 [00:01<00:01, 2it/s, loss={t - e / 10}]\n"
        for e in (1, 2, 3)
        for b, t in enumerate(LOSSES[:4], start=1)
    )
    run = read(tmp_path, text)
    assert run.series["train_loss"].x.tolist() == [1, 2, 3]


def test_a_coefficient_of_a_score_is_one_and_of_a_loss_is_a_setting(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} loss: {t}\nValidation Dice Coeff: 0.7{k}\n"))
    assert run.series["val_metric"].y.tolist() == [0.71, 0.72, 0.73, 0.74, 0.75]
    setting = read(tmp_path, rows("epoch {k} loss: {t} dice_loss_coef: 0.7{k}\n"))
    assert set(setting.series) == {"train_loss"}
