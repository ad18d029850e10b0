"""How bad a finding is: by its rule, by its condition, by what the file is for."""

from __future__ import annotations

import pytest

from hpadvisor.checking.running import check_text
from hpadvisor.checking.subjects import is_record, is_trial

SWEEP = """method: random
metric: {name: val_loss, goal: minimize}
parameters:
  lr: {distribution: uniform, min: 0.001, max: %s}
"""


def _severities(high: str, name: str = "sweep.yaml") -> list[str]:
    result = check_text((SWEEP % high).encode(), name)
    return [f.severity for f in result.findings if f.rule.id == "SPC001"]


def test_a_linear_rate_over_two_decades_is_a_note() -> None:
    assert _severities("0.1") == ["note"]
    assert _severities("0.2") == ["warning"]


def test_warnings_of_a_trial_of_the_code_are_notes() -> None:
    assert _severities("0.5", "conf/debug/sweep.yaml") == ["note"]
    assert _severities("0.5", "conf/real/sweep.yaml") == ["warning"]


RATE = "optimizer: {name: adamw, lr: %s}\nepochs: 7\n"
VALUES = "method: %s\nparameters:\n  lr: {values: [%s]}\n  units: {values: [32, 64]}\n"


@pytest.mark.parametrize(
    ("rule", "text", "severity"),
    [
        ("CFG001", RATE % "0.06", "note"),
        ("CFG001", RATE % "0.2", "note"),
        ("CFG001", RATE % "0.6", "warning"),
        (
            "CFG001",
            "train_steps: 9\nencoder_type: brnn\noptim: adam\nlearning_rate: 0.06\n",
            "warning",
        ),
        ("SPC003", SWEEP % "1", "note"),
        ("SPC003", SWEEP % "3", "warning"),
        ("SPC019", VALUES % ("random", "0.1, 0.1"), "note"),
        ("SPC019", VALUES % ("grid", "0.1, 0.1"), "warning"),
        ("SPC046", VALUES % ("random", "0.1, 1"), "note"),
        ("SPC046", VALUES % ("random", "0.1, 7"), "warning"),
        ("SPC045", VALUES % ("random", "3e-4, 3e-3"), "note"),
        ("SPC045", VALUES % ("bayes", "3e-4, 3e-3"), "warning"),
    ],
)
def test_harm_that_is_not_near_certain_is_a_note(rule: str, text: str, severity: str) -> None:
    result = check_text(text.encode(), "sweep.yaml")
    assert {f.severity for f in result.findings if f.rule.id == rule} == {severity}


def test_an_error_stays_an_error_in_a_trial() -> None:
    wrong = b"lr: 0.1\nmomentum: 0.9\noptimizer: sgd\nepochs: 9\nwarmup_epochs: 9\n"
    kinds = {
        (f.rule.id, f.severity)
        for name in ("train.yaml", "tests/train.yaml")
        for f in check_text(wrong, name).findings
    }
    assert ("CFG012", "error") in kinds
    assert len([kind for kind in kinds if kind[0] == "CFG012"]) == 1


@pytest.mark.parametrize(
    ("path", "trial"),
    [
        ("tests/fixtures/train.yaml", True),
        ("test_fixtures/coref/model.json", True),
        ("configs/smoke_test.yaml", True),
        ("tests/test_tuner.py", True),
        ("configs/debug/default.yaml", True),
        ("configs/contest/train.yaml", False),
        ("configs/latest.yaml", False),
        ("examples/train.yaml", False),
        ("configs/toyota.yaml", False),
        ("tests/a/b/c/train.yaml", False),
        ("test_fixtures/a/b/c/d/train.yaml", True),
        ("fixtures/a/b/c/d/train.yaml", True),
    ],
)
def test_what_a_file_is_for_is_told_by_its_nearest_folders(path: str, trial: bool) -> None:
    assert is_trial(path) is trial


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("results/final_metrics.json", True),
        ("search_results/a/best.json", True),
        ("artifacts/metadata.json", True),
        ("run/checkpoint-308/trainer_state.json", True),
        ("results/train.yaml", False),
        ("configs/results.json", False),
        ("results/a/b/c/train.json", False),
    ],
)
def test_what_a_training_wrote_down_is_told_by_its_folder(path: str, record: bool) -> None:
    assert is_record(path) is record


def test_a_warning_about_a_record_is_a_note() -> None:
    config = b'{"optimizer": "adamw", "learning_rate": 0.5, "batch_size": 32, "epochs": 9}'
    for name, severity in (("train.json", "warning"), ("results/metrics.json", "note")):
        found = check_text(config, name).findings
        assert [f.severity for f in found if f.rule.id == "CFG001"] == [severity]
