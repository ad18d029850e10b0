"""What the situation adds to the curves: rate, optimizer and regularisation, where known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.clinic.logs import csv_of, run_of
from benchmarks.clinic.truth import settings
from hpadvisor.api import diagnose as diagnose_files
from hpadvisor.cli.main import app
from hpadvisor.diagnosing.composer import ELSEWHERE, diagnose_run
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.scoring import add_scores
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.definitions import RELATIVE_FACTS
from hpadvisor.facts.situation.relative import relative_facts


@pytest.mark.parametrize(
    ("told", "orders"),
    [
        ({"training.optimizer": "adam", "training.learning_rate": 3e-2}, 1.0),
        ({"training.optimizer": "AdamW", "training.learning_rate": 3e-4}, -1.0),
        ({"training.optimizer": "sgd", "training.learning_rate": 0.1}, 0.0),
        (
            {
                "training.optimizer": "sgd",
                "training.momentum": 0.9,
                "training.learning_rate": 0.3,
            },
            1.0,
        ),
    ],
)
def test_the_rate_over_the_usual_one(told: dict[str, object], orders: float) -> None:
    facts = relative_facts(Facts.of({**told, "model.pretrained": False}))
    assert facts.get("training.rate_orders") == pytest.approx(orders)


@pytest.mark.parametrize(
    "told",
    [
        {"training.optimizer": "adam", "training.learning_rate": 2e-5, "model.pretrained": True},
        {"training.optimizer": "adam", "training.learning_rate": 2e-5},
        {"training.learning_rate": 0.1, "model.pretrained": False},
        {
            "training.optimizer": "lamb",
            "training.learning_rate": 0.1,
            "model.pretrained": False,
        },
        {
            "training.optimizer": "adam",
            "training.learning_rate": math.nan,
            "model.pretrained": False,
        },
    ],
)
def test_no_rate_is_compared_that_cannot_be(told: dict[str, object]) -> None:
    assert "training.rate_orders" not in relative_facts(Facts.of(told))


def test_every_relative_fact_is_defined() -> None:
    told = {
        "training.optimizer": "adam", "training.learning_rate": 0.1, "model.pretrained": False,
        "training.weight_decay": 0.1, "training.dropout": 0.1,
    }  # fmt: skip
    found = {fact.name: fact.value for fact in relative_facts(Facts.of(told))}
    assert set(found) == {definition.name for definition in RELATIVE_FACTS}
    assert found["training.adaptive"] is True
    assert found["training.decay_orders"] == pytest.approx(math.log10(200))


def test_regularisation_is_known_by_one_of_both_or_by_two_zeros() -> None:
    def found(**told: float) -> object:
        given = {f"training.{name}": value for name, value in told.items()}
        return relative_facts(Facts.of(given)).get("training.regularized")

    assert found(weight_decay=0.0) is None
    assert found(dropout=0.1) is True
    assert found(weight_decay=0.0, dropout=0.0) is False


def _score(name: str, told: dict[str, object]) -> float:
    knowledge = load_knowledge(without=ELSEWHERE)
    facts = Facts.of({"curve.train_loss.best_at": 0.9, "curve.val_loss.best_at": 0.9})
    for fact in (*Facts.of(told), *relative_facts(Facts.of(told))):
        facts.put(fact.name, fact.value, fact.source)
    return float(add_scores(knowledge.scores, facts).get(name))


def test_other_situation_other_score_and_unknown_the_same() -> None:
    unknown = _score("score.regularization_down", {})
    none = _score(
        "score.regularization_down",
        {"training.weight_decay": 0.0, "training.optimizer": "sgd", "training.dropout": 0.0},
    )
    much = _score(
        "score.regularization_down",
        {"training.weight_decay": 0.05, "training.optimizer": "sgd", "training.dropout": 0.5},
    )
    assert none < unknown < much
    half = {"training.optimizer": "lamb", "training.weight_decay": 0.0}
    assert _score("score.regularization_down", half) == unknown


def test_same_curves_other_situation_other_advice() -> None:
    """A model held down by dropout: less regularisation is advised unless there is none."""
    record = next(one for one in settings("development") if one["id"] == "0282-3")
    knowledge = load_knowledge(without=ELSEWHERE)

    def judged(told: dict[str, object] | None) -> RunDiagnosis:
        return diagnose_run(run_of(record, 0), knowledge, Facts.of(told) if told else None)

    strong = {
        "training.optimizer": "adamw",
        "training.weight_decay": 0.9,
        "training.dropout": 0.5,
    }
    none = {"training.optimizer": "adamw", "training.weight_decay": 0.0, "training.dropout": 0.0}
    much = judged(strong)
    assert (much.verdict, much.recommendations[0].parameter) == ("underfitting", "regularization")
    assert "CUR038" not in {finding.rule for finding in judged(none).findings}
    unknown, other = judged(None), judged({"data.train_examples": 500})
    assert (unknown.verdict, unknown.confidence) == (other.verdict, other.confidence)
    assert unknown.recommendations[0].parameter != much.recommendations[0].parameter


def test_what_lies_beside_the_log_is_known() -> None:
    record = next(one for one in settings("development") if one["id"] == "0036-3")
    knowledge = load_knowledge(without=ELSEWHERE)
    told = {"optimizer": "AdamW", "weight_decay": "0.9", "model.dropout": 0.5}
    beside, spoken = run_of(record, 0), run_of(record, 0)
    beside.config = dict(told)
    by_user = Facts.of({
        "training.optimizer": "adamw", "training.weight_decay": 0.9, "training.dropout": 0.5,
    })  # fmt: skip
    one, two = diagnose_run(beside, knowledge), diagnose_run(spoken, knowledge, by_user)
    assert (one.verdict, one.confidence) == (two.verdict, two.confidence)
    contrary = Facts.of({"training.weight_decay": 0.0, "training.dropout": 0.0})
    rules = {found.rule for found in diagnose_run(beside, knowledge, contrary).findings}
    assert "CUR038" not in rules


def test_a_situation_file_sharpens_the_command(tmp_path: Path) -> None:
    record = next(one for one in settings("development") if one["id"] == "0036-3")
    log, situation = tmp_path / "metrics.csv", tmp_path / "situation.yaml"
    log.write_text(csv_of(record, 0))
    situation.write_text("training: {optimizer: adamw, weight_decay: 0.9, dropout: 0.5}\n")
    alone = CliRunner().invoke(app, ["diagnose", str(log)])
    told = CliRunner().invoke(app, ["diagnose", str(log), "--situation", str(situation)])
    assert "weight decay" not in alone.stdout.casefold()
    assert "weight decay" in told.stdout.casefold()


@pytest.mark.parametrize(("scores", "judged"), [((0.98, 0.46), False), ((0.9, 0.92), True)])
def test_few_scores_that_fall_far_are_not_called_healthy(
    tmp_path: Path, scores: tuple[float, float], judged: bool
) -> None:
    lines = []
    for step in range(1, 11):
        loss = (0.37, 0.19, 0.183, 0.175, 0.167, 0.173, 0.169, 0.166, 0.162, 0.158)[step - 1]
        lines.append(f"epoch 0 step {step}00 lr 0.001 logloss {loss}")
        if step in (5, 10):
            lines.append(f"# Epoch-time 3{step}.16s Eval AUC {scores[step // 10]}")
    path = tmp_path / "train.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    (run,) = diagnose_files([str(path)]).runs
    assert (run.verdict == "healthy") == judged
    assert ("evaluations are too few" in run.reason) != judged
