"""Every format is found by its content, and its columns get the right roles."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

EPOCHS = 12
TRAIN = [round(2.0 * 0.8**epoch + 0.1, 4) for epoch in range(EPOCHS)]
VALIDATION = [round(2.1 * 0.82**epoch + 0.2, 4) for epoch in range(EPOCHS)]


def read_one(path: Path, **mapping: str) -> RunRecord:
    runs = list(read_runs([str(path)], mapping))
    assert len(runs) == 1
    return runs[0]


def assert_curves(run: RunRecord) -> None:
    assert run.refusal == ""
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION)


def rows(separator: str = ",", header: str = "epoch,train_loss,val_loss") -> str:
    lines = [header.replace(",", separator)]
    for epoch, (train, validation) in enumerate(zip(TRAIN, VALIDATION, strict=True)):
        lines.append(separator.join((str(epoch), str(train), str(validation))))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_delimited_in_any_dialect(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(rows(separator).encode(encoding))
    run = read_one(path)
    assert_curves(run)
    assert run.axis == "epoch"


def test_decimal_comma_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(";").replace(".", ","))
    run = read_one(path)
    assert_curves(run)
    assert any("decimal comma" in note for note in run.notes)


def test_latin_1_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(rows().replace("epoch", "época").encode("latin-1"))
    assert_curves(read_one(path))


@pytest.mark.parametrize(
    ("header", "train", "validation"),
    [
        ("epoch,loss,val_loss", "loss", "val_loss"),
        ("epoch,training loss,validation loss", "training loss", "validation loss"),
        ("epoch,trainLoss,valLoss", "trainLoss", "valLoss"),
        ("epoch,train/nll,eval/nll", "train/nll", "eval/nll"),
        ("epoch,loss,eval_loss", "loss", "eval_loss"),
        ("epoch,train_mse,test_mse", "train_mse", "test_mse"),
    ],
)
def test_columns_are_read_by_name(
    tmp_path: Path, header: str, train: str, validation: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(header=header))
    run = read_one(path)
    assert run.columns["train_loss"] == train
    assert run.columns["val_loss"] == validation


def test_map_overrides_names(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(header="epoch,a,b"))
    assert_curves(read_one(path, train_loss="a", val_loss="b"))


@pytest.mark.parametrize("mapping", [{"train_loss": "nope"}, {"no_role": "a"}])
def test_map_names_what_is_wrong(tmp_path: Path, mapping: dict[str, str]) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(header="epoch,a,b"))
    with pytest.raises(UserError, match="is called"):
        read_one(path, **mapping)


def test_lightning_logs_train_and_validation_on_different_rows(tmp_path: Path) -> None:
    lines = ["epoch,step,train_loss,val_loss"]
    for epoch in range(EPOCHS):
        lines.append(f"{epoch},{epoch * 10 + 5},{TRAIN[epoch]},")
        lines.append(f"{epoch},{epoch * 10 + 9},,{VALIDATION[epoch]}")
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(lines))
    run = read_one(path)
    assert_curves(run)
    assert run.axis == "step"
    assert any("different rows" in note for note in run.notes)


def test_training_by_the_step_and_validation_by_the_epoch(tmp_path: Path) -> None:
    lines = ["step,epoch,loss,val_loss"]
    for step in range(200):
        validation = VALIDATION[step // 20] if step % 20 == 19 else ""
        lines.append(f"{step},{step // 20},{2 - step / 200},{validation}")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines))
    run = read_one(path)
    assert run.axis == "step"
    assert run.epoch_length == 20
    assert run.series["val_loss"].x.tolist() == list(range(19, 200, 20))
    assert "validation was logged 10 times, training 200 times" in run.notes


def test_nan_that_fills_other_rows_is_no_broken_training(tmp_path: Path) -> None:
    lines = ["step,train_loss,val_loss"]
    for epoch in range(EPOCHS):
        lines.append(f"{2 * epoch},{TRAIN[epoch]},nan")
        lines.append(f"{2 * epoch + 1},nan,{VALIDATION[epoch]}")
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(lines))
    assert_curves(read_one(path))


def test_jsonl_and_json_array(tmp_path: Path) -> None:
    records = [
        {"epoch": epoch, "train": {"loss": TRAIN[epoch]}, "val": {"loss": VALIDATION[epoch]}}
        for epoch in range(EPOCHS)
    ]
    lines, array = tmp_path / "a.jsonl", tmp_path / "b.json"
    lines.write_text("\n".join(json.dumps(record) for record in records))
    array.write_text(json.dumps(records, indent=1))
    assert_curves(read_one(lines))
    assert_curves(read_one(array))


def test_truncated_json_array_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    records = [{"epoch": e, "train_loss": TRAIN[e], "val_loss": VALIDATION[e]} for e in range(12)]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(records)[:-20])
    run = read_one(path)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN[:-1])
    assert any("cut off" in note for note in run.notes)


@pytest.mark.parametrize(
    "document",
    [
        {"train": {"loss": TRAIN}, "val": {"loss": VALIDATION}},
        {str(e): {"train_loss": TRAIN[e], "val_loss": VALIDATION[e]} for e in range(EPOCHS)},
        {"history": {"loss": TRAIN, "val_loss": VALIDATION}, "params": {"lr": 0.1}},
    ],
)
def test_json_documents_of_other_shapes(tmp_path: Path, document: object) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps(document))
    assert_curves(read_one(path))


def test_the_separator_that_excel_writes_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("sep=;\n# run 7\n" + rows(";"))
    assert_curves(read_one(path))


def test_printed_tensors(tmp_path: Path) -> None:
    table, console = tmp_path / "log.csv", tmp_path / "train.log"
    body = [f"{e},tensor({TRAIN[e]}),tensor({VALIDATION[e]})" for e in range(EPOCHS)]
    table.write_text("\n".join(["epoch,train_loss,val_loss", *body]))
    printed = "epoch {}: loss: tensor({}, device='cuda:0') val_loss: tensor({}, grad_fn=<X>)"
    lines = [printed.format(e, TRAIN[e], VALIDATION[e]) for e in range(EPOCHS)]
    console.write_text("\n".join(lines))
    assert_curves(read_one(table))
    assert_curves(read_one(console))


def test_keras_history_and_loss_curve(tmp_path: Path) -> None:
    keras, sklearn = tmp_path / "history.json", tmp_path / "mlp.json"
    keras.write_text(json.dumps({"loss": TRAIN, "val_loss": VALIDATION}))
    sklearn.write_text(json.dumps({"loss_curve_": TRAIN, "learning_rate_init": 0.001}))
    assert_curves(read_one(keras))
    run = read_one(sklearn)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.config["learning_rate_init"] == 0.001


def trainer_state(folder: Path) -> Path:
    history = []
    for epoch in range(EPOCHS):
        place = {"epoch": epoch, "step": epoch * 10}
        history.append({**place, "loss": TRAIN[epoch], "learning_rate": 1e-3})
        history.append({**place, "eval_loss": VALIDATION[epoch]})
    history.append({"epoch": 12, "step": 120, "train_loss": 1.0, "train_runtime": 9.0})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trainer_state.json"
    path.write_text(json.dumps({"log_history": history, "max_steps": 120, "num_train_epochs": 12}))
    return path


def test_trainer_state_and_checkpoint_folders(tmp_path: Path) -> None:
    trainer_state(tmp_path / "checkpoint-60")
    trainer_state(tmp_path / "checkpoint-120")
    run = read_one(tmp_path)
    assert "checkpoint-120" in run.source
    assert_curves(run)
    assert run.planned == 12


def test_wandb_export_holds_several_runs(tmp_path: Path) -> None:
    lines = ['"Step","fast - val_loss","fast - val_loss__MIN","slow - val_loss"']
    lines += [f"{e},{VALIDATION[e]},{VALIDATION[e]},{TRAIN[e]}" for e in range(EPOCHS)]
    path = tmp_path / "wandb.csv"
    path.write_text("\n".join(lines))
    runs = list(read_runs([str(path)]))
    assert [run.source.split("#")[1] for run in runs] == ["fast", "slow"]
    assert runs[0].series["val_loss"].y.tolist() == pytest.approx(VALIDATION)


def mlflow_run(folder: Path) -> None:
    (folder / "metrics").mkdir(parents=True, exist_ok=True)
    (folder / "params").mkdir(exist_ok=True)
    (folder / "meta.yaml").write_text("run_id: x\n")
    for name, values in (("train_loss", TRAIN), ("val_loss", VALIDATION)):
        lines = [f"17000{step} {value} {step}" for step, value in enumerate(values)]
        (folder / "metrics" / name).write_text("\n".join(lines))
    (folder / "params" / "lr").write_text("0.1")


def test_mlflow_folder(tmp_path: Path) -> None:
    mlflow_run(tmp_path / "mlruns" / "0" / "abc")
    run = read_one(tmp_path / "mlruns")
    assert_curves(run)
    assert run.config["lr"] == "0.1"
    assert run.source == str(tmp_path / "mlruns" / "0" / "abc")
    (tmp_path / "mlruns" / "0" / "abc" / "tags").mkdir()
    (tmp_path / "mlruns" / "0" / "abc" / "tags" / "mlflow.runName").write_text("calm-owl-1")
    assert read_one(tmp_path / "mlruns").source.endswith("abc#calm-owl-1")


def mlflow_database(path: Path, series: Mapping[str, Sequence[float]]) -> Path:
    """A database of one run."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE runs (run_uuid TEXT, name TEXT, start_time INT)")
        database.execute("CREATE TABLE params (run_uuid TEXT, key TEXT, value TEXT)")
        database.execute(
            "CREATE TABLE metrics (run_uuid TEXT, key TEXT, value REAL, step INT, "
            "timestamp INT, is_nan INT)"
        )
        database.execute("INSERT INTO runs VALUES ('r', 'first', 1)")
        for name, values in series.items():
            for step, value in enumerate(values):
                database.execute(
                    "INSERT INTO metrics VALUES ('r', ?, ?, ?, ?, 0)", (name, value, step, step)
                )
    database.close()
    return path


def test_mlflow_database_is_left_untouched(tmp_path: Path) -> None:
    series = {"train_loss": TRAIN, "val_loss": VALIDATION}
    path = mlflow_database(tmp_path / "mlflow.db", series)
    before = path.read_bytes()
    assert_curves(read_one(path))
    assert path.read_bytes() == before


def event(step: int, tag: str, value: float) -> bytes:
    name = tag.encode()
    inner = b"\x0a" + bytes([len(name)]) + name + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(inner)]) + inner
    body = b"\x09" + struct.pack("<d", 1.0) + b"\x10" + bytes([step])
    body += b"\x2a" + bytes([len(summary)]) + summary
    return struct.pack("<Q", len(body)) + b"\0" * 4 + body + b"\0" * 4


def test_tensorboard_events_and_a_cut_off_last_record(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1"
    data = b"".join(
        event(step, "loss/train", TRAIN[step]) + event(step, "loss/val", VALIDATION[step])
        for step in range(EPOCHS)
    )
    path.write_bytes(data + event(99, "loss/train", 9.0)[:-9])
    run = read_one(path)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN, rel=1e-5)
    assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION, rel=1e-5)


def test_event_files_of_one_folder_are_one_run(tmp_path: Path) -> None:
    halves = (range(7), range(5, EPOCHS))  # the second was resumed from a checkpoint
    for number, half in enumerate(halves):
        data = b"".join(event(step, "loss", TRAIN[step]) for step in half)
        (tmp_path / f"events.out.tfevents.{number}").write_bytes(data)
    run = read_one(tmp_path)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN, rel=1e-5)
    assert "2 event files are read as one run" in run.notes
    (tmp_path / "hparams.yaml").write_text("lr: 0.1\n")
    assert read_one(tmp_path).config == {"lr": 0.1}
    again = b"".join(event(step, "loss", 9.0) for step in range(6))  # a new start, shorter
    (tmp_path / "events.out.tfevents.2").write_bytes(again)
    assert read_one(tmp_path).series["train_loss"].y.tolist() == [9.0] * 6


def test_keras_writes_training_and_validation_into_folders(tmp_path: Path) -> None:
    for part, values in (("train", TRAIN), ("validation", VALIDATION)):
        (tmp_path / "fit" / part).mkdir(parents=True)
        data = b"".join(event(step, "epoch_loss", values[step]) for step in range(EPOCHS))
        (tmp_path / "fit" / part / "events.out.tfevents.1.v2").write_bytes(data)
    run = read_one(tmp_path)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN, rel=1e-5)
    assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION, rel=1e-5)


def test_curves_that_add_scalars_wrote_into_folders_are_one_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for part, values in (("train", TRAIN), ("val", VALIDATION)):
        (folder / f"Loss_epoch_{part}").mkdir(parents=True)
        data = b"".join(event(step, "Loss/epoch", values[step]) for step in range(EPOCHS))
        (folder / f"Loss_epoch_{part}" / "events.out.tfevents.1").write_bytes(data)
    (folder / "1700000000.1234").mkdir()  # what add_hparams leaves
    (folder / "1700000000.1234" / "events.out.tfevents.1").write_bytes(event(0, "hp/val", 1.0))
    (folder / "events.out.tfevents.0").write_bytes(b"")
    assert_curves(read_one(tmp_path))


@pytest.mark.parametrize(
    ("head", "remedy"), [(b"\x1f\x8b\x08\0", "gunzip"), (b"PK\x03\x04\0", "as CSV")]
)
def test_packed_files_say_how_to_open_them(tmp_path: Path, head: bytes, remedy: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(head + bytes(range(256)))
    with pytest.raises(UserError, match=remedy):
        read_one(path)


@pytest.mark.parametrize(
    "line",
    [
        "epoch {e} train_loss={t} val_loss: {v}",
        "Epoch {e}/12 - loss: {t} - val_loss: {v}",
        "[2026-01-01 10:00:00] INFO epoch {e} | train loss {t} | val loss {v}",
        "Epoch: {e}, Train Loss: {t}, Val Loss: {v}",
    ],
)
@pytest.mark.parametrize("opening", ["starting, seed=1\n", ""])
def test_console_logs(tmp_path: Path, line: str, opening: str) -> None:
    path = tmp_path / "train.log"
    body = [line.format(e=e, t=TRAIN[e], v=VALIDATION[e]) for e in range(EPOCHS)]
    path.write_text(opening + "\n".join(body) + "\ndone in 3 s\n")
    run = read_one(path)
    assert_curves(run)
    assert run.axis == "epoch"


def test_printed_dicts_of_the_hugging_face_trainer(tmp_path: Path) -> None:
    path = tmp_path / "stdout.log"
    lines = [f"{{'loss': {TRAIN[e]}, 'learning_rate': 1e-05, 'epoch': {e}}}" for e in range(12)]
    path.write_text("\n".join(lines))
    run = read_one(path)
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.series["learning_rate"].y[0] == pytest.approx(1e-5)


def test_detector_losses_are_summed(tmp_path: Path) -> None:
    lines = [
        "epoch,train/box_loss,train/cls_loss,val/box_loss,val/cls_loss,metrics/mAP50-95(B),lr/pg0"
    ]
    for epoch, (train, validation) in enumerate(zip(TRAIN, VALIDATION, strict=True)):
        parts = (train / 2, train / 2, validation / 4, validation * 3 / 4)
        cells = ",".join(str(part) for part in parts)
        lines.append(f"{epoch},{cells},0.{epoch:02},0.01")
    path = tmp_path / "results.csv"
    path.write_text("\n".join(lines))
    run = read_one(path)
    assert_curves(run)
    assert run.columns["val_metric"] == "metrics/mAP50-95(B)"
    assert run.columns["learning_rate"] == "lr/pg0"


def test_timm_and_detectron(tmp_path: Path) -> None:
    timm = tmp_path / "summary.csv"
    timm.write_text(
        "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n"
        + "\n".join(f"{e},{TRAIN[e]},{VALIDATION[e]},{50 + e},{80 + e},0.1" for e in range(12))
    )
    run = read_one(timm)
    assert_curves(run)
    assert run.columns["val_metric"] == "eval_top1"
    assert run.series["val_metric"].y[0] == 50  # as logged
    detectron = tmp_path / "metrics.json"
    detectron.write_text(
        "\n".join(
            json.dumps({"iteration": 20 * e, "total_loss": TRAIN[e], "loss_cls": 0.1, "lr": 0.02})
            for e in range(12)
        )
    )
    run = read_one(detectron)
    assert run.columns["train_loss"] == "total_loss"
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "log.parquet"
    table = pyarrow.table({"epoch": range(12), "train_loss": TRAIN, "val_loss": VALIDATION})
    parquet.write_table(table, path)
    assert_curves(read_one(path))


def test_runs_are_split_by_a_column_and_by_restarts(tmp_path: Path) -> None:
    named, appended = tmp_path / "named.csv", tmp_path / "appended.csv"
    body = rows().splitlines()[1:]
    named.write_text(
        "epoch,train_loss,val_loss,run\n"
        + "\n".join([f"{line},a" for line in body] + [f"{line},b" for line in body])
    )
    appended.write_text("\n".join([rows().splitlines()[0], *body, *body]))
    for path in (named, appended):
        runs = list(read_runs([str(path)]))
        assert len(runs) == 2
        for run in runs:
            assert_curves(run)


def test_resumed_training_keeps_the_later_rows(tmp_path: Path) -> None:
    body = rows().splitlines()
    path = tmp_path / "log.csv"
    path.write_text("\n".join([body[0], *body[1:8], "7,9.9,9.9", *body[6:]]))
    run = read_one(path)
    assert_curves(run)
    assert any("resumed" in note for note in run.notes)


def test_unsorted_and_duplicated_rows_are_repaired_and_said(tmp_path: Path) -> None:
    body = rows().splitlines()
    order = np.random.default_rng(0).permutation(EPOCHS)
    path = tmp_path / "log.csv"
    path.write_text("\n".join([body[0], *(body[1 + row] for row in order), body[4]]))
    run = read_one(path)
    assert_curves(run)
    assert any("sorted" in note for note in run.notes)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("step,rollout/ep_rew_mean,train/loss", "reinforcement"),
        ("epoch,d_loss,g_loss", "GAN"),
        ("epoch,loss_D,loss_G", "GAN"),
    ],
)
def test_other_kinds_of_training_are_refused(tmp_path: Path, header: str, kind: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(header=header))
    assert kind in read_one(path).refusal
