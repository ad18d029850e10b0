"""Whatever is wrong in a rules file, the message names file, line and remedy."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.support import MARK, VOCABULARY, errors_of, load_text, marked_line, rule_text

RANGE = """\
ranges:
  - id: RNG001                                              # ENTRY
    title: A range
    hyperparameter: learning_rate
    evidence: F
    sources: [{cite: book}]
"""
STRATEGY = """\
strategies:
  - id: STR001                                              # ENTRY
    title: A strategy
    evidence: F
    sources: [{cite: book}]
    strategy: bayesian
    tiers: 2
"""


def rules(rule: str) -> str:
    return f"rules:\n{rule}"


CASES: dict[str, tuple[str, str, str]] = {
    "unknown-fact": (
        rules(rule_text(when="{fact: training.knd, eq: lora}  # HERE")),
        "ADV001: unknown fact 'training.knd'",
        "Did you mean 'training.kind'?",
    ),
    "unknown-fact-deep": (
        rules(rule_text(when="\n      all:\n        - {fact: training.kind, eq: lora}\n"
                             "        - not: {fact: budget.ours, gt: 3}  # HERE")),
        "unknown fact 'budget.ours'",
        "Did you mean 'budget.hours'?",
    ),
    "unknown-fact-in-example": (
        rules(rule_text(examples="\n      - {given: {training.knd: ppo}, expect: match}  # HERE")),
        "example names unknown fact 'training.knd'",
        "Did you mean 'training.kind'?",
    ),
    "order-on-a-text": (
        rules(rule_text(when="{fact: training.optimizer, gt: 3}  # HERE")),
        "gt does not fit training.optimizer, which is no number",
        "Use eq, in or contains.",
    ),
    "eq-on-a-list": (
        rules(rule_text(when="{fact: symptoms, eq: overfitting}  # HERE")),
        "eq does not fit symptoms, which is a list",
        "Use contains.",
    ),
    "contains-on-a-number": (
        rules(rule_text(when="{fact: budget.hours, contains: 3}  # HERE")),
        "contains does not fit budget.hours, which is no list or text",
        "Use eq or in.",
    ),
    "matches-on-a-number": (
        rules(rule_text(when="{fact: budget.hours, matches: a}  # HERE")),
        "matches does not fit budget.hours, which is no text",
        "Use eq.",
    ),
    "bad-regular-expression": (
        rules(rule_text(when='{fact: model.name, matches: "resnet("}  # HERE')),
        "matches takes a regular expression",
        "Mend the expression",
    ),
    "text-for-a-number": (
        rules(rule_text(when="{fact: budget.hours, gt: many}  # HERE")),
        "budget.hours is a number, not 'many'",
        "Write a number.",
    ),
    "number-for-a-bool": (
        rules(rule_text(when="{fact: model.pretrained, eq: 1}  # HERE")),
        "model.pretrained is true or false",
        "Write true or false.",
    ),
    "word-outside-the-vocabulary": (
        rules(rule_text(when="{fact: symptoms, contains: overfiting}  # HERE")),
        "symptoms never holds 'overfiting'",
        "Did you mean 'overfitting'?",
    ),
    "in-without-a-list": (
        rules(rule_text(when="{fact: training.kind, in: lora}  # HERE")),
        "in takes a list",
        "Write in: […].",
    ),
    "between-backwards": (
        rules(rule_text(when="{fact: budget.hours, between: [9, 1]}  # HERE")),
        "between takes [low, high], low first",
        "Write between: [1, 9].",
    ),
    "between-of-texts": (
        rules(rule_text(when="{fact: budget.hours, between: [few, 9]}  # HERE")),
        "between takes [low, high], low first",
        "Write between: [1, 9].",
    ),
    "exists-of-a-word": (
        rules(rule_text(when="{fact: budget.hours, exists: maybe}  # HERE")),
        "exists takes true or false",
        "Write exists: true.",
    ),
    "two-operators": (
        rules(rule_text(when="{fact: budget.hours, gt: 1, lt: 3}  # HERE")),
        "a leaf takes one operator, not gt, lt",
        "One of: eq,",
    ),
    "unknown-operator": (
        rules(rule_text(when="{fact: budget.hours, above: 1}  # HERE")),
        "a leaf takes one operator, not above",
        "One of: eq,",
    ),
    "unknown-connective": (
        rules(rule_text(when="{al: [{fact: budget.hours, gt: 1}]}  # HERE")),
        "a condition is one of all, any, not",
        "Did you mean 'all'?",
    ),
    "all-of-nothing": (
        rules(rule_text(when="{all: []}  # HERE")),
        "all takes a list of conditions",
        "Write all: [{fact: …}, …].",
    ),
    "bad-expectation": (
        rules(rule_text(examples="[{given: {training.kind: lora}, expect: yes}]  # HERE")),
        "expect is 'yes'",
        "One of: match, no-match, unknown.",
    ),
    "example-without-expect": (
        rules(rule_text(examples="[{given: {training.kind: lora}}]  # HERE")),
        "an example has given: {…} and expect: …",
        "Add what is missing.",
    ),
    "missing-examples": (
        rules(rule_text(examples="").replace("ADV001", "ADV001  # HERE")),
        "ADV001: no example expects match or no-match",
        "Add examples:",
    ),
    "one-sided-examples": (
        rules(rule_text(examples="[{given: {training.kind: lora}, expect: match}]")
              .replace("ADV001", "ADV001  # HERE")),
        "ADV001: no example expects no-match",
        "Add examples:",
    ),
    "missing-source": (
        rules(rule_text(sources="").replace("ADV001", "ADV001  # HERE")),
        "ADV001: 'sources' is missing",
        "Add sources:",
    ),
    "no-source": (
        rules(rule_text(sources="[]").replace("ADV001", "ADV001  # HERE")),
        "ADV001: 'sources' is missing",
        "Add sources:",
    ),
    "unknown-source": (
        rules(rule_text(sources="[{cite: bok}]  # HERE")),
        "ADV001: cites unknown source 'bok'",
        "Did you mean 'book'?",
    ),
    "unknown-kind-of-entry": (
        "ruels:  # HERE\n  - {id: A}\n",
        "unknown kind 'ruels'",
        "Did you mean 'rules'?",
    ),
    "unknown-field": (
        rules(rule_text(severty="note  # HERE")),
        "ADV001: unknown key 'severty'",
        "Did you mean 'severity'?",
    ),
    "value-outside-the-choices": (
        rules(rule_text(severity="bad  # HERE")),
        "ADV001: severity is 'bad'",
        "One of: error, warning, note.",
    ),
    "wrong-type-of-field": (
        rules(rule_text(applies_to="plan  # HERE")),
        "ADV001: applies_to is not a list of texts",
        "commands that use it",
    ),
    "unknown-hyperparameter-in-advice": (
        rules(rule_text(recommend="[{parameter: dropuot, action: increase}]")
              .replace("ADV001", "ADV001  # HERE")),
        "ADV001: unknown hyperparameter 'dropuot'",
        "Did you mean 'dropout'?",
    ),
    "unknown-hyperparameter-of-a-range": (
        RANGE.replace("learning_rate", "momentun") + "    low: 1\n    high: 2\n    scale: linear\n"
        "    default: 1\n",
        "RNG001: unknown hyperparameter 'momentun'",
        "Known: learning_rate, dropout.",
    ),
    "log-range-that-reaches-zero": (
        RANGE + "    low: 0\n    high: 0.1\n    scale: log\n    default: 0.01\n",
        "RNG001: a log range cannot reach 0",
        "off: 0",
    ),
    "default-outside-the-range": (
        RANGE + "    low: 1e-4\n    high: 0.1\n    scale: log\n    default: 1\n",
        "RNG001: the default 1 is outside the range 0.0001 to 0.1",
        "Move the default or the range.",
    ),
    "range-upside-down": (
        RANGE + "    low: 1\n    high: 0.1\n    scale: linear\n    default: 1\n",
        "RNG001: low 1 is not below high 0.1",
        "Swap them.",
    ),
    "range-without-scale": (
        RANGE + "    low: 0.1\n    high: 1\n    default: 1\n",
        "RNG001: a range has low, high and scale, or choices",
        "Add what is missing.",
    ),
    "default-that-is-no-choice": (
        RANGE + "    choices: [1, 2]\n    default: 3\n",
        "RNG001: the default is none of the choices",
        "Take one of the choices.",
    ),
    "bad-placeholder": (
        rules(rule_text(advice="Take {budget.hourz}.").replace("ADV001", "ADV001  # HERE")),
        "ADV001: unknown placeholder {budget.hourz}",
        "Did you mean 'budget.hours'?",
    ),
    "placeholder-of-no-recommendation": (
        rules(rule_text(advice="Divide by {recommend.dropout.factor}.")
              .replace("ADV001", "ADV001  # HERE")),
        "unknown placeholder {recommend.dropout.factor}",
        "hpadvisor rules facts",
    ),
    "unknown-chapter": (
        rules(rule_text(chapters="[log-scales]").replace("ADV001", "ADV001  # HERE")),
        "ADV001: unknown chapter 'log-scales'",
        "Did you mean 'log-scale'?",
    ),
    "after-an-unknown-rule": (
        rules(rule_text(after="[ADV002]").replace("ADV001", "ADV001  # HERE")),
        "after names unknown rule ADV002",
        "Did you mean 'ADV001'?",
    ),
    "after-itself": (
        rules(rule_text(after="[ADV001]").replace("id: ADV001", "id: ADV001  # HERE")),
        "after names the rule itself",
        "Take it out.",
    ),
    "supersedes-an-unknown-rule": (
        rules(rule_text(supersedes="[XYZ]").replace("ADV001", "ADV001  # HERE")),
        "supersedes names unknown rule XYZ",
        "hpadvisor rules list",
    ),
    "assumption-of-an-unknown-fact": (
        "trainings:\n"
        "  - {id: gan, title: GAN, meaning: Two networks, evidence: F,  # HERE\n"
        "     assume: {training.optimiser: adam}, sources: [{cite: book}]}\n",
        "gan: assumes unknown fact 'training.optimiser'",
        "Did you mean 'training.optimizer'?",
    ),
    "tier-that-is-no-number": (
        "tiers:\n  - id: TIE001\n    title: Tiers\n    evidence: F\n    sources: [{cite: book}]\n"
        "    tiers: {first: [dropout]}  # HERE\n",
        "TIE001: tiers is not a mapping of tier numbers to lists",
        "hyperparameters by tier",
    ),
    "startup-that-is-no-number": (
        STRATEGY + "    sampler: {name: tpe, startup_trials: few}\n",
        "STR001: sampler.startup_trials is 'few'",
        "Give a whole number from 1.",
    ),
    "confirmation-of-nobody": (
        STRATEGY + "    confirm: {finalists: 0, seeds: 2}\n",
        "STR001: confirm.finalists is 0",
        "Give a whole number from 1.",
    ),
    "pruning-that-ends-before-it-begins": (
        STRATEGY + "    prune_trainings: 0\n",
        "STR001: prune_trainings is 0",
        "Give a whole number from 1, and no phases beside it.",
    ),
    "phases-that-do-not-add-up": (
        STRATEGY + "    phases: [{name: explore, share: 0.6, strategy: random}]\n",
        "STR001: the shares of the phases add up to 0.6",
        "They must add up to 1.",
    ),
    "pruner-that-costs-nothing": (
        "pruners:\n  - {id: PRN001, title: A pruner, evidence: F, pruner: asha,  # HERE\n"
        "     sources: [{cite: book}], cost_fraction: 0}\n",
        "PRN001: cost_fraction is 0",
        "Give a share above 0, at most 1.",
    ),
    "unknown-command": (
        rules(rule_text(applies_to="[plan, plans]  # HERE")),
        "ADV001: applies_to is 'plans'",
        "Did you mean 'plan'?",
    ),
    "id-that-is-no-text": (
        rules(rule_text("5  # HERE")),
        "5: id is not a text",
        "unique over all files",
    ),
    "list-instead-of-a-file": (
        "- id: ADV001  # HERE\n",
        "a rules file is a mapping of kinds to lists",
        "Start with 'rules:'.",
    ),
    "mapping-instead-of-a-list": (
        "rules:\n  ADV001: {title: A}  # HERE\n",
        "rules is no list",
        "Start each entry with '- id: …'.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "what", "remedy"), CASES.values(), ids=CASES)
def test_the_message_names_file_line_and_remedy(
    tmp_path: Path, text: str, what: str, remedy: str
) -> None:
    text = textwrap.dedent(text).replace("# ENTRY", MARK)
    errors = errors_of(tmp_path, text)
    matching = [error for error in errors if what in error.what]
    assert matching, [str(error) for error in errors]
    error = matching[0]
    assert error.path == str(tmp_path / "own.yaml")
    assert error.line == marked_line(text)
    assert remedy in error.remedy
    assert str(error).startswith(f"{tmp_path / 'own.yaml'}:{error.line}: ")
    assert "\n" not in str(error)


def test_duplicate_key(tmp_path: Path) -> None:
    text = rules(rule_text(severity="note\n    severity: error  # HERE"))
    (error,) = errors_of(tmp_path, text)
    first = marked_line(text) - 1
    assert error.what == f"key 'severity' stands twice (first in line {first})"
    assert error.line == marked_line(text)
    assert error.remedy == "Keep one of them."


def test_duplicate_id_names_both_places(tmp_path: Path) -> None:
    text = rules(rule_text()) + rule_text("adv001  # HERE")
    (error,) = errors_of(tmp_path, text)
    assert error.what == f"id adv001 is taken (first in {tmp_path / 'own.yaml'}:2)"
    assert error.line == marked_line(text)
    assert error.remedy == "Choose another id."


def test_duplicate_source(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, "sources: [{id: book, title: Twice, kind: guide}]\n")
    assert error.what == f"id book is taken (first in {tmp_path / 'a_vocabulary.yaml'}:2)"


def test_cycle_in_after_is_shown_whole(tmp_path: Path) -> None:
    text = (
        rules(rule_text("ADV001  # HERE", after="[ADV003]"))
        + rule_text("ADV002", after="[ADV001]")
        + rule_text("ADV003", after="[ADV002]")
    )
    (error,) = errors_of(tmp_path, text)
    assert error.what == "ADV001: cycle in after: ADV001 → ADV003 → ADV002 → ADV001"
    assert error.line == marked_line(text)
    assert error.remedy == "Take one of them out."


def test_a_diamond_in_after_is_no_cycle(tmp_path: Path) -> None:
    text = (
        rules(rule_text("ADV001"))
        + rule_text("ADV002", after="[ADV001]")
        + rule_text("ADV003", after="[ADV001]")
        + rule_text("ADV004", after="[ADV002, ADV003]")
    )
    assert [rule.id for rule in load_text(tmp_path, text).rules] == [
        "ADV001", "ADV002", "ADV003", "ADV004",
    ]  # fmt: skip


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    text = (
        rules(rule_text("ADV001", when="{fact: training.knd, eq: lora}"))
        + rule_text("ADV002", severity="bad")
        + rule_text("ADV003", sources="[{cite: nobody}]")
    )
    (tmp_path / "second.yaml").write_text("claim: []\n")
    errors = errors_of(tmp_path, text)
    assert {Path(error.path or "").name for error in errors} == {"own.yaml", "second.yaml"}
    found = "\n".join(str(error) for error in errors)
    for fragment in ("training.knd", "severity is 'bad'", "'nobody'", "unknown kind 'claim'"):
        assert fragment in found
    assert len(errors) == 4


def test_errors_of_references_are_reported_at_once(tmp_path: Path) -> None:
    text = rules(rule_text("ADV001", chapters="[nowhere]", after="[ADV009]")) + rule_text(
        "ADV002", advice="Take {budget.hourz}."
    )
    assert len(errors_of(tmp_path, text)) == 3


def test_a_sound_rule_loads(tmp_path: Path) -> None:
    (rule,) = load_text(tmp_path, rules(rule_text())).rules
    assert rule.id == "ADV001"
    assert rule.line == 2
    assert rule.citations[0].source.title == "A book"
    assert [example.expect for example in rule.examples] == ["match", "no-match"]


def test_numbers_follow_yaml_1_2(tmp_path: Path) -> None:
    text = RANGE + "    low: 1e-4\n    high: 1E-1\n    scale: log\n    default: 3e-3\n"
    (item,) = load_text(tmp_path, text).ranges
    assert (item.low, item.high, item.default) == (1e-4, 0.1, 3e-3)


def test_off_may_be_the_default(tmp_path: Path) -> None:
    text = RANGE + "    low: 1e-4\n    high: 0.1\n    scale: log\n    default: 0\n    off: 0\n"
    assert load_text(tmp_path, text).ranges[0].default == 0


def test_the_vocabulary_of_these_tests_is_sound(tmp_path: Path) -> None:
    knowledge = load_text(tmp_path, rules(rule_text()), VOCABULARY)
    assert [item.id for item in knowledge.hyperparameters] == ["learning_rate", "dropout"]
    definition = knowledge.registry.get("training.kind")
    assert definition is not None
    assert definition.choices == ("lora", "ppo")
