"""Reading a situation: who said what, which of two wins, and what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.errors import UserError, UserErrors
from hpadvisor.facts.situation.model import Situation
from hpadvisor.facts.situation.reading import build_situation, situation_facts
from hpadvisor.facts.situation.schema import situation_schema
from hpadvisor.facts.situation.statements import (
    Statement,
    parse_assignment,
    read_statements,
    statements_of,
)
from hpadvisor.planning.understanding import understand
from tests.support import EXAMPLES, SITUATIONS, marked_line

FILE = """\
# A comment
task:
  metric: val_accuracy
training:
  kind: vision-from-scratch
  lr: 0.1
budget: {hours: 2d,
         hours_per_training: 30min}
symptoms: [overfitting]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "situation.yaml"
    path.write_text(FILE)
    return path


def build(statements: list[Statement], knowledge: Knowledge) -> tuple[Situation, dict[str, str]]:
    return build_situation(statements, knowledge.vocabulary())


def test_every_value_knows_its_line(file: Path, knowledge: Knowledge) -> None:
    situation, provenance = build(read_statements(file), knowledge)
    facts = situation_facts(situation, provenance)
    lines = {fact.name: fact.source.rsplit(":", 1)[1] for fact in facts}
    assert lines == {
        "task.metric": "3",
        "training.kind": "5",
        "training.learning_rate": "6",
        "budget.hours": "7",
        "budget.hours_per_training": "8",
        "symptoms": "9",
    }
    assert all(fact.source.startswith(str(file)) for fact in facts)


def test_quantities_are_read(file: Path, knowledge: Knowledge) -> None:
    situation, _ = build(read_statements(file), knowledge)
    assert situation.budget.hours == 48
    assert situation.budget.hours_per_training == 0.5


def test_later_statements_win(file: Path, knowledge: Knowledge) -> None:
    statements = [
        *read_statements(file),
        Statement("budget.hours", "10h", "--hours"),
        Statement("training.learning_rate", "0.3", "--learning-rate"),
        parse_assignment("budget.parallel=4"),
    ]
    situation, provenance = build(statements, knowledge)
    facts = situation_facts(situation, provenance)
    found = {name: facts.fact(name) for name in ("budget.hours", "training.learning_rate")}
    assert {name: (fact.value, fact.source) for name, fact in found.items() if fact} == {
        "budget.hours": (10.0, "--hours"),
        "training.learning_rate": (0.3, "--learning-rate"),
    }
    parallel = facts.fact("budget.parallel")
    assert parallel is not None
    assert parallel.source == "--set budget.parallel"


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("budget.hours=48", "budget.hours", 48),
        ("budget.hours=2d", "budget.hours", "2d"),
        ("task.acceptable=true", "task.acceptable", True),
        ("symptoms=[overfitting, plateau]", "symptoms", ["overfitting", "plateau"]),
        ("training.learning_rate=3e-4", "training.learning_rate", 3e-4),
        ("task.metric='loss = x'", "task.metric", "loss = x"),
        ("task.metric=a: b", "task.metric", "a: b"),
        ("budget.hours=", "budget.hours", None),
    ],
)
def test_assignment(text: str, path: str, value: Any) -> None:
    statement = parse_assignment(text)
    assert (statement.path, statement.value) == (path, value)
    assert statement.source == f"--set {path}"


def test_an_empty_assignment_takes_a_value_back(file: Path, knowledge: Knowledge) -> None:
    statements = [*read_statements(file), parse_assignment("budget.hours=")]
    situation, _ = build(statements, knowledge)
    assert situation.budget.hours is None


@pytest.mark.parametrize(
    ("key", "value", "canonical", "expected"),
    [
        ("lr", 0.1, "learning_rate", 0.1),
        ("wd", "1e-4", "weight_decay", 1e-4),
        ("learning_rate", "3e-4", "learning_rate", 3e-4),
        ("gradient_clipping", None, "gradient_clipping", 0),
        ("lr_schedule", "cosine", "lr_schedule", "cosine"),
    ],
)
def test_training_keys_are_canonical(
    key: str, value: Any, canonical: str, expected: Any, knowledge: Knowledge
) -> None:
    statement = Statement(f"training.{key}", value, "said")
    situation, provenance = build([statement], knowledge)
    fact = situation_facts(situation, provenance).fact(f"training.{canonical}")
    if expected is None:
        assert fact is None
    else:
        assert fact is not None
        assert (fact.value, fact.source) == (expected, "said")


@pytest.mark.parametrize(
    ("word", "kind"),
    [("lora", "lora"), ("qlora", "lora"), ("LoRA", "lora"), ("xgboost", "gradient-boosting"),
     ("vision from scratch", "vision-from-scratch"), ("llm_fine_tuning", "llm-fine-tuning")],
)  # fmt: skip
def test_kinds_are_found_by_alias(word: str, kind: str, knowledge: Knowledge) -> None:
    situation, _ = build([Statement("training.kind", word, "said")], knowledge)
    assert situation.training.kind == kind


def test_null_is_unknown_not_false(knowledge: Knowledge) -> None:
    nested = {"task": {"acceptable": None}, "model": {"pretrained": None}, "symptoms": None}
    situation, provenance = build(statements_of(nested, "said"), knowledge)
    assert len(situation_facts(situation, provenance)) == 0


def test_empty_sections_are_fine(knowledge: Knowledge) -> None:
    nested: dict[str, Any] = {"task": {}, "training": {}, "budget": None}
    situation, _ = build(statements_of(nested, "said"), knowledge)
    assert situation == Situation()


def test_roles_of_own_hyperparameters_may_be_aliases(knowledge: Knowledge) -> None:
    own = [{"name": "eta", "role": "lr"}, {"name": "wd"}, {"name": "mystery"}]
    situation, provenance = build([Statement("hyperparameters", own, "f:1")], knowledge)
    roles = [item.role for item in situation.hyperparameters or []]
    assert roles == ["learning_rate", "weight_decay", None]
    facts = situation_facts(situation, provenance)
    assert facts.get("user.hyperparameters") == ["learning_rate", "weight_decay"]


def test_defaults_of_own_hyperparameters_are_todays_values(knowledge: Knowledge) -> None:
    own = [{"name": "eta", "role": "learning_rate", "default": 0.05}]
    situation, provenance = build([Statement("hyperparameters", own, "f:1")], knowledge)
    fact = situation_facts(situation, provenance).fact("training.learning_rate")
    assert fact is not None
    assert fact.value == 0.05
    assert "eta" in fact.source


def test_names_of_a_search_are_canonical(knowledge: Knowledge) -> None:
    own = [{"name": "eta", "role": "learning_rate"}]
    statements = [
        Statement("hyperparameters", own, "f:1"),
        Statement("search.tune", "eta, wd,dropout,wd", "--tune"),
    ]
    situation, _ = build(statements, knowledge)
    assert situation.search.tune == ["eta", "weight_decay", "dropout"]


def test_assumptions_fill_only_what_was_not_said(knowledge: Knowledge) -> None:
    said = {"training": {"kind": "lora", "optimizer": "lion"}}
    situation, provenance = build(statements_of(said, "said"), knowledge)
    facts = understand(situation, provenance, knowledge)
    assert facts.get("training.optimizer") == "lion"
    pretrained = facts.fact("model.pretrained")
    assert pretrained is not None
    assert pretrained.value is True
    assert pretrained.source == "assumed: usual for lora"


def test_the_kind_follows_from_the_model_where_only_one_fits(knowledge: Knowledge) -> None:
    said = {"task": {"kind": "classification"}, "model": {"family": "cnn", "pretrained": False}}
    situation, provenance = build(statements_of(said, "said"), knowledge)
    kind = understand(situation, provenance, knowledge).fact("training.kind")
    assert kind is not None
    assert (kind.value, kind.source) == ("vision-from-scratch", "assumed: fits the model")


BAD: dict[str, tuple[str, str]] = {
    "unknown-section": ("trainig: {kind: lora}  # HERE", "unknown key 'trainig'.*'training'"),
    "unknown-key": ("budget:\n  hour: 3  # HERE", "unknown key 'hour'.*'hours'"),
    "unknown-hyperparameter": (
        "training:\n  learning_rat: 3  # HERE", "unknown key 'learning_rat'.*'learning_rate'",
    ),
    "unknown-kind": ("training:\n  kind: visoin  # HERE", "'visoin' is no kind.*vision"),
    "unknown-optimizer": ("training:\n  optimizer: adm  # HERE", "'adm' is none of.*'adam'"),
    "unknown-symptom": ("symptoms: [overfiting]  # HERE", "'overfiting' is none.*'overfitting'"),
    "wrong-type": ("model:\n  pretrained: perhaps  # HERE", "pretrained.*not 'perhaps'"),
    "text-for-a-number": ("data:\n  classes: many  # HERE", "'many' is no number"),
    "unit-of-nothing": ("budget:\n  hours: 3 moons  # HERE", "'moons' is no unit of time"),
    "negative-budget": ("budget:\n  hours: -3  # HERE", "greater than or equal to 0, not -3"),
    "training-of-no-time": ("budget:\n  hours_per_training: 0  # HERE", "greater than 0, not 0"),
    "half-a-worker": ("budget:\n  parallel: 0  # HERE", "greater than or equal to 1, not 0"),
    "section-without-keys": ("budget: 48  # HERE", "a section is a mapping"),
    "rate-that-is-no-number": ("training:\n  lr: .nan  # HERE", "learning_rate is nan, which"),
    "list-as-a-choice": (
        "hyperparameters:\n  - {name: b, choices: [[1], 2]}  # HERE", "choices.0: input should be",
    ),
    "endless-budget": ("budget:\n  hours: .inf  # HERE", "finite number, not inf"),
    "negative-dropout": ("training:\n  dropout: -0.1  # HERE", "dropout is -0.1, below 0"),
    "half-a-batch": ("training:\n  batch_size: 1.5  # HERE", "1.5, which is no whole number"),
    "unknown-schedule": ("training:\n  lr_schedule: cosinus  # HERE", "no lr_schedule.*'cosine'"),
    "low-above-high": (
        "hyperparameters:\n  - {name: eta, low: 1, high: 0.1}  # HERE", "low 1 is above high 0.1",
    ),
    "log-from-zero": (
        "hyperparameters:\n  - {name: eta, low: 0, high: 1, scale: log}  # HERE",
        "a log scale cannot start at 0",
    ),
    "default-outside": (
        "hyperparameters:\n  - {name: eta, low: 0, high: 1, default: 2}  # HERE",
        "default 2 is outside",
    ),
    "default-no-choice": (
        "hyperparameters:\n  - {name: b, choices: [1, 2], default: 3}  # HERE",
        "default 3 is none of its choices",
    ),
    "default-no-whole-number": (
        "hyperparameters:\n  - {name: b, type: int, default: 2.5}  # HERE", "no whole number",
    ),
    "choices-and-bounds": (
        "hyperparameters:\n  - {name: b, choices: [1, 2], low: 3}  # HERE", "choices and low",
    ),
    "unknown-role": (
        "hyperparameters:\n  - {name: eta, role: learning_rat}  # HERE", "rat' is no role",
    ),
    "two-of-a-role": (
        "hyperparameters:\n  - {name: a, role: lr}\n  - {name: b, role: lr}  # HERE",
        "'a' and 'b' both have the role learning_rate",
    ),
    "two-of-a-name": (
        "hyperparameters:\n  - {name: a}\n  - {name: a}  # HERE", "'a' stands twice",
    ),
    "key-of-a-hyperparameter": (
        "hyperparameters:\n  - {name: a, lo: 1}  # HERE", "unknown key 'lo'.*'low'",
    ),
    "tuned-and-fixed": (
        "search:\n  tune: [lr]\n  fixed: [learning_rate]  # HERE", "learning_rate: to be tuned",
    ),
    "tune-nothing-known": ("search:\n  tune: [lerning_rate]  # HERE", "no hyperparameter.*learn"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str, knowledge: Knowledge
) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text(text)
    with pytest.raises(UserErrors, match=message) as raised:
        build(read_statements(path), knowledge)
    (error,) = raised.value.errors
    assert (error.path, error.line) == (str(path), marked_line(text))


def test_all_mistakes_are_told_at_once(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text("budget: {hour: 3, parallel: 0}\ntraining: {kind: lorra, dropout: -1}\n")
    with pytest.raises(UserErrors) as raised:
        build(read_statements(path), knowledge)
    assert [error.line for error in raised.value.errors] == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "a situation is one mapping of sections"),
        ("just words\n", "a situation is one mapping of sections"),
        ("task: {a: 1}\n---\ntask: {b: 1}\n", "a situation is one mapping of sections"),
        ("task: {metric: loss\n", "not YAML"),
        ("task: !!python/object:os.system {}\n", "tag .* is not supported|not YAML"),
        ("budget: {hours: 1}\nbudget: {hours: 2}\n", "key 'budget' stands twice"),
    ],
)
def test_what_is_no_situation(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message) as raised:
        read_statements(path)
    assert raised.value.path == str(path)
    assert raised.value.line is not None


@pytest.mark.parametrize("path", (EXAMPLES | SITUATIONS).values(), ids=(EXAMPLES | SITUATIONS))
def test_the_published_schema_accepts_every_situation(path: Path, knowledge: Knowledge) -> None:
    import yaml

    from hpadvisor.readers.yaml_nodes import compose, construct

    schema = situation_schema(knowledge.vocabulary())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = construct(compose(path.read_text("utf-8"), path)[0], path)
    assert yaml.safe_load(path.read_text("utf-8"))  # other readers can read it too
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize(
    "document",
    [
        {"budget": {"hour": 3}},
        {"training": {"kind": "nothing"}},
        {"training": {"learning_rat": 1}},
        {"symptoms": ["overfiting"]},
        {"hyperparameters": [{"low": 1}]},
    ],
)
def test_the_published_schema_refuses_what_the_program_refuses(
    document: dict[str, Any], knowledge: Knowledge
) -> None:
    schema = situation_schema(knowledge.vocabulary())
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    with pytest.raises(UserErrors):
        build(statements_of(document, "said"), knowledge)


def test_the_rules_schema_accepts_the_shipped_rules(knowledge: Knowledge) -> None:
    from hpadvisor.engine.fields import json_schema
    from hpadvisor.readers.yaml_nodes import compose, construct
    from tests.support import ROOT

    schema = json_schema(knowledge.registry.names())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bad = []
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        for root in compose(path.read_text("utf-8"), path):
            bad += [
                f"{path.name}: {'/'.join(map(str, error.path))}: {error.message[:100]}"
                for error in validator.iter_errors(construct(root, path))
            ]
    assert not bad, "\n".join(bad)
