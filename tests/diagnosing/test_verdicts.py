"""Verdicts of plain cases, their order, and the contract of the JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

from hpadvisor.api import diagnose
from hpadvisor.cli.main import app
from hpadvisor.diagnosing.composer import ELSEWHERE
from hpadvisor.diagnosing.model import RunDiagnosis, diagnosis_schema
from hpadvisor.engine.entries import Points
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.scoring import points_of
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.vocabulary import DIAGNOSES
from hpadvisor.readers.curves.tables import Floats

SHARE = np.linspace(0, 1, 60)
RNG = np.random.default_rng(7)


def judged(train: object, validation: object = None, **more: object) -> RunDiagnosis:
    curves = {"train_loss": train, **more}
    if validation is not None:
        curves["val_loss"] = validation
    return diagnose(curves).runs[0]


def test_overfitting() -> None:
    run = judged(2 * np.exp(-6 * SHARE), 1 + (SHARE - 0.2) ** 2 * 3)
    assert run.verdict == "overfitting"
    assert run.recommendations[0].parameter in ("early_stopping", "regularization")


def test_learning_rate_too_low() -> None:
    run = judged(2.3 - 0.3 * SHARE, 2.32 - 0.29 * SHARE)
    assert run.verdict == "learning_rate_too_low"
    first = run.recommendations[0]
    assert (first.parameter, first.action) == ("learning_rate", "increase")
    assert first.factor is not None
    assert first.factor >= 3
    assert any("cheapest test" in note for note in run.notes)


@pytest.mark.parametrize(
    "train",
    [
        np.concatenate((2 - SHARE[:20], np.full(40, np.nan))),
        np.concatenate((2 - SHARE[:20], 2 + 400 * SHARE[:40])),
        2.3 * np.exp(4 * SHARE),
    ],
)
def test_diverged(train: object) -> None:
    run = judged(train)
    assert run.verdict == "diverged"
    first = run.recommendations[0]
    assert (first.parameter, first.action) == ("learning_rate", "decrease")


def test_a_rise_of_validation_alone_is_never_diverged() -> None:
    run = judged(2 * np.exp(-6 * SHARE), 1 + 40 * SHARE**2)
    assert run.verdict in ("overfitting", "learning_rate_too_high")


def test_healthy_keeps_everything() -> None:
    noise = 0.004 * RNG.standard_normal((2, 60))
    train = 0.3 + 1.7 * np.exp(-9 * SHARE) + noise[0]
    run = judged(train, 0.34 + 1.7 * np.exp(-9 * SHARE) + noise[1])
    assert run.verdict == "healthy"
    assert (run.recommendations[0].parameter, run.recommendations[0].action) == ("none", "keep")


def noisy_fall(points: int, sigma: float, seed: int = 5, floor: float = 0.3) -> Floats:
    share = np.linspace(0, 1, points)
    noise = sigma * np.random.default_rng(seed).standard_normal(points)
    return np.asarray(floor + 1.7 * np.exp(-9 * share) + noise)


def test_spikes_are_unstable() -> None:
    train = noisy_fall(400, 0.01)
    train[[90, 131, 260]] += 4
    run = judged(train, noisy_fall(40, 0.004, 6, 0.5))
    assert run.verdict == "unstable"
    assert run.findings[0].rule == "CUR054"
    assert [item.parameter for item in run.recommendations[:3]] == [
        "learning_rate",
        "batch_size",
        "gradient_clipping",
    ]


def test_plans_and_diagnoses_calm_an_unstable_training_alike() -> None:
    rules = {rule.id: rule for rule in load_knowledge().rules}
    planned = [item.parameter for item in rules["DIA020"].recommend]
    diagnosed = [item.parameter for item in rules["CUR054"].recommend]
    assert diagnosed[: len(planned)] == planned


def test_a_spike_in_every_epoch_is_a_matter_of_the_data(tmp_path: Path) -> None:
    train = noisy_fall(800, 0.01)
    train[37::100] += 4
    rows = [f"{k},{k // 100},{value:.4f}" for k, value in enumerate(train)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["step,epoch,train_loss", *rows]))
    run = diagnose(path).runs[0]
    assert run.verdict == "unstable"
    assert run.findings[0].rule == "CUR055"
    assert run.recommendations[0].parameter == "data"
    explained = {one.rule: one.explained_by for one in run.findings}
    assert explained["CUR054"]  # by the rhythm, or by a rate that is too high
    assert explained["CUR051"]


def test_noisy_validation() -> None:
    run = judged(noisy_fall(80, 0.004), noisy_fall(80, 0.2, 6, 1.0))
    assert run.verdict == "noisy_validation"
    assert run.recommendations[0].parameter == "validation_data"


def test_zero_rate_is_named() -> None:
    run = judged(2.3 + 0.01 * RNG.standard_normal(60), learning_rate=np.zeros(60))
    assert run.verdict == "not_learning"
    assert run.findings[0].rule == "CUR006"


def test_several_runs_are_compared(tmp_path: Path) -> None:
    for name, rate in (("a", 3.0), ("b", 9.0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "hparams.yaml").write_text(f"lr: {0.01 * rate}\n")
        rows = [f"{k},{2 * np.exp(-rate * s) + 0.2:.4f}" for k, s in enumerate(SHARE)]
        (folder / "metrics.csv").write_text("\n".join(["epoch,val_loss", *rows]))
    diagnosis = diagnose(tmp_path)
    assert len(diagnosis.runs) == 2
    assert "b/metrics.csv" in diagnosis.comparison[0]
    assert any(line.startswith("lr ") for line in diagnosis.comparison)


def log(tmp_path: Path, train: object, name: str = "log.csv") -> str:
    rows = [f"{k},{value:.5f}" for k, value in enumerate(train)]  # type: ignore[arg-type, var-annotated]
    path = tmp_path / name
    path.write_text("\n".join(["epoch,train_loss", *rows]))
    return str(path)


def test_json_follows_the_published_schema(tmp_path: Path) -> None:
    path = log(tmp_path, np.concatenate((2 - SHARE[:20], np.full(10, np.nan))))
    result = CliRunner().invoke(app, ["diagnose", path, "--format", "json"])
    document = json.loads(result.stdout)
    jsonschema.validate(document, diagnosis_schema())
    run = document["runs"][0]
    assert run["verdict"] in DIAGNOSES
    assert [item["priority"] for item in run["recommendations"]] == [1, 2, 3]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("options", "code"), [([], 1), (["--fail-on", "never"], 0), (["--fail-on", "error"], 1)]
)
def test_exit_codes(tmp_path: Path, options: list[str], code: int) -> None:
    path = log(tmp_path, 2.3 * np.exp(4 * SHARE))
    assert CliRunner().invoke(app, ["diagnose", path, *options]).exit_code == code


def test_cannot_judge_is_exit_2(tmp_path: Path) -> None:
    path = log(tmp_path, [2.0, 1.0])
    result = CliRunner().invoke(app, ["diagnose", path])
    assert result.exit_code == 2
    assert "cannot judge" in result.stdout


def test_standard_input_and_flags(tmp_path: Path) -> None:
    text = Path(log(tmp_path, 2.3 * np.exp(4 * SHARE))).read_text()
    options = ["--optimizer", "adam", "--lr", "0.1", "--classes", "10", "--epochs-planned", "60"]
    result = CliRunner().invoke(app, ["diagnose", "-", *options], input=text)
    assert result.exit_code == 1
    assert "diverged" in result.stdout


def test_a_pipe_gets_no_drawing(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["diagnose", log(tmp_path, 2 - SHARE)])
    assert not any("\u2800" <= sign <= "\u28ff" for sign in result.stdout)
    assert "\x1b[" not in result.stdout


def test_the_drawing_shows_the_fall() -> None:
    from hpadvisor.report.plot import Drawn, draw

    curve = Drawn("train", SHARE.tolist(), (2 - SHARE).tolist())
    lines = draw([curve], width=60, height=6, marks=[0.5, 0.9])
    assert len(lines) == 6
    assert all(len(line) <= 60 for line in lines)
    assert lines[0].strip().startswith("2")
    assert "┊" in "".join(lines)
    assert "╎" in "".join(lines)
    assert lines[-1].endswith("train")
    assert "\x1b[36m" in "".join(draw([curve], width=60, color=True))


def test_bad_map_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["diagnose", log(tmp_path, 2 - SHARE), "--map", "nonsense"])
    assert result.exit_code != 0
    assert "ROLE=NAME" in str(result.exception)


def test_scores_are_sound() -> None:
    knowledge = load_knowledge(without=ELSEWHERE)
    assert knowledge.scores
    for score in knowledge.scores:
        for row in score.points:
            assert len(row.points) == len(row.below) + 1, (score.id, row.fact)
            assert list(row.below) == sorted(row.below), (score.id, row.fact)
            assert row.fact in knowledge.registry, (score.id, row.fact)


def test_points_are_added_by_limit_and_unknown() -> None:
    row = Points(fact="curve.gap.final", below=(0.1, 0.4), points=(-1.0, 0.0, 2.0), unknown=0.5)
    given = [(0.0, -1.0), (0.1, 0.0), (0.39, 0.0), (0.4, 2.0), (9.0, 2.0)]
    for value, points in given:
        assert points_of(row, Facts.of({"curve.gap.final": value})) == points
    assert points_of(row, Facts()) == 0.5


def test_every_change_of_the_clinic_has_a_rule() -> None:
    rules = {rule.id for rule in load_knowledge(without=ELSEWHERE).rules}
    assert {f"CUR0{number}" for number in range(30, 39)} <= rules


def test_a_short_log_waits_for_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from hpadvisor.cli.main import build_app\n"
        f"arguments = ['diagnose', {log(tmp_path, 2 - SHARE)!r}, '--fail-on', 'never']\n"
        "build_app(['diagnose'])(arguments, standalone_mode=False)\n"
        "heavy = {'pydantic', 'yaml', 'rich', 'scipy', 'hpadvisor.engine.loading',\n"
        "         'hpadvisor.cli.plan'}\n"
        "if not sys.modules['numpy'].__version__.startswith('1.'):\n"
        "    heavy |= {'numpy.ma', 'numpy.random', 'numpy.fft', 'numpy.polynomial'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HPADVISOR_NO_CACHE": ""}
    for _ in range(2):  # the first run fills the cache
        run = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
        )
    assert run.stderr.strip() == "[]"


def test_every_finding_says_what_to_see_afterwards_and_what_else_to_try() -> None:
    for rule in load_knowledge(without=ELSEWHERE).rules:
        if "diagnose" not in rule.applies_to or rule.severity == "note":
            continue
        text = f" {rule.advice.lower()}"
        assert len(rule.recommend) >= 2, rule.id
        assert " should " in text, rule.id
        assert any(word in text for word in (" if ", " where ")), rule.id
