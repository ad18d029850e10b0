"""The command: text, JSON by its schema, exit codes, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from hpadvisor.auditing.model import Audit
from hpadvisor.cli.main import app
from hpadvisor.errors import UserError
from hpadvisor.readers.searches.record import Study
from tests.auditing.studies import make_study


def _write(study: Study, path: Path) -> Path:
    names = list(study.trials[0].params)
    lines = [",".join([*names, "acc"])]
    lines += [",".join(str(v) for v in (*t.params.values(), t.value)) for t in study.trials]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return _write(make_study(60), tmp_path / "trials.csv")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_text(table: Path) -> None:
    result = _run(table, "--objective", "acc", "--noise", 0.01)
    assert result.exit_code == 0, result.output
    assert "60 trials: 60 complete" in result.output
    for part in ("History", "Checks", "Next space", "Confirmation", "gain to expect"):
        assert part in result.output
    assert max(map(len, result.output.splitlines())) <= 100


@pytest.mark.parametrize("width", [50, 72, 100])
def test_no_line_is_wider_than_the_terminal(
    table: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    result = _run(table, "--objective", "acc", "--noise", 0.01, "--planned", 100)
    assert max(map(len, result.output.splitlines())) <= width
    assert "\x1b" not in result.output


def test_a_gain_worth_having_takes_the_place_of_the_noise(table: Path) -> None:
    result = _run(table, "--objective", "acc", "--worth", 0.05, "--planned", 90)
    assert result.exit_code == 0, result.output
    assert "gain > 0.05" in result.output
    assert "(stated)" in result.output


def test_a_wrong_worth(table: Path) -> None:
    result = _run(table, "--worth", "-1")
    assert isinstance(result.exception, UserError)
    assert "a gain" in str(result.exception)


def test_json_follows_its_schema(table: Path) -> None:
    result = _run(table, "--objective", "acc", "--noise", 0.01, "--format", "json")
    document = json.loads(result.output)
    jsonschema.validate(document, Audit.model_json_schema(mode="serialization"))
    assert document["schema_version"] == "1.0"
    assert document["study"]["n_complete"] == 60
    assert {check["outcome"] for check in document["checks"]} <= {
        "pass",
        "finding",
        "cannot_judge",
    }
    assert document["decision"] in ("continue", "stop", "change_space", "cannot_judge")
    assert {"name", "type", "low", "high", "scale"} <= set(document["next_space"][0])


def test_noise_that_nothing_tells_is_called_assumed_with_the_remedy(table: Path) -> None:
    result = _run(table, "--objective", "acc")
    assert result.exit_code == 0
    assert "assumed: nothing here tells it" in " ".join(result.output.split())
    assert "--noise" in result.output


def test_fail_on(table: Path) -> None:
    known = (table, "--objective", "acc", "--noise", 0.01)
    assert _run(*known, "--fail-on", "warning").exit_code == 1  # no baseline
    assert _run(*known, "--fail-on", "never").exit_code == 0


def test_why_names_rules_and_sources(table: Path) -> None:
    result = _run(table, "--objective", "acc", "--noise", 0.01, "--why", "--no-plots")
    assert "AUD022" in result.output
    assert "Source:" in result.output
    assert "History" not in result.output


def test_a_baseline_by_number(table: Path) -> None:
    result = _run(
        table, "--objective", "acc", "--noise", 0.01, "--baseline", 0, "--format", "json"
    )
    checks = {check["check"]: check for check in json.loads(result.output)["checks"]}
    assert checks["baseline"]["numbers"]["baseline_present"] is True


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_a_wrong_noise(table: Path, value: str) -> None:
    result = _run(table, "--objective", "acc", "--noise", value)
    assert isinstance(result.exception, UserError)
    assert "--noise" in str(result.exception)
