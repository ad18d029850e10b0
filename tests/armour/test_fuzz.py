"""A fixed, quick part of the fuzzer, and inputs that it has found."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks.fuzz.judging import Outcome, faults_of
from benchmarks.fuzz.mutation import mutate
from benchmarks.fuzz.running import run
from benchmarks.fuzz.seeds import SEEDS
from hpadvisor.readers.plain_yaml import PlainYamlError, load_plain_yaml

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("part", range(4))
def test_mutated_inputs_end_well(part: int, tmp_path: Path) -> None:
    for number in range(part, 2 * len(SEEDS), 4):
        seed = SEEDS[number % len(SEEDS)]
        data = mutate(seed.text, random.Random(number))  # noqa: S311 - nothing secret
        path = tmp_path / seed.name
        path.write_bytes(data)
        outcome = run([word.format(path) for word in seed.command])
        faults = faults_of(seed.name, data, seed.emits, outcome)
        assert not faults, (number, seed.command, outcome.err[-300:])


def test_the_judge_knows_what_is_wrong() -> None:
    assert faults_of("a.yaml", b"x", "", Outcome(3, "", "")) == ["exit 3"]
    assert faults_of("a.json", b"{", "", Outcome(0, "", "")) == ["false all-clear"]
    assert faults_of("a.csv", b"x", "", Outcome(0, "\x1b]0;x", "")) == ["raw control character"]
    assert faults_of("a.csv", b"x", "json", Outcome(0, "{", "")) == ["invalid emitted file"]
    assert faults_of("a.csv", b"x", "", Outcome(None, "", "", "hang")) == ["hang"]
    assert faults_of("a.json", b"{}", "json", Outcome(0, "{}", "")) == []


@pytest.mark.parametrize(
    "text", ["a: 0b_", "a: !!float x", "a: !!int ''", BOMB, "[" * 5000, "a: *b", "a: [", "&a [*a]"]
)
def test_yaml_of_others_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PlainYamlError) as raised:
        load_plain_yaml(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "value", ["1.#QNAN", ".nan", "0b_", "1:1", "\u0661", "1\u2028", "1 \ufeff", "\f1"]
)
def test_no_number_of_json_is_no_value(value: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(f'{{"learning_rate": 0.1, "epochs": {value}}}', encoding="utf-8")
    assert run(["check", "--isolated", str(path)]).code == 2


def test_a_config_beside_a_log_cannot_break_it(tmp_path: Path) -> None:
    rows = "".join(f"{n},{2 / (n + 1)}\n" for n in range(20))
    (tmp_path / "log.csv").write_text(f"epoch,train_loss\n{rows}")
    (tmp_path / "config.yaml").write_text("learning_rate: 0b_\n")
    assert run(["diagnose", str(tmp_path / "log.csv")]).code in (0, 1)


@pytest.mark.parametrize("key", ["float", "int", "str", "bool"])
@pytest.mark.parametrize("where", ["{}: [overfitting]", "task: {{metric: val_acc, {}: 1}}"])
def test_keys_named_as_types_are_unknown_keys(key: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text(where.format(key) + "\n", encoding="utf-8")
    outcome = run(["plan", str(path), "--no-input"])
    assert outcome.code == 2
    assert f"unknown key '{key}'" in outcome.err


def test_positions_at_the_end_of_the_floats_are_judged_or_refused(tmp_path: Path) -> None:
    far = [{"epoch": 1e308, "loss": 1e308, "step": 1e308} for _ in range(20)]
    near = [{"epoch": n + 0.5, "loss": 2 - n, "step": 10 * n} for n in range(2)]
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps({"log_history": near + far}), encoding="utf-8")
    outcome = run(["diagnose", str(path)])
    assert outcome.code in (0, 1, 2)
    assert max(map(len, outcome.out.split())) < 100


@pytest.mark.parametrize("end", ["}#1", "}\u0085", "} x"])
def test_what_stands_behind_json_is_no_json(end: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"learning_rate": 0.1' + end, encoding="utf-8")
    assert run(["check", "--isolated", str(path)]).code == 2


def _printed(records: int) -> list[str]:
    rows = [{"epoch": n / 2, "loss": 2 / (n + 1)} for n in range(records)]
    return json.dumps(rows, indent=1).splitlines()[2:-3]


def test_lines_of_json_out_of_order_are_no_log(tmp_path: Path) -> None:
    lines = _printed(30)
    random.Random(3).shuffle(lines)  # noqa: S311 - nothing secret
    path = tmp_path / "trainer_state.json"
    path.write_text("\n".join(lines), encoding="utf-8")
    outcome = run(["diagnose", str(path)])
    assert outcome.code == 2
    assert "JSON" in outcome.err


def test_an_excerpt_of_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    path.write_text("\n".join(_printed(30)), encoding="utf-8")
    outcome = run(["diagnose", str(path)])
    assert outcome.code == 0
    assert "an excerpt of a JSON document" in outcome.out


def test_names_that_no_file_can_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text(
        "training: {kind: vision-from-scratch}\n"
        f"hyperparameters: [{{name: {'a' * 1100}, low: 0.1, high: 1.0}}]\n",
        encoding="utf-8",
    )
    outcome = run(["plan", str(path), "--no-input", "--emit", "hydra-optuna"])
    assert outcome.code == 2
