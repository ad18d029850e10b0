"""A fixed, quick part of the fuzzer, and inputs that it has found."""

from __future__ import annotations

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
    "text", ["a: 0b_", "a: !!float x", BOMB, "[" * 5000, "a: *b", "a: [", "&a [*a]"]
)
def test_yaml_of_others_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PlainYamlError) as raised:
        load_plain_yaml(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("value", ["1.#QNAN", ".nan", "0b_", "1:1", "\u0661"])
def test_no_number_of_json_is_no_value(value: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(f'{{"learning_rate": 0.1, "epochs": {value}}}', encoding="utf-8")
    assert run(["check", "--isolated", str(path)]).code == 2


def test_a_config_beside_a_log_cannot_break_it(tmp_path: Path) -> None:
    rows = "".join(f"{n},{2 / (n + 1)}\n" for n in range(20))
    (tmp_path / "log.csv").write_text(f"epoch,train_loss\n{rows}")
    (tmp_path / "config.yaml").write_text("learning_rate: 0b_\n")
    assert run(["diagnose", str(tmp_path / "log.csv")]).code in (0, 1)
