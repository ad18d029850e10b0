"""What a log does not say is not made up; what is told again or behind the end is no curve."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

LOSSES = [0.95, 0.84, 0.77, 0.72, 0.7, 0.69]


def read(folder: Path, text: str) -> RunRecord:
    path = folder / "train.log"
    path.write_text(text, "utf-8")
    (run,) = read_runs([str(path)])
    return run


def rows(layout: str) -> str:
    return "".join(
        layout.format(k=k, t=t, v=round(t + 0.1, 3), up=round(1 - t, 3))
        for k, t in enumerate(LOSSES, start=1)
    )


def roles(run: RunRecord) -> dict[str, int]:
    return {role: len(one.y) for role, one in run.series.items()}


def test_a_numbered_series_names_side_outputs(tmp_path: Path) -> None:
    run = read(tmp_path, rows("l0: {t}, l1: {t}, l2: {v}, l3: {v}\nepoch {k} train loss: {t}\n"))
    assert roles(run) == {"train_loss": 6}


def test_l1_beside_l2_is_an_error(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} val l1: {v} val l2: {v}\n"))
    assert "val_loss" in run.series or "val_metric" in run.series


def test_a_time_taken_is_no_loss(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} train: acc={up}, Cost=15{k} sec, lr=0.{k}\n"))
    assert roles(run) == {"train_metric": 6, "learning_rate": 6}


def test_a_part_within_a_longer_word_names_no_loss(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} loss {t}\nfinished: decode-walltime-val: 278.{k}\n"))
    assert roles(run) == {"train_loss": 6}


def test_what_only_a_part_names_is_a_loss_where_it_falls(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} train: {t}, val: {v}\n"))
    assert roles(run) == {"train_loss": 6, "val_loss": 6}
    assert any("name no measure" in note for note in run.notes)
    rising = read(tmp_path, rows("epoch {k} train: {up}, val: {up}\n"))
    assert rising.series == {}
    assert any("do not fall" in line for line in rising.left_out)


def test_rounds_that_rise_are_scores(tmp_path: Path) -> None:
    run = read(tmp_path, rows("{k}:\tlearn: {up}\ttest: {up}\tbest: {up} ({k})\n"))
    assert roles(run) == {"train_metric": 6, "val_metric": 6}


def test_scores_of_a_whole_set_between_batches_are_of_validation(tmp_path: Path) -> None:
    batches = "Epoch {k}\nbatch 10 loss {t}\nbatch 20 loss {t}\nbatch 30 loss {t}\n"
    run = read(tmp_path, rows(batches + "Precision {up}, Recall {up}, F1 {up}\n"))
    assert roles(run) == {"train_loss": 18, "val_metric": 6}
    assert any("taken for validation" in note for note in run.notes)


def test_an_accuracy_between_batches_gets_no_role(tmp_path: Path) -> None:
    batches = "Epoch {k}\nbatch 10 loss {t}\nbatch 20 loss {t}\nbatch 30 loss {t}\n"
    run = read(tmp_path, rows(batches + "accuracy {up}\n"))
    assert roles(run) == {"train_loss": 18}
    assert any("neither training nor validation" in line for line in run.left_out)


@pytest.mark.parametrize(
    "behind",
    [
        "Early stopping at epoch: 6\nBest at epoch 4:\nTrain Loss = 0.71\nVal Loss = 0.81\n",
        "--- Test ---\nAll Steps RMSE = 23.4\nStep 1 RMSE = 19.6\nStep 2 RMSE = 20.7\n",
        "Test accuracy: 0.91, test F1: 0.9\n",
    ],
)
def test_what_stands_behind_the_last_epoch_is_no_curve(tmp_path: Path, behind: str) -> None:
    run = read(tmp_path, rows("Epoch {k} Train Loss = {t} Val Loss = {v}\n") + behind)
    assert roles(run) == {"train_loss": 6, "val_loss": 6}
    assert run.series["train_loss"].y.tolist() == LOSSES


def test_the_best_round_told_again_is_left_out(tmp_path: Path) -> None:
    row = "[{k}]\ttrain_set's l2: {t}\tvalid_set's l2: {v}\n"
    end = "Did not meet early stopping on iteration 6. Best iteration is:\n"
    run = read(tmp_path, rows(row) + end + row.format(k=4, t=0.72, v=0.82))
    assert run.axis == "step"
    assert roles(run) == {"train_loss": 6, "val_loss": 6}


def test_a_number_behind_a_part_in_front_is_an_epoch(tmp_path: Path) -> None:
    run = read(tmp_path, rows("Train {k}, loss: {t}, acc: {up}\nTest {k}, loss: {v}, acc: {up}\n"))
    assert run.axis == "epoch"
    assert set(run.series) == {"train_loss", "val_loss", "train_metric", "val_metric"}


def test_scores_of_one_name_stand_beside_each_other(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} train acc: {up} test acc: {up} test avg acc: 0.{k}\n"))
    assert run.series["val_metric"].column == "test_acc"


def test_a_kind_of_record_says_its_part(tmp_path: Path) -> None:
    line = 'json_stats: {{"_type": "val_epoch", "epoch": "{k}/9", "top1_err": {v}}}\n'
    run = read(tmp_path, rows(line))
    assert set(run.series) == {"val_metric"}


def test_parts_as_the_columns_of_a_table(tmp_path: Path) -> None:
    table = "Epoch {k}:\n            train      valid\n-------------------\n"
    run = read(tmp_path, rows(table + "EpA-RMSE :   {t}      {v}\nForceMAE:  {t}  *  {v}\n"))
    assert roles(run)["train_loss"] == roles(run)["val_loss"] == 6
    assert run.series["val_loss"].y.tolist() == [round(one + 0.1, 3) for one in LOSSES]


def test_a_step_on_the_line_below(tmp_path: Path) -> None:
    run = read(tmp_path, rows("loss: {t}\nstep {k}00 of the training\n"))
    assert run.axis == "step"
    assert run.series["train_loss"].x.tolist() == [100, 200, 300, 400, 500, 600]


def test_a_summary_of_counted_batches_is_of_validation(tmp_path: Path) -> None:
    line = "[Iteration {k}] Train 512 in 1.2seconds. Loss is {t}.\n"
    told = "Loss is (Loss: 13{k}.7, count: 128, Average Loss: {v})\n"
    run = read(tmp_path, rows(line + told))
    assert run.series["val_loss"].y.tolist() == [round(one + 0.1, 3) for one in LOSSES]


def test_start_testing_announces_a_part(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch={k},loss={t}\nstart testing\n\nv_acc={up}\n"))
    assert roles(run) == {"train_loss": 6, "val_metric": 6}


def test_a_number_that_is_glued_to_its_name(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k}, mean_loss{t}, test HR@50: {up}\n"))
    assert run.series["train_loss"].y.tolist() == LOSSES


def test_an_epoch_that_has_ended_is_that_of_the_lines_above(tmp_path: Path) -> None:
    lines = "[Metrics] AUC: {up} - logloss: {v}\nTrain loss: {t}\n*** Epoch={k} end ***\n"
    run = read(tmp_path, rows(lines))
    assert run.series["train_loss"].x.tolist() == [1, 2, 3, 4, 5, 6]
    assert roles(run) == {"train_loss": 6, "val_metric": 6, "val_loss": 6}
    assert any("taken for validation" in note for note in run.notes)


def test_a_loss_that_others_go_on_from_is_no_part(tmp_path: Path) -> None:
    lines = "epoch {k}, heatmap_loss_k2: {t}, heatmap_loss_k3: {v}, heatmap_loss: {t}\n"
    run = read(tmp_path, rows(lines))
    assert run.series["train_loss"].column == "heatmap_loss"


def test_a_summary_of_validation_stands_for_its_batches(tmp_path: Path) -> None:
    batches = "Train Epoch: {k} [10/20] Loss: {t}\nEval Epoch: {k} [1 / 9] Loss: 0.{k}\n"
    run = read(tmp_path, rows(batches + "Eval Epoch: {k} recall: {up} val_loss: {v}\n"))
    assert run.series["val_loss"].y.tolist() == [round(one + 0.1, 3) for one in LOSSES]


def test_a_measure_in_front_of_parts(tmp_path: Path) -> None:
    lines = "epoch {k}\nloss   --- train: {t}   val: {v}\nacc    --- train: {up} val: {up}\n"
    run = read(tmp_path, rows(lines))
    assert roles(run) == {"train_loss": 6, "val_loss": 6, "train_metric": 6, "val_metric": 6}


def test_two_fractions_in_brackets_are_epoch_and_batch(tmp_path: Path) -> None:
    run = read(tmp_path, rows("[{k}/25][500/1563] Loss: {t}\n[{k}/25][1000/1563] Loss: {t}\n"))
    assert (run.axis, run.planned) == ("epoch", 25)


def test_a_loss_of_joints_is_a_part_of_the_loss(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} joint_loss: 0.{k} latent_loss: 0.{k} loss: {t}\n"))
    assert run.series["train_loss"].column == "loss"
    apart = read(tmp_path, rows("epoch {k} rec_avg_loss: 0.{k} joint_avg_loss: {t}\n"))
    assert apart.series["train_loss"].column == "joint_avg_loss"


def test_acronyms_in_front_of_a_score(tmp_path: Path) -> None:
    run = read(tmp_path, rows("Epoch[{k}] Train-RPNAcc={up}, RPNLogLoss={t}\n"))
    assert roles(run) == {"train_loss": 6, "train_metric": 6}


def test_lines_of_metrics_behind_a_held_out_record_are_of_it(tmp_path: Path) -> None:
    lines = "Train Epoch: {k} Loss: {t}\nTest Iter: 79/79. Loss: {v}. top1: {up}\n"
    run = read(tmp_path, rows(lines + "root - top-1 acc: {up}\nroot - top-5 acc: {up}\n"))
    assert roles(run) == {"train_loss": 6, "val_loss": 6, "val_metric": 6}


def test_an_evaluation_of_the_initial_model_ends_with_the_first_epoch(tmp_path: Path) -> None:
    start = "**Evaluating initial model...**\nNMI: 47.2\nR@1 : 33.4\n"
    lines = "Epoch: {k}, loss: {t}\n**Evaluating...**\nNMI: 5{k}\nR@1 : 3{k}.5\n"
    run = read(tmp_path, start + rows(lines))
    assert run.series["train_loss"].y.tolist() == LOSSES
    assert "val_loss" not in run.series
    assert run.series["val_metric"].y.tolist()[-6:] == [31.5, 32.5, 33.5, 34.5, 35.5, 36.5]


def test_a_part_that_is_judged_for_want_of_a_total_is_told(tmp_path: Path) -> None:
    lines = "Epoch[{k}] Train-Flow_L2Loss=9{t}, PointMatchingLoss={t}, MaskLoss={t}\n"
    run = read(tmp_path, rows(lines))
    assert any("one of 3 losses" in note for note in run.notes)


def test_a_loss_of_unknown_kind_beside_a_known_part_is_one(tmp_path: Path) -> None:
    run = read(tmp_path, rows("epoch {k} FlowLoss={t} MaskLoss={t} bbox_loss={t}\n"))
    assert run.series["train_loss"].y.tolist() == pytest.approx([3 * one for one in LOSSES])


def test_a_rate_of_an_echo_is_no_curve(tmp_path: Path) -> None:
    echo = "Namespace(batch_size=20, learning_rate=0.001, num_epochs=100, seed=1)\n"
    run = read(tmp_path, echo + rows("epoch {k}: loss {t} acc {up}\n"))
    assert roles(run) == {"train_loss": 6, "train_metric": 6}


def test_a_score_of_a_table_of_spacy_is_of_validation(tmp_path: Path) -> None:
    head = "E    #       LOSS TOK2VEC  LOSS RELAT...  REL_MICRO_F  SCORE\n"
    run = read(
        tmp_path, head + rows("  {k}     {k}00          {t}           {v}        {up}    {up}\n")
    )
    assert "train_metric" not in run.series
    assert len(run.series["val_metric"].y) == 6
