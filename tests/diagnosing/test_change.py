"""A change beside the run before it: won, lost, level, to be stopped, worth its end, too early."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hpadvisor.api import diagnose_changes
from hpadvisor.diagnosing.change import said_change
from hpadvisor.errors import UserError
from tests.cli.running import hpadvisor


def log(
    folder: Path, name: str, *, level: float, share: float = 1.0, rate: float = 0.1,
    noise: float = 0.002, broken: bool = False, seed: int = 1, axis: str = "epoch",
) -> Path:  # fmt: skip
    """A training of 40 epochs that falls from 2.5 to a level, as far as it has run."""
    random = np.random.default_rng(seed)
    rows = [f"{axis},train_loss,val_loss,lr"]
    for place in range(1, round(40 * share) + 1):
        loss = level + (2.5 - level) * 0.85**place
        values = (loss * 0.95, loss) * (1 + noise * random.normal(size=2))
        shown = ("nan", "nan") if broken and place > 10 else (f"{x:.5f}" for x in values)
        rows.append(f"{place},{','.join(shown)},{rate}")
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return log(tmp_path, "base", level=1.0)


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        ({"level": 0.8}, "won"),
        ({"level": 1.2}, "lost"),
        ({"level": 1.001, "seed": 5}, "level"),
        ({"level": 0.8, "noise": 0.2, "seed": 3}, "level"),
        ({"level": 1.4, "share": 0.5}, "stop"),
        ({"level": 0.7, "share": 0.5}, "go_on"),
        ({"level": 0.7, "share": 0.2}, "too_early"),
        ({"level": 0.7, "broken": True}, "lost"),
        ({"level": 0.7, "axis": "step"}, "cannot_compare"),
    ],
)
def test_outcomes(base: Path, tmp_path: Path, made: dict[str, float], outcome: str) -> None:
    after = log(tmp_path, "after", rate=0.3, **made)  # type: ignore[arg-type]
    verdict = diagnose_changes(base, [after]).verdicts[0]
    assert verdict.outcome == outcome
    assert verdict.advice


def test_the_change_is_read_from_both_runs(base: Path, tmp_path: Path) -> None:
    after = log(tmp_path, "after", level=0.8, rate=0.3)
    change = diagnose_changes(base, [after]).verdicts[0].changes[0]
    assert change.parameter == "learning_rate"
    assert change.factor == pytest.approx(3)
    assert change.words == "learning rate × 3"


def test_what_lost_is_not_advised_again(tmp_path: Path) -> None:
    from benchmarks.clinic.usual.logs import LANGUAGE, usual_settings

    record = next(
        one for one in usual_settings("development")
        if one["kind"] in LANGUAGE and one["id"] == "u0038-0"
    )  # fmt: skip
    paths = {}
    for name, change, rate in (("base", "reference", 1.0), ("down", "lr_x0.3", 3.0)):
        curves = record["curves"][change][0]
        rows = ["step,train_loss,val_loss,lr"] + [
            f"{(place + 1) * record['interval']},{train},{value},{rate}"
            for place, (train, value) in enumerate(
                zip(curves["train"], curves["fresh"][1:], strict=True)
            )
        ]
        paths[name] = tmp_path / f"{name}.csv"
        paths[name].write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = diagnose_changes(paths["base"], [paths["down"]], changes=["lr=×3"])
    assert report.verdicts[0].outcome == "lost"
    assert report.best == str(paths["base"])
    ways = {(item.parameter, item.factor) for item in report.next}
    assert not any(name == "learning_rate" and (factor or 0) > 1 for name, factor in ways)
    assert any("not advised again: learning rate" in note for note in report.notes)
    assert report.next[0].priority == 1


def test_a_chain_goes_on_from_the_best(base: Path, tmp_path: Path) -> None:
    better = log(tmp_path, "better", level=0.8, rate=0.3)
    worse = log(tmp_path, "worse", level=0.9, rate=0.9)
    report = diagnose_changes(base, [better, worse])
    assert [one.outcome for one in report.verdicts] == ["won", "lost"]
    assert report.verdicts[1].before == str(better)
    assert report.best == str(better)


def test_a_change_is_judged_beside_the_run_it_was_made_from(base: Path, tmp_path: Path) -> None:
    better = log(tmp_path, "better", level=0.8, rate=0.3)
    other = log(tmp_path, "other", level=0.9, rate=0.1, seed=4)
    report = diagnose_changes(base, [better, other], changes=["lr=×3", "width=×2"])
    assert report.verdicts[1].before == str(base)
    assert report.verdicts[1].outcome == "won"
    assert report.best == str(better)


@pytest.mark.parametrize("text", ["lr", "=×3", "lr=×", "lr=×x", "lr=×-1", "lr=×inf", "lr=×nan"])
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="names no change"):
        said_change(text)


def test_command_exits_with_one_where_the_change_lost(base: Path, tmp_path: Path) -> None:
    after = log(tmp_path, "after", level=1.3, rate=0.3)
    lost = hpadvisor("diagnose", str(base), "--after", str(after), "--format", "json")
    assert lost.returncode == 1
    told = json.loads(lost.stdout)
    assert told["changes"][0]["outcome"] == "lost"
    assert told["best"] == str(base)
    shown = hpadvisor("diagnose", str(base), "--after", str(after), "--change", "lr=×3")
    assert "The change lost: validation loss" in shown.stdout
    won = hpadvisor("diagnose", str(after), "--after", str(base))
    assert won.returncode == 0


def test_wrong_use_is_one_line(base: Path) -> None:
    for words in (
        ["--change", "lr=×3"],
        ["--after", str(base), "--change", "lr=×3", "--change", "lr=×9"],
        ["--after", "missing.csv"],
    ):
        outcome = hpadvisor("diagnose", str(base), *words)
        assert outcome.returncode == 2
        assert len(outcome.stderr.strip().splitlines()) == 1


def test_what_came_of_a_run_is_no_change_of_it(tmp_path: Path) -> None:
    paths = []
    for number, (rate, f1) in enumerate(((0.001, 0.7), (0.004, 0.8))):
        losses = [1.0 + (0.9 - rate * 9) ** epoch for epoch in range(1, 25)]
        document = {
            "timestamp": f"2026-01-0{number + 1}", "best_epoch": 20 + number,
            "experiment_dir": f"out/{number}", "test_metrics": {"f1": f1, "tn": 90 + number},
            "config": {"optimizer": {"lr": rate}},
            "fit_history": {"train_loss": losses, "val_loss": [x + 0.1 for x in losses]},
        }  # fmt: skip
        paths.append(tmp_path / f"run{number}.json")
        paths[-1].write_text(json.dumps(document))
    changes = diagnose_changes(paths[0], paths[1:]).verdicts[0].changes
    assert [change.words for change in changes] == ["learning rate × 4"]
