"""What a person sees: the next command, the marks, numbers in words, narrow terminals."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hpadvisor.api import diagnose
from hpadvisor.cli.main import app
from hpadvisor.diagnosing.model import Diagnosis
from hpadvisor.readers.curves.tables import Floats
from hpadvisor.report.diagnosis import diagnosis_text

SHARE = np.linspace(0, 1, 60)
TRAIN = 2 * np.exp(-6 * SHARE)
VALIDATION = 1 + (SHARE - 0.2) ** 2 * 3


def log(path: Path, **columns: Floats) -> Path:
    names = ",".join(("epoch", *columns))
    cells = np.column_stack([np.arange(60.0), *columns.values()])
    rows = [",".join(f"{value:.6g}" for value in row) for row in cells]
    path.write_text("\n".join([names, *rows]))
    return path


def text_of(diagnosis: Diagnosis, width: int = 80, drawn: bool = False) -> str:
    return diagnosis_text(diagnosis, width=width, color=False, drawn=drawn)


def test_the_next_command_can_be_pasted(tmp_path: Path) -> None:
    path = log(tmp_path / "my run's.csv", train_loss=TRAIN, val_loss=VALIDATION)
    words = shlex.split(diagnose(path).next)
    assert words == ["hpadvisor", "plan", "--curves", str(path)]


def test_the_next_command_of_what_came_through_a_pipe(tmp_path: Path) -> None:
    text = log(tmp_path / "a.csv", train_loss=2.3 * np.exp(4 * SHARE)).read_text()
    result = CliRunner().invoke(app, ["diagnose", "-"], input=text)
    assert result.stdout.rstrip().endswith("Next: hpadvisor plan --symptom diverged")


def test_the_next_command_of_a_range_test(tmp_path: Path) -> None:
    rates = np.logspace(-6, 0, 60)
    places = np.log10(rates)
    losses = 2.3 - 1.5 / (1 + np.exp(-3 * (places + 3))) + np.exp(6 * (places + 0.6))
    diagnosis = diagnose(log(tmp_path / "lr.csv", lr=rates, loss=losses))
    value = diagnosis.runs[0].recommendations[0].value
    assert diagnosis.next == f"hpadvisor plan --set training.learning_rate={value:g}"
    text = text_of(diagnosis, drawn=True)
    assert "a learning-rate range test that can be read\n" in text
    assert "healthy" not in text
    assert "start here" in text


def test_nothing_follows_from_what_cannot_be_judged(tmp_path: Path) -> None:
    assert diagnose({"train_loss": [2.0, 1.0]}).next == ""


@pytest.mark.parametrize("width", [40, 50, 80])
def test_lines_fit_a_narrow_terminal(tmp_path: Path, width: int) -> None:
    diagnosis = diagnose(log(tmp_path / "a.csv", train_loss=TRAIN, val_loss=VALIDATION))
    diagnosis.runs[0].source, diagnosis.next = "a.csv", ""
    for line in text_of(diagnosis, width, drawn=True).splitlines():
        assert len(line) <= width, line


def test_the_drawing_marks_the_best_epoch_and_the_finding(tmp_path: Path) -> None:
    text = text_of(
        diagnose(log(tmp_path / "a.csv", train_loss=TRAIN, val_loss=VALIDATION)), drawn=True
    )
    assert "┊ best val loss; ╎ worse than the best from here" in " ".join(text.split())
    assert "lowest validation loss 1 at epoch 12" in text
    broken = np.where(SHARE < 0.5, 2 - SHARE, np.nan)
    assert "╎ first NaN" in text_of(diagnose(log(tmp_path / "b.csv", train_loss=broken)), 80, True)


def test_evidence_is_said_in_words_and_the_advice_whole(tmp_path: Path) -> None:
    text = " ".join(text_of(diagnose({"train_loss": TRAIN, "val_loss": VALIDATION}), 200).split())
    assert "Validation loss: 1.12 at row 1, lowest 1 at row 13, 2.92 at row 60" in text
    assert "Keep the checkpoint of the lowest validation loss" in text
    assert "curve." not in text


def test_an_unsure_all_clear_says_so() -> None:
    diagnosis = diagnose({"train_loss": 2 - SHARE, "val_loss": 2 - SHARE})
    run = diagnosis.runs[0]
    run.verdict, run.confidence, run.findings = "healthy", 0.3, []
    text = " ".join(text_of(diagnosis).split())
    assert "nothing stands out; no single change helps in about 3 of 10" in text


def test_a_followed_log_speaks_text_only(tmp_path: Path) -> None:
    path = log(tmp_path / "a.csv", train_loss=TRAIN)
    result = CliRunner().invoke(app, ["diagnose", str(path), "--watch", "--format", "json"])
    assert "Leave --format" in str(result.exception)


def test_recommendations_have_the_contract_s_keys(tmp_path: Path) -> None:
    path = log(tmp_path / "a.csv", train_loss=TRAIN, val_loss=VALIDATION)
    document = json.loads(
        CliRunner().invoke(app, ["diagnose", str(path), "--format", "json"]).stdout
    )
    (run,) = document["runs"]
    assert set(run["recommendations"][0]) == {
        "parameter", "action", "factor", "value", "low", "high", "scale", "choices", "priority",
        "rule", "message",
    }  # fmt: skip


def overfitted(tmp_path: Path, **names: str) -> Path:
    columns = {names.get("train", "train_loss"): TRAIN, names.get("val", "val_loss"): VALIDATION}
    return log(tmp_path / "a.csv", **columns)


def next_words(arguments: list[str]) -> list[str]:
    text = CliRunner().invoke(app, ["diagnose", *arguments]).stdout
    return shlex.split(text.rpartition("Next: ")[2])


def test_the_next_command_carries_what_was_told(tmp_path: Path) -> None:
    path = overfitted(tmp_path, train="a", val="b")
    situation = tmp_path / "my situation.yaml"
    situation.write_text("training: {weight_decay: 0.0}\n")
    maps = ["--map", "train_loss=a", "--map", "val_loss=b"]
    flags = ["--optimizer", "sgd", "--lr", "0.03", "--classes", "10", "--from-scratch"]
    words = next_words(
        [str(path), *maps, *flags, "--epochs-planned", "90", "--situation", str(situation)]
    )
    assert words[:3] == ["hpadvisor", "plan", str(situation)]
    assert words[words.index("--curves") + 1] == str(path)
    for pair in (maps[:2], maps[2:], flags[:2], flags[2:4], flags[4:6], ["--epochs", "90"]):
        assert words[words.index(pair[1]) - 1] == pair[0]
    assert "--from-scratch" in words
    result = CliRunner().invoke(app, [*words[1:], "--format", "json", "--no-input"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)["situation"]
    assert "overfitting" in json.dumps(said)


def test_a_plan_without_curves_has_nothing_to_map() -> None:
    result = CliRunner().invoke(app, ["plan", "--map", "val_loss=b", "--no-input"])
    assert "Add --curves PATH" in str(result.exception)


@pytest.mark.parametrize(("planned", "said"), [("400", True), ("60", False)])
def test_a_run_before_its_planned_end_says_so(tmp_path: Path, planned: str, said: bool) -> None:
    path = overfitted(tmp_path)
    text = CliRunner().invoke(app, ["diagnose", str(path), "--epochs-planned", planned]).stdout
    assert ("The run has not reached its planned end" in text) is said
    assert ("It is judged as it stands" in text) is said


def test_planned_epochs_of_a_log_without_epochs(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("train_loss\n" + "\n".join(f"{value:.4f}" for value in TRAIN))
    text = CliRunner().invoke(app, ["diagnose", str(path), "--epochs-planned", "9"]).stdout
    assert "the log counts no epochs" in text


def test_what_the_model_looked_at_is_shown_when_asked_for_alone(tmp_path: Path) -> None:
    diagnosis = diagnose(overfitted(tmp_path))
    plain = text_of(diagnosis, 300)
    whole = diagnosis_text(diagnosis, width=300, color=False, drawn=False, why=True)
    leaf = "validation loss: rise from the best to the end, as a share of the best"
    assert leaf in whole
    assert leaf not in plain
    assert "chance that" not in plain
    assert "% sure" not in plain


def test_no_advice_holds_a_blank_for_what_is_unknown(tmp_path: Path) -> None:
    run = diagnose(log(tmp_path / "a.csv", train_loss=TRAIN + 0.02 * np.sin(40 * SHARE))).runs[0]
    assert not any("?" in item.message for item in run.recommendations)


def test_many_runs_are_counted(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / str(number)).mkdir()
        log(tmp_path / str(number) / "log.csv", train_loss=TRAIN, val_loss=VALIDATION)
    text = text_of(diagnose(tmp_path))
    assert "6 runs: 6 overfitting" in text


def test_meanings_of_facts_stand_alone() -> None:
    from hpadvisor.facts.curves.definitions import CURVE_FACTS

    leaning = [
        one.name
        for one in CURVE_FACTS
        if one.meaning.partition(": ")[2].startswith(("that ", "the same", "the smallest such"))
    ]
    assert not leaning


def test_the_verdict_is_painted_where_a_narrow_terminal_breaks_it() -> None:
    diagnosis = diagnose({"train_loss": 2 - SHARE, "val_loss": 2 - SHARE})
    run = diagnosis.runs[0]
    run.verdict, run.confidence, run.findings = "healthy", 0.3, []
    text = diagnosis_text(diagnosis, width=30, color=True, drawn=False)
    assert "\x1b[1;32mnothing stands out" in text


def test_a_plan_goes_on_from_the_best_of_several_runs(tmp_path: Path) -> None:
    from hpadvisor.api import plan

    log(tmp_path / "best.csv", train_loss=TRAIN, val_loss=VALIDATION)
    log(tmp_path / "worse.csv", train_loss=2.3 * np.exp(4 * SHARE))
    said = plan({}, curves=[tmp_path]).situation["symptoms"]
    assert said.value == ["overfitting"]


def test_a_plan_takes_the_rate_of_a_range_test(tmp_path: Path) -> None:
    from hpadvisor.api import plan

    rates = np.logspace(-6, 0, 60)
    places = np.log10(rates)
    losses = 2.3 - 1.5 / (1 + np.exp(-3 * (places + 3))) + np.exp(6 * (places + 0.6))
    path = log(tmp_path / "lr.csv", lr=rates, loss=losses)
    said = plan({}, curves=[path]).situation
    assert said["training.learning_rate"].source == f"--curves {path}"
    assert "symptoms" not in said


@pytest.mark.parametrize("width", [40, 60, 80])
def test_curves_that_end_together_keep_their_names_apart(width: int) -> None:
    from hpadvisor.report.plot import Drawn, draw

    curves = [Drawn(name, SHARE.tolist(), TRAIN.tolist()) for name in ("train", "val")]
    lines = draw(curves, width=width)
    assert all(len(line) <= width for line in lines)
    assert {line.split()[-1] for line in lines} >= {"train", "val"}


def test_a_handful_of_logs_named_one_by_one_is_drawn_too(tmp_path: Path) -> None:
    paths = [log(tmp_path / f"{name}.csv", train_loss=TRAIN) for name in "ab"]
    text = text_of(diagnose(paths), drawn=True)
    assert text.count("└0 ─") == 2
    assert text.count(" epochs ─") == 2


def test_a_plan_takes_rate_and_optimizer_from_the_log_where_nobody_says_them(
    tmp_path: Path,
) -> None:
    from hpadvisor.api import plan

    (tmp_path / "hparams.yaml").write_text("optimizer: adam\n")
    broken = np.where(SHARE < 0.5, 2 + SHARE, np.nan)
    path = log(tmp_path / "a.csv", train_loss=broken, lr=np.full(60, 0.02))
    found = plan({}, curves=[path])
    rate = found.situation["training.learning_rate"]
    assert rate.source == f"--curves {path} (the log, largest learning rate)"
    assert found.situation["training.optimizer"].value == "adam"
    assert "0.02 → 0.002" in found.steps[0].changes[0]
    said = plan({"training": {"learning_rate": 0.5}}, curves=[path]).situation
    assert said["training.learning_rate"].value == 0.5
    (tmp_path / "hparams.yaml").write_text("optimizer: MyOwnOptimizer\n")
    assert {"training.learning_rate"} == {
        name for name in plan({}, curves=[path]).situation if name.startswith("training.")
    }


def test_planned_epochs_of_a_situation_say_that_it_is_too_early(tmp_path: Path) -> None:
    log, situation = tmp_path / "run.csv", tmp_path / "s.yaml"
    rows = "".join(f"{e},{2 / e:.4f},{2.2 / e:.4f}\n" for e in range(1, 13))
    log.write_text(f"epoch,train_loss,val_loss\n{rows}")
    situation.write_text("training: {epochs: 300}\n")
    text = CliRunner().invoke(app, ["diagnose", str(log), "--situation", str(situation)]).stdout
    assert "too early to tell" in text
    situation.write_text("training: {epochs: 14}\n")
    late = CliRunner().invoke(app, ["diagnose", str(log), "--situation", str(situation)]).stdout
    assert "too early to tell" not in late
