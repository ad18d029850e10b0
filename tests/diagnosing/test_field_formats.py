"""Layouts that people paste: each is read whole, by part, and nothing false is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

EPOCHS = range(1, 13)
TRAIN = [round(2.4 * 0.8**k + 0.31, 3) for k in EPOCHS]
HELD = [round(loss + 0.12, 3) for loss in TRAIN]
SCORES = [round(0.8 - 0.7 * 0.75**k, 3) for k in EPOCHS]
ROWS = list(zip(EPOCHS, TRAIN, HELD, SCORES, strict=True))


def read(tmp_path: Path, text: str, name: str = "run.log") -> RunRecord:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (run,) = read_runs([str(path)])
    return run


def judged(tmp_path: Path, text: str) -> RunDiagnosis:
    path = tmp_path / "run.log"
    path.write_text(text, encoding="utf-8")
    (run,) = diagnose(path).runs
    return run


def assert_losses(run: RunRecord, train: bool = True) -> None:
    if train:
        assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.series["val_loss"].y.tolist() == pytest.approx(HELD)


def test_a_key_stands_twice_a_line_the_second_behind_its_part(tmp_path: Path) -> None:
    text = "".join(
        f"ep={k:02d} tr=['clean_tr'] loss={t} err={1 - s:.3f} valid=clean_dev loss={v} "
        f"err={1.05 - s:.3f} lr_architecture1=0.0008 time(s)=311\n"
        for k, t, v, s in ROWS
    )
    run = read(tmp_path, text, "res.res")
    assert_losses(run)
    assert run.axis == "epoch"
    assert run.series["train_metric"].y.tolist() == pytest.approx([1 - s for s in SCORES])
    assert run.series["val_metric"].y.tolist() == pytest.approx([1.05 - s for s in SCORES])


def test_headings_that_name_the_data_of_a_part(tmp_path: Path) -> None:
    text = "".join(
        f"----- Summary epoch {k:02d} / 20\nTraining on ['noisy_tr']\nLoss = {t} | err = 0.4\n"
        f"-----\nValidating on noisy_dev\nLoss = {v} | err = 0.5\n-----\n"
        f"Learning rate on architecture1 = 0.04\n"
        for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text)
    assert_losses(run)
    assert run.series["learning_rate"].y[-1] == 0.04


@pytest.mark.parametrize(
    "bar", ["100%|██████████| 9/9 [00:03<00:00]", "100% ━━━━━━━━ 9/9 3.1it/s"]
)
def test_a_detector_that_finds_no_label_is_told_of_it(tmp_path: Path, bar: str) -> None:
    header = "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"
    below = (
        "                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95)"
    )
    text = "".join(
        f"{header}    {k}/12      4.1G      {t}      {t + 1:.3f}      {v}      9      "
        f"  640: {bar}\n"
        f"{below}: {bar}\n                   all         40         77          0          0"
        f"          0          0\n"
        for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text)
    parts = [t + (t + 1) + v for t, v in zip(TRAIN, HELD, strict=True)]
    assert run.series["train_loss"].y.tolist() == pytest.approx(parts)
    assert run.series["val_metric"].y.tolist() == [0.0] * 12
    assert any(
        "CUR05" in one.rule or "label" in one.message for one in judged(tmp_path, text).findings
    )


def test_results_without_a_header_have_a_total_and_parts(tmp_path: Path) -> None:
    text = "".join(
        f"     {k - 1}/11     4.1G   0.0{k}   0.02   0.03   {t}   101   640   0.3   0.4   {s}   "
        f"{s / 2:.4f}   {v - 0.3:.3f}   0.2   0.1\n"
        for k, t, v, s in ROWS
    )
    run = read(tmp_path, text, "results.txt")
    assert_losses(run)
    assert run.series["val_metric"].y.tolist() == pytest.approx([round(s / 2, 4) for s in SCORES])
    assert run.axis == "epoch"


@pytest.mark.parametrize("rule", ["|---|---|---|---|", "| :-: | --- | ---: | -- |"])
def test_the_best_row_of_a_table_is_marked(tmp_path: Path, rule: str) -> None:
    rows = [f"| {k} | {t} | {v} | {s} |" for k, t, v, s in ROWS]
    rows[7] = f"| 8 | **{TRAIN[7]}** | __{HELD[7]}__ | **{SCORES[7]}** ← best |"
    text = "\n".join(["| Epoch | Train loss | Eval loss | Eval accuracy |", rule, *rows])
    run = read(tmp_path, text, "card.md")
    assert_losses(run)
    assert run.series["val_metric"].y.tolist() == pytest.approx(SCORES)


def test_a_column_says_by_yes_and_no_what_is_training(tmp_path: Path) -> None:
    rows = [
        row
        for k, t, v, _ in ROWS
        for row in (f"0.5 | {t} | {k} | True | 00:04", f"0.4 | {v} | {k} | False | 00:01")
    ]
    text = "\n".join(["accuracy | loss | epoch | train | time", "-- | -- | -- | -- | --", *rows])
    assert_losses(read(tmp_path, text))


def test_a_bar_and_the_line_below_it_tell_the_same_loss_once(tmp_path: Path) -> None:
    text = "".join(
        f"Going into epoch {k}\n100%|████████| 50/50 [00:09<00:00,  5.1it/s, train_loss={t:.2f}]\n"
        f"epoch: {k}, lr: 1.00e+00 - train loss: {t} - valid loss: {v}\n"
        for k, t, v, _ in ROWS
    )
    assert_losses(read(tmp_path, text))


def test_two_parts_share_a_name_and_a_slash(tmp_path: Path) -> None:
    text = "".join(f"Cycle {k}/40\nTrain/Val Loss: {t}/{v} -- LR=0.01\n" for k, t, v, _ in ROWS)
    assert_losses(read(tmp_path, text))


def test_the_first_of_two_numbered_sets_of_boosting_is_training(tmp_path: Path) -> None:
    text = "".join(
        f"[{k}]\tvalidation_0-logloss:{t}\tvalidation_1-logloss:{v}\n" for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text)
    assert_losses(run)
    assert any("validation_0" in note for note in run.notes)


def test_an_evaluation_behind_the_last_epoch_is_no_epoch(tmp_path: Path) -> None:
    text = "".join(
        f"Epoch {k}/12\n445/445 [=====] - 3s 7ms/step - loss: {t} - val_loss: {v}\n"
        for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text + "267/267 [=====] - 1s 5ms/step - loss: 7.1\n")
    assert_losses(run)


def test_an_excerpt_may_begin_with_the_end_of_an_epoch(tmp_path: Path) -> None:
    text = "".join(
        f"445/445 [=====] - 3s - loss: {t} - val_loss: {v}\nEpoch {k + 30}/200\n"
        for k, t, v, _ in ROWS
    )
    assert_losses(read(tmp_path, text))


def test_a_starred_line_sums_up_the_validation(tmp_path: Path) -> None:
    text = "".join(
        f"Epoch: [{k}] Avg accuracy 0.5; Average Loss {t}; Avg Time 0.1\n"
        f" * Average accuracy 0.4; Average Loss {v}\n"
        for k, t, v, _ in ROWS
    )
    assert_losses(read(tmp_path, text))


def test_a_step_in_front_of_a_colon_is_the_place_of_its_line(tmp_path: Path) -> None:
    text = "".join(
        f"iter {100 * k}: loss {t}, time 12.50ms\nstep {100 * k + 50}: val loss {v}\n"
        for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text)
    assert_losses(run)
    assert run.series["val_loss"].x.tolist() == [100 * k + 50 for k in EPOCHS]


def test_the_best_so_far_stands_before_the_values(tmp_path: Path) -> None:
    text = "".join(
        f"epoch {k} best test acc: 0.9, train loss: {t}; val loss: {v}\n" for k, t, v, _ in ROWS
    )
    run = read(tmp_path, text)
    assert_losses(run)
    assert "val_metric" not in run.series


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("iter {k} l_g_pix: 0.1 l_g_gan: 0.2 l_d_real: 0.3 D_real: -2.1 D_fake: -4.2", "gan"),
        (" | policy_loss | -0.01 |\n | value_loss | 0.4 |\n | nupdates | {k} |\n ------------",
         "reinforcement_learning"),
    ],
)  # fmt: skip
def test_losses_that_measure_no_progress_are_refused(tmp_path: Path, line: str, kind: str) -> None:
    text = "".join(line.format(k=k) + "\n" for k in EPOCHS)
    assert read(tmp_path, text).refusal_kind == kind


@pytest.mark.parametrize(("score", "points", "wanted"), [
    ("0.573184", 12, True), ("57.3184", 12, True), ("0.5700", 12, False), ("0.573184", 4, False),
])  # fmt: skip
def test_a_score_that_never_changes_is_one_answer_for_all(
    tmp_path: Path, score: str, points: int, wanted: bool
) -> None:
    lines = [
        f"epoch {epoch} train_loss {loss} val_loss {held} val_acc {score}"
        for epoch, loss, held, _ in ROWS[:points]
    ]
    run = judged(tmp_path, "\n".join(lines))
    assert ("CUR026" in {finding.rule for finding in run.findings}) is wanted
    assert (run.verdict == "not_learning") is wanted


def test_places_in_brackets_behind_a_loss_do_not_diverge(tmp_path: Path) -> None:
    text = "\n".join(f"Loss [{epoch}, 100](epoch, minibatch):  {loss}" for epoch, loss, *_ in ROWS)
    assert judged(tmp_path, text).verdict != "diverged"
