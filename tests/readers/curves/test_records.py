"""Console logs as people paste them: parts, bars, tables by position, ranks, settings."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from hpadvisor.readers.curves.console import ConsoleReader
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

LOSS = [round(3 * 0.9**k + 0.4, 3) for k in range(12)]
HELD = [round(3 * 0.93**k + 0.5, 3) for k in range(12)]


def read(tmp_path: Path, template: str, name: str = "train.log", head: str = "") -> RunRecord:
    rows = [
        template.format(k=k, k1=k + 1, t=t, v=v, s=40000 + 10 * k)
        for k, (t, v) in enumerate(zip(LOSS, HELD, strict=True))
    ]
    path = tmp_path / name
    path.write_text(head + "\n".join(rows), "utf-8", newline="")
    (run,) = read_runs([str(path)])
    return run


def assert_both(run: RunRecord) -> None:
    assert run.series["train_loss"].y.tolist() == pytest.approx(LOSS)
    assert run.series["val_loss"].y.tolist() == pytest.approx(HELD)


@pytest.mark.parametrize(
    "template",
    [
        "{k1}epoch results: [train] loss_a=7.1, loss={t}, lr0=1.0e-3, [valid] cer=nan, loss={v}",
        "ep={k:02d} tr=['part_one'] loss={t} err=0.5 valid=dev loss={v} err=0.4 lr_arch=0.001",
        "epoch {k}\n\x1b[31mtrain\x1b[0m loss: {t}\n> valid loss: {v}",
        "{{'epoch': {k}, 'train': {{'loss': {t}}}, 'val': {{'loss': {v}}}}}",
        "Epoch {k}: train loss tensor({t}, device='cuda:0'), val loss tensor({v})",
        "Epoch {k}\nTraining\n  loss = {t}\nValidation\n  loss = {v}",
        "Epoch: {k}\n10/20 [====>..] Loss: 9.9\r20/20 [=====>] Loss: {t}\n5/5 [=====>] Loss: {v}",
    ],
)
def test_equal_keys_of_two_parts_never_meet(tmp_path: Path, template: str) -> None:
    run = read(tmp_path, template)
    assert_both(run)
    assert run.axis == "epoch"


def test_a_table_by_position_with_its_names_above(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "   Epoch  GPU_mem  box_loss  cls_loss  Instances  Size\n"
        "   {k1}/50   3.1G  {t}   1.0   18   640: 100%|███| 9/9 [00:19<00:00, 3.4it/s]\n"
        "   Class  Images  Instances  Box(P  R  mAP50  mAP50-95): 100%|███| 3/3 [00:02<00:00]\n"
        "   all   58   136   0.2   0.3   0.4   0.1",
    )
    assert run.series["train_loss"].y.tolist() == pytest.approx([one + 1 for one in LOSS])
    assert (run.columns["val_metric"], run.planned) == ("val_mAP50-95", 50)


def test_a_results_file_without_a_header(tmp_path: Path) -> None:
    row = " {k}/99 3.9G 0.1 0.2 0.3 {t} 40 640 0.5 0.6 0.7 0.25 {v} 0.0 0.0"
    run = read(tmp_path, row, "results.txt")
    assert_both(run)
    assert run.columns["val_metric"] == "val/mAP50-95"


def test_lines_of_other_processes_are_left_out(tmp_path: Path) -> None:
    run = read(tmp_path, "step {k} loss {t} rank 0\nstep {k} loss 7.7 rank 1")
    assert run.series["train_loss"].y.tolist() == pytest.approx(LOSS)
    assert any("other processes" in note for note in run.left_out)


def test_a_part_that_is_null_throughout_is_no_reward(tmp_path: Path) -> None:
    run = read(tmp_path, '{{"step": {k}, "loss": {t}, "reward": null}}', "log.jsonl")
    assert run.refusal == ""


def test_emphasis_and_arrows_of_a_printed_table(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "| {k} | **{t}** | {v} ← best |",
        "log.md",
        "| epoch | train loss | val loss |\n|---|---|---|\n",
    )
    assert_both(run)


def test_a_log_from_the_middle_says_where_it_begins(tmp_path: Path) -> None:
    run = read(tmp_path, "epoch: [3/90], iter: {s}, lr: 0.001, loss: {t}, acc: 0.9")
    assert (run.first, run.axis) == (40000, "step")


def test_broken_norms_without_a_loss_are_kept(tmp_path: Path) -> None:
    line = " iteration {s}/ 90000 | learning rate: 2.0E-04 | loss scale: 1.0 | grad norm: nan |"
    run = read(tmp_path, line)
    assert run.refusal == ""
    assert list(run.series) == ["learning_rate", "grad_norm"]


def test_best_values_of_trials_are_no_training(tmp_path: Path) -> None:
    path = tmp_path / "log"
    values = (0.5, 0.7, 0.2, 0.6, 0.3)
    path.write_text("\n".join(f"got <val/acc_best={value}>" for value in values), "utf-8")
    (run,) = read_runs([str(path)])
    assert run.refusal_kind == "run_table"


def test_one_pass_over_held_out_data_is_refused(tmp_path: Path) -> None:
    run = read(tmp_path, "Test: [{k}/12] Loss {t} ({v}) Acc@1 50.0 (60.0)")
    assert run.refusal_kind == "evaluation_pass"


def test_settings_that_a_log_prints(tmp_path: Path) -> None:
    head = "Namespace(lr=0.02, batch_size=64, epochs=12, dropout=0.1, optim='sgd')\n"
    run = read(tmp_path, "epoch {k} loss: {t}", head=head)
    told = {name: one.value for name, one in run.told.items()}
    assert told == {
        "learning_rate": 0.02,
        "batch_size": 64,
        "epochs": 12,
        "dropout": 0.1,
        "optimizer": "sgd",
    }
    assert "learning_rate" not in run.series


def test_parts_of_every_column(tmp_path: Path) -> None:
    run = read(tmp_path, "epoch {k} train loss {t} val loss {v} test acc 0.5")
    parts = {column.name: column.part for column in run.logged if column.kind != "axis"}
    assert parts == {"train_loss": "train", "val_loss": "val", "test_acc": "test"}


@pytest.mark.parametrize(
    "line", ["a" * 16000, "a_" * 8000, "1," * 8000, " " * 16000 + "x", "(" * 9000, "=:" * 8000]
)
def test_time_is_linear_in_the_length_of_a_line(line: str) -> None:
    reader = ConsoleReader("log")
    start = time.process_time()
    reader.feed([line + "\n"])
    assert time.process_time() - start < 1


def test_a_metric_that_is_never_a_number_gives_way(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "{k1}epoch results: [train] loss={t}, [valid] cer_ctc=nan, loss={v}, cer_x=0.{k1}",
    )
    assert run.series["val_metric"].column == "val_cer_x"


def test_a_metric_that_is_the_same_throughout_gives_way(tmp_path: Path) -> None:
    run = read(tmp_path, "epoch {k} loss {t} val_acc 1.0 val_f1 {v}")
    assert run.series["val_metric"].column == "val_f1"


def test_the_time_of_a_step_is_no_step(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "\nEpoch: {k}\n [=====>]  Step: 24ms | Tot: 14s | Loss: {t} | Acc: 9.1% (91/999) 391/391\n"
        " [=====>]  Step: 14ms | Tot: 2s | Loss: {v} | Acc: 8.2% (82/999) 100/100\n",
    )
    assert_both(run)
    assert run.axis == "epoch"


def test_epochs_and_batches_both_as_fractions_behind_the_part(tmp_path: Path) -> None:
    run = read(tmp_path, "INFO  Train:  {k1}/80 (  1%) [  7/30 ( 33%)]  Loss: {t} (1.5)  LR: 1e-3")
    assert run.series["train_loss"].y.tolist() == pytest.approx(LOSS)
    assert run.axis == "epoch"


def test_a_table_of_scores_holds_losses_of_training(tmp_path: Path) -> None:
    head = "E    #   LOSS NER  ENTS_F  SCORE\n---  ---  --------  ------  ------\n"
    run = read(tmp_path, "  {k}   {s}   {t}   4.{k}   0.{k1}", head=head)
    assert run.series["train_loss"].y.tolist() == pytest.approx(LOSS)
    assert "val_loss" not in run.series


def test_how_far_a_bar_is_is_no_score(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "{{'loss': {t}, 'epoch': {k1}}}\n{{'eval_loss': {v}, 'epoch': {k1}}}",
        head="Map:  45%|####     | 450/1000 [00:01<00:01, 400.0 examples/s]\n"
        "Map: 100%|#########| 1000/1000 [00:02<00:00, 400.0 examples/s]\n",
    )
    assert_both(run)
    assert "val_metric" not in run.series


def test_vali_is_validation_and_test_stands_back(tmp_path: Path) -> None:
    run = read(tmp_path, "Epoch: {k1}, 9.2s | Train Loss: {t} Vali Loss: {v} Test Loss: 9.{k}")
    assert_both(run)


def test_energy_and_checkpoints_hold_no_losses(tmp_path: Path) -> None:
    run = read(
        tmp_path,
        "| net | out/checkpoints/a/model_{k1}_val_loss=0.69 |\nTotal energy: {t} kWh\nacc: 0.{s}",
    )
    assert {"train_loss", "val_loss"}.isdisjoint(run.series)


def test_nan_that_is_printed_now_and_then_is_meant(tmp_path: Path) -> None:
    lines = [f"iter {10 * k} loss: {'nan' if k % 4 == 2 else 2 - 0.05 * k}" for k in range(1, 20)]
    path = tmp_path / "train.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    (run,) = read_runs([str(path)])
    assert int(np.isnan(run.series["train_loss"].y).sum()) == 5


def test_batches_of_the_first_of_several_epochs_are_a_share_of_the_run(tmp_path: Path) -> None:
    lines = [
        f"INFO Train: [0/10][{5 * k}/900] lr 0.001 loss {2 - 0.01 * k:.3f}" for k in range(40)
    ]
    path = tmp_path / "train.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    (run,) = read_runs([str(path)])
    assert (run.axis, run.planned) == ("step", 9000)
