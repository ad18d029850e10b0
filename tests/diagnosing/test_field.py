"""Logs as people have them: each kind that once got a false verdict, made anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.readers.curves.spellings import spelled_number
from hpadvisor.report.diagnosis import diagnosis_text

RNG = np.random.default_rng(29)


def judged(tmp_path: Path, text: str, name: str = "run.log") -> RunDiagnosis:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (run,) = diagnose(path).runs
    return run


def shown(tmp_path: Path, text: str, name: str = "run.log") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    text = diagnosis_text(diagnose(path), width=80, color=False, drawn=False)
    return " ".join(text.split())


def lines(rows: list[str]) -> str:
    return "\n".join(rows) + "\n"


def rules_of(run: RunDiagnosis) -> set[str]:
    return {finding.rule for finding in run.findings if finding.explained_by is None}


def test_the_best_scores_of_many_trainings_are_no_loss(tmp_path: Path) -> None:
    scores = RNG.uniform(0.2, 0.9, 20)
    run = judged(tmp_path, lines([f"got <valid/acc_best={score:.4f}" for score in scores]))
    assert run.verdict == "cannot_judge"
    assert "audit" in run.reason
    assert "train_loss" not in run.columns


def test_a_total_comes_before_its_parts(tmp_path: Path) -> None:
    rows = [
        json.dumps({
            "epoch": epoch, "train_loss": 20 - epoch / 3, "train_loss_giou": 1.1,
            "train_loss_giou_0": 1.2, "train_loss_bbox": 0.8, "test_loss": 18 - epoch / 4,
            "test_loss_giou": 1.0, "test_loss_giou_0": 1.3, "test_loss_bbox": 0.7,
        })
        for epoch in range(30)
    ]  # fmt: skip
    run = judged(tmp_path, lines(rows), "log.txt")
    assert run.columns["train_loss"] == "train_loss"
    assert run.columns["val_loss"] == "test_loss"
    assert not any("sum of" in note for note in run.notes)


def test_parts_without_a_total_are_summed_and_it_is_said(tmp_path: Path) -> None:
    rows = ["epoch,train/box_loss,train/cls_loss,val/box_loss,val/cls_loss"]
    rows += [f"{e},{2 - e / 40},{3 - e / 20},{2.1 - e / 50},{3.1 - e / 30}" for e in range(20)]
    run = judged(tmp_path, lines(rows), "results.csv")
    assert run.columns["train_loss"] == "train/box_loss + train/cls_loss"
    assert any("sum of 2 parts" in note for note in run.notes)


def test_an_excerpt_of_batches_from_the_middle(tmp_path: Path) -> None:
    losses = (0.61, 0.57, 0.66, 0.59, 0.71, 0.68, 0.73, 0.64, 0.7)
    rows = [
        f"INFO: epoch: [31/400], iter: {180_400 + 20 * at}, lr: 0.0007, loss: {loss}, acc: 0.9"
        for at, loss in enumerate(losses)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "cannot_judge"
    assert "begins at step 180,400" in run.reason
    assert not run.recommendations


def test_the_end_of_a_decay_is_not_a_rate_too_low(tmp_path: Path) -> None:
    rows = ["epoch,lr,loss"]
    rows += [f"{e},{3e-3 * (40 - e) / 20:.5f},{1.3 - e / 1000:.4f}" for e in range(24, 40)]
    run = judged(tmp_path, lines(rows), "log.csv")
    assert run.verdict == "cannot_judge"
    assert "begins at epoch 24" in run.reason


def test_few_evaluations_carry_no_advice_on_the_rate(tmp_path: Path) -> None:
    rows = [
        str({"loss": 130 - 12 * e, "learning_rate": 2e-4 * (1 - e / 20), "epoch": float(e)})
        for e in range(6)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "cannot_judge"
    assert "6 values are too few" in run.reason


def test_a_tenth_of_what_is_planned_is_too_early(tmp_path: Path) -> None:
    rows = [
        f"Epoch {e}/300 loss: {2.3 - e / 30:.4f} val_loss: {2.4 - e / 40:.4f}" for e in range(20)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "cannot_judge"
    assert "planned" in run.reason


def test_smooth_overfitting_is_headed_as_such(tmp_path: Path) -> None:
    train = (3.1, 2.5, 2.2, 2.0, 1.9, 1.8, 1.74, 1.7, 1.66, 1.63, 1.6, 1.58)
    validation = (3.3, 3.28, 3.31, 3.45, 3.5, 3.6, 3.7, 3.8, 3.9, 4.0, 4.08, 4.15)
    rows = ["| epoch | train loss | val loss |", "|:---|---:|:---:|"]
    rows += [
        f"| {2 * e} | {a} | {b} |" for e, (a, b) in enumerate(zip(train, validation, strict=True))
    ]
    run = judged(tmp_path, lines(rows), "table.md")
    assert run.verdict == "overfitting"
    assert {"CUR040", "CUR046"} & rules_of(run)
    text = shown(tmp_path, lines(rows), "table.md")
    assert "leap" not in text
    assert "Keep the checkpoint of the lowest validation loss (epoch 2)" in text


def test_the_best_value_is_one_that_was_logged(tmp_path: Path) -> None:
    share = np.linspace(0, 1, 45)
    losses = np.round(0.7 + 0.6 * np.exp(-6 * share) + 0.01 * RNG.standard_normal(45), 4)
    rows = ["epoch,train_loss,val_loss"]
    rows += [f"{e},{loss - 0.1 * e / 45:.4f},{loss}" for e, loss in enumerate(losses)]
    run = judged(tmp_path, lines(rows), "losses.csv")
    note = next(note for note in run.notes if "validation loss" in note)
    assert f"{losses.min():.4g} at epoch {losses.argmin()}" in note


def test_a_loss_that_runs_to_minus_infinity(tmp_path: Path) -> None:
    losses = 2.2 - np.exp(np.linspace(0, 18, 30))
    run = judged(
        tmp_path,
        lines([f"step={10 * at} total loss={loss:.5f}" for at, loss in enumerate(losses)]),
    )
    assert run.verdict == "diverged"
    assert "CUR014" in rules_of(run)
    assert run.recommendations[0].parameter == "data"


@pytest.mark.parametrize(("column", "rule"), [("loss", "CUR016"), ("ctc_loss", "CUR015")])
def test_a_loss_below_zero_is_a_loss_to_mend(tmp_path: Path, column: str, rule: str) -> None:
    losses = np.append(28.0, np.linspace(-6, -9, 25))
    rows = [f"step,{column}"] + [f"{100 * (at + 1)},{loss:.4f}" for at, loss in enumerate(losses)]
    run = judged(tmp_path, lines(rows), "log.csv")
    assert run.verdict == "cannot_judge"
    assert rules_of(run) == {rule}
    assert run.recommendations[0].parameter == "data"


def test_gradients_that_are_nan_without_any_loss(tmp_path: Path) -> None:
    rows = [
        f" iteration {7000 + at}/ 90000 | consumed samples: {8 * at} | learning rate: 1.2E-04 "
        "| loss scale: 1.0 | grad norm: nan | number of nan iterations: 0 |"
        for at in range(8)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "diverged"


def test_a_fine_tuning_that_ends_at_nothing_is_learned_by_heart(tmp_path: Path) -> None:
    losses = 3 * np.exp(-np.linspace(0, 8, 60)) + 1e-3 * RNG.uniform(0.5, 1, 60)
    history = [
        {"epoch": 0.5 * at, "step": 50 * at, "loss": round(float(loss), 5), "learning_rate": 4e-5}
        for at, loss in enumerate(losses)
    ]
    text = json.dumps({"epoch": 29.5, "global_step": 2950, "log_history": history})
    run = judged(tmp_path, text, "trainer_state.json")
    assert run.verdict == "overfitting"
    assert "CUR023" in rules_of(run)
    words = shown(tmp_path, text, "trainer_state.json")
    assert "best validation loss" not in words


def test_a_reward_that_is_null_throughout_is_none(tmp_path: Path) -> None:
    rows = [
        json.dumps({
            "current_steps": 20 * at, "total_steps": 1200, "loss": 2.5 * 0.87**at + 2e-4,
            "reward": None, "learning_rate": 1e-4, "epoch": 0.5 * at, "percentage": at / 0.6,
        })
        for at in range(1, 60)
    ]  # fmt: skip
    run = judged(tmp_path, lines(rows), "trainer_log.jsonl")
    assert run.verdict == "overfitting"


def test_average_precision_at_zero_says_labels(tmp_path: Path) -> None:
    rows = ["epoch,train/box_loss,train/cls_loss,metrics/mAP50-95"]
    rows += [f"{e},{3 - e / 20:.3f},{17.9 - e / 50:.3f},0" for e in range(12)]
    run = judged(tmp_path, lines(rows), "results.csv")
    assert run.verdict == "not_learning"
    assert run.recommendations[0].parameter == "data"


def test_a_loss_that_is_zero_after_a_nan_evaluation(tmp_path: Path) -> None:
    losses = (1.4, 1.9, 1.95, 1.8, 1.7, 1.6, 2.6, 0.0, 0.0)
    rows = [
        str({"loss": loss, "learning_rate": 2e-3, "epoch": 0.1 * at})
        for at, loss in enumerate(losses)
    ]
    rows.insert(6, str({"eval_loss": float("nan"), "eval_wer": 100.0, "epoch": 0.55}))
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "diverged"
    assert "CUR002" not in rules_of(run)
    assert (run.recommendations[0].parameter, run.recommendations[0].action) == (
        "learning_rate", "decrease",
    )  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    ["nan", "-nan(ind)", "1.#QNAN", "-1.#IND", "1.#INF", "∞", "#NUM!", "#DIV/0!", ".nan", ".inf",
     "error", "", "None", "N/A", "null", "-"],
)  # fmt: skip
def test_no_spelling_of_nan_is_healthy(tmp_path: Path, cell: str) -> None:
    rows = ["epoch,train_loss,val_loss"]
    for epoch in range(80):
        loss = 0.4 + 2 * np.exp(-epoch / 12)
        cells = (cell, cell) if epoch >= 50 else (f"{loss:.4f}", f"{loss + 0.1:.4f}")
        rows.append(",".join((str(epoch), *cells)))
    run = judged(tmp_path, lines(rows), "log.csv")
    assert run.verdict == "diverged"


def test_null_at_the_end_is_not_healthy(tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {
                "epoch": e,
                "loss": None if e >= 30 else 2 / (1 + e),
                "val_loss": None if e >= 30 else 2.2 / (1 + e),
            }
        )
        for e in range(50)
    ]
    assert judged(tmp_path, lines(rows), "log.jsonl").verdict == "diverged"


def test_a_row_that_sums_up_is_no_blank_end(tmp_path: Path) -> None:
    rows = ["epoch,train_loss,val_loss,test_acc"]
    rows += [f"{e},{2 - e / 20:.3f},{2.1 - e / 22:.3f}," for e in range(30)]
    run = judged(tmp_path, lines([*rows, "30,,,0.81"]), "log.csv")
    assert run.verdict != "diverged"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1d3", 1000.0),
        ("2.5D-4", 2.5e-4),
        ("-1.#INF", -np.inf),
        ("∞", np.inf),
        ("abc", None),
        ("3f", None),
    ],
)
def test_spellings(text: str, value: float | None) -> None:
    assert spelled_number(text) == value


def test_a_score_alone_is_judged_as_a_score(tmp_path: Path) -> None:
    rises = [
        f"{e},{0.3 + 0.5 * (1 - np.exp(-e / 6)) - max(0, e - 15) * 0.012:.4f}" for e in range(40)
    ]
    run = judged(tmp_path, lines(["epoch,val_accuracy", *rises]), "log.csv")
    assert run.verdict == "overfitting"
    assert run.recommendations[0].parameter == "early_stopping"
    flat = [f"{e},{0.71 + 0.001 * (e % 3):.4f}" for e in range(40)]
    assert (
        judged(tmp_path, lines(["epoch,val_accuracy", *flat]), "b.csv").verdict == "cannot_judge"
    )


def test_fine_tuning_is_not_told_ten_times_the_rate(tmp_path: Path) -> None:
    history = [
        {"epoch": 0.1 * at, "step": 10 * at, "loss": 2.5 - 0.01 * at, "learning_rate": 2e-5}
        for at in range(40)
    ]
    text = json.dumps({"epoch": 4.0, "global_step": 400, "log_history": history})
    run = judged(tmp_path, text, "trainer_state.json")
    assert all(one.factor is None or one.factor < 10 for one in run.recommendations
               if one.parameter == "learning_rate")  # fmt: skip


def test_a_loss_that_ends_to_the_digit_at_that_of_guessing(tmp_path: Path) -> None:
    losses = (0.66, 2.9, 4.1, 1.2, 7.3, 0.7, *[0.6931] * 18)
    rows = [f"step: {at} loss: {loss} accuracy: 0.6" for at, loss in enumerate(losses)]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "not_learning"
    assert "CUR019" in rules_of(run)


def test_a_clipped_cross_entropy_is_no_accuracy(tmp_path: Path) -> None:
    rows = [
        f"Iteration {20 * at}, loss = {19.8 if not at else 87.3365}, accuracy = {0 if at else 0.6}"
        for at in range(8)
    ]
    assert judged(tmp_path, lines(rows)).verdict == "diverged"


def test_a_loss_that_begins_below_zero_did_not_explode(tmp_path: Path) -> None:
    losses = (-0.21, 0.11, 0.14, 0.18, 0.21, 0.23, 0.25, 0.26, 0.27, 0.28, 0.29)
    run = judged(tmp_path, lines([f"[{5 * at}/900] Loss: {x}" for at, x in enumerate(losses, 1)]))
    assert run.verdict == "cannot_judge"


def test_nan_now_and_then_is_not_healthy(tmp_path: Path) -> None:
    rows = [
        f"Epoch [1][{50 * k}/900] lr: 1e-2, loss_bbox: 0.{k:02d}, loss: "
        + ("nan" if k in (4, 9, 13) else f"{2 * 0.93**k + 0.3:.4f}")
        for k in range(1, 19)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "unstable"
    assert "CUR024" in rules_of(run)


def test_a_score_that_rises_speaks_against_nothing_learned(tmp_path: Path) -> None:
    rows = []
    for epoch in range(15):
        rows += [
            f"[batch {10 * k}/40, epoch {epoch + 1}/15]: loss_total:{RNG.uniform(0.5, 2.0):.4f}"
            for k in range(4)
        ]
        rows.append(f"\ttest.acc:{0.5 + 0.4 * epoch / 15:.4f}")
    run = judged(tmp_path, lines(rows))
    assert run.verdict != "not_learning"
    assert "never left its start" not in run.reason


def test_the_first_steps_of_a_long_training_may_rise(tmp_path: Path) -> None:
    rows = [
        f"epoch 001:   0%| | {k + 1}/75000 [00:07<154:52:20, 7.4s/it, loss={15.1 + 0.02 * k:.3f}]"
        for k in range(14)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "cannot_judge"


def test_a_score_that_is_perfect_from_the_start_is_not_passed(tmp_path: Path) -> None:
    run = judged(tmp_path, lines([f"[{k}]:\ttest's auc:1 " for k in range(1, 15)]))
    assert run.verdict == "cannot_judge"
    assert "labels among the inputs" in run.reason
    assert "nothing in it speaks against" not in run.reason


def test_a_loss_of_boosting_that_rises_speaks_of_weights(tmp_path: Path) -> None:
    rows = [
        f"[{k}]\ttraining's binary_logloss: {0.7 + 0.02 * k:.6f}\tvalid_1's binary_logloss: "
        f"{0.71 + 0.02 * k:.6f}"
        for k in range(1, 20)
    ]
    run = judged(tmp_path, lines(rows))
    assert run.verdict == "not_learning"
    assert "CUR025" in rules_of(run)
    assert {one.parameter: one.action for one in run.recommendations}["learning_rate"] == "keep"


def test_boosting_that_overfits_is_no_matter_of_weights(tmp_path: Path) -> None:
    rows = [
        f"[{k}]\ttrain-logloss:{0.7 * 0.9**k:.5f}\teval-logloss:{0.7 * 0.9**k + 0.012 * k:.5f}"
        for k in range(40)
    ]
    assert "CUR025" not in rules_of(judged(tmp_path, lines(rows)))
