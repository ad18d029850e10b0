"""Bad input: one line that names place and remedy, exit code 2, nothing half-written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import complaint, hpadvisor

BOMB = "\n".join(
    [
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]",
        *(
            f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
            for a, b in zip("abcdef", "bcdefg", strict=True)
        ),
    ]
)

CASES = {
    "empty": ("", "empty"),
    "no YAML": ("task: [1, 2", "not YAML"),
    "a list": ("- 1\n- 2\n", ":1: a situation is one mapping"),
    "wrong type": ("\ndata: {train_examples: many}\n", ":2: data.train_examples: 'many' is no"),
    "unknown section": (
        "budgt: {hours: 3}\n", ":1: budgt: unknown key 'budgt'. Did you mean 'budget'"),
    "unknown key": (
        "budget:\n  huors: 3\n", ":2: budget.huors: unknown key 'huors'. Did you mean 'hours'?"),
    "unknown kind": ("training: {kind: lorra}\n", "Did you mean 'lora'?"),
    "unknown symptom": ("symptoms: [overfittings]\n", "Did you mean 'overfitting'?"),
    "key twice": (
        "budget:\n  hours: 1\n  hours: 2\n", ":3: key 'hours' stands twice (first in line 2)"),
    "negative budget": ("budget: {hours: -1}\n", ":1: budget.hours"),
    "negative rate": ("training: {learning_rate: -0.1}\n", "learning_rate is -0.1, below"),
    "low above high": (
        "hyperparameters:\n  - {name: a, low: 1, high: 2}\n  - {name: b, low: 3, high: 1}\n",
        ":3: hyperparameters.1: low 3 is above high 1",
    ),
    "log range with 0": (
        "hyperparameters:\n  - {name: b, low: 0, high: 1, scale: log}\n",
        ":2: hyperparameters.0: a log scale cannot start at 0",
    ),
    "default outside": (
        "hyperparameters:\n  - {name: b, low: 0, high: 1, default: 2}\n",
        ":2: hyperparameters.0: default 2 is outside",
    ),
    "role twice": (
        "hyperparameters:\n  - {name: a, role: dropout}\n  - {name: b, role: dropout}\n",
        ":3: hyperparameters: 'a' and 'b' both have the role dropout",
    ),
    "alias bomb": (BOMB, "aliases expanded"),
    "deep nesting": ("x: " + "[" * 5000 + "]" * 5000, "nested deeper than 128 levels"),
    "10 MB of nesting": ("x: " + "[" * 10_000_000, "too large for a situation file"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_a_bad_situation_gets_one_line(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "situation.yaml").write_text(text)
    line = complaint(hpadvisor("plan", "situation.yaml", "--save", "saved.yaml", cwd=tmp_path))
    assert line.startswith("hpadvisor: situation.yaml")
    assert expected in line
    assert not (tmp_path / "saved.yaml").exists()


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("budget: {huors: 1}\ntask: {metrc: x}\n")
    run = hpadvisor("plan", "s.yaml", cwd=tmp_path)
    assert run.returncode == 2
    assert [line.split(": ")[1] for line in run.stderr.splitlines()] == ["s.yaml:2", "s.yaml:1"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["plan", "missing.yaml"], "missing.yaml: no such file"),
        (["plan", "--traning", "lora"], "no such option: --traning"),
        (["plan", "--format", "xml"], "'xml' is not one of 'text'"),
        (["rules", "show"], "See: hpadvisor rules show --help"),
        (["plan", "."], "a folder with no log and no config of a training"),
        (["plan", "--set", "budget"], "--set: 'budget' is no assignment"),
        (["plan", "--set", "budget.huors=3"], "Did you mean 'hours'?"),
        (["plan", "--hours", "3x"], "--hours: budget.hours: 'x' is no unit of time"),
        (["plan", "--tune", "lr,foo"], "'foo' is no hyperparameter"),
        (["plan", "--example", "lora-7c"], "Did you mean 'lora-7b'?"),
        (["plan", "--rules", "missing"], "missing: no such folder or file"),
        (["plan", "--acceptable", "--emit", "optuna"], "(verdict: leave_defaults)"),
        (["rules", "show", "DIA00"], "no rule has the id 'DIA00'"),
        (["rules", "list", "nothing"], "is no kind or topic"),
        (["explain", "DIA001", "--situation", "missing.yaml"], "missing.yaml: no such file"),
    ],
)  # fmt: skip
def test_wrong_use_gets_one_line(arguments: list[str], expected: str, tmp_path: Path) -> None:
    assert expected in complaint(hpadvisor(*arguments, cwd=tmp_path))


def test_binary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(bytes(range(256)) * 40)
    assert "binary" in complaint(hpadvisor("plan", "model.pt", cwd=tmp_path))


def test_latin_1_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes("task:\n  metric: Qualität\n".encode("latin-1"))
    assert "s.yaml:2: not UTF-8" in complaint(hpadvisor("plan", "s.yaml", cwd=tmp_path))


def test_a_rule_with_an_unknown_fact_names_its_line(tmp_path: Path) -> None:
    hpadvisor("rules", "new", "own/rule.yaml", cwd=tmp_path)
    rule = tmp_path / "own" / "rule.yaml"
    rule.write_text(
        rule.read_text().replace("fact: training.batch_size", "fact: training.batchsize")
    )
    line = complaint(hpadvisor("plan", "--rules", "own", cwd=tmp_path))
    lines = rule.read_text().splitlines()
    number = next(n for n, text in enumerate(lines, 1) if "fact: training.batchsize" in text)
    assert f"own/rule.yaml:{number}: OWN001: unknown fact 'training.batchsize'" in line
    assert "Did you mean 'training.batch_size'?" in line


def test_an_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    kept = tmp_path / "tune.py"
    kept.write_text("mine")
    arguments = ("plan", "--example", "cifar10-resnet", "--emit", "optuna", "-o", "tune.py")
    assert "tune.py: exists already. Use --force" in complaint(hpadvisor(*arguments, cwd=tmp_path))
    assert kept.read_text() == "mine"
    assert hpadvisor(*arguments, "--force", cwd=tmp_path).returncode == 0
    assert kept.read_text() != "mine"


def test_an_unwritable_folder_leaves_nothing(tmp_path: Path) -> None:
    run = hpadvisor("plan", "--example", "lora-7b", "-o", "missing/plan.txt", cwd=tmp_path)
    assert "cannot be written" in complaint(run)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--set", "training=3"],
        ["plan", "--set", "a.b.c=3"],
        ["plan", "--set", "training.kind=[1, 2]"],
        ["plan", "--set", "training.learning_rate=.nan"],
        ["plan", "--set", "training.lr_schedule=[a]"],
        ["plan", "--set", "hyperparameters=3"],
        ["plan", "--set", "hyperparameters=[{name: x, choices: [[1]]}]"],
        ["plan", "--set", "budget.hours=.inf"],
        ["plan", "--set", "budget.parallel=2.5"],
        ["plan", "--set", "=3"],
        ["plan", "--set", "task.metric=[1, 2"],
        ["plan", "--tune", "lr", "--fixed", "learning_rate"],
        ["plan", "--rules", "/dev/null/rules"],
        ["rules", "new", "/dev/null/rule.yaml"],
        ["rules", "test", "missing"],
        ["plan", "--save", "/dev/null/s.yaml"],
        ["plan", "--example", "ppo", "-o", "."],
    ],
    ids=" ".join,
)
def test_odd_values_get_one_line_and_never_a_bug_report(
    arguments: list[str], tmp_path: Path
) -> None:
    complaint(hpadvisor(*arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_absurd_budget_is_no_bug() -> None:
    run = hpadvisor(
        "plan", "--training", "lora", "--hours", "1e90", "--hours-per-training", "1e-9"
    )
    assert run.returncode == 0, run.stderr
    beyond = hpadvisor("plan", "--training", "lora", "--hours", "1e300")
    assert "too large to compute with" in complaint(beyond)


def test_unreadable_rules_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert "no *.yaml file" in complaint(hpadvisor("plan", "--rules", "own", cwd=tmp_path))
    (tmp_path / "own" / "rule.yaml").write_bytes(b"\x00\x01rules")
    assert "own/rule.yaml: binary" in complaint(hpadvisor("plan", "--rules", "own", cwd=tmp_path))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not there")
@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--example", "ppo", "--no-input"]])
def test_a_full_disk_is_no_bug(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "hpadvisor", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr.startswith("hpadvisor: No space left")
    assert len(run.stderr.splitlines()) == 1
