"""The benchmark of reading: its cases are sound, and what it counts is what is read."""

from __future__ import annotations

from pathlib import Path

from benchmarks.reading.__main__ import load_cases, wrong_in
from benchmarks.reading.peers import PEERS, logged_losses, losses_right, read_by


def test_cases_of_the_development_half_are_read(tmp_path: Path) -> None:
    cases = [case for case in load_cases() if case["half"] == "development"]
    wrong = {case["id"]: found for case in cases if (found := wrong_in(case, tmp_path))}
    assert len(wrong) <= 0.02 * len(cases), wrong


def test_a_wrong_role_is_counted(tmp_path: Path) -> None:
    case = {
        "id": "one", "project": "a/b", "epoch": "epoch <e> loss <TL:.4f> val_loss <VL:.4f>\n",
        "roles": {"train_loss": "TL", "val_loss": "VL"},
    }  # fmt: skip
    assert wrong_in(case, tmp_path) == []
    assert wrong_in({**case, "roles": {"train_loss": "VL"}}, tmp_path) == [
        "train_loss: loss",
        "false val_loss (val_loss)",
    ]


def test_losses_of_a_peer_must_be_whole() -> None:
    wanted = logged_losses({"roles": {"train_loss": "TL"}}, {"TL": [1.0, 2.0]})
    assert losses_right({"train_loss": 2}, wanted)
    assert losses_right({"train_loss": -1}, wanted)
    assert not losses_right({"train_loss": 1}, wanted)
    assert not losses_right({"train_loss": 2, "val_loss": 2}, wanted)
    assert not losses_right({}, wanted)


def test_a_listing_of_series_is_read() -> None:
    listing = (
        "run  (csv)\n  series   points   steps    last  role\n"
        "  loss       14   0..13   0.76  train_loss\n"
    )
    assert PEERS["runmedic"][1](listing) == {"train_loss": 14}


def test_a_tool_that_is_not_there_reads_nothing(tmp_path: Path) -> None:
    assert read_by("runmedic", tmp_path, tmp_path / "train.log") == {}
