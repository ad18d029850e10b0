"""The commands as users type them: help, formats, pipes, colour, examples, saved situations."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.running import hpadvisor

COMMANDS = (
    ["plan"], ["explain"], ["schema"], ["rules"], ["rules", "list"], ["rules", "show"],
    ["rules", "facts"], ["rules", "schema"], ["rules", "test"], ["rules", "new"],
    ["diagnose"], ["check"], ["audit"],
)  # fmt: skip
NAMED_IN_THE_ISSUE = {
    "cifar10-resnet", "imagenet-fine-tuning", "bert-fine-tuning", "lora-7b", "tabular-small", "ppo"
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    run = hpadvisor(*command, "--help")
    assert run.returncode == 0
    assert run.stdout.startswith("Usage: ")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from hpadvisor.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pydantic', 'numpy', 'optuna', 'yaml', 'rich.table', 'rapidfuzz'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"


def test_version() -> None:
    assert re.fullmatch(r"hpadvisor \d+\.\d+\.\d+\n", hpadvisor("--version").stdout)


def test_examples_are_named_and_differ() -> None:
    listed = {
        line.split()[0] for line in hpadvisor("plan", "--example", "list").stdout.splitlines()
    }
    assert listed >= NAMED_IN_THE_ISSUE
    plans = set()
    for name in NAMED_IN_THE_ISSUE:
        plan = json.loads(hpadvisor("plan", "--example", name, "--format", "json").stdout)
        searched = [
            (p["name"], p["low"], p["high"]) for step in plan["steps"] for p in step["parameters"]
        ]
        plans.add(json.dumps([plan["verdict"], searched]))
    assert len(plans) == len(NAMED_IN_THE_ISSUE)


def test_json_has_the_contract() -> None:
    plan = json.loads(hpadvisor("plan", "--example", "cifar10-resnet", "--format", "json").stdout)
    assert plan["schema_version"]
    assert {"verdict", "reasons", "situation", "steps", "tool", "warnings", "unknown"} <= set(plan)
    step = plan["steps"][0]
    assert {
        "name", "purpose", "parameters", "strategy", "sampler", "pruner", "trials", "seeds",
        "epochs_per_trial", "parallel", "cost_hours", "baseline", "stop_when", "why",
    } <= set(step)  # fmt: skip
    assert all(why["sources"] for why in step["why"])
    assert sum(item["cost_hours"] for item in plan["steps"]) <= plan["budget_hours"]


def test_yaml_and_json_say_the_same() -> None:
    shown = [
        hpadvisor("plan", "--example", "ppo", "--format", form).stdout for form in ("yaml", "json")
    ]
    assert yaml.safe_load(shown[0]) == json.loads(shown[1])


def test_flags_win_over_the_file_and_set_over_flags(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("budget: {hours: 10, hours_per_training: 1}\n")
    arguments = ("plan", "s.yaml", "--hours", "20", "--format", "json")
    plain = json.loads(hpadvisor(*arguments, cwd=tmp_path).stdout)
    assert plain["situation"]["budget.hours"] == {"value": 20, "source": "--hours"}
    changed = json.loads(hpadvisor(*arguments, "--set", "budget.hours=2d", cwd=tmp_path).stdout)
    assert changed["situation"]["budget.hours"]["value"] == 48
    assert plain["situation"]["budget.hours_per_training"]["source"] == "s.yaml:1"


def test_gpu_hours_are_shared_by_the_workers() -> None:
    run = hpadvisor(
        "plan", "--training", "lora", "--gpu-hours", "48", "--hours-per-training", "1",
        "--parallel", "4", "--format", "json",
    )  # fmt: skip
    plan = json.loads(run.stdout)
    assert plan["situation"]["budget.hours"]["value"] == 12
    assert plan["trainings_that_fit"] == 48


def test_a_situation_may_come_from_a_pipe() -> None:
    run = hpadvisor("plan", "-", "--format", "json", stdin="training: {kind: ppo}\n")
    assert json.loads(run.stdout)["situation"]["training.kind"]["source"] == "<standard input>:1"


def test_a_pipe_is_never_asked_and_told_what_is_missing() -> None:
    run = hpadvisor("plan", stdin="lora\n")
    assert run.returncode == 0
    assert "What kind of training is it?" in run.stdout


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_keeps_to_the_width(width: int) -> None:
    environment = {"COLUMNS": str(width)}
    run = hpadvisor("plan", "--example", "cifar10-resnet", "--why", environment=environment)
    longest = max(run.stdout.splitlines(), key=len)
    assert len(longest) <= width or "https://" in longest


def test_colour_only_where_it_is_wanted() -> None:
    arguments = ("plan", "--example", "cifar10-resnet")
    assert "\x1b[" not in hpadvisor(*arguments).stdout
    assert "\x1b[" in hpadvisor(*arguments, environment={"FORCE_COLOR": "1"}).stdout
    both = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert "\x1b[" not in hpadvisor(*arguments, environment=both).stdout


def test_a_closed_pipe_is_quiet() -> None:
    run = subprocess.run(
        f"{sys.executable} -m hpadvisor rules list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(run.stdout.splitlines()) == 1
    assert run.stderr == ""


def test_a_saved_situation_gives_the_same_plan(tmp_path: Path) -> None:
    arguments = ("plan", "--example", "bert-fine-tuning", "--save", "s.yaml", "--format", "json")
    first = hpadvisor(*arguments, cwd=tmp_path)
    again = hpadvisor("plan", "s.yaml", "--format", "json", cwd=tmp_path)
    left, right = json.loads(first.stdout), json.loads(again.stdout)
    assert left["steps"][0]["parameters"] == right["steps"][0]["parameters"]
    assert [s["trials"] for s in left["steps"]] == [s["trials"] for s in right["steps"]]


def test_own_rules_join_the_plan(tmp_path: Path) -> None:
    assert hpadvisor("rules", "new", "own/rule.yaml", cwd=tmp_path).returncode == 0
    tested = hpadvisor("rules", "test", "own", cwd=tmp_path)
    assert (tested.returncode, tested.stdout) == (0, "1 entries, 3 examples, 0 failed\n")
    run = hpadvisor(
        "plan", "--rules", "own", "--optimizer", "sgd", "--batch-size", "8192",
        "--training", "vision-from-scratch", "--trainings", "20", "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    assert "OWN001" in [why["rule"] for why in json.loads(run.stdout)["advice"]]


def test_a_failing_example_is_exit_1(tmp_path: Path) -> None:
    hpadvisor("rules", "new", "own.yaml", cwd=tmp_path)
    text = (tmp_path / "own.yaml").read_text()
    (tmp_path / "own.yaml").write_text(
        text.replace("batch_size, ge: 4096", "batch_size, ge: 9000")
    )
    run = hpadvisor("rules", "test", "own.yaml", cwd=tmp_path)
    assert run.returncode == 1
    assert "own.yaml:" in run.stderr
    assert "expected match, got no-match" in run.stderr


def test_why_names_rule_match_and_source() -> None:
    shown = hpadvisor("plan", "--example", "lora-7b", "--why").stdout
    assert "DIA031" in shown
    assert "symptoms contains learning_rate_too_low" in " ".join(shown.split())
    assert "RNG" in shown
    assert "source:" in shown


def test_explain_answers_claims_by_their_words() -> None:
    run = hpadvisor("explain", "grid search is most thorough")
    assert run.returncode == 0
    assert "Not true." in run.stdout
    assert "Also asked:" in run.stdout
    nothing = hpadvisor("explain", "zebra crossing at night")
    assert nothing.returncode == 1
    assert "Nothing is known of" in nothing.stdout


def test_explain_learning_rate_has_everything() -> None:
    shown = hpadvisor("explain", "learning_rate").stdout
    for part in ("How to find a start", "Range test", "How early to tune it", "Ranges",
                 "Interactions", "--sources", "kind of training", "lora"):  # fmt: skip
        assert part in shown
    assert "\nSources\n" in hpadvisor("explain", "learning_rate", "--sources").stdout


def test_explain_shows_what_matched_in_a_situation(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("symptoms: [overfitting]\n")
    shown = hpadvisor("explain", "DIA060", "--situation", "s.yaml", cwd=tmp_path).stdout
    assert "In this situation it holds:" in shown
    assert "s.yaml:1" in shown


def test_a_bug_leaves_one_line_and_a_report(tmp_path: Path) -> None:
    code = (
        "import sys, hpadvisor.api\n"
        "def broken(*a, **k): raise RuntimeError('boom')\n"
        "hpadvisor.api.plan = broken\n"
        "sys.argv = ['hpadvisor', 'plan', '--example', 'ppo']\n"
        "from hpadvisor.cli.main import run\nrun()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 3
    assert len(run.stderr.strip().splitlines()) == 1
    report = next(tmp_path.glob("hpadvisor-bug-*.txt"))
    assert "RuntimeError: boom" in report.read_text()
    assert str(report) in run.stderr


def test_curves_take_the_place_of_symptoms(tmp_path: Path) -> None:
    rows = ["epoch,train_loss,val_loss"]
    rows += [f"{n},{2.0 * 0.85**n:.4f},{1.0 - 0.05 * n + 0.006 * n * n:.4f}" for n in range(1, 31)]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    run = hpadvisor(
        "plan", "--training", "tabular-mlp", "--trainings", "30", "--symptom", "diverged",
        "--curves", "log.csv", "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    said = json.loads(run.stdout)["situation"]["symptoms"]
    assert said == {"value": ["overfitting"], "source": "--curves log.csv"}


def test_explained_advice_names_what_a_situation_would_fill_in() -> None:
    text = hpadvisor("explain", "CUR054").stdout
    assert "<spikes>" in text
    assert "{curve." not in text


def test_the_list_of_commands_needs_none_of_them() -> None:
    """The program's own help is built of names; it says what the whole program would say."""
    import typer
    from typer.testing import CliRunner

    from hpadvisor.cli.main import build_app

    def listed(app: typer.Typer) -> list[str]:
        return sorted(CliRunner().invoke(app, ["--help"]).output.splitlines())

    assert listed(build_app(hollow=True)) == listed(build_app())


@pytest.mark.parametrize(
    "arguments", [["plan", "--example", "lora-7b"], ["explain", "dropout"], ["rules", "facts"]]
)
def test_a_short_command_imports_no_numpy(arguments: list[str]) -> None:
    """It would be a fifth of the time of a plan."""
    code = (
        "import sys; from hpadvisor.cli.main import build_app; "
        f"build_app(['{arguments[0]}'])({arguments}, standalone_mode=False); "
        "heavy = {'numpy', 'scipy', 'optuna', 'sklearn', 'mcp'} & set(sys.modules); "
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr


def test_sources_of_a_hyperparameter_are_a_table_and_no_url_is_broken() -> None:
    shown = hpadvisor("explain", "learning_rate", "--sources").stdout.partition("\nSources\n")[2]
    assert shown.split("\n")[0].split() == ["rule", "for", "evidence"]
    assert "RNG003" in shown
    urls = [word for word in shown.split() if word.startswith("https://")]
    assert urls
    assert "https://arxiv.org/abs/2306.07179" in urls


def test_a_rule_fits_the_terminal_and_shows_its_case() -> None:
    done = hpadvisor("rules", "show", "SPC001", environment={"COLUMNS": "60"})
    assert all(len(line) <= 60 or " " not in line.strip() for line in done.stdout.splitlines())
    assert "\nWrong (sweep.yaml):\n    method: random\n" in done.stdout
    assert "{'file'" not in done.stdout
