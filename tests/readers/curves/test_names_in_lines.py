"""How lines name their numbers: asides within a name, lists of names, digits of a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.readers.curves.console.understanding import plan_of
from hpadvisor.readers.curves.reading import read_runs

LINES = {
    "Training loss at step 100: 1.5": {"Training_loss"},
    "validation accuracy after epoch 3 was 0.81": {"validation_accuracy"},
    "Accuracy of the network on the 10000 test images: 55 %": {"test_Accuracy"},
    "Mean test loss of 8 batches: 0.57": {"Mean_test_loss"},
    "Epoch 3 | Accuracy: train 0.9, val 0.8": {"train_Accuracy", "val_Accuracy"},
    "Accuracies on val: class : 37.4": {"val_Accuracies/class"},
    "train, round, loss, acc ===> 003, 0.82, 0.39": {"train_loss", "train_acc"},
    "Test [loss, acc]: [0.3, 0.9]": {"test_loss", "test_acc"},
    "Mean loss: 1.6. Mean graph loss: 0.2": {"Mean_loss", "Mean_graph_loss"},
    "tr_loss=0.3 te_loss=0.4": {"tr_loss", "te_loss"},
    "loss(x, y) = param(0.0913)": {"loss"},
    "The train loss of epoch7-batch-50:0.133": {"train_loss"},
    "[train: 35, 50 / 1000] Loss/total: 3.4, Loss/test_init: 0.5": {
        "train_Loss/total",
        "train/Loss/test_init",
    },
    "train Loc Loss: 0.4 Cls Loss: 0.3 Tot Loss: 0.7": {
        "train_Loc_Loss",
        "train_Cls_Loss",
        "train_Tot_Loss",
    },
    "Total rewards in episode 73 is 3.8": {"Total_rewards"},
}
PLACES = {
    "Training loss at step 100: 1.5": {"step"},
    "[1,  2000] loss: 2.180": {"epoch", "batch"},
    "The train loss of epoch7-batch-50:0.133": {"epoch", "batch"},
    "Batch(100/1879) done. Loss: 5.9": {"batch"},
}


@pytest.mark.parametrize("line", LINES)
def test_a_number_has_the_name_that_a_reader_gives_it(line: str) -> None:
    (record,) = plan_of(line).records
    assert {item.name for item in record.items if item.score} == LINES[line]


@pytest.mark.parametrize("line", PLACES)
def test_a_place_is_found_wherever_it_stands(line: str) -> None:
    (record,) = plan_of(line).records
    assert set(record.places) == PLACES[line]


def _read(folder: Path, text: str) -> dict[str, list[float]]:
    path = folder / "train.log"
    path.write_text(text, encoding="utf-8")
    (run,) = read_runs([str(path)])
    return {role: series.y.tolist() for role, series in run.series.items()}


def test_digits_of_a_name_tell_lines_apart(tmp_path: Path) -> None:
    lines = [f"Epoch {k}\nTest Top1: {50 + k}%\nTest Top5: {80 + k}%\n" for k in range(9)]
    read = _read(tmp_path, "".join(lines))
    assert read["val_metric"] == pytest.approx([0.5 + k / 100 for k in range(9)])


def test_batches_of_validation_are_no_steps_and_an_epochs_sum_is_told_once(tmp_path: Path) -> None:
    text = "".join(
        f"epoch:{k} train step:10 loss: {3 - k / 10:.2f}\nepoch:{k} train step:20 loss: "
        f"{2.9 - k / 10:.2f}\nEND epoch:{k} train loss: {9 - k}\nvalid step:10 loss: {8 - k / 4}\n"
        f"END valid loss: {3 - k / 8}\n"
        for k in range(8)
    )
    read = _read(tmp_path, text)
    assert read["train_loss"][:3] == [3.0, 2.9, 2.9]
    assert read["val_loss"] == [3 - k / 8 for k in range(8)]


def test_a_table_behind_the_front_of_a_logger_is_read(tmp_path: Path) -> None:
    front = "[ INFO : 2026-01-01 04:05:47,255 ] - "
    rows = [f"{front}|  1|  {k}00|  0.1|  {3 - k / 5:.1f}|" for k in range(1, 9)]
    read = _read(tmp_path, "\n".join([f"{front}| Epoch| Batch|  Lr|  Loss|", *rows]))
    assert read["train_loss"] == [float(f"{3 - k / 5:.1f}") for k in range(1, 9)]


def test_cross_entropy_is_no_entropy_of_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("\n".join(f"step {k} cross_entropy_loss: {3 - k / 9}" for k in range(9)))
    (run,) = read_runs([str(path)])
    assert not run.refusal
