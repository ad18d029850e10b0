"""Local run folders of W&B: what the runs leave in plain files, and what only their log holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hpadvisor
from hpadvisor.errors import UserError
from hpadvisor.readers.searches import ReadOptions, State, read_search

CONFIG = """\
wandb_version: 1
_wandb:
    value:
        cli_version: 0.31.0
lr:
    desc: null
    value: {lr}
optimizer:
    value:
        name: adam
        betas: [0.9, 0.999]
layers:
    value: {layers}
"""


def _run(folder: Path, index: int, summary: dict[str, object] | None) -> Path:
    files = folder / f"run-20260101_00000{index}-abc{index}" / "files"
    files.mkdir(parents=True)
    text = CONFIG.replace("{lr}", str(10.0**-index)).replace("{layers}", str(index))
    (files / "config.yaml").write_text(text)
    if summary is not None:
        (files / "wandb-summary.json").write_text(json.dumps(summary))
    return files


def _score(index: int) -> dict[str, object]:
    return {
        "val_acc": 0.5 + index / 10,
        "_step": 9,
        "_runtime": 30.0,
        "_timestamp": 1000.0 + index,
    }


@pytest.fixture
def wandb(tmp_path: Path) -> Path:
    folder = tmp_path / "wandb"
    for index in range(4):
        _run(folder, index, _score(index))
    (folder / "latest-run").symlink_to(folder / "run-20260101_000003-abc3")
    return folder


def test_runs(wandb: Path) -> None:
    study = read_search(wandb)
    assert (study.engine, study.direction, study.metric) == ("wandb", "maximize", "val_acc")
    assert [trial.value for trial in study.trials] == [0.5, 0.6, 0.7, 0.8]
    assert study.trials[1].params == {
        "lr": 0.1, "optimizer.name": "adam", "optimizer.betas": "[0.9, 0.999]", "layers": 1,
    }  # fmt: skip
    assert study.trials[0].duration == 30.0
    assert [p.name for p in study.parameters] == ["lr", "layers"]  # the others never changed
    assert study.space_observed
    assert read_search(wandb.parent).trials == study.trials  # the folder above does too


def test_chosen_parameters(wandb: Path) -> None:
    study = read_search(wandb, ReadOptions(params=("lr",)))
    assert [p.name for p in study.parameters] == ["lr"]


def test_of_several_scores_the_validation_metric_counts(wandb: Path) -> None:
    _run(wandb, 5, {**_score(5), "loss": "NaN", "best": {"epoch": 3}})
    assert read_search(wandb).metric == "val_acc"
    study = read_search(wandb, ReadOptions(objective="loss"))
    assert [trial.state for trial in study.trials].count(State.RUNNING) == 4
    assert study.trials[4].value != study.trials[4].value


def test_a_run_without_a_score_is_not_complete(wandb: Path) -> None:
    _run(wandb, 6, None)
    study = read_search(wandb)
    assert study.trials[4].state is State.RUNNING
    assert any("do not say how they ended" in note for note in study.notes)


def test_offline_runs_are_told_of(wandb: Path) -> None:
    offline = wandb / "offline-run-20260102_000000-xyz"
    (offline / "files").mkdir(parents=True)
    (offline / "run-xyz.wandb").write_bytes(b":W&B\xe1\xbe\x00")
    study = read_search(wandb)
    assert len(study.trials) == 4
    assert any(note.startswith("1 more runs hold nothing") for note in study.notes)
    with pytest.raises(UserError, match=r"a binary log.*wandb sync"):
        read_search(offline / "run-xyz.wandb")


def test_torn_files(wandb: Path) -> None:
    files = _run(wandb, 7, None)
    (files / "wandb-summary.json").write_text('{"val_acc": 0.')
    with pytest.raises(UserError, match=r"wandb-summary.json.*broken or unfinished JSON"):
        read_search(wandb)
    (files / "wandb-summary.json").unlink()
    (files / "config.yaml").write_text("lr: {value: [")
    with pytest.raises(UserError, match=r"config.yaml.*broken or unfinished YAML"):
        read_search(wandb)


def test_what_the_library_writes_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline runs leave no plain files today: their log is read."""
    wandb = pytest.importorskip("wandb", reason="the W&B client is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.chdir(tmp_path)
    for index in range(2):
        run = wandb.init(project="mine", config={"lr": 10.0**-index})
        run.log({"val_acc": 0.5 + index / 10})
        run.finish()
    assert [trial.value for trial in read_search(tmp_path).trials] == [0.5, 0.6]


def test_a_run_that_the_library_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run itself, while it is open and when it has ended, and its id."""
    wandb = pytest.importorskip("wandb", reason="the W&B client is not installed")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.chdir(tmp_path)
    options = {"project": "mine", "mode": "offline", "config": {"lr": 0.01}}
    run = wandb.init(dir=tmp_path, **options)
    for epoch in range(30):
        run.log({"epoch": epoch, "train_loss": 2 * 0.9**epoch, "val_loss": 2.1 * 0.9**epoch})
    run.finish()
    for given in (run, run.id, "wandb"):
        (found,) = hpadvisor.diagnose(given).runs
        assert found.columns["val_loss"] == "val_loss"
        assert found.epochs_or_steps == 29
