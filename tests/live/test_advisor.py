"""The advisor of a plain loop: what it says, when, and that it never disturbs a training."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpadvisor.diagnosing.lasting import GROWTH, LOOKS, Lasting
from hpadvisor.errors import UserError
from hpadvisor.live import Advisor, News

EPOCHS = 60


def overfit(epoch: int) -> dict[str, float]:
    """Losses of an epoch: validation turns at a third."""
    fall = 2 * 0.9**epoch
    wobble = 0.01 * math.sin(7 * epoch)
    return {
        "train_loss": fall + 0.1 + wobble / 2,
        "val_loss": fall + 0.2 + 0.01 * max(0, epoch - 20) + wobble,
    }


def told(**options: Any) -> tuple[Advisor, list[News]]:
    heard: list[News] = []
    return Advisor(epochs=EPOCHS, show=heard.append, **options), heard


def test_a_verdict_is_said_when_it_lasts_and_not_again() -> None:
    advisor, heard = told()
    for epoch in range(EPOCHS):
        advisor.log(overfit(epoch), epoch=epoch)
    advisor.finish()
    assert advisor.verdict == "overfitting"
    assert heard == advisor.news
    said = [news.verdict for news in heard]
    assert said[-1] == "overfitting"
    assert len(said) == len(set(said))
    assert "cannot_judge" not in said
    assert not advisor.should_stop
    assert "overfitting" in heard[-1].text
    assert heard[-1].diagnosis.findings


def test_nan_is_said_at_once_and_stops_where_that_is_asked_for() -> None:
    for stop_on, stops in (({"diverged"}, True), (set[str](), False)):
        advisor, heard = told(stop_on=stop_on)
        for epoch in range(12):
            advisor.log(train_loss=2 - 0.1 * epoch)
        news = advisor.log(train_loss=math.nan)
        assert news is not None
        assert news.verdict == "diverged"
        assert news.stop is advisor.should_stop is stops
        assert heard[-1] is news
        assert advisor.log(train_loss=math.nan) is None


def test_a_stop_needs_a_verdict_that_lasts() -> None:
    advisor, _ = told(stop_on={"overfitting"})
    stopped = None
    advisor.epochs = 200
    for epoch in range(200):
        advisor.log(overfit(epoch), epoch=epoch + 1)
        if advisor.should_stop:
            stopped = epoch + 1
            break
    assert stopped is not None
    assert 25 < stopped < 200
    assert advisor.news[-1].text.endswith("(the training is asked to stop)")


def test_steps_of_losses_and_epochs_of_validation_stand_on_one_axis() -> None:
    advisor = Advisor(steps=600, show="none")
    for step in range(1, 601):
        advisor.log(step=step, loss=2 / step**0.5 + 0.1)
        if step % 50 == 0:
            advisor.log(step=step, eval_loss=2 / step**0.5 + 0.2)
    advisor.finish()
    assert advisor.diagnosis is not None
    assert advisor.diagnosis.columns == {"train_loss": "loss", "val_loss": "eval_loss"}
    assert advisor.diagnosis.axis == "step"
    assert advisor.diagnosis.epochs_or_steps == 600


def test_looks_become_rarer_as_the_log_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    advisor = Advisor(show="none")
    looks = []
    monkeypatch.setattr(advisor, "_diagnosed", lambda: looks.append(1))
    for step in range(20_000):
        advisor.log(step=step, loss=1.0)
    assert 50 < len(looks) < 500


def test_tensors_and_arrays_count_and_all_else_is_left_out() -> None:
    advisor = Advisor(show="none", columns={"val_loss": "nll/dev"})
    for epoch in range(12):
        advisor.log({
            "train_loss": np.float32(2 - epoch / 10), "nll": {"dev": np.array([2.1 - epoch / 10])},
            "name": "run", "done": False, "image": np.zeros((2, 2)), "none": None,
        })  # fmt: skip
    assert advisor.diagnosis is not None
    assert set(advisor.diagnosis.columns) == {"train_loss", "val_loss"}
    assert advisor.log(note="nothing that counts") is None


def test_what_cannot_be_read_leaves_the_training_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    advisor = Advisor(show="none", columns={"val_loss": "no such column"})
    for epoch in range(20):
        assert advisor.log(train_loss=2 - epoch / 20) is None
    assert advisor.verdict == "cannot_judge"
    assert advisor.finish() is None
    assert "no such column" in caplog.text
    assert caplog.text.count("could not be judged") == 1
    broken = Advisor(show="none")
    monkeypatch.setattr("hpadvisor.diagnosing.composer.diagnose_run", lambda *_: 1 / 0)
    with caplog.at_level(logging.ERROR, "hpadvisor"):
        broken.log(train_loss=1.0)
    assert "it goes on" in caplog.text
    assert broken.finish() is None


def test_a_situation_sharpens_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text("training: {epochs: 1000}\n", "utf-8")
    advisor = Advisor(path, show="none")
    for epoch in range(40):
        advisor.log(overfit(epoch))
    advisor.finish()
    assert advisor.diagnosis is not None
    assert "CUR061" in {one.rule for one in advisor.diagnosis.findings}  # less than planned
    with pytest.raises(UserError, match="trainig"):
        Advisor({"trainig": {"optimizer": "sgd"}})


def test_wrong_use_names_the_remedy() -> None:
    with pytest.raises(UserError, match="Did you mean 'diverged'"):
        Advisor(stop_on={"divergd"})
    with pytest.raises(ValueError, match="none of auto, line, log, notebook"):
        Advisor(show="screen")  # type: ignore[arg-type]


def test_news_go_to_standard_error_or_a_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    line = Advisor(show="line", name="run 7")
    for epoch in range(9):
        line.log(train_loss=math.nan, epoch=epoch)
    assert capsys.readouterr().err.count("hpadvisor: run 7 at epoch") == 1
    with caplog.at_level(logging.INFO, "hpadvisor"):
        logged = Advisor(show="log")
        for epoch in range(6):
            logged.log(train_loss=math.nan, epoch=epoch)
    assert "diverged" in caplog.text


def test_patience() -> None:
    lasting = Lasting(said="cannot_judge")
    flicker = ["healthy", "plateau"] * 20
    assert not any(lasting.look(one, float(n)) for n, one in enumerate(flicker, 1))
    said = [n for n in range(41, 80) if lasting.look("healthy", float(n))]
    assert said == [math.ceil(41 * (1 + GROWTH) - 1e-9)]
    assert said[0] - 41 >= LOOKS - 1
    assert not lasting.look("cannot_judge", 90.0)
    assert lasting.said == "healthy"
    assert lasting.look("diverged", 91.0, plain=True)
    assert not lasting.look("healthy", 92.0)
    assert lasting.rest()
    assert lasting.said == "healthy"
    assert not lasting.rest()


def test_the_first_look_at_a_log_is_said() -> None:
    lasting = Lasting()
    assert lasting.look("plateau", 30.0)
    assert not lasting.stood
    assert not lasting.look("plateau", 31.0)
    assert not lasting.look("plateau", 40.0)
    assert lasting.stood
