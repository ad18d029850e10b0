"""Shells complete names: kinds, optimizers, symptoms, examples, rule ids."""

from __future__ import annotations

import pytest

from hpadvisor.cli import completion
from tests.cli.running import hpadvisor


def completed(words: str) -> list[str]:
    """What bash would offer for the last word."""
    run = hpadvisor(
        environment={
            "_HPADVISOR_COMPLETE": "complete_bash", "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
    )  # fmt: skip
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("hpadvisor plan --training llm-", ["llm-fine-tuning", "llm-pretraining"]),
        ("hpadvisor plan --symptom over", ["overfitting"]),
        ("hpadvisor plan --example lora", ["lora-7b"]),
        ("hpadvisor check --select SPC001,SPC002", ["SPC001,SPC002"]),
        ("hpadvisor rules show SPC012", ["SPC012"]),
        ("hpadvisor explain learn", ["learning_rate"]),
    ],
)
def test_a_shell_completes(words: str, wanted: list[str]) -> None:
    assert completed(words) == wanted


def test_names_are_those_of_the_program() -> None:
    assert completion.optimizers("adam") == ["adam", "adamw"]
    assert completion.strategies("b") == ["bayesian"]
    assert completion.tools("op") == ["optuna", "optuna-workers"]
    assert completion.hyperparameters("learning_rate,weight") == ["learning_rate,weight_decay"]
    assert completion.kinds_of_rules("sp") == ["space"]
    assert "list" in completion.examples("")
    assert "learning_rate" in completion.questions("")
    assert not any(name.startswith("SPC") for name in completion.questions(""))
    assert all(len(found("zzz")) == 0 for found in (completion.kinds, completion.rule_ids))
