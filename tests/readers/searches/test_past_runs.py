"""Folders of past runs, in the forms that frameworks and people leave them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from hpadvisor.engine.loading import load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.searches.names import names_of
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.record import ReadOptions, Study

NAMES = names_of(load_knowledge().vocabulary())
RATES = (0.001, 0.01, 0.1)
BEST = {0.001: 0.6, 0.01: 0.8, 0.1: 0.3}


def study_of(root: Path) -> Study:
    return read_search(root, ReadOptions(names=NAMES))


def curve(rate: float) -> list[tuple[int, float, float]]:
    top = BEST[rate]
    return [(e, 1.5 - top * (e + 1) / 8, top * (e + 1) / 8) for e in range(8)]


def csv_log(folder: Path, rate: float, name: str = "metrics.csv") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{e},{loss:.4f},{score:.4f}" for e, loss, score in curve(rate)]
    (folder / name).write_text("epoch,train_loss,val_acc\n" + "\n".join(rows) + "\n")


def lightning(root: Path) -> None:
    for place, rate in enumerate(RATES):
        folder = root / "lightning_logs" / f"version_{place}"
        csv_log(folder, rate)
        (folder / "hparams.yaml").write_text(f"lr: {rate}\nbatch_size: 16\nseed: 3\n")


def hydra(root: Path) -> None:
    for place, rate in enumerate(RATES):
        folder = root / "multirun" / "2026-01-01" / "10-00-00" / str(place)
        csv_log(folder, rate, "log.csv")
        (folder / ".hydra").mkdir()
        text = f"optim:\n  lr: {rate}\ndata:\n  batch_size: 16\n  root: /data/x\n"
        (folder / ".hydra" / "config.yaml").write_text(text)


def named(root: Path) -> None:
    for rate in RATES:
        csv_log(root / f"lr={rate},bs=16", rate)


def scripts(root: Path) -> None:
    for place, rate in enumerate(RATES):
        folder = root / f"try_{place}"
        folder.mkdir(parents=True)
        (folder / "args.json").write_text(json.dumps({"lr": rate, "batch_size": 16, "gpu": 0}))
        (folder / "results.json").write_text(json.dumps({"val": {"acc": BEST[rate]}}))


def namespaces(root: Path) -> None:
    for place, rate in enumerate(RATES):
        folder = root / f"run{place}"
        folder.mkdir(parents=True)
        lines = [f"Namespace(lr={rate}, batch_size=16, data='/data/x', seed=1)"]
        lines += [f"epoch {e}: train_loss {a:.4f} val_acc {b:.4f}" for e, a, b in curve(rate)]
        (folder / "train.log").write_text("\n".join(lines) + "\n")


def trainer(root: Path) -> None:
    for place, rate in enumerate(RATES):
        folder = root / f"out{place}"
        history = [
            entry
            for e, loss, score in curve(rate)
            for entry in (
                {"epoch": e + 1, "step": 10 * (e + 1), "loss": loss, "learning_rate": rate},
                {"epoch": e + 1, "step": 10 * (e + 1), "eval_acc": score, "eval_loss": loss},
            )
        ]
        state = {"log_history": history, "global_step": 80, "epoch": 8}
        (folder / "checkpoint-80").mkdir(parents=True)
        (folder / "checkpoint-80" / "trainer_state.json").write_text(json.dumps(state))
        card = (
            f"The following hyperparameters were used during training:\n- learning_rate: {rate}\n"
        )
        (folder / "README.md").write_text(card + "- train_batch_size: 16\n\n### Results\n")


@pytest.mark.parametrize("made", [lightning, hydra, named, scripts, namespaces, trainer])
def test_forms_of_past_runs(tmp_path: Path, made: object) -> None:
    made(tmp_path)  # type: ignore[operator]
    study = study_of(tmp_path)
    assert study.history
    assert study.direction == "maximize"
    assert "acc" in study.metric
    assert len(study.trials) == 3
    assert len(study.parameters) == 1
    rates = {t.params[study.parameters[0].name]: t.value for t in study.trials}
    assert rates == pytest.approx(BEST)


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _part(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _framed(event: bytes) -> bytes:
    return struct.pack("<Q", len(event)) + b"\0" * 4 + event + b"\0" * 4


def test_the_hparams_plugin_of_tensorboard(tmp_path: Path) -> None:
    for place, rate in enumerate(RATES):
        number = _varint(2 << 3 | 1) + struct.pack("<d", rate)
        entry = _part(1, b"lr") + _part(2, number)
        plugin = _part(2, _part(3, _part(1, entry)))
        value = _part(1, b"_hparams_/session_start_info") + _part(9, _part(1, plugin))
        data = _framed(_part(5, _part(1, value)))
        for e, _, score in curve(rate):
            tag = _part(1, b"val/acc") + _varint(2 << 3 | 5) + struct.pack("<f", score)
            data += _framed(_varint(2 << 3) + _varint(e) + _part(5, _part(1, tag)))
        (tmp_path / f"run{place}").mkdir()
        (tmp_path / f"run{place}" / "events.out.tfevents.1.host").write_bytes(data)
    study = study_of(tmp_path)
    assert {t.params["lr"] for t in study.trials} == set(RATES)
    assert max(t.value or 0 for t in study.trials) == pytest.approx(0.8)


def test_seeds_of_a_setting_are_repetitions(tmp_path: Path) -> None:
    for place, (rate, seed) in enumerate((r, s) for r in RATES for s in (1, 2)):
        csv_log(tmp_path / str(place), rate)
        (tmp_path / str(place) / "hparams.yaml").write_text(f"lr: {rate}\nseed: {seed}\n")
    study = study_of(tmp_path)
    assert [t.seeds for t in study.trials] == [("1", "2")] * 3


def test_runs_without_settings_are_refused_with_the_remedy(tmp_path: Path) -> None:
    for place in range(3):
        csv_log(tmp_path / f"run{place}", RATES[place])
    with pytest.raises(UserError, match=r"fewer than two runs.*hparams\.yaml"):
        study_of(tmp_path)


def test_settings_that_nowhere_differ(tmp_path: Path) -> None:
    for place in range(3):
        csv_log(tmp_path / f"r{place}", RATES[place])
        (tmp_path / f"r{place}" / "hparams.yaml").write_text("lr: 0.1\n")
    with pytest.raises(UserError, match="nowhere differ"):
        study_of(tmp_path)
