"""Logs as well-known frameworks print them: the right columns, on the right axis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpadvisor.readers.curves.reading import read_runs

TRAIN = [round(2 * 0.93**k + 0.3, 4) for k in range(40)]
VALIDATION = [round(loss + 0.05, 4) for loss in TRAIN]
PAIRS = list(enumerate(zip(TRAIN, VALIDATION, strict=True)))


def lines(template: str) -> str:
    return "\n".join(
        template.format(k=k, k1=k + 1, t=t, v=v, acc=int(9000 - 1000 * v)) for k, (t, v) in PAIRS
    )


LOOKS = {
    "nanogpt": lines("step {k}: train loss {t}, val loss {v}\niter {k}: loss {t}, time 30.10ms"),
    "keras": lines(
        "Epoch {k1}/40\n313/313 [=====] - 1s 2ms/step - loss: {t} - accuracy: 0.5 - val_loss: {v}"
    ),
    "keras-3": lines(
        "Epoch {k1}/40\n\x1b[1m313/313\x1b[0m \x1b[32m━━━━━\x1b[0m \x1b[1m1s\x1b[0m 2ms/step"
        " - loss: {t} - val_loss: {v}"
    ),
    "lightning-bar": lines(
        "Epoch {k}: 100%|██████████| 10/10 [00:01<00:00,  9.5it/s, train_loss={t}, val_loss={v}]"
    ),
    "transformers": lines(
        "  {k}%|█▌  | {k}/400 [00:10<05:00,  1.2it/s]{{'loss': {t}, 'epoch': {k}.0}}\n"
        "{{'eval_loss': {v}, 'eval_runtime': 3.4, 'epoch': {k}.0}}"
    ),
    "fairseq": lines(
        "2026-01-01 10:00:00 | INFO | train | epoch {k1:03d} | loss {t} | ppl 9.1 | lr 0.0005\n"
        "2026-01-01 10:00:00 | INFO | valid | epoch {k1:03d} | valid on 'valid' subset | loss {v}"
    ),
    "pytorch-examples": lines(
        "Train Epoch: {k} [32000/60000 (53%)]\tLoss: {t}\n"
        "Test set: Average loss: {v}, Accuracy: {acc}/10000 (80%)"
    ),
    "fastai": "epoch     train_loss  valid_loss  time    \n"
    + lines("{k}         {t}    {v}    00:12     "),
    "xgboost": lines("[{k}]\ttrain-logloss:{t}\tvalidation-logloss:{v}"),
    "lightgbm": lines("[{k1}]\ttraining's binary_logloss: {t}\tvalid_1's binary_logloss: {v}"),
    "ultralytics": "   epoch,   train/box_loss,   train/cls_loss,   val/box_loss,   val/cls_loss\n"
    + "\n".join(f"  {k},   {t / 2},   {t / 2},   {v / 2},   {v / 2}" for k, (t, v) in PAIRS),
    "paddle": lines("epoch: {k}, batch_id: 0, loss is: [{t}]\neval epoch: {k}, loss is: [{v}]"),
    "model card": "| Training Loss | Epoch | Validation Loss |\n|:---:|:----:|:---:|\n"
    + lines("| {t} | {k}.0 | {v} |"),
    "one value a row": "step\ttag\tvalue\n" + lines("{k}\tloss\t{t}\n{k}\tval_loss\t{v}"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_both_losses_are_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / "log"
    path.write_text(LOOKS[name], "utf-8")
    (run,) = read_runs([str(path)])
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION)
    if name in ("xgboost", "lightgbm"):
        assert run.axis == "step"
        assert any("rounds of boosting" in note for note in run.notes)
    if name == "pytorch-examples":
        assert run.series["val_metric"].y[0] == pytest.approx((9000 - 2350) / 10000)


def test_a_line_that_counts_skipped_iterations_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = (
        " [2026-01-01 10:00:00] iteration {at:8d}/    4000 | learning rate: 1.0E-04 | lm loss: {t}"
    )
    line += " | grad norm: 1.2 | number of skipped iterations: 0 |"
    path.write_text("\n".join(line.format(at=100 * k, t=t) for k, (t, _) in PAIRS), "utf-8")
    (run,) = read_runs([str(path)])
    assert (run.axis, run.length, run.planned) == ("step", 3900, 4000)


def test_steps_that_begin_anew_in_every_epoch(tmp_path: Path) -> None:
    records = [{"env_info": "x", "seed": 0}]
    for epoch in range(1, 11):
        for step in range(0, 100, 10):
            loss = 2 - (10 * (epoch - 1) + step / 10) / 100
            records.append({"mode": "train", "epoch": epoch, "iter": step, "loss": loss})
        records.append({"mode": "val", "epoch": epoch, "iter": 100, "bbox_mAP": 0.1})
    path = tmp_path / "log.json"
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    (run,) = read_runs([str(path)])
    assert run.axis == "epoch"
    losses = run.series["train_loss"].y.tolist()
    assert losses == pytest.approx([2 - k / 100 for k in range(100)])
    assert run.columns["val_metric"] == "bbox_mAP"


def test_one_value_a_row_for_several_runs(tmp_path: Path) -> None:
    rows = [f"{run},{k},loss,{t}\n{run},{k},val_loss,{v}" for run in "ab" for k, (t, v) in PAIRS]
    path = tmp_path / "log.csv"
    path.write_text("run,step,metric,value\n" + "\n".join(rows), "utf-8")
    runs = list(read_runs([str(path)]))
    assert [run.source.partition("#")[2] for run in runs] == ["run=a", "run=b"]
    for run in runs:
        assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION)


def test_the_name_of_a_project_is_no_part(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = "INFO my_test_run runs/test/3 epoch {k} loss: {t}"
    path.write_text(lines(line), "utf-8")
    (run,) = read_runs([str(path)])
    assert run.columns == {"train_loss": "loss"}


def test_a_tensorboard_download_is_one_loss(tmp_path: Path) -> None:
    path = tmp_path / "run-train-tag-loss.csv"
    rows = "\n".join(f"17000{k:05}.5,{10 * k},{t}" for k, (t, _) in PAIRS)
    path.write_text(f"Wall time,Step,Value\n{rows}", "utf-8")
    (run,) = read_runs([str(path)])
    assert (run.axis, run.length) == ("step", 390)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert any("only column" in note for note in run.notes)
