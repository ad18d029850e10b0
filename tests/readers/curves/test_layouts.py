"""Tables and documents laid out in other ways than one row an epoch and one column a curve."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpadvisor.api import diagnose
from hpadvisor.readers.curves.kinds import unsupervised_kind
from hpadvisor.readers.curves.reading import read_runs
from hpadvisor.readers.curves.record import RunRecord

EPOCHS = range(20)
TRAIN = [round(2 * 0.85**k + 0.3, 4) for k in EPOCHS]
VALIDATION = [round(loss + 0.2, 4) for loss in TRAIN]
PAIRS = list(zip(EPOCHS, TRAIN, VALIDATION, strict=True))


def read(path: Path, text: str) -> list[RunRecord]:
    path.write_text(text, "utf-8")
    return list(read_runs([str(path)]))


def assert_both(run: RunRecord) -> None:
    assert run.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    assert run.series["val_loss"].y.tolist() == pytest.approx(VALIDATION)


ROWS = {
    "alternating": [row for k, t, v in PAIRS for row in (f"{k},train,{t}", f"{k},val,{v}")],
    "one after the other": [f"{k},Training,{t}" for k, t, _ in PAIRS]
    + [f"{k},Validation,{v}" for k, _, v in PAIRS],
    "with a test part": [
        row
        for k, t, v in PAIRS
        for row in (f"{k},train,{t}", f"{k},valid,{v}", f"{k},test,{9 + k}")
    ],
}


@pytest.mark.parametrize("name", ["phase", "split", "mode"])
@pytest.mark.parametrize("layout", ROWS)
def test_a_column_says_the_part_of_each_row(tmp_path: Path, name: str, layout: str) -> None:
    (run,) = read(tmp_path / "log.csv", f"epoch,{name},loss\n" + "\n".join(ROWS[layout]))
    assert_both(run)
    assert run.axis == "epoch"
    assert any(f"the column {name} says" in note for note in run.notes)


def test_parts_of_json_records(tmp_path: Path) -> None:
    records = [
        {"epoch": k, "split": part, "metrics": {"loss": loss}}
        for k, t, v in PAIRS
        for part, loss in (("train", t), ("dev", v))
    ]
    (run,) = read(tmp_path / "log.jsonl", "\n".join(map(json.dumps, records)))
    assert_both(run)


def test_a_column_of_other_words_is_left_alone(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},{'warm' if k < 5 else 'cold'},{t},{v}" for k, t, v in PAIRS)
    (run,) = read(tmp_path / "log.csv", f"epoch,phase,train_loss,val_loss\n{rows}")
    assert_both(run)


DOCUMENTS: dict[str, object] = {
    "history with its epochs": {
        "epoch": list(EPOCHS),
        "history": {"loss": TRAIN, "val_loss": VALIDATION},
    },
    "pandas by column": {
        "epoch": {str(k): k for k in EPOCHS},
        "train_loss": {str(k): TRAIN[k] for k in EPOCHS},
        "val_loss": {str(k): VALIDATION[k] for k in EPOCHS},
    },
    "pandas split": {
        "columns": ["epoch", "train_loss", "val_loss"],
        "index": list(EPOCHS),
        "data": [list(row) for row in PAIRS],
    },
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(tmp_path: Path, name: str) -> None:
    (run,) = read(tmp_path / "log.json", json.dumps(DOCUMENTS[name]))
    assert_both(run)
    assert (run.axis, run.length) == ("epoch", 19)


def test_an_entry_of_a_keras_history_is_an_epoch(tmp_path: Path) -> None:
    text = json.dumps({"loss": TRAIN, "val_loss": VALIDATION})
    (run,) = read(tmp_path / "history.json", text)
    assert (run.axis, run.length) == ("epoch", 20)


def test_a_list_of_row_numbers_is_no_loss(tmp_path: Path) -> None:
    (run,) = read(tmp_path / "log.json", json.dumps({"index": list(EPOCHS)}))
    assert "no column is a loss" in run.refusal


def test_records_that_hold_whole_curves_are_runs(tmp_path: Path) -> None:
    records = [{"seed": 1, "lr": lr, "train_loss": TRAIN, "val_loss": VALIDATION} for lr in (1, 2)]
    for name, text in (
        ("a.jsonl", "\n".join(map(json.dumps, records))),
        ("b.json", json.dumps(records)),
    ):
        runs = read(tmp_path / name, text)
        assert [run.config["lr"] for run in runs] == [1, 2]
        for run in runs:
            assert_both(run)


def test_settings_in_columns_are_compared(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{run},{lr},{width},{k},{t * factor}"
        for run, lr, width, factor in (("a", 0.1, 8, 1.0), ("b", 0.01, 8, 1.5))
        for k, t, _ in PAIRS
    )
    path = tmp_path / "log.csv"
    path.write_text(f"run,lr,hidden_width,epoch,train_loss\n{rows}", "utf-8")
    found = diagnose(path)
    assert [run.config["lr"] for run in found.runs] == [0.1, 0.01]
    assert any(line.startswith("lr differs") for line in found.comparison)


def test_a_setting_whose_name_holds_another_word_is_compared(tmp_path: Path) -> None:
    for name, width in (("a", 8), ("b", 64)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hparams.yaml").write_text(f"width: {width}\nrun_name: {name}\n")
        rows = "\n".join(f"{k},{t / width}" for k, t, _ in PAIRS)
        (tmp_path / name / "metrics.csv").write_text(f"epoch,train_loss\n{rows}")
    comparison = " ".join(diagnose(tmp_path).comparison)
    assert "width differs" in comparison
    assert "run_name" not in comparison


@pytest.mark.parametrize(
    ("template", "comma"), [("{:,.2f}", False), ("{:,.2f}", True), ("{:.2f}", True)]
)
def test_separated_thousands(tmp_path: Path, template: str, comma: bool) -> None:
    def cell(value: float) -> str:
        text = template.format(value)
        return text.translate(str.maketrans(",.", ".,")) if comma else text

    rows = "\n".join(f"{k};{cell(1000 * t)};{cell(1000 * v)}" for k, t, v in PAIRS)
    (run,) = read(tmp_path / "log.csv", f"epoch;train_loss;val_loss\n{rows}")
    assert run.series["train_loss"].y.tolist() == pytest.approx([1000 * t for t in TRAIN])
    assert run.series["val_loss"].y.tolist() == pytest.approx([1000 * v for v in VALIDATION])


def test_cells_that_are_no_numbers_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},{'oops' if k == 3 else t}" for k, t, _ in PAIRS)
    (run,) = read(tmp_path / "log.csv", f"epoch,train_loss\n{rows}")
    assert "train_loss: 1 cell is no number and left out" in run.notes


def test_a_loss_without_numbers_says_what_it_holds(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},oops" for k in EPOCHS)
    (run,) = read(tmp_path / "log.csv", f"epoch,train_loss\n{rows}")
    assert run.refusal == "train_loss holds no numbers, but cells such as 'oops'"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("epoch,train_loss,valid_loss,accuracy", "val_metric"),
        ("epoch,loss,val_loss,accuracy", "train_metric"),
    ],
)
def test_whose_score_a_bare_accuracy_is(tmp_path: Path, header: str, role: str) -> None:
    rows = "\n".join(f"{k},{t},{v},{0.5 + k / 100}" for k, t, v in PAIRS)
    (run,) = read(tmp_path / "log.csv", f"{header}\n{rows}")
    assert run.columns[role] == "accuracy"


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["disc_loss", "gen_loss"], "gan"),
        (["errD", "errG"], "gan"),
        (["loss_G_A", "loss_D_A"], "gan"),
        (["step", "reward", "loss", "epsilon"], "reinforcement"),
        (["avg_return", "loss"], "reinforcement"),
        (["rewards/chosen", "rewards/rejected", "loss"], None),
        (["loss_d", "train_loss"], None),
        (["gen_loss", "val_gen_loss"], None),
        (["train/box_loss", "train/dfl_loss"], None),
    ],
)
def test_kinds_that_other_rules_judge(names: list[str], kind: str | None) -> None:
    found = unsupervised_kind(names)
    assert found is None if kind is None else found is not None and kind in found


def test_a_percentage_called_loss_is_not_diverged(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},{90 - 70 * 0.8**k:.2f}" for k in range(40))
    path = tmp_path / "log.csv"
    path.write_text(f"epoch,loss\n{rows}")
    (run,) = diagnose(path).runs
    assert run.verdict == "cannot_judge"
    assert "climbs as an accuracy does" in run.reason


def test_validation_scores_beside_a_loss_curve(tmp_path: Path) -> None:
    scores = [0.5 + k / 100 for k in EPOCHS]
    text = json.dumps({"loss_curve_": TRAIN, "validation_scores_": scores})
    (run,) = read(tmp_path / "log.json", text)
    assert run.columns["val_metric"] == "validation_scores_"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "agg.csv",
            "layers,stage,epoch,loss,loss_std,accuracy,accuracy_std\n"
            + "\n".join(f"{1 + k % 3},skip{k % 2},99,0.{k}5,0.01,0.9{k},0.0" for k in range(9)),
        ),
        (
            "best.csv",
            "lr,dim,epoch,loss,accuracy\n"
            + "\n".join(f"0.0{1 + k % 3},64,{(7 * k) % 11},0.{k}5,0.9{k}" for k in range(9)),
        ),
        (
            "scores.json",
            json.dumps({
                "results": [
                    {"task_name": f"task{k // 2}", "prompt_name": "one", "acc": 0.1 * k,
                     "word_perplexity": 9.0 + k}
                    for k in range(9)
                ]
            }),
        ),
    ],
)  # fmt: skip
def test_tables_of_runs_and_of_evaluations_are_sent_to_audit(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (run,) = read_runs([str(path)])
    assert run.refusal_kind == "run_table"
    assert f"hpadvisor audit {path}" in run.refusal


def test_folds_that_follow_each_other_are_no_run_table(tmp_path: Path) -> None:
    path = tmp_path / "folds.csv"
    rows = [f"{k % 10},{0.1 * (k // 10)},{2 - 0.1 * (k % 10)}" for k in range(30)]
    path.write_text("epoch,dropout,loss\n" + "\n".join(rows), encoding="utf-8")
    assert all(run.refusal_kind != "run_table" for run in read_runs([str(path)]))


def test_what_a_run_ended_with_is_no_curve(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    rows = [
        {"depth": k, "loss": 3.0, "loss_list": [5.0 - 0.3 * i for i in range(9)]} for k in (1, 2)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert {run.series["train_loss"].column for run in read_runs([str(path)])} == {"loss_list"}


def test_json_lines_read_in_pieces_are_the_table_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[dict[str, object]] = [
        {"epoch": k, "loss": t, "note": f"run of {k}"} | ({"val_loss": v} if k > 11 else {})
        for k, t, v in PAIRS
    ]
    text = "\n".join([*map(json.dumps, records), "cut off {"])
    (whole,) = read(tmp_path / "log.jsonl", text)
    monkeypatch.setattr("hpadvisor.readers.curves.json_logs.CHUNK_RECORDS", 4)
    (pieces,) = read(tmp_path / "log.jsonl", text)
    assert pieces.series["train_loss"].y.tolist() == pytest.approx(TRAIN)
    for role, series in whole.series.items():
        assert pieces.series[role].x.tolist() == series.x.tolist()
        assert pieces.series[role].y.tolist() == series.y.tolist()
    assert pieces.notes == whole.notes


@pytest.mark.parametrize("row", ["3,0.5", "3,0.5,0.6,0.7", "3,0.5,x", "3,0.5,²", ""])
def test_a_row_that_is_not_plain_shifts_no_other(tmp_path: Path, row: str) -> None:
    rows = [f"{k},{t},{v}" for k, t, v in PAIRS]
    rows[3] = row
    (run,) = read(tmp_path / "log.csv", "epoch,loss,val_loss\n" + "\n".join(rows))
    assert run.series["train_loss"].y.tolist()[-10:] == pytest.approx(TRAIN[-10:])
    assert run.series["val_loss"].y.tolist()[-10:] == pytest.approx(VALIDATION[-10:])


def test_a_history_under_its_own_key_beside_metrics_and_a_config(tmp_path: Path) -> None:
    document = {
        "model": "net",
        "best_epoch": 17,
        "config": {"training": {"learning_rate": 0.02}},
        "test_metrics": {"f1": 0.8, "tn": 1402},
        "fit_history": {"epoch": list(EPOCHS), "train_loss": TRAIN, "val_loss": VALIDATION},
        "score_history": {"epoch": list(EPOCHS), "val_scores": [None] * len(TRAIN)},
    }
    run, *others = read(tmp_path / "outcome.json", json.dumps(document))
    assert not others
    assert_both(run)
    parts = {"train_history": {"loss": TRAIN}, "val_history": {"loss": VALIDATION}}
    (both,) = read(tmp_path / "parts.json", json.dumps(parts))
    assert_both(both)


def test_dictionaries_of_steps_in_a_first_epoch_that_is_rounded_are_no_run_table(
    tmp_path: Path,
) -> None:
    rows = [
        f"{{'loss': 0.0, 'grad_norm': nan, 'learning_rate': {4e-6 * step + 4e-6}, 'epoch': 0.0}}"
        for step in range(12)
    ]
    path = tmp_path / "steps.log"
    path.write_text("\n".join(rows))
    (run,) = read_runs([str(path)])
    assert run.refusal_kind != "run_table"
    diagnosis = diagnose([str(path)]).runs[0]
    assert diagnosis.verdict == "diverged"
    factors = [one.factor for one in diagnosis.recommendations if one.parameter == "learning_rate"]
    assert factors == [0.1]


@pytest.mark.parametrize("counter", ["bad epochs 0", "stale epochs: 2", "no improvement epochs 1"])
def test_a_count_of_epochs_in_vain_is_no_place(counter: str, tmp_path: Path) -> None:
    rows = [
        f"EPOCH {e} done: loss {0.7 - e / 20:.3f} - lr 0.04 - {counter}\n"
        f"DEV : loss {0.8 - e / 30:.3f} - acc {0.3 + e / 20:.3f}"
        for e in range(1, 8)
    ]
    path = tmp_path / "dev.log"
    path.write_text("\n".join(rows))
    (run,) = read_runs([str(path)])
    assert run.series["val_loss"].x.tolist() == list(range(1, 8))
